/*
 * global: requests that are of no channel, RFC 4254 section 4, and what
 * comes of those that have user listen, section 7.1.  net only.
 *
 * Form is judged here; where may be listened, and the listening, are
 * user's, who hands each connection over.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fwd.h"
#include "net/state.h"
#include "wire/channel.h"
#include "wire/forward.h"

/* Of no channel: what a request that waits for user names instead. */
#define NO_CHANNEL UINT32_MAX

static struct cursor
body(struct span payload)
{
	return cursor_of(span(payload.p + 1, payload.len - 1));
}

static bool
malformed(struct net *n)
{
	return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "malformed GLOBAL_REQUEST");
}

static bool
reply(struct net *n, const struct wire_global_request *m, bool ok)
{
	struct sink out;

	if (!m->want_reply)
		return true;
	out = net_message(n);
	if (ok)
		wire_put_request_success(&out);
	else
		wire_put_request_failure(&out);
	return net_send(n, &out);
}

static bool
no_more_sessions(struct net *n, const struct wire_global_request *m)
{
	n->no_more_sessions = true;
	return reply(n, m, true);
}

static bool
prove_host_keys(struct net *n, const struct wire_global_request *m)
{
	return m->want_reply ? net_prove_host_keys(n, m) : true;
}

/* --- listening ----------------------------------------------------------------- */

static bool
ask_user_listen(struct net *n, const struct wire_global_request *m,
    enum user_req what, enum usr_socket_kind kind)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct cursor in = cursor_of(m->rest);
	struct wire_listen at;
	enum wire_err err = kind == USER_SOCKET_TCP
	    ? wire_parse_tcpip_forward(in, &at)
	    : wire_parse_streamlocal_forward(in, &at);

	if (err != WIRE_OK)
		return malformed(n);
	/* A port of nobody knows which could never be cancelled. */
	if (at.host.len > USER_HOST_MAX_BYTES || at.port > UINT16_MAX ||
	    (kind == USER_SOCKET_TCP && at.port == 0 && !m->want_reply))
		return reply(n, m, false);
	usr_listen_put(&out, what, &(struct usr_listen){ (uint8_t)kind,
	    at.host, at.port });
	n->waiting = (struct net_waiting){ true, NO_CHANNEL, what,
		m->want_reply, what == USER_REQ_LISTEN &&
		kind == USER_SOCKET_TCP && at.port == 0 };
	return net_ask_user(n, &out);
}

static bool
tcpip_forward(struct net *n, const struct wire_global_request *m)
{
	return ask_user_listen(n, m, USER_REQ_LISTEN, USER_SOCKET_TCP);
}

static bool
cancel_tcpip_forward(struct net *n, const struct wire_global_request *m)
{
	return ask_user_listen(n, m, USER_REQ_UNLISTEN, USER_SOCKET_TCP);
}

static bool
streamlocal_forward(struct net *n, const struct wire_global_request *m)
{
	return ask_user_listen(n, m, USER_REQ_LISTEN, USER_SOCKET_UNIX);
}

static bool
cancel_streamlocal_forward(struct net *n,
    const struct wire_global_request *m)
{
	return ask_user_listen(n, m, USER_REQ_UNLISTEN, USER_SOCKET_UNIX);
}

static const struct {
	const char *name;
	bool (*handle)(struct net *n, const struct wire_global_request *m);
} requests[] = {
	{ "tcpip-forward", tcpip_forward },
	{ "cancel-tcpip-forward", cancel_tcpip_forward },
	{ "streamlocal-forward@openssh.com", streamlocal_forward },
	{ "cancel-streamlocal-forward@openssh.com",
	    cancel_streamlocal_forward },
	{ "no-more-sessions@openssh.com", no_more_sessions },
	{ "hostkeys-prove-00@openssh.com", prove_host_keys },
};

bool
net_handle_global_request(struct net *n, struct span payload)
{
	struct wire_global_request m;

	if (wire_parse_global_request(body(payload), &m) != WIRE_OK)
		return malformed(n);
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		if (span_is(m.name, requests[i].name))
			return requests[i].handle(n, &m);
	}
	return reply(n, &m, false);
}

bool
net_listening(struct net *n, struct ipc_frame *frame)
{
	struct net_waiting w = n->waiting;
	struct usr_listening m;
	struct sink out;

	if (!w.active || w.chan != NO_CHANNEL || frame->fd_count != 0 ||
	    !usr_listening_get(frame->body, &m))
		return net_die_bug(n, "unexpected answer of the user role");
	n->waiting.active = false;
	if (!w.want_reply)
		return true;
	out = net_message(n);
	if (m.ok)
		wire_put_tcpip_forward_success(&out, w.wants_port, m.port);
	else
		wire_put_request_failure(&out);
	return net_send(n, &out);
}

/* --- connections from there ------------------------------------------------------- */

static bool
open_forwarded(struct net *n, uint32_t id, const struct usr_accepted *m)
{
	static const char *const types[USER_SOCKET_COUNT] = {
		[USER_SOCKET_TCP] = "forwarded-tcpip",
		[USER_SOCKET_UNIX] = "forwarded-streamlocal@openssh.com",
		[USER_SOCKET_AGENT] = "auth-agent@openssh.com",
	};
	struct sink out = net_message(n);

	net_idle_name(n, n->chan[id], m->kind == USER_SOCKET_AGENT
	    ? "agent-connection" : types[m->kind], "", span(NULL, 0));
	wire_put_channel_open(&out, types[m->kind], id, CONN_WINDOW_BYTES,
	    CONN_PACKET_MAX_BYTES);
	if (m->kind == USER_SOCKET_TCP)
		wire_put_forwarded_tcpip(&out, m->host, m->port,
		    m->origin_host, m->origin_port);
	else if (m->kind == USER_SOCKET_UNIX)
		wire_put_forwarded_streamlocal(&out, m->host);
	return net_send(n, &out);
}

bool
net_accepted(struct net *n, struct ipc_frame *frame)
{
	struct usr_accepted m;
	struct net_chan *c;
	int id;

	if (frame->fd_count != 1 || !usr_accepted_get(frame->body, &m) ||
	    !S_ISSOCK(net_fd_mode(frame->fds[0])))
		return net_die_bug(n, "unexpected socket of the user role");
	id = conn_open(n->conn, 0, 0, 0);
	if (id < 0) {
		/* Whoever connected sees it closed. */
		net_debug(n, 1, "too many channels");
		return true;
	}
	c = n->chan[id] = net_chan_new();
	if (c == NULL)
		return net_die_env(n, "out of memory");
	c->forward = c->ours = true;
	c->in_fd = c->out_fd = ipc_take_fd(frame, 0);
	return open_forwarded(n, (uint32_t)id, &m);
}

/* The channel that this answers, if we did ask. */
static struct net_chan *
find_asked(struct net *n, uint32_t id)
{
	struct net_chan *c = id < CONN_CHANNELS_MAX_COUNT ? n->chan[id]
							  : NULL;

	if (c != NULL && c->ours && !c->started)
		return c;
	net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "answer to a channel that was not opened");
	return NULL;
}

bool
net_handle_open_confirmation(struct net *n, struct span payload)
{
	struct wire_channel_open_confirmation m;
	struct net_chan *c;

	if (wire_parse_channel_open_confirmation(body(payload), &m) !=
	    WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed CHANNEL_OPEN_CONFIRMATION");
	c = find_asked(n, m.chan);
	if (c == NULL)
		return false;
	conn_confirm(&n->conn->chan[m.chan], m.peer_id, m.window_bytes,
	    m.packet_max_bytes);
	c->started = c->out_ready = c->used = true;
	return true;
}

bool
net_handle_open_failure(struct net *n, struct span payload)
{
	struct wire_channel_open_failure m;

	if (wire_parse_channel_open_failure(body(payload), &m) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed CHANNEL_OPEN_FAILURE");
	if (find_asked(n, m.chan) == NULL)
		return false;
	net_chan_forget(n, m.chan);
	return true;
}
