/*
 * answers: what user says: answers to what the peer asked for, descriptors
 * of what has started, exits.  net only.
 *
 * Whatever does not fit what was asked is a fault of ours and ends net: it
 * grants nothing.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/state.h"
#include "wire/channel.h"

unsigned int
net_fd_mode(int fd)
{
	struct stat st;

	/* The call itself: libc's goes by a call that takes a path. */
	if (fd < 0 || syscall(SYS_fstat, fd, &st) != 0)
		return 0;
	return st.st_mode;
}

/* FIFO, socket or character device: a directory would be a way out. */
static bool
descriptor_is_sane(int fd)
{
	unsigned int mode = net_fd_mode(fd);

	return S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode);
}

/* Takes the descriptors of a command that has started. */
static bool
adopt(struct net *n, struct net_chan *c, struct ipc_frame *frame)
{
	for (size_t i = 0; i < frame->fd_count; i++) {
		if (!descriptor_is_sane(frame->fds[i]))
			return net_die_bug(n, "user role sent a descriptor "
			    "that is no pipe, socket or terminal");
	}
	c->started = c->used = true;
	c->pty = frame->type == USER_ANS_STARTED_PTY;
	c->in_fd = ipc_take_fd(frame, 0);
	c->out_fd = c->pty ? c->in_fd : ipc_take_fd(frame, 1);
	c->err_fd = c->pty ? -1 : ipc_take_fd(frame, 2);
	c->out_ready = c->err_ready = true;
	net_mark(n, c->pty);
	return true;
}

bool
net_confirm_open(struct net *n, uint32_t id)
{
	struct chan *c = &n->conn->chan[id];
	struct sink out = net_message(n);

	c->state = CHAN_OPEN;
	wire_put_channel_open_confirmation(&out, c->peer_id, id,
	    CONN_WINDOW_BYTES, CONN_PACKET_MAX_BYTES);
	return net_send(n, &out);
}

void
net_chan_forget(struct net *n, uint32_t id)
{
	conn_free(n->conn, &n->conn->chan[id]);
	net_chan_free(n->chan[id]);
	n->chan[id] = NULL;
}

bool
net_chan_abandon(struct net *n, uint32_t id, uint32_t reason,
    struct span text)
{
	uint32_t peer_id = n->conn->chan[id].peer_id;

	net_chan_forget(n, id);
	return net_refuse_open(n, peer_id, reason, text);
}

static bool
opened(struct net *n, uint32_t id, bool ok)
{
	return ok ? net_confirm_open(n, id)
		  : net_chan_abandon(n, id, SSH_OPEN_CONNECT_FAILED,
		    span_str("open failed"));
}

/* One answer, to the one request that is waiting. */
static bool
answered(struct net *n, struct ipc_frame *frame)
{
	struct net_waiting w = n->waiting;
	size_t fds = frame->type == USER_ANS_STARTED_PTY ? 1
	    : frame->type == USER_ANS_STARTED_PIPES	 ? 3 : 0;
	struct usr_ans ans;

	if (!w.active || frame->fd_count != fds ||
	    !usr_ans_get(frame->body, &ans) || ans.chan != w.chan ||
	    (fds > 0 && (w.what != USER_REQ_START || !ans.ok)) ||
	    (w.what == USER_REQ_START && ans.ok &&
		(fds == 0) != (n->command.p != NULL)))
		return net_die_bug(n, "unexpected answer of the user role");
	n->waiting.active = false;
	if (n->command.p != NULL && ans.ok)
		return net_command_goes_on(n);
	net_command_drop(n);
	if (w.what == USER_REQ_OPEN)
		return opened(n, w.chan, ans.ok);
	if (fds > 0 && !adopt(n, n->chan[w.chan], frame))
		return false;
	return net_reply_request(n, &n->conn->chan[w.chan], w.want_reply, ans.ok);
}

static bool
exited(struct net *n, struct ipc_frame *frame)
{
	struct usr_exit m;
	struct net_chan *c;

	if (frame->fd_count != 0 || !usr_exit_get(frame->body, &m))
		return net_die_bug(n, "malformed message of the user role");
	c = n->chan[m.chan];
	/* The channel may have been closed meanwhile, its number reused. */
	if (c == NULL || !c->started || c->exited || c->forward)
		return true;
	c->exited = true;
	c->exit = m;
	if (!span_copy_str(m.signal, c->exit_signal, sizeof c->exit_signal))
		return net_die_bug(n, "malformed message of the user role");
	c->settle_ms = net_now_ms() + NET_SETTLE_MS;
	c->out_ready = c->err_ready = true;
	return true;
}

bool
net_user_speaks(struct net *n)
{
	struct ipc_frame frame;
	bool ok = false;

	switch (ipc_recv(n->user_fd, n->ipc_buf, IPC_FRAME_MAX_BYTES, false,
	    &frame)) {
	case IPC_OK:
		break;
	case IPC_AGAIN:
		return true;
	default:
		return net_die_told(n, SSH_DISCONNECT_BY_APPLICATION,
		    span_str("session process ended"));
	}
	switch (frame.type) {
	case USER_ANS_DONE:
	case USER_ANS_STARTED_PTY:
	case USER_ANS_STARTED_PIPES:
		ok = answered(n, &frame);
		break;
	case USER_EVT_EXIT:
		ok = exited(n, &frame);
		break;
	case USER_EVT_DIALED:
		ok = net_dialed(n, &frame);
		break;
	case USER_EVT_DIAL_FAILED:
		ok = net_dial_failed(n, &frame);
		break;
	case USER_ANS_LISTENING:
		ok = net_listening(n, &frame);
		break;
	case USER_EVT_ACCEPTED:
		ok = net_accepted(n, &frame);
		break;
	default:
		ok = net_die_bug(n, "unknown message of the user role");
	}
	ipc_drop(&frame);
	return ok;
}
