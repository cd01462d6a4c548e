/*
 * test_user_rig: a user role in a process of its own, with the test as both
 * its net and its monitor.
 */
#ifndef SSHD_CONN_TEST_USER_RIG_H
#define SSHD_CONN_TEST_USER_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/policy.h"
#include "ipc/sess.h"
#include "ipc/usr.h"
#include "user/user.h"

#define RIG_WAIT_MS 30000

struct rig {
	int net, mon;
	pid_t pid;
	struct user_policy policy;
	char home[64];
	uint8_t lists[4096];
	size_t lists_len;
	/* What the monitor heard. */
	char starts[4096], errors[1024], infos[1024];
	int start_count, close_count, pty_open_count, pty_close_count;
	int error_count;
	uint64_t last_sec;
	uint8_t buf[IPC_FRAME_MAX_BYTES];
};

/* A list of the policy, kept in the rig. */
static inline struct span
rig_list(struct rig *r, const char *const *items)
{
	struct sink out = sink_of(r->lists + r->lists_len,
	    sizeof r->lists - r->lists_len);

	for (; *items != NULL; items++)
		sink_cstring(&out, *items);
	assert_true(sink_ok(&out));
	r->lists_len += out.len;
	return sink_span(&out);
}

#define RIG_LIST(r, ...) rig_list(r, (const char *const[]){ __VA_ARGS__, NULL })

static inline void
rig_init(struct rig *r)
{
	*r = (struct rig){ .net = -1, .mon = -1 };
	strcpy(r->home, "/tmp/test-user-XXXXXX");
	assert_non_null(mkdtemp(r->home));
	r->policy = (struct user_policy){
		.user = span_str("alice"), .home = span_str(r->home),
		.shell = span_str("/bin/sh"), .uid = (uint32_t)getuid(),
		.gid = (uint32_t)getgid(),
		.remote_host = span_str("192.0.2.7"), .remote_port = 4711,
		.local_host = span_str("192.0.2.1"), .local_port = 22,
		.default_path = span_str("/usr/bin:/bin"),
		.max_sessions = 10, .permit_tty = true,
	};
}

/* Forks the role; sends no policy yet. */
static inline void
rig_fork(struct rig *r)
{
	int net[2], mon[2];

	fflush(NULL);
	assert_true(ipc_pair(net));
	assert_true(ipc_pair(mon));
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (r->pid == 0) {
		int n = net[1], m = mon[1];

		dup3(n, 300, O_CLOEXEC);
		dup3(m, 301, O_CLOEXEC);
		close_range(3, 299, 0);
		close_range(302, ~0U, 0);
		_exit(user_run(300, 301));
	}
	close(net[1]);
	close(mon[1]);
	r->net = net[0];
	r->mon = mon[0];
}

static inline void
rig_send_policy(struct rig *r)
{
	struct sink out = sink_of(r->buf, sizeof r->buf);

	policy_put(&out, &r->policy);
	assert_int_equal(ipc_send(r->mon, sink_span(&out), NULL, 0), IPC_OK);
}

static inline void
rig_up(struct rig *r)
{
	rig_fork(r);
	rig_send_policy(r);
}

static inline void
rig_heard(struct rig *r, struct ipc_frame *f)
{
	struct sess_event e;
	struct sess_pty p;
	struct sess_last last = { r->last_sec, span_str("198.51.100.9") };
	uint8_t buf[256];
	struct sink out = sink_of(buf, sizeof buf);
	size_t n;

	switch (f->type) {
	case SESS_REQ_EVENT:
		assert_true(sess_event_get(f->body, &e));
		if (e.kind == SESS_EVENT_START) {
			n = strlen(r->starts);
			snprintf(r->starts + n, sizeof r->starts - n,
			    "%.*s;", (int)e.text.len, (const char *)e.text.p);
			r->start_count++;
		} else if (e.kind == SESS_EVENT_CLOSE) {
			r->close_count++;
		} else if (e.kind == SESS_EVENT_ERROR) {
			n = strlen(r->errors);
			snprintf(r->errors + n, sizeof r->errors - n,
			    "%.*s;", (int)e.text.len, (const char *)e.text.p);
			r->error_count++;
		} else if (e.kind == SESS_EVENT_INFO) {
			n = strlen(r->infos);
			snprintf(r->infos + n, sizeof r->infos - n,
			    "%.*s;", (int)e.text.len, (const char *)e.text.p);
		}
		break;
	case SESS_REQ_PTY_OPEN:
		assert_true(sess_pty_get(f->body, &p));
		assert_true(p.tty.len > 4 && memcmp(p.tty.p, "pts/", 4) == 0);
		r->pty_open_count++;
		sess_last_put(&out, &last);
		(void)!ipc_send(r->mon, sink_span(&out), NULL, 0);
		break;
	case SESS_REQ_PTY_CLOSE:
		assert_true(sess_pty_get(f->body, &p));
		r->pty_close_count++;
		break;
	default:
		fail_msg("the monitor was sent type %d", f->type);
	}
}

/* Plays the monitor for what is there. */
static inline void
rig_listen(struct rig *r)
{
	uint8_t buf[4096];
	struct ipc_frame f;

	while (ipc_recv(r->mon, buf, sizeof buf, false, &f) == IPC_OK) {
		assert_int_equal(f.fd_count, 0);
		rig_heard(r, &f);
	}
}

/* The next frame for net; IPC_CLOSED when the role has closed the edge. */
static inline enum ipc_io
rig_recv(struct rig *r, struct ipc_frame *f)
{
	struct pollfd p[] = { { .fd = r->net, .events = POLLIN },
		{ .fd = r->mon, .events = POLLIN } };

	for (;;) {
		assert_true(poll(p, p[1].revents & POLLHUP ? 1 : 2,
		    RIG_WAIT_MS) > 0);
		if (p[1].revents != 0)
			rig_listen(r);
		if (p[0].revents != 0)
			return ipc_recv(r->net, r->buf, sizeof r->buf, false,
			    f);
	}
}

/* Closes both edges in this order and returns the role's exit status. */
static inline int
rig_status(struct rig *r)
{
	int status;

	fd_close(&r->net);
	/* End of file comes when the role is gone, and all it said is read. */
	if (r->mon >= 0) {
		uint8_t buf[4096];
		struct ipc_frame f;

		while (ipc_recv(r->mon, buf, sizeof buf, true, &f) == IPC_OK)
			rig_heard(r, &f);
		fd_close(&r->mon);
	}
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	r->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 1000 + WTERMSIG(status);
}

static inline void
rig_down(struct rig *r)
{
	char cmd[128];

	assert_int_equal(rig_status(r), 0);
	snprintf(cmd, sizeof cmd, "rm -rf %s", r->home);
	assert_int_equal(system(cmd), 0);
}

static inline void
rig_send(struct rig *r, const struct sink *out)
{
	assert_true(sink_ok(out));
	assert_int_equal(ipc_send(r->net, sink_span(out), NULL, 0), IPC_OK);
}

static inline bool
rig_answer(struct rig *r, uint32_t chan)
{
	struct ipc_frame f;
	struct usr_ans a;

	assert_int_equal(rig_recv(r, &f), IPC_OK);
	assert_int_equal(f.type, USER_ANS_DONE);
	assert_int_equal(f.fd_count, 0);
	assert_true(usr_ans_get(f.body, &a));
	assert_int_equal(a.chan, chan);
	return a.ok;
}

static inline bool
rig_open(struct rig *r, uint32_t chan)
{
	uint8_t b[64];
	struct sink out = sink_of(b, sizeof b);

	usr_chan_put(&out, USER_REQ_OPEN, chan);
	rig_send(r, &out);
	return rig_answer(r, chan);
}

static inline void
rig_close(struct rig *r, uint32_t chan)
{
	uint8_t b[64];
	struct sink out = sink_of(b, sizeof b);

	usr_chan_put(&out, USER_REQ_CLOSE, chan);
	rig_send(r, &out);
}

static inline bool
rig_env(struct rig *r, uint32_t chan, struct span name, struct span value)
{
	static uint8_t b[IPC_FRAME_MAX_BYTES];
	struct sink out = sink_of(b, sizeof b);
	struct usr_env m = { chan, name, value };

	usr_env_put(&out, &m);
	rig_send(r, &out);
	return rig_answer(r, chan);
}

static inline bool
rig_pty(struct rig *r, uint32_t chan)
{
	uint8_t b[1024];
	struct sink out = sink_of(b, sizeof b);
	struct usr_pty m = { .chan = chan, .term = span_str("vt220"),
		.cols = 91, .rows = 37, .width = 910, .height = 740,
		.mode_count = 2, .modes = { { 53, 0 }, { 72, 0 } } };

	usr_pty_put(&out, &m);
	rig_send(r, &out);
	return rig_answer(r, chan);
}

static inline void
rig_ask_start(struct rig *r, uint32_t chan, enum usr_start_kind kind,
    struct span command)
{
	static uint8_t b[IPC_FRAME_MAX_BYTES];
	struct sink out = sink_of(b, sizeof b);
	struct usr_start m = { chan, (uint8_t)kind, command, false };

	usr_start_put(&out, &m);
	rig_send(r, &out);
}

/* Returns how many descriptors came with the yes: 1 or 3; 0 is a no. */
static inline size_t
rig_start(struct rig *r, uint32_t chan, enum usr_start_kind kind,
    const char *command, int fds[3])
{
	struct ipc_frame f;
	struct usr_ans a;
	size_t n;

	rig_ask_start(r, chan, kind, span_str(command));
	assert_int_equal(rig_recv(r, &f), IPC_OK);
	assert_true(usr_ans_get(f.body, &a));
	assert_int_equal(a.chan, chan);
	n = f.fd_count;
	assert_int_equal(a.ok, n > 0);
	assert_int_equal(f.type, n == 0 ? USER_ANS_DONE :
	    n == 1 ? USER_ANS_STARTED_PTY : USER_ANS_STARTED_PIPES);
	for (size_t i = 0; i < 3; i++)
		fds[i] = ipc_take_fd(&f, i);
	return n;
}

/* Reads to the end of file (or a terminal's EIO); NUL-terminated. */
static inline size_t
rig_read(struct rig *r, int fd, char *out, size_t cap)
{
	size_t n = 0;

	while (n < cap - 1) {
		struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			{ .fd = r->mon, .events = POLLIN } };
		ssize_t got;

		assert_true(poll(p, 2, RIG_WAIT_MS) > 0);
		if (p[1].revents != 0)
			rig_listen(r);
		if (p[0].revents == 0)
			continue;
		got = read(fd, out + n, cap - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out[n] = '\0';
	return n;
}

static inline struct usr_exit
rig_exit(struct rig *r, uint32_t chan)
{
	struct ipc_frame f;
	struct usr_exit e;

	assert_int_equal(rig_recv(r, &f), IPC_OK);
	assert_int_equal(f.type, USER_EVT_EXIT);
	assert_true(usr_exit_get(f.body, &e));
	assert_int_equal(e.chan, chan);
	return e;
}

/* Starts it, reads its output (no input), waits for its end. */
static inline struct usr_exit
rig_run(struct rig *r, uint32_t chan, enum usr_start_kind kind,
    const char *command, char *out, size_t cap)
{
	int fds[3];
	size_t n = rig_start(r, chan, kind, command, fds);

	assert_int_not_equal(n, 0);
	if (n == 3) {
		close(fds[0]);
		rig_read(r, fds[1], out, cap);
		close(fds[1]);
		close(fds[2]);
	} else {
		rig_read(r, fds[0], out, cap);
		close(fds[0]);
	}
	return rig_exit(r, chan);
}

#endif
