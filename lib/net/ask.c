/*
 * ask: net's side of the edge to the monitor.  net only.
 *
 * A question waits for its answer: before authentication there is nothing
 * else that net could do for the peer, and later only host keys' signatures
 * are asked for.  LoginGraceTime goes on meanwhile.
 */
#include <errno.h>
#include <poll.h>

#include "base/secret.h"
#include "net/state.h"
#include "wire/auth.h"

/* Waits until the monitor has something to say, or time is up. */
static bool
wait_for_monitor(struct net *n)
{
	struct pollfd fd = { n->params->monitor_fd, POLLIN, 0 };

	for (;;) {
		int64_t left = n->grace_ms == 0 ? -1
						: n->grace_ms - net_now_ms();
		int rc;

		if (n->grace_ms != 0 && left <= 0)
			return net_die_gone(n, MON_EVENT_GRACE, "");
		rc = poll(&fd, 1, (int)MIN(left, INT32_MAX));
		if (rc > 0)
			return true;
		if (rc < 0 && errno != EINTR)
			return net_die_env(n, "poll failed");
	}
}

static bool
obey_stop(struct net *n, struct ipc_frame *frame)
{
	struct mon_stop stop;

	if (frame->fd_count != 0 || !mon_stop_get(frame->body, &stop))
		return net_die_bug(n, "malformed order of the monitor");
	return net_die_told(n, stop.reason, stop.text);
}

/* A piece of what the user is to read first, RFC 4252 section 5.4. */
static bool
obey_banner(struct net *n, struct ipc_frame *frame)
{
	struct sink out = net_message(n);
	struct span text;

	if (frame->fd_count != 0 || !mon_banner_get(frame->body, &text) ||
	    text.len > MON_BANNER_MAX_BYTES || n->phase != NET_AUTH ||
	    !net_tx_has_room(n))
		return net_die_bug(n, "malformed order of the monitor");
	wire_put_userauth_banner(&out, text);
	return net_send(n, &out);
}

static bool
obey_limits(struct net *n, struct ipc_frame *frame)
{
	if (n->phase != NET_OPEN || frame->fd_count != 0 ||
	    !mon_limits_get(frame->body, &n->limits))
		return net_die_bug(n, "malformed order of the monitor");
	n->marked = NET_MARK_NONE;
	net_idle_limits(n);
	net_kex_limits(n);
	return true;
}

/* What is accepted from this user, before anything is. */
static bool
obey_sig_algs(struct net *n, struct ipc_frame *frame)
{
	struct span names;

	if (n->phase != NET_AUTH || frame->fd_count != 0 ||
	    !mon_sig_algs_get(frame->body, &names))
		return net_die_bug(n, "malformed order of the monitor");
	net_set_sig_algs(n, names);
	return true;
}

/* Orders that may come ahead of an answer, and do not end anything. */
static bool
obey_meanwhile(struct net *n, struct ipc_frame *frame)
{
	if (frame->type == MON_ORDER_BANNER)
		return obey_banner(n, frame);
	if (frame->type == MON_ORDER_SIG_ALGS)
		return obey_sig_algs(n, frame);
	return frame->type == MON_ORDER_LIMITS && obey_limits(n, frame);
}

/*
 * One question, one answer.  The frame's body borrows from n->ipc_buf; its
 * descriptors are the caller's.
 */
static bool
ask(struct net *n, const struct sink *question, struct ipc_frame *answer)
{
	enum ipc_io io;

	*answer = (struct ipc_frame){ .fds = { -1, -1, -1 } };
	io = ipc_send(n->params->monitor_fd, sink_span(question), NULL, 0);
	/* It may have had a password in it. */
	secret_wipe(n->ipc_buf, question->len);
	if (io != IPC_OK) {
		n->over = true;
		return false;
	}
	do {
		io = IPC_CLOSED;
		if (wait_for_monitor(n))
			io = ipc_recv(n->params->monitor_fd, n->ipc_buf,
			    IPC_FRAME_MAX_BYTES, true, answer);
	} while (io == IPC_OK && obey_meanwhile(n, answer));
	if (io != IPC_OK) {
		/* The monitor is gone, and with it everything. */
		n->over = true;
		return false;
	}
	if (answer->type == MON_ORDER_STOP)
		obey_stop(n, answer);
	if (n->over) {
		ipc_drop(answer);
		return false;
	}
	return true;
}

bool
ask_monitor_sign(struct net *n, const struct mon_sign *m,
    struct span *signature)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct ipc_frame answer;

	mon_sign_put(&out, m);
	if (!ask(n, &out, &answer))
		return false;
	if (answer.type != MON_ANS_SIGN || answer.fd_count != 0 ||
	    !mon_signature_get(answer.body, signature)) {
		ipc_drop(&answer);
		return net_die_bug(n, "malformed answer of the monitor");
	}
	return true;
}

bool
ask_monitor_prove(struct net *n, struct span host_key, struct span *signature)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);
	struct ipc_frame answer;

	mon_prove_put(&out, host_key);
	if (!ask(n, &out, &answer))
		return false;
	if (answer.type != MON_ANS_PROVE || answer.fd_count != 0 ||
	    !mon_proof_get(answer.body, signature)) {
		ipc_drop(&answer);
		return net_die_bug(n, "malformed answer of the monitor");
	}
	return true;
}

/* A prompt or a verdict; the latter with a socket exactly on success. */
static bool
read_auth_answer(struct ipc_frame *frame, struct auth_answer *answer)
{
	bool success = frame->type == MON_ANS_AUTH_SUCCESS;

	answer->is_prompt = frame->type == MON_ANS_PROMPT;
	if (frame->fd_count != (success ? 1 : 0))
		return false;
	if (answer->is_prompt)
		return mon_prompt_get(frame->body, &answer->prompt);
	if ((frame->type != MON_ANS_AUTH && !success) ||
	    !mon_verdict_get(frame->body, &answer->verdict) ||
	    success != (answer->verdict.result == MON_AUTH_SUCCESS))
		return false;
	answer->user_fd = ipc_take_fd(frame, 0);
	return true;
}

static bool
ask_about_auth(struct net *n, struct sink *question,
    struct auth_answer *answer)
{
	struct ipc_frame frame;
	bool ok;

	*answer = (struct auth_answer){ .user_fd = -1 };
	if (!sink_ok(question))
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "authentication message too large");
	ok = ask(n, question, &frame);
	if (ok && !read_auth_answer(&frame, answer)) {
		ipc_drop(&frame);
		ok = net_die_bug(n, "malformed answer of the monitor");
	}
	return ok;
}

bool
ask_monitor_auth(struct net *n, enum mon_req type, const struct mon_auth *m,
    struct auth_answer *answer)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);

	mon_auth_put(&out, type, m);
	return ask_about_auth(n, &out, answer);
}

bool
ask_monitor_response(struct net *n, const struct mon_response *m,
    struct auth_answer *answer)
{
	struct sink out = sink_of(n->ipc_buf, IPC_FRAME_MAX_BYTES);

	mon_response_put(&out, m);
	return ask_about_auth(n, &out, answer);
}

bool
net_monitor_speaks(struct net *n)
{
	struct ipc_frame frame;
	bool ok;

	switch (ipc_recv(n->params->monitor_fd, n->ipc_buf,
	    IPC_FRAME_MAX_BYTES, false, &frame)) {
	case IPC_OK:
		break;
	case IPC_AGAIN:
		return true;
	default:
		n->over = true;
		return false;
	}
	ok = frame.type == MON_ORDER_STOP ? obey_stop(n, &frame)
	    : frame.type == MON_ORDER_LIMITS ? obey_limits(n, &frame)
	    : net_die_bug(n, "unexpected message of the monitor");
	ipc_drop(&frame);
	return ok;
}
