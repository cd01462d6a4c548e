/*
 * session: channels that the peer opens and what it asks of them, RFC 4254
 * sections 4 to 6.  net only.
 *
 * Form is judged here and windows are kept here; whether a thing may be done
 * is user's to say, who also does it.  While user's answer is awaited no
 * further packet is looked at, so replies keep the order of the requests, and
 * what is typed after a change of the window's size meets the new one.
 */
#include <stdlib.h>
#include <string.h>

#include "net/state.h"
#include "wire/channel.h"

static struct cursor
body(struct span payload)
{
	return cursor_of(span(payload.p + 1, payload.len - 1));
}

/*
 * Each of the two may block on the other's full queue, not both: net looks
 * at no further message of the peer's while user's is a quarter full.
 */
static bool
user_has_room(const struct net *n)
{
	struct pollfd fd = { n->user_fd, POLLOUT, 0 };

	return poll(&fd, 1, 0) != 0;
}

bool
net_ask_user(struct net *n, const struct sink *frame)
{
	switch (ipc_send(n->user_fd, sink_span(frame), NULL, 0)) {
	case IPC_OK:
		n->user_full = !user_has_room(n);
		return true;
	case IPC_CLOSED:
		return net_die_told(n, SSH_DISCONNECT_BY_APPLICATION,
		    span_str("session process ended"));
	default:
		return net_die_env(n, "cannot send to the user role");
	}
}

/* Sends a request that gets an answer; net waits for it. */
static bool
ask_user(struct net *n, const struct sink *frame, uint32_t chan,
    enum user_req what, bool want_reply)
{
	n->waiting = (struct net_waiting){ true, chan, what, want_reply,
		false };
	return net_ask_user(n, frame);
}

bool
net_refuse_open(struct net *n, uint32_t peer_id, uint32_t reason,
    struct span text)
{
	struct sink out = net_message(n);

	wire_put_channel_open_failure(&out, peer_id, reason, text);
	return net_send(n, &out);
}

bool
net_chan_take(struct net *n, const struct wire_channel_open *m, int *id)
{
	*id = conn_open(n->conn, m->peer_id, m->window_bytes,
	    m->packet_max_bytes);
	if (*id < 0)
		return net_refuse_open(n, m->peer_id,
		    SSH_OPEN_RESOURCE_SHORTAGE, span_str("too many channels"));
	n->chan[*id] = net_chan_new();
	return n->chan[*id] != NULL || net_die_env(n, "out of memory");
}

static bool
open_session(struct net *n, const struct wire_channel_open *m)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	int id;

	if (n->no_more_sessions)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "Possible attack: attempt to open a session after "
		    "additional sessions disabled");
	if (!net_chan_take(n, m, &id))
		return false;
	if (id < 0)
		return true;
	usr_chan_put(&out, USER_REQ_OPEN, (uint32_t)id);
	return ask_user(n, &out, (uint32_t)id, USER_REQ_OPEN, true);
}

static const struct {
	const char *type;
	bool (*open)(struct net *n, const struct wire_channel_open *m);
} channel_types[] = {
	{ "session", open_session },
	{ "direct-tcpip", net_open_direct_tcpip },
	{ "direct-streamlocal@openssh.com", net_open_direct_unix },
};

bool
net_handle_channel_open(struct net *n, struct span payload)
{
	struct wire_channel_open m;

	if (wire_parse_channel_open(body(payload), &m) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed CHANNEL_OPEN");
	for (size_t i = 0; i < ARRAY_LEN(channel_types); i++) {
		if (span_is(m.type, channel_types[i].type))
			return channel_types[i].open(n, &m);
	}
	return net_refuse_open(n, m.peer_id, SSH_OPEN_UNKNOWN_CHANNEL_TYPE,
	    span_str("unknown channel type"));
}

bool
net_reply_request(struct net *n, const struct chan *c, bool want_reply, bool ok)
{
	struct sink out;

	/* RFC 4254 5.3: behind our CLOSE nothing more is said of it. */
	if (!want_reply || c->sent_close)
		return true;
	out = net_message(n);
	if (ok)
		wire_put_channel_success(&out, c->peer_id);
	else
		wire_put_channel_failure(&out, c->peer_id);
	return net_send(n, &out);
}

/* A channel request of the peer, with what its handler needs. */
struct request {
	uint32_t id;
	struct chan *chan;
	struct wire_channel_request m;
};

static bool
malformed(struct net *n)
{
	return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "malformed channel request");
}

static bool
request_env(struct net *n, const struct request *r)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct wire_env env;

	if (wire_parse_env(cursor_of(r->m.rest), &env) != WIRE_OK)
		return malformed(n);
	usr_env_put(&out, &(struct usr_env){ r->id, env.name, env.value });
	if (!sink_ok(&out))
		return net_reply_request(n, r->chan, r->m.want_reply, false);
	return ask_user(n, &out, r->id, USER_REQ_ENV, r->m.want_reply);
}

static bool
request_pty(struct net *n, const struct request *r)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct wire_pty_req m;
	struct usr_pty pty;
	struct cursor modes;
	uint8_t op;
	uint32_t value;

	if (wire_parse_pty_req(cursor_of(r->m.rest), &m) != WIRE_OK)
		return malformed(n);
	pty = (struct usr_pty){ .chan = r->id, .term = m.term,
		.cols = m.cols, .rows = m.rows, .width = m.width,
		.height = m.height };
	modes = cursor_of(m.modes);
	while (pty.mode_count < USER_MODES_MAX_COUNT &&
	    wire_next_tty_mode(&modes, &op, &value))
		pty.modes[pty.mode_count++] = (struct usr_mode){ op, value };
	usr_pty_put(&out, &pty);
	if (!sink_ok(&out))
		return net_reply_request(n, r->chan, r->m.want_reply, false);
	return ask_user(n, &out, r->id, USER_REQ_PTY, r->m.want_reply);
}

void
net_command_drop(struct net *n)
{
	free(n->command.p);
	n->command = (struct net_command){ 0 };
}

bool
net_command_goes_on(struct net *n)
{
	struct net_command *c = &n->command;
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	size_t k = MIN(c->len - c->at, USER_PIECE_MAX_BYTES);
	struct usr_start start = { .chan = n->waiting.chan,
		.kind = USER_START_EXEC, .command = span(c->p + c->at, k),
		.more = c->at + k < c->len };

	usr_start_put(&out, &start);
	c->at += k;
	if (!start.more)
		net_command_drop(n);
	n->waiting.active = true;
	return net_ask_user(n, &out);
}

/* What is too long for one frame: copied, for the packet will be gone. */
static bool
start_in_pieces(struct net *n, const struct request *r, struct span command)
{
	n->command.p = command.len > USER_COMMAND_MAX_BYTES ? NULL
	    : malloc(command.len);
	if (n->command.p == NULL)
		return net_reply_request(n, r->chan, r->m.want_reply, false);
	memcpy(n->command.p, command.p, command.len);
	n->command.len = command.len;
	n->waiting = (struct net_waiting){ true, r->id, USER_REQ_START,
		r->m.want_reply, false };
	return net_command_goes_on(n);
}

static bool
request_start(struct net *n, const struct request *r,
    enum usr_start_kind kind)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct usr_start start = { .chan = r->id, .kind = (uint8_t)kind };
	struct cursor in = cursor_of(r->m.rest);
	static const char *const names[] = {
		[USER_START_SHELL] = ":shell",
		[USER_START_EXEC] = ":command",
		[USER_START_SUBSYSTEM] = ":subsystem:",
	};
	enum wire_err err = WIRE_OK;

	if (kind == USER_START_EXEC)
		err = wire_parse_exec(in, &start.command);
	else if (kind == USER_START_SUBSYSTEM)
		err = wire_parse_subsystem(in, &start.command);
	if (err != WIRE_OK)
		return malformed(n);
	if (n->chan[r->id]->started)
		return net_reply_request(n, r->chan, r->m.want_reply, false);
	/* As OpenSSH: what sftp's server says is no line of a batch job's. */
	n->chan[r->id]->mute = kind == USER_START_SUBSYSTEM;
	net_idle_name(n, n->chan[r->id], "session", names[kind],
	    kind == USER_START_SUBSYSTEM ? start.command : span(NULL, 0));
	if (kind == USER_START_EXEC &&
	    start.command.len > USER_PIECE_MAX_BYTES)
		return start_in_pieces(n, r, start.command);
	usr_start_put(&out, &start);
	if (!sink_ok(&out))
		return net_reply_request(n, r->chan, r->m.want_reply, false);
	return ask_user(n, &out, r->id, USER_REQ_START, r->m.want_reply);
}

static bool
request_shell(struct net *n, const struct request *r)
{
	return request_start(n, r, USER_START_SHELL);
}

static bool
request_exec(struct net *n, const struct request *r)
{
	return request_start(n, r, USER_START_EXEC);
}

static bool
request_subsystem(struct net *n, const struct request *r)
{
	return request_start(n, r, USER_START_SUBSYSTEM);
}

static bool
request_window_change(struct net *n, const struct request *r)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct wire_window_change m;

	if (wire_parse_window_change(cursor_of(r->m.rest), &m) != WIRE_OK)
		return malformed(n);
	usr_resize_put(&out, &(struct usr_resize){ r->id, m.cols, m.rows,
	    m.width, m.height });
	return ask_user(n, &out, r->id, USER_REQ_RESIZE, r->m.want_reply);
}

static bool
request_signal(struct net *n, const struct request *r)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct span name;

	if (wire_parse_signal(cursor_of(r->m.rest), &name) != WIRE_OK)
		return malformed(n);
	usr_signal_put(&out, &(struct usr_signal){ r->id, name });
	if (!sink_ok(&out))
		return net_reply_request(n, r->chan, r->m.want_reply, false);
	return ask_user(n, &out, r->id, USER_REQ_SIGNAL, r->m.want_reply);
}

static bool
request_break(struct net *n, const struct request *r)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	uint32_t ms;

	if (wire_parse_break(cursor_of(r->m.rest), &ms) != WIRE_OK)
		return malformed(n);
	usr_break_put(&out, &(struct usr_break){ r->id, ms });
	return ask_user(n, &out, r->id, USER_REQ_BREAK, r->m.want_reply);
}

static bool
request_agent(struct net *n, const struct request *r)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);

	if (r->m.rest.len > 0)
		return malformed(n);
	usr_chan_put(&out, USER_REQ_AGENT, r->id);
	return ask_user(n, &out, r->id, USER_REQ_AGENT, r->m.want_reply);
}

/* eow@openssh.com: the peer reads no more of the command's output. */
static bool
request_eow(struct net *n, const struct request *r)
{
	net_chan_peer_stopped_reading(n->chan[r->id]);
	return net_reply_request(n, r->chan, r->m.want_reply, true);
}

static const struct {
	const char *type;
	bool (*handle)(struct net *n, const struct request *r);
	bool of_session;	/* no other channel has it */
} requests[] = {
	{ "env", request_env, true },
	{ "pty-req", request_pty, true },
	{ "shell", request_shell, true },
	{ "exec", request_exec, true },
	{ "subsystem", request_subsystem, true },
	{ "window-change", request_window_change, true },
	{ "signal", request_signal, true },
	{ "break", request_break, true },
	{ "auth-agent-req@openssh.com", request_agent, true },
	{ "eow@openssh.com", request_eow, false },
};

bool
net_handle_channel_request(struct net *n, struct span payload)
{
	struct request r;

	if (wire_parse_channel_request(body(payload), &r.m) != WIRE_OK)
		return malformed(n);
	r.id = r.m.chan;
	r.chan = conn_find(n->conn, r.id);
	if (r.chan == NULL)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "request on a channel that is not open");
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		if (span_is(r.m.type, requests[i].type) &&
		    !n->chan[r.id]->let_go &&
		    (!n->chan[r.id]->forward || !requests[i].of_session))
			return requests[i].handle(n, &r);
	}
	return net_reply_request(n, r.chan, r.m.want_reply, false);
}
