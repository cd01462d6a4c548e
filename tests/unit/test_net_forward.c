/*
 * Tests of net with forwarded connections: dials and what becomes of them,
 * half-closes, ends, and a user role that lies about them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "conn/channel.h"
#include "ipc/fwd.h"
#include "mini_client.h"
#include "run/exits.h"
#include "unit.h"
#include "wire/channel.h"
#include "wire/numbers.h"

#define PEER_ID 42

static struct mini mini, *const m = &mini;
static uint8_t buf[IPC_FRAME_MAX_BYTES];
static uint8_t blob[3u << 20];

static void
up(void)
{
	mini_start(m, NULL);
	mini_login(m);
}

static void
send_open(uint32_t peer_id, uint32_t window, struct span host, uint32_t port,
    struct span origin)
{
	static uint8_t p[16384];
	struct sink out = sink_of(p, sizeof p);

	wire_put_channel_open(&out, "direct-tcpip", peer_id, window, 32768);
	sink_string(&out, host);
	sink_u32(&out, port);
	sink_string(&out, origin);
	sink_u32(&out, 7);
	assert_true(sink_ok(&out));
	mini_send(m, sink_span(&out));
}

/* Sends the open; returns the channel that user is asked to dial for. */
static uint32_t
dial(uint32_t peer_id, uint32_t window)
{
	uint32_t id;

	send_open(peer_id, window, S("host.example"), 80, S("192.0.2.1"));
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_DIAL);
	return id;
}

static void
say_dialed(enum user_ans type, uint32_t id, bool ok, const int *fds,
    size_t count)
{
	struct sink out = sink_of(buf, sizeof buf);

	usr_ans_put(&out, type, &(struct usr_ans){ id, ok });
	mini_user_says(m, sink_span(&out), fds, count);
}

static void
say_refused(uint32_t id, uint32_t reason, const char *text, const int *fds,
    size_t count)
{
	struct sink out = sink_of(buf, sizeof buf);

	usr_refusal_put(&out, &(struct usr_refusal){ id, reason, S(text) });
	mini_user_says(m, sink_span(&out), fds, count);
}

/* Hands net a connection; returns the far end of it. */
static int
connected(uint32_t id)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    pair), 0);
	assert_true(fd_set_nonblock(pair[0], true));
	say_dialed(USER_EVT_DIALED, id, true, pair, 1);
	close(pair[0]);
	return pair[1];
}

static void
expect_confirmed(uint32_t peer_id, uint32_t id)
{
	struct span p = mini_expect(m, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	struct cursor in = cursor_of(span(p.p + 1, p.len - 1));

	assert_int_equal(cursor_u32(&in), peer_id);
	assert_int_equal(cursor_u32(&in), id);
}

static void
expect_failed(uint32_t peer_id, uint32_t reason, const char *text)
{
	struct span p = mini_expect(m, SSH_MSG_CHANNEL_OPEN_FAILURE);
	struct cursor in = cursor_of(span(p.p + 1, p.len - 1));

	assert_int_equal(cursor_u32(&in), peer_id);
	assert_int_equal(cursor_u32(&in), reason);
	assert_true(span_is(cursor_string(&in), text));
}

static void
expect_chan(uint8_t type)
{
	struct span p = mini_expect(m, type);
	struct cursor in = cursor_of(span(p.p + 1, p.len - 1));

	assert_int_equal(cursor_u32(&in), PEER_ID);
}

static void
expect_data(const char *text)
{
	struct span p = mini_expect(m, SSH_MSG_CHANNEL_DATA);
	struct cursor in = cursor_of(span(p.p + 1, p.len - 1));

	assert_int_equal(cursor_u32(&in), PEER_ID);
	assert_true(span_is(cursor_string(&in), text));
}

static void
expect_read(int fd, const char *text)
{
	char got[64];
	size_t n = strlen(text);

	assert_int_equal(read(fd, got, sizeof got), n);
	assert_memory_equal(got, text, n);
}

static void
expect_user_close(uint32_t id)
{
	uint32_t got;

	assert_int_equal(mini_user_asked(m, &got), USER_REQ_CLOSE);
	assert_int_equal(got, id);
}

/* From nothing to a connection; *fd is its far end. */
static uint32_t
open_one(uint32_t window, int *fd)
{
	uint32_t id;

	up();
	id = dial(PEER_ID, window);
	*fd = connected(id);
	expect_confirmed(PEER_ID, id);
	return id;
}

/* --- opening ------------------------------------------------------------------ */

static void
test_what_user_is_asked(void **state)
{
	struct ipc_frame frame;
	struct usr_dial d;
	struct sink out = sink_of(buf, sizeof buf);

	(void)state;
	up();
	send_open(PEER_ID, 1, S("host.example"), 65535, S("192.0.2.1"));
	assert_int_equal(ipc_recv(m->user, m->frame, sizeof m->frame, true,
	    &frame), IPC_OK);
	assert_int_equal(frame.type, USER_REQ_DIAL);
	assert_true(usr_dial_get(frame.body, &d));
	assert_int_equal(d.kind, USER_SOCKET_TCP);
	assert_true(span_is(d.host, "host.example"));
	assert_int_equal(d.port, 65535);
	assert_true(span_is(d.origin_host, "192.0.2.1"));
	assert_int_equal(d.origin_port, 7);

	wire_put_channel_open(&out, "direct-streamlocal@openssh.com", 43, 1,
	    1);
	sink_cstring(&out, "/run/sock");
	sink_cstring(&out, "");
	sink_u32(&out, 0);
	mini_send(m, sink_span(&out));
	assert_int_equal(ipc_recv(m->user, m->frame, sizeof m->frame, true,
	    &frame), IPC_OK);
	assert_true(usr_dial_get(frame.body, &d));
	assert_int_equal(d.kind, USER_SOCKET_UNIX);
	assert_true(span_is(d.host, "/run/sock"));
	assert_int_equal(d.port, 0);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_refused(void **state)
{
	uint32_t a, b;

	(void)state;
	up();
	a = dial(1, 1);
	b = dial(2, 1);
	assert_int_not_equal(a, b);
	/* In any order, and whoever comes next may have the number. */
	say_refused(b, USER_DIAL_FAILED, "Connection refused", NULL, 0);
	expect_failed(2, SSH_OPEN_CONNECT_FAILED, "Connection refused");
	assert_int_equal(dial(3, 1), b);
	say_refused(a, USER_DIAL_PROHIBITED, "open failed", NULL, 0);
	expect_failed(1, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed");
	say_refused(b, USER_DIAL_SHORTAGE, "", NULL, 0);
	expect_failed(3, SSH_OPEN_RESOURCE_SHORTAGE, "");
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* Well formed, but no place: user is not asked. */
static void
test_no_place(void **state)
{
	static uint8_t name[USER_HOST_MAX_BYTES + 1];

	(void)state;
	memset(name, 'x', sizeof name);
	up();
	for (int how = 0; how < 4; how++) {
		send_open(PEER_ID, 1, how == 0 ? span(name, sizeof name)
		    : S("host"), how == 1 ? 65536 : how == 2 ? UINT32_MAX
		    : 22, how == 3 ? span(name, sizeof name) : S(""));
		expect_failed(PEER_ID, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED,
		    "open failed");
	}
	assert_int_equal(dial(PEER_ID, 1), 0);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_malformed(void **state)
{
	static const char *const types[] = { "direct-tcpip",
		"direct-streamlocal@openssh.com" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (int how = 0; how < 3; how++) {
			struct sink out = sink_of(buf, sizeof buf);

			up();
			wire_put_channel_open(&out, types[i], 1, 1, 1);
			if (how > 0)
				sink_cstring(&out, "/host");
			if (how == 2) {
				for (int n = 0; n < 5; n++)
					sink_u32(&out, 0);
			}
			mini_send(m, sink_span(&out));
			assert_int_equal(mini_expect_disconnect(m,
			    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
		}
	}
}

/* Nothing may be said of a channel that nobody has confirmed. */
static void
test_too_early(void **state)
{
	static const uint8_t types[] = { SSH_MSG_CHANNEL_DATA,
		SSH_MSG_CHANNEL_EOF, SSH_MSG_CHANNEL_CLOSE,
		SSH_MSG_CHANNEL_REQUEST };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		uint32_t id;

		up();
		id = dial(PEER_ID, MINI_WINDOW);
		if (types[i] == SSH_MSG_CHANNEL_DATA)
			mini_send_data(m, id, "x", 1);
		else if (types[i] == SSH_MSG_CHANNEL_REQUEST)
			mini_request(m, id, "shell", true, span(NULL, 0));
		else
			mini_send_chan(m, types[i], id);
		assert_int_equal(mini_expect_disconnect(m,
		    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
	}
}

/* As many dials as there are channels, and one more. */
static void
test_all_channels(void **state)
{
	(void)state;
	up();
	for (uint32_t i = 0; i < CONN_CHANNELS_MAX_COUNT; i++)
		assert_int_equal(dial(i, 1), i);
	send_open(999, 1, S("host"), 80, S(""));
	expect_failed(999, SSH_OPEN_RESOURCE_SHORTAGE, "too many channels");
	say_refused(200, USER_DIAL_FAILED, "no", NULL, 0);
	expect_failed(200, SSH_OPEN_CONNECT_FAILED, "no");
	assert_int_equal(dial(1000, 1), 200);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* A dial holds up nobody: neither sessions nor a change of keys. */
static void
test_meanwhile(void **state)
{
	struct mini_command c = { .peer_id = 9 };
	uint32_t id;
	int fd;

	(void)state;
	up();
	id = dial(PEER_ID, MINI_WINDOW);
	mini_command(m, &c, MINI_WINDOW, false);
	assert_int_not_equal(c.id, id);
	mini_send_data(m, c.id, "hello", 5);
	expect_read(c.in, "hello");
	mini_send_kexinit(m, MINI_KEX, false);
	mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
	fd = connected(id);
	assert_int_equal(write(fd, "early", 5), 5);
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_send_newkeys(m);
	expect_confirmed(PEER_ID, id);
	expect_data("early");
	close(fd);
	mini_command_close(&c);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* --- data and ends ------------------------------------------------------------- */

static void
test_peer_ends_first(void **state)
{
	int fd;
	uint32_t id = open_one(MINI_WINDOW, &fd);

	(void)state;
	mini_send_data(m, id, "hello", 5);
	expect_read(fd, "hello");
	mini_send_chan(m, SSH_MSG_CHANNEL_EOF, id);
	expect_read(fd, "");
	/* One direction has ended, the other goes on. */
	assert_int_equal(write(fd, "late", 4), 4);
	expect_data("late");
	mini_expect_silence(m);
	close(fd);
	expect_chan(SSH_MSG_CHANNEL_EOF);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, id);
	expect_user_close(id);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_far_side_ends_first(void **state)
{
	int fd;
	uint32_t id = open_one(MINI_WINDOW, &fd);

	(void)state;
	assert_int_equal(write(fd, "bye", 3), 3);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	expect_data("bye");
	expect_chan(SSH_MSG_CHANNEL_EOF);
	mini_expect_silence(m);
	mini_send_data(m, id, "more", 4);
	expect_read(fd, "more");
	mini_send_chan(m, SSH_MSG_CHANNEL_EOF, id);
	expect_read(fd, "");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, id);
	expect_user_close(id);
	close(fd);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* CLOSE ends both ways, but what was sent before it arrives. */
static void
test_peer_closes(void **state)
{
	char got[64];
	int fd;
	uint32_t id = open_one(MINI_WINDOW, &fd);

	(void)state;
	mini_send_data(m, id, "last words", 10);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, id);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	expect_user_close(id);
	expect_read(fd, "last words");
	assert_int_equal(read(fd, got, sizeof got), 0);
	/* The number is free. */
	assert_int_equal(dial(PEER_ID, 1), id);
	close(fd);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* It reads no more: what comes is thrown away with credit, no eow. */
static void
test_far_side_reads_no_more(void **state)
{
	int fd;
	uint32_t id = open_one(MINI_WINDOW, &fd);

	(void)state;
	assert_int_equal(shutdown(fd, SHUT_RD), 0);
	for (int i = 0; i < 20; i++)
		mini_send_data(m, id, blob, 32768);
	expect_chan(SSH_MSG_CHANNEL_WINDOW_ADJUST);
	assert_int_equal(write(fd, "still", 5), 5);
	expect_data("still");
	close(fd);
	expect_chan(SSH_MSG_CHANNEL_EOF);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* No more than the window, and all of it once there is room. */
static void
test_window(void **state)
{
	size_t got = 0;
	int fd;
	uint32_t id = open_one(1000, &fd);

	(void)state;
	assert_true(fd_set_nonblock(fd, true));
	assert_true(write(fd, blob, 5000) == 5000);
	while (got < 1000)
		got += mini_expect(m, SSH_MSG_CHANNEL_DATA).len - 9;
	assert_int_equal(got, 1000);
	mini_expect_silence(m);
	mini_send_adjust(m, id, 10000);
	while (got < 5000)
		got += mini_expect(m, SSH_MSG_CHANNEL_DATA).len - 9;
	assert_int_equal(got, 5000);
	close(fd);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* The far side does not read: the window fills and nothing is lost. */
static void
test_back_pressure(void **state)
{
	size_t sent = CONN_WINDOW_BYTES, got = 0;
	int fd;
	uint32_t id = open_one(MINI_WINDOW, &fd);

	(void)state;
	for (size_t i = 0; i < sizeof blob; i++)
		blob[i] = (uint8_t)(i * 7 / 3);
	for (size_t at = 0; at < sent; at += 32768)
		mini_send_data(m, id, blob + at, 32768);
	mini_send_chan(m, SSH_MSG_CHANNEL_EOF, id);
	for (;;) {
		static uint8_t part[65536];
		ssize_t n = read(fd, part, sizeof part);

		assert_true(n >= 0);
		if (n == 0)
			break;
		assert_memory_equal(part, blob + got, (size_t)n);
		got += (size_t)n;
	}
	assert_int_equal(got, sent);
	close(fd);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* What belongs to sessions is refused, and user hears nothing of it. */
static void
test_requests(void **state)
{
	static const char *const types[] = { "env", "pty-req", "shell",
		"exec", "subsystem", "window-change", "signal", "break",
		"auth-agent-req@openssh.com", "keepalive@openssh.com",
		"nonsense" };
	int fd;
	uint32_t id = open_one(MINI_WINDOW, &fd);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		mini_request(m, id, types[i], true, S("\0\0\0\0"));
		expect_chan(SSH_MSG_CHANNEL_FAILURE);
	}
	/* Standard error is nobody's here. */
	{
		struct sink out = sink_of(buf, sizeof buf);

		wire_put_channel_extended_data_head(&out, id, 1, 3);
		sink_bytes(&out, S("err"));
		mini_send(m, sink_span(&out));
	}
	mini_send_data(m, id, "x", 1);
	expect_read(fd, "x");
	/* The peer reads no more. */
	mini_request(m, id, "eow@openssh.com", false, span(NULL, 0));
	expect_chan(SSH_MSG_CHANNEL_EOF);
	assert_int_equal(dial(7, 1), id + 1);
	close(fd);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* --- lies ------------------------------------------------------------------------ */

static void
test_dialed_misshapen(void **state)
{
	int good[2], bad[3];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    good), 0);
	assert_int_equal(pipe2(bad, O_CLOEXEC), 0);
	bad[2] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t count = 0; count <= 3; count++) {
		int fds[3] = { good[0], good[1], good[0] };
		uint32_t id;

		if (count == 1)
			continue;
		up();
		id = dial(PEER_ID, 1);
		say_dialed(USER_EVT_DIALED, id, true, fds, count);
		mini_expect_bug(m, "count");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		uint32_t id;

		up();
		id = dial(PEER_ID, 1);
		say_dialed(USER_EVT_DIALED, id, true, &bad[i], 1);
		mini_expect_bug(m, "no socket");
		close(bad[i]);
	}
	for (int how = 0; how < 4; how++) {
		uint32_t id;

		up();
		id = dial(PEER_ID, 1);
		if (how == 0)
			say_dialed(USER_EVT_DIALED, id, false, good, 1);
		else if (how == 1)
			say_dialed(USER_EVT_DIALED, id + 1, true, good, 1);
		else if (how == 2)
			say_dialed(USER_EVT_DIALED, 256, true, good, 1);
		else
			say_dialed(USER_ANS_DONE, id, true, NULL, 0);
		mini_expect_bug(m, "dialed");
	}
	close(good[0]);
	close(good[1]);
}

static void
test_refusal_misshapen(void **state)
{
	int fd = STDERR_FILENO;

	(void)state;
	for (int how = 0; how < 5; how++) {
		uint32_t id;

		up();
		id = dial(PEER_ID, 1);
		if (how == 0)
			say_refused(id, 2, "", &fd, 1);
		else if (how == 1)
			say_refused(id + 1, 2, "", NULL, 0);
		else if (how == 2)
			say_refused(UINT32_MAX, 2, "", NULL, 0);
		else if (how == 3)
			say_refused(id, 3, "", NULL, 0);
		else
			mini_user_says(m, span(&(uint8_t){
			    USER_EVT_DIAL_FAILED }, 1), NULL, 0);
		mini_expect_bug(m, "refusal");
	}
}

/* Of a session, of an open connection, of a number that was given back. */
static void
test_of_others(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    pair), 0);
	for (int how = 0; how < 6; how++) {
		uint32_t id;
		int fd = -1;

		if (how % 3 == 0) {
			up();
			id = mini_open(m, PEER_ID, 1);
		} else {
			id = open_one(MINI_WINDOW, &fd);
		}
		if (how % 3 == 2) {
			mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, id);
			expect_chan(SSH_MSG_CHANNEL_CLOSE);
			expect_user_close(id);
		}
		if (how < 3)
			say_dialed(USER_EVT_DIALED, id, true, pair, 1);
		else
			say_refused(id, 2, "", NULL, 0);
		mini_expect_bug(m, "another's");
		fd_close(&fd);
	}
	close(pair[0]);
	close(pair[1]);
}

/* The exit of a command whose number a connection has by now. */
static void
test_late_exit(void **state)
{
	int fd;
	uint32_t id = open_one(MINI_WINDOW, &fd);

	(void)state;
	mini_user_exit(m, id, 0);
	mini_expect_silence(m);
	assert_int_equal(write(fd, "on", 2), 2);
	expect_data("on");
	close(fd);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_user_is_asked),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_place),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_too_early),
		cmocka_unit_test(test_all_channels),
		cmocka_unit_test(test_meanwhile),
		cmocka_unit_test(test_peer_ends_first),
		cmocka_unit_test(test_far_side_ends_first),
		cmocka_unit_test(test_peer_closes),
		cmocka_unit_test(test_far_side_reads_no_more),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_back_pressure),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_dialed_misshapen),
		cmocka_unit_test(test_refusal_misshapen),
		cmocka_unit_test(test_of_others),
		cmocka_unit_test(test_late_exit),
	};

	alarm(900);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_forward", tests, NULL, NULL);
}
