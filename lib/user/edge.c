/*
 * edge: frames in from net and the monitor, frames out to both.  User
 * process; must never pass anything from net on to the monitor that is not
 * a typed field of its own.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fwd.h"
#include "user/role.h"
#include "user/signames.h"

#define SMALL_FRAME_BYTES	(SESS_TEXT_MAX_BYTES + 64)

/*
 * Record requests whose answers we have not read yet.  Few enough for any
 * socket's queue: the monitor must never block on us while we block on it.
 */
#define TICKETS_MAX_COUNT	4

static const struct ipc_table monitor_table;

/* The first reason is the one to tell. */
static void
fault(struct user *u, const char *why)
{
	u->over = u->faulty = true;
	if (u->why == NULL)
		u->why = why;
}

static void
receive(struct user *u, int fd, const struct ipc_table *table, uint64_t *seen,
    bool wait)
{
	struct ipc_frame frame;
	enum ipc_fault found;

	switch (ipc_recv(fd, u->frame, sizeof u->frame, wait, &frame)) {
	case IPC_OK:
		found = ipc_dispatch(table, u->phase, seen, u, &frame);
		if (found != IPC_FAULT_NONE)
			fault(u, ipc_fault_text(found));
		break;
	case IPC_AGAIN:
		break;
	case IPC_BAD:
		fault(u, "frame that is none");
		break;
	case IPC_CLOSED:
	case IPC_ERROR:
	default:
		u->over = true;
	}
}

void
user_receive_net(struct user *u)
{
	receive(u, u->net_fd, &user_net_table, &u->net_seen, false);
}

void
user_receive_monitor(struct user *u, bool wait)
{
	receive(u, u->monitor_fd, &monitor_table, &u->monitor_seen, wait);
}

/* An edge that cannot be written is an edge that is gone. */
static void
post(struct user *u, int fd, const struct sink *out, const int *fds,
    size_t fd_count)
{
	if (ipc_send(fd, sink_span(out), fds, fd_count) != IPC_OK)
		u->over = true;
}

void
user_tell_net(struct user *u, const struct sink *out, const int *fds,
    size_t fd_count)
{
	post(u, u->net_fd, out, fds, fd_count);
}

void
user_answer_started(struct user *u, enum user_ans type, uint32_t chan,
    const int *fds, size_t fd_count)
{
	uint8_t buf[SMALL_FRAME_BYTES];
	struct sink out = sink_of(buf, sizeof buf);
	struct usr_ans m = { .chan = chan, .ok = true };

	usr_ans_put(&out, type, &m);
	post(u, u->net_fd, &out, fds, fd_count);
}

void
user_answer(struct user *u, uint32_t chan, bool ok)
{
	uint8_t buf[SMALL_FRAME_BYTES];
	struct sink out = sink_of(buf, sizeof buf);
	struct usr_ans m = { .chan = chan, .ok = ok };

	usr_ans_put(&out, USER_ANS_DONE, &m);
	post(u, u->net_fd, &out, NULL, 0);
}

void
user_tell_dialed(struct user *u, uint32_t chan, int fd)
{
	user_answer_started(u, USER_EVT_DIALED, chan, &fd, 1);
}

void
user_tell_refused(struct user *u, uint32_t chan, uint32_t reason,
    const char *text)
{
	uint8_t buf[SMALL_FRAME_BYTES];
	struct sink out = sink_of(buf, sizeof buf);

	usr_refusal_put(&out, &(struct usr_refusal){ chan, reason,
	    span_str(text) });
	post(u, u->net_fd, &out, NULL, 0);
}

void
user_tell_exit(struct user *u, uint32_t chan, int status)
{
	uint8_t buf[SMALL_FRAME_BYTES];
	struct sink out = sink_of(buf, sizeof buf);
	struct usr_exit m = { .chan = chan, .signaled = WIFSIGNALED(status) };

	if (m.signaled) {
		m.signal = span_str(signame_of(WTERMSIG(status)));
		m.core_dumped = WCOREDUMP(status);
	} else {
		m.status = (uint32_t)WEXITSTATUS(status);
	}
	usr_exit_put(&out, &m);
	post(u, u->net_fd, &out, NULL, 0);
}

void
user_event(struct user *u, enum sess_event_kind kind, uint32_t code,
    const char *fmt, ...)
{
	uint8_t buf[SMALL_FRAME_BYTES];
	struct sink out = sink_of(buf, sizeof buf);
	char text[SESS_TEXT_MAX_BYTES + 1];
	struct sess_event m = { .kind = (uint8_t)kind, .code = code };
	va_list ap;

	if (kind == SESS_EVENT_DEBUG && !u->policy.debug)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	m.text = span_str(text);
	sess_event_put(&out, &m);
	post(u, u->monitor_fd, &out, NULL, 0);
}

static void
post_pty(struct user *u, enum sess_req type, const struct channel *ch)
{
	uint8_t buf[SMALL_FRAME_BYTES];
	struct sink out = sink_of(buf, sizeof buf);
	struct sess_pty m = { .tty = span_str(ch->pty.name) };

	/* This role lives as long as the terminal does; a shell may not. */
	m.pid = (uint32_t)getpid();
	sess_pty_put(&out, type, &m);
	post(u, u->monitor_fd, &out, NULL, 0);
}

static void
await_ticket(struct user *u, uint32_t ticket)
{
	while (u->tickets_answered < ticket && !u->over)
		user_receive_monitor(u, true);
}

void
ask_monitor_pty_open(struct user *u, struct channel *ch)
{
	if (!u->policy.login_records)
		return;
	if (u->tickets_asked - u->tickets_answered >= TICKETS_MAX_COUNT)
		await_ticket(u, u->tickets_answered + 1);
	post_pty(u, SESS_REQ_PTY_OPEN, ch);
	ch->recorded = true;
	ch->ticket = ++u->tickets_asked;
}

void
ask_monitor_last(struct user *u, struct channel *ch)
{
	await_ticket(u, ch->ticket);
}

void
ask_monitor_pty_close(struct user *u, struct channel *ch)
{
	if (!ch->recorded)
		return;
	ch->recorded = false;
	post_pty(u, SESS_REQ_PTY_CLOSE, ch);
}

bool
ask_monitor_pty_make(struct user *u, int fds[2])
{
	uint8_t buf[SMALL_FRAME_BYTES];
	struct sink out = sink_of(buf, sizeof buf);

	fds[0] = fds[1] = -1;
	sink_u8(&out, SESS_REQ_PTY_MAKE);
	u->made = fds;
	post(u, u->monitor_fd, &out, NULL, 0);
	while (u->made != NULL && !u->over)
		user_receive_monitor(u, true);
	u->made = NULL;
	return fds[0] >= 0;
}

/* --- what the monitor sends ---------------------------------------------- */

static bool
take_policy(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;

	/* The frame's buffer will hold the next one: keep a copy. */
	u->policy_bytes = malloc(frame->size + 1);
	if (u->policy_bytes == NULL)
		return false;
	memcpy(u->policy_bytes, frame->body.p, frame->size);
	if (!policy_get(cursor_of(span(u->policy_bytes, frame->size)),
	    &u->policy))
		return false;
	u->phase = USER_PHASE_SERVING;
	return true;
}

/* Answers come in the order of the requests; the channel may be gone. */
static bool
take_last(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct sess_last m;

	if (!sess_last_get(frame->body, &m) ||
	    u->tickets_answered == u->tickets_asked)
		return false;
	u->tickets_answered++;
	for (size_t i = 0; i < ARRAY_LEN(u->channels); i++) {
		struct channel *ch = u->channels[i];

		if (ch == NULL || ch->ticket != u->tickets_answered)
			continue;
		ch->last_sec = m.time_sec;
		(void)span_copy_str(m.host, ch->last_host,
		    sizeof ch->last_host);
	}
	return true;
}

static bool
take_pty_made(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;

	if (u->made == NULL)
		return false;
	for (size_t i = 0; i < frame->fd_count; i++)
		u->made[i] = ipc_take_fd(frame, i);
	u->made = NULL;
	return true;
}

static const struct ipc_rule monitor_rules[SESS_ANS_COUNT] = {
	[SESS_ANS_POLICY] = { "policy", USER_PHASE_POLICY,
		IPC_FRAME_MAX_BYTES, 0, true, take_policy },
	[SESS_ANS_PTY] = { "pty", USER_PHASE_SERVING,
		1024, 0, false, take_last },
	[SESS_ANS_PTY_MADE] = { "pty-made", USER_PHASE_SERVING, 0, 2, false,
		take_pty_made },
	[SESS_ANS_PTY_NONE] = { "pty-none", USER_PHASE_SERVING, 0, 0, false,
		take_pty_made },
};

static const struct ipc_table monitor_table = { monitor_rules,
	ARRAY_LEN(monitor_rules) };
