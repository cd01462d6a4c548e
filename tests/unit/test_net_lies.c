/*
 * Tests of net with a monitor and a user role that lie.  It grants nothing,
 * leaks no descriptor (mini_client counts them), and ends as a bug of ours.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mini_client.h"
#include "run/exits.h"
#include "unit.h"
#include "wire/channel.h"
#include "wire/numbers.h"

static struct mini mini, *const m = &mini;
static uint8_t buf[IPC_FRAME_MAX_BYTES + 1024];

/* Up to the moment at which net waits for the monitor. */
static void
wait_for_sign(void)
{
	struct ipc_frame frame;

	mini_start(m, NULL);
	mini_ident(m);
	mini_send_kexinit(m, MINI_STRICT, false);
	mini_send_ecdh(m);
	assert_true(mini_asked(m, &frame));
	assert_int_equal(frame.type, MON_REQ_SIGN);
}

static void
wait_for_auth(void)
{
	struct ipc_frame frame;

	mini_start(m, NULL);
	mini_kex(m);
	mini_service(m);
	mini_send_none(m);
	assert_true(mini_asked(m, &frame));
	assert_int_equal(frame.type, MON_REQ_AUTH_NONE);
}

/* Not a word to the peer, and the end. */
static void
expect_end(int status, const char *what)
{
	struct span payload = mini_recv(m);
	int got;

	if (payload.len > 0)
		fail_msg("%s: the peer got message %d", what, payload.p[0]);
	got = mini_wait(m);
	if (got != status)
		fail_msg("%s: exit status %d instead of %d", what, got,
		    status);
	if (status == EXIT_BUG)
		assert_true(mini_event_seen(m, MON_EVENT_BUG, ""));
}

static void
open_fds(int fds[3])
{
	for (int i = 0; i < 3; i++)
		fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void
close_fds(const int fds[3])
{
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

/* --- the monitor's answer to SIGN ----------------------------------------- */

static void
test_sign_wrong_type(void **state)
{
	(void)state;
	for (unsigned int type = 0; type < 256; type++) {
		struct sink out = sink_of(buf, sizeof buf);

		if (type == MON_ANS_SIGN || (type > 8 && type < 250))
			continue;
		wait_for_sign();
		mon_signature_put(&out, S("signature"));
		buf[0] = (uint8_t)type;
		mini_answer(m, sink_span(&out), NULL, 0);
		expect_end(EXIT_BUG, "wrong type");
	}
}

static void
test_sign_wrong_shape(void **state)
{
	int fds[3];

	(void)state;
	open_fds(fds);
	for (int how = 0; how < 6; how++) {
		struct sink out = sink_of(buf, sizeof buf);

		wait_for_sign();
		mon_signature_put(&out, S("signature"));
		if (how == 0)
			sink_u8(&out, 0);
		else if (how == 1)
			out.len--;
		else if (how == 2)
			out.len = 1;
		mini_answer(m, sink_span(&out), fds,
		    how < 3 ? 0 : (size_t)how - 2);
		expect_end(EXIT_BUG, "wrong shape");
	}
	close_fds(fds);
}

static void
test_sign_twice(void **state)
{
	struct sink out = sink_of(buf, sizeof buf);
	struct span payload;

	(void)state;
	wait_for_sign();
	mon_signature_put(&out, S("signature"));
	mini_answer(m, sink_span(&out), NULL, 0);
	mini_answer(m, sink_span(&out), NULL, 0);
	/* The first is good: what it brought may have gone out. */
	do
		payload = mini_recv(m);
	while (payload.len > 0 && payload.p[0] != SSH_MSG_NEWKEYS);
	assert_int_equal(mini_wait(m), EXIT_BUG);
}

/* --- the monitor's verdict ------------------------------------------------ */

static void
test_verdicts(void **state)
{
	static const struct {
		enum mon_ans type;
		uint32_t result;
		size_t fds;
	} lies[] = {
		{ MON_ANS_AUTH_SUCCESS, MON_AUTH_SUCCESS, 0 },
		{ MON_ANS_AUTH_SUCCESS, MON_AUTH_SUCCESS, 2 },
		{ MON_ANS_AUTH_SUCCESS, MON_AUTH_SUCCESS, 3 },
		{ MON_ANS_AUTH, MON_AUTH_SUCCESS, 0 },
		{ MON_ANS_AUTH, MON_AUTH_SUCCESS, 1 },
		{ MON_ANS_AUTH, MON_AUTH_FAILURE, 1 },
		{ MON_ANS_AUTH, MON_AUTH_KEY_OK, 1 },
		{ MON_ANS_AUTH, MON_AUTH_DISCONNECT, 1 },
		{ MON_ANS_AUTH_SUCCESS, MON_AUTH_FAILURE, 1 },
		{ MON_ANS_AUTH_SUCCESS, MON_AUTH_KEY_OK, 1 },
		{ MON_ANS_AUTH_SUCCESS, MON_AUTH_SUCCESS ^ 1, 1 },
		{ MON_ANS_AUTH_SUCCESS, 0, 1 },
		{ MON_ANS_AUTH_SUCCESS, 1, 1 },
		{ MON_ANS_AUTH_SUCCESS, UINT32_MAX, 1 },
		{ MON_ANS_AUTH, 0, 0 },
		{ MON_ANS_AUTH, 1, 0 },
		{ MON_ANS_AUTH, MON_AUTH_SUCCESS ^ 1, 0 },
		{ MON_ANS_AUTH, MON_AUTH_FAILURE ^ 0x80000000, 0 },
		{ MON_ANS_AUTH, UINT32_MAX, 0 },
	};
	int fds[3];

	(void)state;
	open_fds(fds);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		wait_for_auth();
		mini_answer_auth(m, lies[i].type, lies[i].result, fds,
		    lies[i].fds);
		expect_end(EXIT_BUG, "verdict");
	}
	close_fds(fds);
}

static void
test_verdict_shapes(void **state)
{
	const struct mon_verdict v = { .result = MON_AUTH_FAILURE,
		.methods = S("publickey") };

	(void)state;
	for (size_t cut = 0; cut < 12; cut++) {
		struct sink out = sink_of(buf, sizeof buf);

		wait_for_auth();
		mon_verdict_put(&out, MON_ANS_AUTH, &v);
		if (cut == 0)
			sink_u8(&out, 0);
		else
			out.len -= cut;
		mini_answer(m, sink_span(&out), NULL, 0);
		expect_end(EXIT_BUG, "verdict cut");
	}
	for (uint8_t type = 0; type < 8; type++) {
		if (type == MON_ANS_AUTH)
			continue;
		struct sink out = sink_of(buf, sizeof buf);

		wait_for_auth();
		mon_verdict_put(&out, MON_ANS_AUTH, &v);
		buf[0] = type;
		mini_answer(m, sink_span(&out), NULL, 0);
		expect_end(EXIT_BUG, "verdict of another type");
	}
}

static void
send_banner(size_t len, const int *fds, size_t fd_count)
{
	static uint8_t text[MON_BANNER_MAX_BYTES + 1];
	struct sink out = sink_of(buf, sizeof buf);

	memset(text, 'b', sizeof text);
	mon_banner_put(&out, span(text, len));
	mini_answer(m, sink_span(&out), fds, fd_count);
}

static void
test_banners(void **state)
{
	int fds[3];

	(void)state;
	open_fds(fds);
	/* Several, ahead of the verdict, are shown in order. */
	wait_for_auth();
	send_banner(MON_BANNER_MAX_BYTES, NULL, 0);
	send_banner(7, NULL, 0);
	mini_answer_auth(m, MON_ANS_AUTH, MON_AUTH_FAILURE, NULL, 0);
	assert_int_equal(mini_expect(m, SSH_MSG_USERAUTH_BANNER).len,
	    MON_BANNER_MAX_BYTES + 9);
	assert_int_equal(mini_expect(m, SSH_MSG_USERAUTH_BANNER).len, 7 + 9);
	(void)mini_expect(m, SSH_MSG_USERAUTH_FAILURE);
	assert_int_equal(mini_end(m), EXIT_PEER);
	wait_for_sign();
	send_banner(1, NULL, 0);
	expect_end(EXIT_BUG, "banner instead of a signature");
	wait_for_auth();
	send_banner(MON_BANNER_MAX_BYTES + 1, NULL, 0);
	expect_end(EXIT_BUG, "banner too long");
	wait_for_auth();
	send_banner(1, fds, 1);
	expect_end(EXIT_BUG, "banner with a descriptor");
	wait_for_auth();
	for (int i = 0; i < 20; i++)
		send_banner(MON_BANNER_MAX_BYTES, NULL, 0);
	/* More than there is room for: some may have gone out. */
	while (mini_recv(m).len > 0)
		;
	assert_int_equal(mini_wait(m), EXIT_BUG);
	close_fds(fds);
}

/* Four descriptors are more than a frame has. */
static void
send_four(int fd, const void *p, size_t n)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)p, n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes };
	struct cmsghdr *cm = CMSG_FIRSTHDR(&msg);
	const int fds[4] = { 0, 1, 2, fd };

	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(cm), fds, sizeof fds);
	assert_int_equal(sendmsg(fd, &msg, MSG_NOSIGNAL), n);
}

static void
test_monitor_sends_no_frame(void **state)
{
	(void)state;
	wait_for_auth();
	send_four(m->monitor, "\3", 1);
	expect_end(EXIT_PEER, "four descriptors");
	wait_for_auth();
	memset(buf, 3, sizeof buf);
	assert_int_equal(send(m->monitor, buf, sizeof buf, 0), sizeof buf);
	expect_end(EXIT_PEER, "a frame over the limit");
	wait_for_auth();
	assert_int_equal(send(m->monitor, "", 0, 0), 0);
	expect_end(EXIT_PEER, "an empty frame");
	wait_for_auth();
	shutdown(m->monitor, SHUT_WR);
	expect_end(EXIT_PEER, "the monitor's end");
}

/* Nobody asked. */
static void
test_monitor_speaks_unasked(void **state)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	for (int stage = 0; stage < 4; stage++) {
		for (uint8_t type = 0; type < 8; type++) {
			if (type == MON_ORDER_STOP)
				continue;
			if (stage == 3)
				mini_start(m, NULL), mini_login(m);
			else
				mini_start(m, NULL);
			if (stage == 1 || stage == 2)
				mini_kex(m);
			if (stage == 2)
				mini_service(m);
			mini_answer_auth(m, (enum mon_ans)type,
			    MON_AUTH_SUCCESS, &fd, 1);
			expect_end(EXIT_BUG, "unasked");
		}
	}
	close(fd);
}

static void
test_stop(void **state)
{
	const struct mon_stop stop = { SSH_DISCONNECT_BY_APPLICATION,
		S("enough") };

	(void)state;
	for (int how = 0; how < 5; how++) {
		struct sink out = sink_of(buf, sizeof buf);
		int fd = 0;

		if (how % 2 == 0)
			wait_for_auth();
		else
			mini_start(m, NULL), mini_login(m);
		mon_stop_put(&out, &stop);
		if (how == 2)
			out.len--;
		mini_answer(m, sink_span(&out), &fd, how >= 3 ? 1 : 0);
		if (how < 2)
			assert_int_equal(mini_expect_disconnect(m,
			    SSH_DISCONNECT_BY_APPLICATION), EXIT_PEER);
		else
			expect_end(EXIT_BUG, "stop");
	}
}

/* --- the user role -------------------------------------------------------- */

static uint32_t
wait_for_start(void)
{
	uint32_t id, asked;

	mini_start(m, NULL);
	mini_login(m);
	id = mini_open(m, 42, MINI_WINDOW);
	mini_request(m, id, "shell", true, span(NULL, 0));
	assert_int_equal(mini_user_asked(m, &asked), USER_REQ_START);
	return id;
}

static void
user_answers(enum user_ans type, uint32_t chan, bool ok, const int *fds,
    size_t count)
{
	struct sink out = sink_of(buf, sizeof buf);

	usr_ans_put(&out, type, &(struct usr_ans){ chan, ok });
	mini_user_says(m, sink_span(&out), fds, count);
}

/* A directory would be a way out of the empty root. */
static void
test_descriptors_of_other_kinds(void **state)
{
	int fds[3], bad[5];

	(void)state;
	open_fds(fds);
	bad[0] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bad[1] = open("/", O_PATH | O_CLOEXEC);
	bad[2] = memfd_create("file", MFD_CLOEXEC);
	bad[3] = eventfd(0, EFD_CLOEXEC);
	bad[4] = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		for (int at = 0; at < 4; at++) {
			int sent[3] = { fds[0], fds[1], fds[2] };
			uint32_t id = wait_for_start();

			assert_true(bad[i] >= 0);
			sent[at % 3] = bad[i];
			user_answers(at == 3 ? USER_ANS_STARTED_PTY
			    : USER_ANS_STARTED_PIPES, id, true, sent,
			    at == 3 ? 1 : 3);
			expect_end(EXIT_BUG, "descriptor of another kind");
		}
		close(bad[i]);
	}
	close_fds(fds);
}

static void
test_start_answers(void **state)
{
	static const struct {
		enum user_ans type;
		uint32_t chan_off;
		bool ok;
		size_t fds;
	} lies[] = {
		{ USER_ANS_STARTED_PTY, 0, true, 0 },
		{ USER_ANS_STARTED_PTY, 0, true, 2 },
		{ USER_ANS_STARTED_PTY, 0, true, 3 },
		{ USER_ANS_STARTED_PTY, 0, false, 1 },
		{ USER_ANS_STARTED_PTY, 1, true, 1 },
		{ USER_ANS_STARTED_PIPES, 0, true, 0 },
		{ USER_ANS_STARTED_PIPES, 0, true, 1 },
		{ USER_ANS_STARTED_PIPES, 0, true, 2 },
		{ USER_ANS_STARTED_PIPES, 0, false, 3 },
		{ USER_ANS_STARTED_PIPES, 1, true, 3 },
		{ USER_ANS_STARTED_PIPES, 255, true, 3 },
		{ USER_ANS_STARTED_PIPES, 256, true, 3 },
		{ USER_ANS_STARTED_PIPES, UINT32_MAX, true, 3 },
		{ USER_ANS_DONE, 0, true, 0 },
		{ USER_ANS_DONE, 0, false, 1 },
		{ USER_ANS_DONE, 7, false, 0 },
	};
	int fds[3];

	(void)state;
	open_fds(fds);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		uint32_t id = wait_for_start();

		user_answers(lies[i].type, id + lies[i].chan_off, lies[i].ok,
		    fds, lies[i].fds);
		expect_end(EXIT_BUG, "answer to START");
	}
	close_fds(fds);
}

/* A refusal is no lie; and no start either. */
static void
test_refusals(void **state)
{
	struct sink out = sink_of(buf, sizeof buf);
	uint32_t id = wait_for_start();

	(void)state;
	mini_user_done(m, id, false);
	(void)mini_expect(m, SSH_MSG_CHANNEL_FAILURE);
	wire_put_channel_open(&out, "session", 43, 1, 1);
	mini_send(m, sink_span(&out));
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_OPEN);
	mini_user_done(m, id, false);
	(void)mini_expect(m, SSH_MSG_CHANNEL_OPEN_FAILURE);
	/* Nothing of it is there. */
	mini_send_data(m, id, "x", 1);
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
}

static void
test_user_speaks_unasked(void **state)
{
	int fds[3];

	(void)state;
	open_fds(fds);
	for (unsigned int type = 0; type < 7; type++) {
		if (type == USER_EVT_EXIT)
			continue;
		for (size_t count = 0; count < 4; count++) {
			uint32_t id;

			mini_start(m, NULL);
			mini_login(m);
			id = count % 2 == 0 ? 0 : mini_open(m, 42, 1);
			user_answers((enum user_ans)type, id, true, fds,
			    count);
			expect_end(EXIT_BUG, "unasked");
		}
	}
	/* An OPEN is no START. */
	for (size_t count = 1; count < 4; count += 2) {
		struct sink out = sink_of(buf, sizeof buf);
		uint32_t id;

		mini_start(m, NULL);
		mini_login(m);
		wire_put_channel_open(&out, "session", 42, 1, 1);
		mini_send(m, sink_span(&out));
		assert_int_equal(mini_user_asked(m, &id), USER_REQ_OPEN);
		user_answers(count == 1 ? USER_ANS_STARTED_PTY
		    : USER_ANS_STARTED_PIPES, id, true, fds, count);
		expect_end(EXIT_BUG, "OPEN answered as START");
	}
	close_fds(fds);
}

static void
test_answered_twice(void **state)
{
	uint32_t id = wait_for_start();

	(void)state;
	mini_user_done(m, id, false);
	mini_user_done(m, id, false);
	(void)mini_expect(m, SSH_MSG_CHANNEL_FAILURE);
	expect_end(EXIT_BUG, "answered twice");
}

static void
say_exit(uint32_t chan, const char *signal, const int *fds, size_t count,
    size_t cut)
{
	struct sink out = sink_of(buf, sizeof buf);

	usr_exit_put(&out, &(struct usr_exit){ .chan = chan,
	    .signaled = signal != NULL, .signal = S(signal) });
	out.len -= cut;
	mini_user_says(m, sink_span(&out), fds, count);
}

static void
test_exits(void **state)
{
	static const uint32_t nowhere[] = { 256, 257, 65536, 0x80000000,
		UINT32_MAX };
	struct mini_command c = { .peer_id = 42 };
	int fd = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nowhere); i++) {
		mini_start(m, NULL);
		mini_login(m);
		say_exit(nowhere[i], NULL, NULL, 0, 0);
		expect_end(EXIT_BUG, "exit of no channel");
	}
	for (int how = 0; how < 3; how++) {
		mini_start(m, NULL);
		mini_login(m);
		mini_command(m, &c, MINI_WINDOW, false);
		say_exit(c.id, how == 2 ? "A123456789012345678901234567890123"
		    : NULL, &fd, how == 0 ? 1 : 0, how == 1 ? 1 : 0);
		expect_end(EXIT_BUG, "exit misshapen");
		mini_command_close(&c);
	}
}

/* Late, early and repeated exits are passed over: they may cross a CLOSE. */
static void
test_exits_passed_over(void **state)
{
	struct mini_command c = { .peer_id = 42 };

	(void)state;
	mini_start(m, NULL);
	mini_login(m);
	say_exit(0, NULL, NULL, 0, 0);
	say_exit(255, NULL, NULL, 0, 0);
	mini_command(m, &c, MINI_WINDOW, false);
	say_exit(c.id, NULL, NULL, 0, 0);
	say_exit(c.id, "KILL", NULL, 0, 0);
	(void)mini_expect(m, SSH_MSG_CHANNEL_REQUEST);
	mini_expect_silence(m);
	mini_command_close(&c);
	(void)mini_expect(m, SSH_MSG_CHANNEL_EOF);
	(void)mini_expect(m, SSH_MSG_CHANNEL_CLOSE);
	say_exit(c.id, NULL, NULL, 0, 0);
	mini_expect_silence(m);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_user_frames(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		(void)wait_for_start();
		memset(buf, 0, sizeof buf);
		buf[0] = USER_ANS_DONE;
		if (how == 0)
			mini_user_says(m, span(buf, IPC_FRAME_MAX_BYTES),
			    NULL, 0);
		else if (how == 1)
			assert_int_equal(send(m->user, buf, sizeof buf, 0),
			    sizeof buf);
		else if (how == 2)
			send_four(m->user, buf, 6);
		else
			shutdown(m->user, SHUT_WR);
		if (how == 0)
			expect_end(EXIT_BUG, "oversized");
		else
			assert_int_equal(mini_expect_disconnect(m,
			    SSH_DISCONNECT_BY_APPLICATION), EXIT_PEER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign_wrong_type),
		cmocka_unit_test(test_sign_wrong_shape),
		cmocka_unit_test(test_sign_twice),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_banners),
		cmocka_unit_test(test_verdict_shapes),
		cmocka_unit_test(test_monitor_sends_no_frame),
		cmocka_unit_test(test_monitor_speaks_unasked),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_descriptors_of_other_kinds),
		cmocka_unit_test(test_start_answers),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_user_speaks_unasked),
		cmocka_unit_test(test_answered_twice),
		cmocka_unit_test(test_exits),
		cmocka_unit_test(test_exits_passed_over),
		cmocka_unit_test(test_user_frames),
	};

	alarm(900);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_lies", tests, NULL, NULL);
}
