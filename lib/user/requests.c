/*
 * requests: what net may ask, when, and what the policy says to it.  User
 * process.  Under a forced command or a chroot this file is the wall: it
 * must never start anything that the policy does not allow, whatever net
 * sends in whatever order.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "user/forward.h"
#include "user/role.h"
#include "user/signames.h"

/*
 * What a request means in a state of its channel.  A peer can ask for things
 * twice or too early, and is told no; it cannot make an honest net speak of
 * channels that do not exist, so that is a fault and ends the role.
 */
enum judgement {
	FAULT = 0,
	NO,		/* answer no, or ignore what has no answer */
	DO,
};

static const uint8_t legal[USER_REQ_COUNT][CHANNEL_STATE_COUNT] = {
	/*			NONE	OPEN	PTY	STARTED	EXITED */
	[USER_REQ_OPEN] =	{ DO,	FAULT,	FAULT,	FAULT,	FAULT },
	[USER_REQ_ENV] =	{ FAULT, DO,	DO,	NO,	NO },
	[USER_REQ_PTY] =	{ FAULT, DO,	NO,	NO,	NO },
	[USER_REQ_START] =	{ FAULT, DO,	DO,	NO,	NO },
	[USER_REQ_SIGNAL] =	{ FAULT, NO,	NO,	DO,	NO },
	[USER_REQ_BREAK] =	{ FAULT, NO,	DO,	DO,	DO },
	[USER_REQ_RESIZE] =	{ FAULT, DO,	DO,	DO,	DO },
	[USER_REQ_AGENT] =	{ FAULT, DO,	DO,	DO,	DO },
	/* The channel may be one that we refused to open. */
	[USER_REQ_CLOSE] =	{ NO,	DO,	DO,	DO,	DO },
};

/* *ch is NULL exactly when the channel is CHANNEL_NONE. */
static enum judgement
judge(struct user *u, enum user_req type, uint32_t chan, struct channel **ch)
{
	enum judgement verdict;

	*ch = channel_find(u, chan);
	verdict = legal[type][*ch == NULL ? CHANNEL_NONE : (*ch)->state];
	if (verdict == FAULT)
		u->why = "request that the channel's state does not allow";
	return verdict;
}

/*
 * A session channel, RFC 4254 section 6.1.  MaxSessions is counted here and
 * not in net: an account that may have none must have none.
 */
static bool
asuser_open(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	uint32_t chan;

	if (!usr_chan_get(frame->body, &chan) ||
	    judge(u, USER_REQ_OPEN, chan, &ch) == FAULT)
		return false;
	if (forward_has(u, chan))
		return false;
	ch = channel_new(u, chan);
	user_answer(u, chan, ch != NULL);
	return true;
}

/* RFC 4254 section 6.4; what may pass is channel_env()'s to say. */
static bool
asuser_env(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	struct usr_env m;
	enum judgement verdict;

	if (!usr_env_get(frame->body, &m))
		return false;
	verdict = judge(u, USER_REQ_ENV, m.chan, &ch);
	if (verdict == FAULT)
		return false;
	user_answer(u, m.chan,
	    verdict == DO && channel_env(u, ch, m.name, m.value));
	return true;
}

/* In a chroot there may be no /dev to make one with. */
static bool
make_pty(struct user *u, struct channel *ch, const struct usr_pty *m)
{
	int fds[2];

	if (pty_open(&ch->pty, m))
		return true;
	return u->policy.in_chroot && ask_monitor_pty_make(u, fds) &&
	    pty_adopt(&ch->pty, fds[0], fds[1], m);
}

static bool
open_pty(struct user *u, struct channel *ch, const struct usr_pty *m)
{
	if (!u->policy.permit_tty ||
	    !span_copy_str(m->term, ch->term, sizeof ch->term))
		return false;
	if (!make_pty(u, ch, m)) {
		ch->term[0] = '\0';
		user_event(u, SESS_EVENT_ERROR, ch->number,
		    "openpty: %s", strerror(errno));
		return false;
	}
	ch->state = CHANNEL_PTY;
	return true;
}

/*
 * RFC 4254 section 6.2.  The login record is the monitor's to write and its
 * answer nobody's to wait for: clients send the shell request right behind.
 */
static bool
asuser_pty(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	struct usr_pty m;
	enum judgement verdict;
	bool ok;

	if (!usr_pty_get(frame->body, &m))
		return false;
	verdict = judge(u, USER_REQ_PTY, m.chan, &ch);
	if (verdict == FAULT)
		return false;
	ok = verdict == DO && open_pty(u, ch, &m);
	user_answer(u, m.chan, ok);
	if (ok) {
		ask_monitor_pty_open(u, ch);
		user_show(u);
	}
	return true;
}

/* Takes a piece of a command; with the last one, m has all of it. */
static bool
collect(struct user *u, struct channel *ch, struct usr_start *m)
{
	if (ch->command == NULL && !m->more)
		return true;
	if (ch->command == NULL)
		ch->command = malloc(USER_COMMAND_MAX_BYTES);
	if (ch->command == NULL ||
	    m->command.len > USER_COMMAND_MAX_BYTES - ch->command_len) {
		u->why = "no room for a command in pieces";
		return false;
	}
	memcpy(ch->command + ch->command_len, m->command.p, m->command.len);
	ch->command_len += m->command.len;
	m->command = span(ch->command, ch->command_len);
	return true;
}

/*
 * RFC 4254 section 6.5: at most one shell, command or subsystem a channel.  A
 * start that was refused may be tried again, as another subsystem say.
 */
static bool
asuser_start(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	struct usr_start m;
	enum judgement verdict;

	if (!usr_start_get(frame->body, &m))
		return false;
	verdict = judge(u, USER_REQ_START, m.chan, &ch);
	if (verdict == FAULT || (verdict == DO && !collect(u, ch, &m)))
		return false;
	if (verdict == NO || m.more) {
		user_answer(u, m.chan, verdict == DO);
		return true;
	}
	session_start(u, ch, &m);
	channel_drop_command(ch);
	return true;
}

/* --- what comes to a running command ------------------------------------- */

/*
 * Not for forced commands and subsystems: who may not choose the command
 * may not kill it half way either.
 */
static bool
send_signal(const struct channel *ch, struct span name)
{
	int sig = signame_parse(name);

	if (sig == 0 || ch->deaf)
		return false;
	if (killpg(ch->pid, sig) == 0)
		return true;
	/* A child of fork(2) may not have come to its setsid(2) yet. */
	return errno == ESRCH && kill(ch->pid, sig) == 0;
}

/* RFC 4254 section 6.9. */
static bool
asuser_signal(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	struct usr_signal m;
	enum judgement verdict;

	if (!usr_signal_get(frame->body, &m))
		return false;
	verdict = judge(u, USER_REQ_SIGNAL, m.chan, &ch);
	if (verdict == FAULT)
		return false;
	user_answer(u, m.chan, verdict == DO && send_signal(ch, m.name));
	return true;
}

/*
 * RFC 4335.  Its length is the peer's wish only: how long a terminal's break
 * is depends on the terminal.
 */
static bool
asuser_break(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	struct usr_break m;
	enum judgement verdict;

	if (!usr_break_get(frame->body, &m))
		return false;
	verdict = judge(u, USER_REQ_BREAK, m.chan, &ch);
	if (verdict == FAULT)
		return false;
	user_answer(u, m.chan, verdict == DO && ch->pty.master >= 0 &&
	    pty_break(&ch->pty));
	return true;
}

/*
 * RFC 4254 section 6.7.  Also after the exit: a program in the background may
 * still draw.  The answer says when, for what the peer sends next, and is
 * always yes: a size for no terminal is no one's loss.
 */
static bool
asuser_resize(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	struct usr_resize m;

	if (!usr_resize_get(frame->body, &m) ||
	    judge(u, USER_REQ_RESIZE, m.chan, &ch) == FAULT)
		return false;
	if (ch->pty.master >= 0)
		pty_resize(&ch->pty, &m);
	user_answer(u, m.chan, true);
	return true;
}

/* auth-agent-req@openssh.com, OpenSSH's PROTOCOL; of the connection. */
static bool
asuser_agent(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	uint32_t chan;

	if (!usr_chan_get(frame->body, &chan) ||
	    judge(u, USER_REQ_AGENT, chan, &ch) == FAULT)
		return false;
	user_answer(u, chan, agent_open(u));
	return true;
}

/*
 * The channel is gone on both sides, RFC 4254 section 5.3; net may use its
 * number again at once.
 */
static bool
asuser_close(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct channel *ch;
	uint32_t chan;

	if (!usr_chan_get(frame->body, &chan))
		return false;
	if (forward_has(u, chan))
		return forward_close(u, chan);
	if (judge(u, USER_REQ_CLOSE, chan, &ch) == DO)
		channel_end(u, ch);
	return true;
}

/* More than any request of fixed size needs, and far less than a frame. */
#define SMALL	64

static const struct ipc_rule net_rules[USER_REQ_COUNT] = {
	[USER_REQ_OPEN] = { "open", USER_PHASE_SERVING, SMALL, 0, false,
		asuser_open },
	[USER_REQ_ENV] = { "env", USER_PHASE_SERVING, IPC_FRAME_MAX_BYTES, 0,
		false, asuser_env },
	[USER_REQ_PTY] = { "pty", USER_PHASE_SERVING, 4096, 0, false,
		asuser_pty },
	[USER_REQ_START] = { "start", USER_PHASE_SERVING, IPC_FRAME_MAX_BYTES,
		0, false, asuser_start },
	[USER_REQ_SIGNAL] = { "signal", USER_PHASE_SERVING, 512, 0, false,
		asuser_signal },
	[USER_REQ_BREAK] = { "break", USER_PHASE_SERVING, SMALL, 0, false,
		asuser_break },
	[USER_REQ_RESIZE] = { "resize", USER_PHASE_SERVING, SMALL, 0, false,
		asuser_resize },
	[USER_REQ_CLOSE] = { "close", USER_PHASE_SERVING, SMALL, 0, false,
		asuser_close },
	[USER_REQ_DIAL] = { "dial", USER_PHASE_SERVING,
		2 * USER_HOST_MAX_BYTES + SMALL, 0, false, asuser_dial },
	[USER_REQ_AGENT] = { "agent", USER_PHASE_SERVING, SMALL, 0, false,
		asuser_agent },
	[USER_REQ_LISTEN] = { "listen", USER_PHASE_SERVING,
		USER_HOST_MAX_BYTES + SMALL, 0, false, asuser_listen },
	[USER_REQ_UNLISTEN] = { "unlisten", USER_PHASE_SERVING,
		USER_HOST_MAX_BYTES + SMALL, 0, false, asuser_unlisten },
};

const struct ipc_table user_net_table = { net_rules, ARRAY_LEN(net_rules) };
