/*
 * test_user_lies: a net that has been taken over, and a monitor that errs.
 * Whatever they send, nothing runs that the policy does not allow.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "ipc/fwd.h"
#include "run/exits.h"
#include "test_user_rig.h"

enum state { NONE, OPEN, PTY, STARTED, EXITED, STATE_COUNT };
enum outcome { FAULT, NO, YES, SILENT };

/* Written a second time, from the outside. */
static const enum outcome expected[USER_REQ_COUNT][STATE_COUNT] = {
	[USER_REQ_OPEN] = { YES, FAULT, FAULT, FAULT, FAULT },
	[USER_REQ_ENV] = { FAULT, YES, YES, NO, NO },
	[USER_REQ_PTY] = { FAULT, YES, NO, NO, NO },
	[USER_REQ_START] = { FAULT, YES, YES, NO, NO },
	[USER_REQ_SIGNAL] = { FAULT, NO, NO, YES, NO },
	[USER_REQ_BREAK] = { FAULT, NO, YES, NO, NO },
	[USER_REQ_RESIZE] = { FAULT, YES, YES, YES, YES },
	[USER_REQ_CLOSE] = { SILENT, SILENT, SILENT, SILENT, SILENT },
	[USER_REQ_DIAL] = { NO, FAULT, FAULT, FAULT, FAULT },
	[USER_REQ_AGENT] = { FAULT, NO, NO, NO, NO },
	/* These are of no channel. */
	[USER_REQ_LISTEN] = { NO, NO, NO, NO, NO },
	[USER_REQ_UNLISTEN] = { NO, NO, NO, NO, NO },
};

static void
put_request(struct sink *out, enum user_req type, uint32_t chan)
{
	const struct usr_env env = { chan, span_str("A"), span_str("1") };
	const struct usr_pty pty = { .chan = chan, .term = span_str("xterm"),
		.mode_count = 1, .modes = { { 53, 1 } } };
	const struct usr_start start = { chan, USER_START_EXEC,
		span_str("exec cat"), false };
	const struct usr_signal sig = { chan, span_str("USR1") };
	const struct usr_break brk = { chan, 1 };
	const struct usr_resize size = { chan, 1, 2, 3, 4 };
	const struct usr_dial dial = { chan, USER_SOCKET_TCP,
		span_str("127.0.0.1"), 1, span_str("192.0.2.1"), 2 };

	const struct usr_listen at = { USER_SOCKET_TCP,
		span_str("127.0.0.1"), 0 };

	switch (type) {
	case USER_REQ_ENV: usr_env_put(out, &env); break;
	case USER_REQ_PTY: usr_pty_put(out, &pty); break;
	case USER_REQ_START: usr_start_put(out, &start); break;
	case USER_REQ_SIGNAL: usr_signal_put(out, &sig); break;
	case USER_REQ_BREAK: usr_break_put(out, &brk); break;
	case USER_REQ_RESIZE: usr_resize_put(out, &size); break;
	case USER_REQ_DIAL: usr_dial_put(out, &dial); break;
	case USER_REQ_LISTEN:
	case USER_REQ_UNLISTEN: usr_listen_put(out, type, &at); break;
	default: usr_chan_put(out, type, chan); break;
	}
}

static void
lying_rig(struct rig *r)
{
	rig_init(r);
	r->policy.accept_env = RIG_LIST(r, "*");
	r->policy.login_records = true;
	rig_up(r);
}

static void
bring(struct rig *r, enum state to)
{
	char out[64];
	int fds[3];

	if (to == NONE)
		return;
	assert_true(rig_open(r, 0));
	if (to == PTY)
		assert_true(rig_pty(r, 0));
	if (to == STARTED) {
		assert_int_equal(rig_start(r, 0, USER_START_EXEC, "exec cat",
		    fds), 3);
		for (int i = 1; i < 3; i++)
			close(fds[i]);
		/* fds[0] stays open so that cat lives as long as the test. */
	}
	if (to == EXITED)
		rig_run(r, 0, USER_START_EXEC, "true", out, sizeof out);
}

static void
gone_with(struct rig *r, int status)
{
	char cmd[128];

	assert_int_equal(rig_status(r), status);
	assert_int_equal(r->error_count > 0, status == EXIT_BUG);
	snprintf(cmd, sizeof cmd, "rm -rf %s", r->home);
	assert_int_equal(system(cmd), 0);
}

static void
send_raw(struct rig *r, struct span frame, const int *fds, size_t n)
{
	assert_int_equal(ipc_send(r->net, frame, fds, n), IPC_OK);
}

static bool
is_of_no_channel(enum user_req type)
{
	return type == USER_REQ_LISTEN || type == USER_REQ_UNLISTEN;
}

static enum outcome
outcome_of(struct rig *r, enum user_req type)
{
	static uint8_t nothing[64];
	struct sink probe = sink_of(nothing, sizeof nothing);
	struct ipc_frame f;
	struct usr_ans a;
	struct usr_refusal no;
	struct usr_listening listening;

	if (type == USER_REQ_CLOSE) {
		/* No answer: what comes next is another request's. */
		usr_chan_put(&probe, USER_REQ_OPEN, 77);
		(void)!ipc_send(r->net, sink_span(&probe), NULL, 0);
	}
	if (rig_recv(r, &f) != IPC_OK)
		return FAULT;
	if (type == USER_REQ_DIAL) {
		assert_true(usr_refusal_get(f.body, &no));
		assert_int_equal(no.chan, 0);
		return NO;
	}
	if (is_of_no_channel(type)) {
		assert_true(usr_listening_get(f.body, &listening));
		return listening.ok ? YES : NO;
	}
	assert_true(usr_ans_get(f.body, &a));
	ipc_drop(&f);
	if (type == USER_REQ_CLOSE) {
		assert_int_equal(a.chan, 77);
		return SILENT;
	}
	assert_int_equal(a.chan, 0);
	return a.ok ? YES : NO;
}

static void
matrix(void **state)
{
	(void)state;
	for (enum state s = NONE; s < STATE_COUNT; s++) {
		for (enum user_req q = USER_REQ_OPEN; q < USER_REQ_COUNT; q++) {
			enum outcome want = expected[q][s];
			struct rig r;
			uint8_t b[512];
			struct sink out = sink_of(b, sizeof b);

			lying_rig(&r);
			bring(&r, s);
			put_request(&out, q, 0);
			send_raw(&r, sink_span(&out), NULL, 0);
			assert_int_equal(outcome_of(&r, q), want);
			gone_with(&r, want == FAULT ? EXIT_BUG : 0);
		}
	}
}

/* The second of two is no better than the first. */
static void
twice(void **state)
{
	static const enum outcome second[USER_REQ_COUNT] = {
		[USER_REQ_OPEN] = FAULT, [USER_REQ_ENV] = YES,
		[USER_REQ_PTY] = NO, [USER_REQ_START] = NO,
		[USER_REQ_SIGNAL] = NO, [USER_REQ_BREAK] = NO,
		[USER_REQ_RESIZE] = YES, [USER_REQ_CLOSE] = SILENT,
		[USER_REQ_DIAL] = NO, [USER_REQ_LISTEN] = NO,
		[USER_REQ_UNLISTEN] = NO, [USER_REQ_AGENT] = NO,
	};

	(void)state;
	for (enum user_req q = USER_REQ_OPEN; q < USER_REQ_COUNT; q++) {
		struct rig r;
		uint8_t b[512];
		struct sink out = sink_of(b, sizeof b);

		lying_rig(&r);
		bring(&r, q == USER_REQ_OPEN || q == USER_REQ_DIAL ? NONE
		    : OPEN);
		put_request(&out, q, 0);
		send_raw(&r, sink_span(&out), NULL, 0);
		send_raw(&r, sink_span(&out), NULL, 0);
		if (q != USER_REQ_CLOSE)
			(void)outcome_of(&r, q);
		assert_int_equal(outcome_of(&r, q), second[q]);
		gone_with(&r, second[q] == FAULT ? EXIT_BUG : 0);
	}
}

/* Sends these bytes on an open channel's edge; the role must end. */
static void
must_fault(struct span frame, const int *fds, size_t n)
{
	struct rig r;

	lying_rig(&r);
	bring(&r, OPEN);
	send_raw(&r, frame, fds, n);
	gone_with(&r, EXIT_BUG);
}

static void
malformed(void **state)
{
	const int fds[] = { 0, 1, 2 };

	(void)state;
	for (enum user_req q = USER_REQ_OPEN; q < USER_REQ_COUNT; q++) {
		uint8_t b[512];
		struct sink out = sink_of(b, sizeof b);

		put_request(&out, q, q == USER_REQ_OPEN || q == USER_REQ_DIAL
		    ? 1 : 0);
		for (size_t cut = 1; cut < out.len; cut++)
			must_fault(span(b, cut), NULL, 0);
		must_fault(span(b, out.len + 1), NULL, 0);
		for (size_t n = 1; n <= 3; n++)
			must_fault(sink_span(&out), fds, n);
		if (is_of_no_channel(q))
			continue;
		out = sink_of(b, sizeof b);
		put_request(&out, q, USER_CHANNELS_MAX_COUNT);
		must_fault(sink_span(&out), NULL, 0);
		out = sink_of(b, sizeof b);
		put_request(&out, q, UINT32_MAX);
		must_fault(sink_span(&out), NULL, 0);
	}
	must_fault(span("\0\0\0\0\0", 5), NULL, 0);
	must_fault(span("\377\0\0\0\0", 5), NULL, 0);
	must_fault(span("\x7f\0\0\0\0", 5), NULL, 0);
}

/* Random frames, most of them nearly right. */
static void
noise(void **state)
{
	unsigned seed = 4254;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct rig r;
		enum ipc_io io = IPC_OK;

		lying_rig(&r);
		for (int i = 0; i < 20 && io == IPC_OK; i++) {
			uint8_t b[512];
			struct sink out = sink_of(b, sizeof b);
			struct ipc_frame f;

			put_request(&out, (enum user_req)(rand_r(&seed) %
			    USER_REQ_COUNT), (uint32_t)rand_r(&seed) % 3);
			if (rand_r(&seed) % 8 == 0)
				b[(size_t)rand_r(&seed) % out.len] ^=
				    (uint8_t)(1 << rand_r(&seed) % 8);
			io = ipc_send(r.net, sink_span(&out), NULL, 0);
			rig_listen(&r);
			while (ipc_recv(r.net, r.buf, sizeof r.buf, false,
			    &f) == IPC_OK)
				ipc_drop(&f);
		}
		fd_close(&r.net);
		{
			int status = rig_status(&r);
			char cmd[128];

			assert_true(status == 0 || status == EXIT_BUG);
			snprintf(cmd, sizeof cmd, "rm -rf %s", r.home);
			assert_int_equal(system(cmd), 0);
		}
	}
}

/* --- policy -------------------------------------------------------------- */

static bool
is_there(const struct rig *r, const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", r->home, name);
	return stat(path, &st) == 0;
}

static void
only_forced(void **state)
{
	static const char forced[] =
	    "printf 'forced:%s' \"${SSH_ORIGINAL_COMMAND-unset}\"";
	static const char touch[] = "touch canary";
	struct rig r;
	char out[512];
	int fds[3];

	(void)state;
	rig_init(&r);
	r.policy.forced = true;
	r.policy.forced_command = span_str(forced);
	r.policy.accept_env = RIG_LIST(&r, "LC_*");
	r.policy.subsystems = RIG_LIST(&r, "canary", touch, "sftp",
	    "internal-sftp");
	r.policy.permit_user_rc = true;
	rig_up(&r);
	for (uint32_t i = 0; i < 10; i++)
		assert_true(rig_open(&r, i));
	for (uint32_t i = 0; i < 10; i++) {
		enum usr_start_kind kind = i % 3 == 0 ? USER_START_EXEC :
		    i % 3 == 1 ? USER_START_SHELL : USER_START_SUBSYSTEM;
		const char *what = i % 3 == 2 ? "canary" : touch;

		assert_false(rig_env(&r, i, span_str("ENV"),
		    span_str("canary")));
		assert_false(rig_env(&r, i, span_str("BASH_ENV"),
		    span_str("canary")));
		if (i >= 5)
			assert_true(rig_pty(&r, i));
		rig_run(&r, i, kind, what, out, sizeof out);
		assert_string_equal(out, kind == USER_START_SHELL ?
		    "forced:unset" : "forced:touch canary");
		/* Again, now that the first has run. */
		assert_int_equal(rig_start(&r, i, kind, what, fds), 0);
	}
	assert_false(is_there(&r, "canary"));
	rig_close(&r, 0);
	assert_true(rig_open(&r, 0));
	rig_run(&r, 0, USER_START_EXEC, "a'; touch canary\n\"$(touch canary)",
	    out, sizeof out);
	assert_string_equal(out,
	    "forced:a'; touch canary\n\"$(touch canary)");
	rig_close(&r, 0);
	assert_true(rig_open(&r, 0));
	assert_int_equal(rig_start(&r, 0, USER_START_SUBSYSTEM, "other", fds),
	    0);
	rig_ask_start(&r, 0, USER_START_EXEC, span("a\0b", 3));
	assert_false(rig_answer(&r, 0));
	assert_false(is_there(&r, "canary"));
	rig_down(&r);
	assert_int_equal(r.start_count, 11);
	assert_memory_equal(r.starts, "forced-command (config) '", 25);
	assert_null(strstr(r.starts, ";command"));
	assert_null(strstr(r.starts, ";sh"));
	assert_null(strstr(r.starts, ";subsystem"));
}

/* Long, odd and at the frame's limit: still only told, never run. */
static void
long_original(void **state)
{
	static char big[65000];
	struct rig r;
	char out[64];
	int fds[3];

	(void)state;
	memset(big, 'x', sizeof big - 1);
	rig_init(&r);
	r.policy.forced = true;
	r.policy.forced_command =
	    span_str("printf %s \"$SSH_ORIGINAL_COMMAND\" | wc -c");
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_int_equal(rig_start(&r, 0, USER_START_EXEC, big, fds), 3);
	rig_read(&r, fds[1], out, sizeof out);
	assert_int_equal(atoi(out), sizeof big - 1);
	rig_exit(&r, 0);
	rig_down(&r);
}

static void
ask_piece(struct rig *r, uint32_t chan, struct span piece, bool more)
{
	static uint8_t b[IPC_FRAME_MAX_BYTES];
	struct sink out = sink_of(b, sizeof b);

	usr_start_put(&out, &(struct usr_start){ chan, USER_START_EXEC, piece,
	    more });
	rig_send(r, &out);
}

/* Nothing runs before the last piece, and each channel has its own. */
static void
pieces(void **state)
{
	struct rig r;
	struct ipc_frame f;
	char out[64];
	int fds[3];

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_true(rig_open(&r, 1));
	ask_piece(&r, 0, span_str("printf %s "), true);
	assert_true(rig_answer(&r, 0));
	ask_piece(&r, 1, span_str("touch canary"), true);
	assert_true(rig_answer(&r, 1));
	rig_close(&r, 1);
	ask_piece(&r, 0, span_str("'two pi"), true);
	assert_true(rig_answer(&r, 0));
	assert_int_equal(r.start_count, 0);
	ask_piece(&r, 0, span_str("eces'"), false);
	assert_int_equal(rig_recv(&r, &f), IPC_OK);
	assert_int_equal(f.fd_count, 3);
	for (size_t i = 0; i < 3; i++)
		fds[i] = ipc_take_fd(&f, i);
	rig_read(&r, fds[1], out, sizeof out);
	assert_string_equal(out, "two pieces");
	rig_exit(&r, 0);
	/* It has run: there is nothing to add to. */
	ask_piece(&r, 0, span_str("; touch canary"), true);
	assert_false(rig_answer(&r, 0));
	/* What came of the second went with its channel. */
	assert_true(rig_open(&r, 1));
	rig_run(&r, 1, USER_START_EXEC, "printf x", out, sizeof out);
	assert_string_equal(out, "x");
	assert_false(is_there(&r, "canary"));
	rig_down(&r);
}

static void
too_many_pieces(void **state)
{
	static char big[USER_PIECE_MAX_BYTES];
	struct rig r;
	size_t sent = 0;

	(void)state;
	memset(big, ' ', sizeof big);
	lying_rig(&r);
	bring(&r, OPEN);
	for (; sent + sizeof big <= USER_COMMAND_MAX_BYTES; sent += sizeof big) {
		ask_piece(&r, 0, span(big, sizeof big), true);
		assert_true(rig_answer(&r, 0));
	}
	ask_piece(&r, 0, span(big, USER_COMMAND_MAX_BYTES - sent + 1), false);
	gone_with(&r, EXIT_BUG);
	assert_int_equal(r.start_count, 0);
}

/* Sftp is not in here yet: an account that may do only that does nothing. */
static void
forced_internal_sftp(void **state)
{
	struct rig r;
	int fds[3];

	(void)state;
	rig_init(&r);
	r.policy.forced = true;
	r.policy.forced_command = span_str("internal-sftp -R");
	r.policy.subsystems = RIG_LIST(&r, "sftp", "internal-sftp");
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	for (uint8_t kind = 0; kind < USER_START_COUNT; kind++)
		assert_int_equal(rig_start(&r, 0, kind,
		    kind == USER_START_SHELL ? "" : "sftp", fds), 0);
	rig_down(&r);
	assert_int_equal(r.start_count, 0);
	assert_string_equal(r.infos,
	    "shell request by user alice failed, internal-sftp is not built "
	    "in;exec request for sftp by user alice failed, internal-sftp is "
	    "not built in;subsystem request for sftp by user alice failed, "
	    "internal-sftp is not built in;");
}

static void
limits(void **state)
{
	struct rig r;

	(void)state;
	for (uint32_t max = 0; max < 4; max++) {
		rig_init(&r);
		r.policy.max_sessions = max;
		r.policy.permit_tty = false;
		rig_up(&r);
		for (uint32_t i = 0; i < 6; i++)
			assert_int_equal(rig_open(&r, i), i < max);
		if (max > 0) {
			assert_false(rig_pty(&r, 0));
			rig_close(&r, 0);
			assert_true(rig_open(&r, 200));
			assert_false(rig_open(&r, 0));
		}
		rig_down(&r);
		assert_int_equal(r.pty_open_count, 0);
	}
}

/* --- the monitor's edge -------------------------------------------------- */

static void
no_policy(void **state)
{
	struct rig r;
	struct ipc_frame f;
	uint8_t b[512];
	struct sink out;
	const struct sess_last last = { 1, span_str("x") };

	(void)state;
	/* net alone gets nothing, and the role ends with its monitor. */
	rig_init(&r);
	rig_fork(&r);
	out = sink_of(b, sizeof b);
	put_request(&out, USER_REQ_OPEN, 0);
	send_raw(&r, sink_span(&out), NULL, 0);
	assert_int_equal(ipc_recv(r.net, r.buf, sizeof r.buf, false, &f),
	    IPC_AGAIN);
	fd_close(&r.mon);
	gone_with(&r, 0);

	/* Something else first; a policy cut short; a policy twice. */
	for (int i = 0; i < 3; i++) {
		static uint8_t p[4096];
		struct sink policy = sink_of(p, sizeof p);

		rig_init(&r);
		rig_fork(&r);
		policy_put(&policy, &r.policy);
		out = sink_of(b, sizeof b);
		sess_last_put(&out, &last);
		if (i == 0)
			policy = out;
		if (i == 1)
			policy.len--;
		assert_int_equal(ipc_send(r.mon, sink_span(&policy), NULL, 0),
		    IPC_OK);
		if (i == 2)
			assert_int_equal(ipc_send(r.mon, sink_span(&policy),
			    NULL, 0), IPC_OK);
		/* The role ends by itself. */
		assert_int_not_equal(rig_recv(&r, &f), IPC_OK);
		gone_with(&r, EXIT_BUG);
	}
}

static void
policies_without_meaning(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct rig r;
		struct ipc_frame f;

		rig_init(&r);
		if (i == 0)
			r.policy.user = span("a\0b", 3);
		if (i == 1)
			r.policy.home = span("a\0b", 3);
		if (i == 2)
			r.policy.shell = span("a\0b", 3);
		if (i == 3) {
			r.policy.forced = true;
			r.policy.forced_command = span("a\0b", 3);
		}
		rig_up(&r);
		assert_int_not_equal(rig_recv(&r, &f), IPC_OK);
		gone_with(&r, EXIT_BUG);
	}
}

/* An answer that nobody asked for. */
static void
unasked_answer(void **state)
{
	const struct sess_last last = { 1, span_str("x") };
	struct rig r;
	struct ipc_frame f;
	uint8_t b[64];
	struct sink out = sink_of(b, sizeof b);

	(void)state;
	lying_rig(&r);
	assert_true(rig_open(&r, 0));
	sess_last_put(&out, &last);
	assert_int_equal(ipc_send(r.mon, sink_span(&out), NULL, 0), IPC_OK);
	assert_int_not_equal(rig_recv(&r, &f), IPC_OK);
	gone_with(&r, EXIT_BUG);
}

/* So with terminals. */
static void
unasked_terminals(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		uint8_t type = i == 0 ? SESS_ANS_PTY_NONE : SESS_ANS_PTY_MADE;
		struct ipc_frame f;
		struct rig r;
		int fds[2] = { 0, 1 };

		lying_rig(&r);
		assert_true(rig_open(&r, 0));
		assert_int_equal(ipc_send(r.mon, span(&type, 1), fds,
		    i == 0 ? 0 : 2), IPC_OK);
		assert_int_not_equal(rig_recv(&r, &f), IPC_OK);
		gone_with(&r, EXIT_BUG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix),
		cmocka_unit_test(twice),
		cmocka_unit_test(malformed),
		cmocka_unit_test(noise),
		cmocka_unit_test(only_forced),
		cmocka_unit_test(long_original),
		cmocka_unit_test(pieces),
		cmocka_unit_test(too_many_pieces),
		cmocka_unit_test(forced_internal_sftp),
		cmocka_unit_test(limits),
		cmocka_unit_test(no_policy),
		cmocka_unit_test(policies_without_meaning),
		cmocka_unit_test(unasked_answer),
		cmocka_unit_test(unasked_terminals),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
