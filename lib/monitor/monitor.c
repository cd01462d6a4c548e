/*
 * monitor: the loop of the role that stays root.
 *
 * One thing at a time: a frame of net or of user, a signal's flag, a
 * deadline.  It must never parse a byte that the peer wrote in SSH's
 * encoding, and never go on after a frame that its tables refuse.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"
#include "monitor/children.h"
#include "monitor/internal.h"
#include "run/exits.h"
#include "run/grace.h"

#define SEND_WAIT_SEC		5	/* a role that takes no answer is gone */
#define SERVE_AT_ONCE_COUNT	1024	/* over what a socket can queue */
#define STOP_WAIT_MS		2000	/* to say goodbye after SIGTERM */
#define DISCONNECT_BY_APPLICATION 11	/* RFC 4253 11.1 */

/* What signal handlers may touch. */
static volatile sig_atomic_t stop_wanted, hangup_seen;

/*
 * The law of both edges: what is not in here, in this phase, of this size,
 * with this many descriptors, is a fault of ours and ends the connection.
 */
static const struct ipc_rule net_rules[MON_REQ_COUNT] = {
	/* A peer may ask for new keys while it logs in, too. */
	[MON_REQ_SIGN] = { "MON_REQ_SIGN",
	    PHASE_KEX | PHASE_AUTH | PHASE_PROMPT | PHASE_SESSION,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_sign },
	[MON_REQ_AUTH_NONE] = { "MON_REQ_AUTH_NONE", PHASE_AUTH,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_none },
	[MON_REQ_AUTH_KEY_QUERY] = { "MON_REQ_AUTH_KEY_QUERY", PHASE_AUTH,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_key_query },
	[MON_REQ_AUTH_KEY] = { "MON_REQ_AUTH_KEY", PHASE_AUTH,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_key },
	[MON_REQ_AUTH_OTHER] = { "MON_REQ_AUTH_OTHER", PHASE_AUTH,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_other },
	[MON_REQ_EVENT] = { "MON_REQ_EVENT", PHASE_ANY,
	    2 * MON_EVENT_TEXT_MAX_BYTES + 16, 0, false, asroot_event },
	[MON_REQ_DONE] = { "MON_REQ_DONE",
	    PHASE_KEX | PHASE_AUTH | PHASE_PROMPT | PHASE_SESSION, 24, 0,
	    true, asroot_done },
	[MON_REQ_PROVE] = { "MON_REQ_PROVE", PHASE_SESSION,
	    KEY_BLOB_MAX_BYTES + 4, 0, false, asroot_prove },
	[MON_REQ_AUTH_PASSWORD] = { "MON_REQ_AUTH_PASSWORD", PHASE_AUTH,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_password },
	[MON_REQ_AUTH_KBDINT] = { "MON_REQ_AUTH_KBDINT", PHASE_AUTH,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_kbdint },
	[MON_REQ_AUTH_RESPONSE] = { "MON_REQ_AUTH_RESPONSE", PHASE_PROMPT,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_response },
	[MON_REQ_AUTH_HOST] = { "MON_REQ_AUTH_HOST", PHASE_AUTH,
	    IPC_FRAME_MAX_BYTES, 0, false, asroot_auth_host },
};
static const struct ipc_table net_table = { net_rules,
	ARRAY_LEN(net_rules) };

static const struct ipc_rule user_rules[SESS_REQ_COUNT] = {
	[SESS_REQ_PTY_OPEN] = { "SESS_REQ_PTY_OPEN",
	    PHASE_SESSION | PHASE_END, 64, 0, false, asroot_pty_open },
	[SESS_REQ_PTY_CLOSE] = { "SESS_REQ_PTY_CLOSE",
	    PHASE_SESSION | PHASE_END, 64, 0, false, asroot_pty_close },
	[SESS_REQ_PTY_MAKE] = { "SESS_REQ_PTY_MAKE", PHASE_SESSION, 0, 0,
	    false, asroot_pty_make },
	[SESS_REQ_EVENT] = { "SESS_REQ_EVENT", PHASE_SESSION | PHASE_END,
	    SESS_TEXT_MAX_BYTES + 16, 0, false, asroot_sess_event },
};
static const struct ipc_table user_table = { user_rules,
	ARRAY_LEN(user_rules) };

static void
on_stop(int signo)
{
	(void)signo;
	stop_wanted = 1;
	grace_stop();
}

static void
on_hangup(int signo)
{
	(void)signo;
	hangup_seen = 1;
}

int64_t
monitor_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
monitor_fail(struct monitor *m, int status)
{
	m->failed = true;
	if (m->status == EXIT_PEER)
		m->status = status;
}

bool
monitor_answer(struct monitor *m, int fd, const struct sink *out,
    const int *fds, size_t fd_count)
{
	switch (ipc_send(fd, sink_span(out), fds, fd_count)) {
	case IPC_OK:
		return true;
	case IPC_CLOSED:
		return false;	/* the loop will read its end of file */
	default:
		log_line(LOG_LEVEL_ERROR, monitor_preauth(m),
		    "cannot answer %s: %s", fd == m->net_fd ? "net" : "user",
		    strerror(errno));
		monitor_fail(m, EXIT_ENV);
		return false;
	}
}

/* die_bug: a role said what the table does not allow, or nonsense. */
static void
refuse_frame(struct monitor *m, const struct ipc_table *table, uint8_t type,
    enum ipc_fault fault)
{
	log_line(LOG_LEVEL_ERROR, monitor_preauth(m),
	    "internal error: %s sent %s (%u): %s",
	    table == &net_table ? "net" : "user", ipc_type_name(table, type),
	    type, ipc_fault_text(fault));
	monitor_fail(m, EXIT_BUG);
}

/* Reads one frame and does what it asks.  False: nothing more is there. */
static bool
serve_one(struct monitor *m, int *fd, const struct ipc_table *table,
    uint64_t *seen)
{
	struct ipc_frame frame;
	enum ipc_fault fault;
	enum ipc_io io = ipc_recv(*fd, m->in, IPC_FRAME_MAX_BYTES, false,
	    &frame);

	/*
	 * A role that ended without reading our last answer gives ECONNRESET
	 * once, ahead of its own last frames: ask again before believing it.
	 */
	if (io == IPC_CLOSED)
		io = ipc_recv(*fd, m->in, IPC_FRAME_MAX_BYTES, false, &frame);
	switch (io) {
	case IPC_OK:
		fault = ipc_dispatch(table, m->phase, seen, m, &frame);
		if (fault != IPC_FAULT_NONE)
			refuse_frame(m, table, frame.type, fault);
		return !m->failed;
	case IPC_AGAIN:
		return false;
	case IPC_CLOSED:
		fd_close(fd);
		return false;
	case IPC_BAD:
	case IPC_ERROR:
		break;
	}
	refuse_frame(m, table, 0, IPC_FAULT_UNKNOWN);
	return false;
}

static void
serve(struct monitor *m, int *fd, const struct ipc_table *table,
    uint64_t *seen)
{
	/* Bounded, so that a flood cannot keep signals and deadlines out. */
	for (int i = 0; i < SERVE_AT_ONCE_COUNT && *fd >= 0; i++) {
		if (!serve_one(m, fd, table, seen))
			break;
	}
}

/* SIGTERM and kin: net says goodbye to the peer and ends. */
static void
order_stop(struct monitor *m)
{
	const struct mon_stop stop = { DISCONNECT_BY_APPLICATION,
		span_str("Server going down") };
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);

	stop_wanted = 0;
	if (m->phase == PHASE_END)
		return;		/* it is over already */
	log_line(LOG_LEVEL_INFO, monitor_preauth(m),
	    "Received a signal to stop; closing the connection");
	m->goodbye_logged = true;
	mon_stop_put(&out, &stop);
	if (m->net_fd >= 0)
		monitor_answer(m, m->net_fd, &out, NULL, 0);
	children_set_deadline(m, STOP_WAIT_MS);
}

/*
 * SIGHUP: whoever spawned us is gone (ssh's ProxyCommand, a terminal).  The
 * peer's end of file is on its way; net has a moment to see it and say so.
 */
static void
expect_end(struct monitor *m)
{
	hangup_seen = 0;
	children_set_deadline(m, STOP_WAIT_MS);
}

static void
wait_for_something(struct monitor *m)
{
	struct pollfd fds[] = { { .fd = m->net_fd, .events = POLLIN },
		{ .fd = m->user_fd, .events = POLLIN },
		{ .fd = m->net_life, .events = POLLIN },
		{ .fd = m->user_life, .events = POLLIN } };
	int64_t left = m->deadline_ms - monitor_now_ms();
	struct timespec timeout = { left / 1000, left % 1000 * 1000000 };
	sigset_t all, none, before;

	if (m->deadline_ms != 0 && left <= 0)
		return;
	/* A flag that is set now, behind the look at it, ends the wait. */
	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (!stop_wanted && !hangup_seen && ppoll(fds, ARRAY_LEN(fds),
		m->deadline_ms != 0 ? &timeout : NULL, &none) < 0 &&
	    errno != EINTR)
		monitor_fail(m, EXIT_ENV);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void
monitor_turn(struct monitor *m)
{
	wait_for_something(m);
	if (stop_wanted)
		order_stop(m);
	if (hangup_seen)
		expect_end(m);
	children_reap(m);
	serve(m, &m->net_fd, &net_table, &m->net_seen);
	if (!m->failed)
		serve(m, &m->user_fd, &user_table, &m->user_seen);
	children_check(m);
}

/*
 * Ends when both roles are reaped and both edges read to their end, or at
 * the first fault.
 */
static void
loop(struct monitor *m)
{
	while (!m->failed && children_left(m))
		monitor_turn(m);
}

/*
 * Handlers only set flags, but for grace's.  Stops come through at any time,
 * for a module that hangs must not hold them up.  SIGCHLD stays as every
 * program has it: what PAM modules execute inherits what is blocked, and a
 * shell then waits for its children for ever.
 */
static void
take_signals(void)
{
	static const int stops[] = { SIGTERM, SIGINT, SIGQUIT };
	struct sigaction sa = { .sa_handler = on_stop,
		.sa_flags = SA_RESTART };

	stop_wanted = hangup_seen = 0;
	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(stops); i++)
		sigaction(stops[i], &sa, NULL);
	sa.sa_handler = on_hangup;
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void
start(struct monitor *m)
{
	const struct timeval limit = { .tv_sec = SEND_WAIT_SEC };
	const struct peer *peer = m->params->peer;

	setsockopt(m->net_fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	/* A session's, unless a PAM module says otherwise. */
	umask(umask(077) | 022);
	log_event(LOG_EVENT(LOG_EVENT_CONNECT), LOG_LEVEL_VERBOSE, false,
	    "Connection from %s port %u on %s port %u rdomain \"\"",
	    peer->remote_host, peer->remote_port, peer->local_host,
	    peer->local_port);
}

/* Whoever is left ends, what was opened is closed; the exit status. */
static int
finish(struct monitor *m)
{
	int status;

	children_kill(m);
	grace_said();
	records_close_all(m);
	pam_login_free(m->pam);
	status = m->status;
	monitor_forget_frames(m);
	signer_free(&m->signer);
	login_free(&m->login);
	free(m);
	return status;
}

void
monitor_leave(struct monitor *m)
{
	loop(m);
	/* A transaction cannot be ended from inside of it. */
	m->pam = NULL;
	exit(finish(m));
}

/*
 * main() has buffers of this size come from mmap(2), so this gives them back
 * to the kernel: to wipe them would first make the pages that were never
 * used, and in a child copy all the others.
 */
void
monitor_forget_frames(struct monitor *m)
{
#ifndef __GLIBC__
	secret_wipe(m->in, m->in == NULL ? 0 : IPC_FRAME_MAX_BYTES);
	secret_wipe(m->out, m->out == NULL ? 0 : IPC_FRAME_MAX_BYTES);
#endif
	free(m->in);
	free(m->out);
	m->in = m->out = NULL;
}

int
monitor_run(const struct monitor_params *params)
{
	struct monitor *m = calloc(1, sizeof *m);

	if (m == NULL)
		return EXIT_ENV;
	m->params = params;
	m->settings = *params->settings;
	m->phase = PHASE_KEX;
	m->net_fd = params->net_fd;
	m->net_pid = params->net_pid;
	m->net_life = children_watch(m->net_pid);
	m->user_fd = m->user_life = -1;
	m->in = malloc(IPC_FRAME_MAX_BYTES);
	m->out = malloc(IPC_FRAME_MAX_BYTES);
	take_signals();
	if (m->in == NULL || m->out == NULL) {
		monitor_fail(m, EXIT_ENV);
	} else {
		start(m);
		loop(m);
	}
	return finish(m);
}
