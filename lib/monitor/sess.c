/*
 * sess: what user asks the monitor for.  Monitor.
 *
 * user has the user's own rights: what it says is as good as what the user
 * says, no more.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/vis.h"
#include "monitor/internal.h"
#include "rules/record.h"

#define TTY_BYTES		32
#define LINES_MAX_COUNT		1000	/* that user may log a second */
#define TEXT_BYTES		513

/*
 * "pts/" and digits, and the device there is the user's: a terminal of
 * somebody else's, or a path, must not get into the login records.
 */
static bool
get_tty(const struct monitor *m, struct span in, char out[static TTY_BYTES])
{
	char path[TTY_BYTES + sizeof "/dev/"];
	struct stat st;

	if (!span_copy_str(in, out, TTY_BYTES) || !record_is_tty(out))
		return false;
	snprintf(path, sizeof path, "/dev/%s", out);
	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_uid == m->login.account.uid;
}

/* SESS_REQ_PTY_OPEN: write the records, tell of the login before. */
bool
asroot_pty_open(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	char tty[TTY_BYTES], host[RECORD_HOST_BYTES] = "";
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	struct sess_last last = { 0 };
	struct sess_pty req;

	if (!sess_pty_get(frame->body, &req))
		return false;
	if (!get_tty(m, req.tty, tty))
		log_line(LOG_LEVEL_INFO, false,
		    "no login record: not a terminal of user %s",
		    m->login.name);
	else if (m->params->root)
		/* The session's leader: so logind learns its terminal. */
		records_open(m, tty, getpid(), &last.time_sec, host);
	last.host = span_str(host);
	sess_last_put(&out, &last);
	monitor_answer(m, m->user_fd, &out, NULL, 0);
	return true;
}

/* SESS_REQ_PTY_CLOSE: the terminal may be gone, its record decides. */
bool
asroot_pty_close(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	char tty[TTY_BYTES];
	struct sess_pty req;

	if (!sess_pty_get(frame->body, &req))
		return false;
	if (span_copy_str(req.tty, tty, sizeof tty))
		records_close(m, tty);
	return true;
}

/*
 * SESS_REQ_PTY_MAKE: for a user in a chroot, who need not have a /dev there.
 * The terminal is made with the user's id, like any other, and looked at by
 * user like any other.
 */
bool
asroot_pty_make(void *ctx, struct ipc_frame *frame)
{
	const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
	struct monitor *m = ctx;
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	int fds[2] = { -1, -1 }, unlocked = 0;
	bool ok;

	if (cursor_end(&frame->body) != WIRE_OK ||
	    m->settings.chroot_directory == NULL)
		return false;
	(void)setfsuid(m->login.account.uid);
	fds[0] = posix_openpt(flags);
	(void)setfsuid(0);
	if (fds[0] >= 0 && ioctl(fds[0], TIOCSPTLCK, &unlocked) == 0)
		fds[1] = ioctl(fds[0], TIOCGPTPEER, flags);
	ok = fds[1] >= 0;
	sink_u8(&out, ok ? SESS_ANS_PTY_MADE : SESS_ANS_PTY_NONE);
	monitor_answer(m, m->user_fd, &out, fds, ok ? 2 : 0);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
	return true;
}

static void
log_session(const struct monitor *m, const struct sess_event *ev,
    const char *text)
{
	const struct peer *peer = m->params->peer;

	if (ev->kind == SESS_EVENT_START)
		log_event(&(struct log_event){ .kind = LOG_EVENT_SESSION_OPEN,
		    .command = text }, LOG_LEVEL_VERBOSE, false,
		    "Starting session: %s for %s from %s port %u id %u", text,
		    m->login.name, peer->remote_host, peer->remote_port,
		    ev->code);
	else if (ev->kind == SESS_EVENT_CLOSE)
		log_event(LOG_EVENT(LOG_EVENT_SESSION_CLOSE),
		    LOG_LEVEL_VERBOSE, false,
		    "Close session: user %s from %s port %u id %u",
		    m->login.name, peer->remote_host, peer->remote_port,
		    ev->code);
	else if (ev->kind == SESS_EVENT_NOLOGIN)
		log_line(LOG_LEVEL_INFO, false, "User %s not allowed because "
		    "/etc/nologin exists", m->login.name);
	else if (ev->kind == SESS_EVENT_ERROR || ev->kind == SESS_EVENT_INFO)
		log_line(ev->kind == SESS_EVENT_ERROR ? LOG_LEVEL_ERROR
			 : LOG_LEVEL_INFO, false, "user %s: %s",
		    m->login.name, text);
	else
		log_line(ev->code <= 1 ? LOG_LEVEL_DEBUG1
			 : ev->code == 2 ? LOG_LEVEL_DEBUG2
					 : LOG_LEVEL_DEBUG3,
		    false, "user: %s", text);
}

/*
 * A connection of days has no end of sessions, so the bound is one of speed;
 * where it cuts, the log says so.
 */
static bool
may_log(struct monitor *m)
{
	int64_t now = monitor_now_ms();

	if (now - m->sess_second_ms >= 1000) {
		m->sess_second_ms = now;
		m->sess_events = 0;
	}
	if (++m->sess_events == LINES_MAX_COUNT + 1)
		log_line(LOG_LEVEL_INFO, false, "user %s: too many log lines "
		    "a second, some are left out", m->login.name);
	return m->sess_events <= LINES_MAX_COUNT;
}

/* SESS_REQ_EVENT */
bool
asroot_sess_event(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	char text[TEXT_BYTES];
	struct sess_event ev;

	if (!sess_event_get(frame->body, &ev))
		return false;
	if (may_log(m))
		log_session(m, &ev, vis_again(ev.text, text, sizeof text));
	return true;
}
