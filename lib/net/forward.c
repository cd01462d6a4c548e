/*
 * forward: channels that are connections instead of commands, RFC 4254
 * section 7.  net only.
 *
 * Only form is judged here: what may be dialled, and the dialling, are
 * user's, who hands the connected socket over.  That takes its time, and
 * nothing else waits for it: no message of the peer's may name a channel
 * that is not confirmed.
 */
#include <assert.h>
#include <sys/stat.h>

#include "ipc/fwd.h"
#include "net/state.h"
#include "wire/forward.h"

static_assert(USER_CHANNELS_MAX_COUNT == CONN_CHANNELS_MAX_COUNT,
    "the channels' numbers are the same on both edges");
static_assert((int)USER_DIAL_PROHIBITED ==
    SSH_OPEN_ADMINISTRATIVELY_PROHIBITED &&
    (int)USER_DIAL_FAILED == SSH_OPEN_CONNECT_FAILED &&
    (int)USER_DIAL_SHORTAGE == SSH_OPEN_RESOURCE_SHORTAGE,
    "one number, RFC 4254 section 5.1");

static bool
malformed(struct net *n)
{
	return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "malformed CHANNEL_OPEN");
}

static bool
ask_user_dial(struct net *n, const struct wire_channel_open *open,
    enum usr_socket_kind kind, const struct wire_direct_tcpip *to)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	int id;

	if (to->host.len > USER_HOST_MAX_BYTES ||
	    to->origin_host.len > USER_HOST_MAX_BYTES ||
	    (kind == USER_SOCKET_TCP && to->port > UINT16_MAX))
		return net_refuse_open(n, open->peer_id,
		    SSH_OPEN_ADMINISTRATIVELY_PROHIBITED,
		    span_str("open failed"));
	if (!net_chan_take(n, open, &id))
		return false;
	if (id < 0)
		return true;
	n->chan[id]->forward = true;
	net_idle_name(n, n->chan[id], kind == USER_SOCKET_TCP ? "direct-tcpip"
	    : "direct-streamlocal@openssh.com", "", span(NULL, 0));
	usr_dial_put(&out, &(struct usr_dial){ .chan = (uint32_t)id,
	    .kind = (uint8_t)kind, .host = to->host, .port = to->port,
	    .origin_host = to->origin_host,
	    .origin_port = to->origin_port });
	return net_ask_user(n, &out);
}

bool
net_open_direct_tcpip(struct net *n, const struct wire_channel_open *m)
{
	struct wire_direct_tcpip to;

	if (wire_parse_direct_tcpip(cursor_of(m->rest), &to) != WIRE_OK)
		return malformed(n);
	return ask_user_dial(n, m, USER_SOCKET_TCP, &to);
}

bool
net_open_direct_unix(struct net *n, const struct wire_channel_open *m)
{
	struct wire_direct_tcpip to;

	if (wire_parse_direct_streamlocal(cursor_of(m->rest), &to) != WIRE_OK)
		return malformed(n);
	return ask_user_dial(n, m, USER_SOCKET_UNIX, &to);
}

/* --- what user says -------------------------------------------------------- */

/* Does this channel wait for its dial to end? */
static bool
is_dialling(const struct net *n, uint32_t id)
{
	const struct net_chan *c = n->chan[id];

	return c != NULL && c->forward && !c->started && !c->ours &&
	    n->conn->chan[id].state == CHAN_OPENING;
}

bool
net_dialed(struct net *n, struct ipc_frame *frame)
{
	struct usr_ans m;
	struct net_chan *c;

	if (frame->fd_count != 1 || !usr_ans_get(frame->body, &m) || !m.ok ||
	    !is_dialling(n, m.chan) || !S_ISSOCK(net_fd_mode(frame->fds[0])))
		return net_die_bug(n, "unexpected socket of the user role");
	c = n->chan[m.chan];
	c->started = c->used = true;
	c->in_fd = c->out_fd = ipc_take_fd(frame, 0);
	c->out_ready = true;
	return net_confirm_open(n, m.chan);
}

bool
net_dial_failed(struct net *n, struct ipc_frame *frame)
{
	struct usr_refusal m;

	if (frame->fd_count != 0 || !usr_refusal_get(frame->body, &m) ||
	    !is_dialling(n, m.chan))
		return net_die_bug(n, "unexpected answer of the user role");
	return net_chan_abandon(n, m.chan, m.reason, m.text);
}

/*
 * The two directions end one by one, RFC 4254 section 5.3; the channel ends
 * with both, or when the peer has closed it and has been delivered.
 */
bool
net_forward_progress(struct net *n, struct net_chan *c, struct chan *chan)
{
	if (chan->sent_close)
		return true;
	if (c->out_fd < 0 && !chan->sent_eof && !chan->got_close) {
		chan->sent_eof = true;
		if (!net_send_simple(n, chan, wire_put_channel_eof))
			return false;
	}
	if ((chan->got_close && c->pending.start == c->pending.end) ||
	    (chan->sent_eof && c->in_fd < 0)) {
		chan->sent_close = true;
		return net_send_simple(n, chan, wire_put_channel_close);
	}
	return true;
}
