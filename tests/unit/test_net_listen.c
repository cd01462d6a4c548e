/*
 * Tests of net with what is listened for the peer: global requests, channels
 * that we open, and those on either side who lie about them.
 */
#include <fcntl.h>
#include <stdlib.h>
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
#include "wire/forward.h"
#include "wire/numbers.h"

static struct mini mini, *const m = &mini;
static uint8_t buf[IPC_FRAME_MAX_BYTES];

static void
up(void)
{
	mini_start(m, NULL);
	mini_login(m);
}

static void
send_request(const char *name, bool want_reply, struct span host,
    uint32_t port, bool with_port)
{
	static uint8_t p[8192];
	struct sink out = sink_of(p, sizeof p);

	wire_put_global_request_head(&out, name, want_reply);
	sink_string(&out, host);
	if (with_port)
		sink_u32(&out, port);
	mini_send(m, sink_span(&out));
}

static struct usr_listen
asked(enum user_req type)
{
	struct ipc_frame frame;
	struct usr_listen l;

	assert_int_equal(ipc_recv(m->user, m->frame, sizeof m->frame, true,
	    &frame), IPC_OK);
	assert_int_equal(frame.type, type);
	assert_int_equal(frame.fd_count, 0);
	assert_true(usr_listen_get(frame.body, &l));
	return l;
}

static void
say_listening(bool ok, uint32_t port, const int *fds, size_t count)
{
	struct sink out = sink_of(buf, sizeof buf);

	usr_listening_put(&out, &(struct usr_listening){ ok, port });
	mini_user_says(m, sink_span(&out), fds, count);
}

static void
say_accepted(uint8_t kind, const int *fds, size_t count)
{
	struct sink out = sink_of(buf, sizeof buf);

	usr_accepted_put(&out, &(struct usr_accepted){ kind, S("localhost"),
	    kind == USER_SOCKET_TCP ? 8080 : 0, S("192.0.2.9"), 4711 });
	mini_user_says(m, sink_span(&out), fds, count);
}

/* A connection for net; returns its far end. */
static int
accepted(uint8_t kind)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    pair), 0);
	assert_true(fd_set_nonblock(pair[0], true));
	say_accepted(kind, pair, 1);
	close(pair[0]);
	return pair[1];
}

/* The OPEN that it brings; returns our number. */
static uint32_t
expect_open(uint8_t kind)
{
	struct span p = mini_expect(m, SSH_MSG_CHANNEL_OPEN);
	struct cursor in = cursor_of(span(p.p + 1, p.len - 1));
	struct wire_channel_open open;

	assert_int_equal(wire_parse_channel_open(in, &open), WIRE_OK);
	in = cursor_of(open.rest);
	if (kind == USER_SOCKET_AGENT) {
		assert_true(span_is(open.type, "auth-agent@openssh.com"));
		assert_int_equal(in.left, 0);
		return open.peer_id;
	}
	assert_true(span_is(cursor_string(&in), "localhost"));
	if (kind == USER_SOCKET_TCP) {
		assert_true(span_is(open.type, "forwarded-tcpip"));
		assert_int_equal(cursor_u32(&in), 8080);
		assert_true(span_is(cursor_string(&in), "192.0.2.9"));
		assert_int_equal(cursor_u32(&in), 4711);
	} else {
		assert_true(span_is(open.type,
		    "forwarded-streamlocal@openssh.com"));
		assert_true(span_is(cursor_string(&in), ""));
	}
	assert_int_equal(cursor_end(&in), WIRE_OK);
	assert_int_equal(open.window_bytes, CONN_WINDOW_BYTES);
	return open.peer_id;
}

static void
confirm(uint32_t id, uint32_t window)
{
	struct sink out = sink_of(buf, sizeof buf);

	wire_put_channel_open_confirmation(&out, id, 42, window, 32768);
	mini_send(m, sink_span(&out));
}

static void
fail_open(uint32_t id)
{
	struct sink out = sink_of(buf, sizeof buf);

	wire_put_channel_open_failure(&out, id, 2, S("no"));
	mini_send(m, sink_span(&out));
}

/* --- requests -------------------------------------------------------------------- */

static void
test_requests(void **state)
{
	static const struct {
		const char *name;
		enum user_req type;
		bool tcp;
		uint32_t port;
		bool want_reply;
		bool ok;
		size_t reply_bytes;	/* 0: none */
	} t[] = {
		{ "tcpip-forward", USER_REQ_LISTEN, true, 80, true, true, 1 },
		{ "tcpip-forward", USER_REQ_LISTEN, true, 0, true, true, 5 },
		{ "tcpip-forward", USER_REQ_LISTEN, true, 80, true, false,
		    1 },
		{ "tcpip-forward", USER_REQ_LISTEN, true, 0, true, false, 1 },
		{ "tcpip-forward", USER_REQ_LISTEN, true, 80, false, true,
		    0 },
		{ "cancel-tcpip-forward", USER_REQ_UNLISTEN, true, 80, true,
		    true, 1 },
		{ "cancel-tcpip-forward", USER_REQ_UNLISTEN, true, 0, true,
		    true, 1 },
		{ "streamlocal-forward@openssh.com", USER_REQ_LISTEN, false,
		    0, true, true, 1 },
		{ "cancel-streamlocal-forward@openssh.com",
		    USER_REQ_UNLISTEN, false, 0, true, false, 1 },
	};

	(void)state;
	up();
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct usr_listen l;
		struct span p;

		send_request(t[i].name, t[i].want_reply, S("where"),
		    t[i].port, t[i].tcp);
		l = asked(t[i].type);
		assert_true(span_is(l.host, "where"));
		assert_int_equal(l.port, t[i].port);
		assert_int_equal(l.kind, t[i].tcp ? USER_SOCKET_TCP
		    : USER_SOCKET_UNIX);
		mini_expect_silence(m);
		say_listening(t[i].ok, 4711, NULL, 0);
		if (t[i].reply_bytes == 0) {
			mini_expect_silence(m);
			continue;
		}
		p = mini_expect(m, t[i].ok ? SSH_MSG_REQUEST_SUCCESS
		    : SSH_MSG_REQUEST_FAILURE);
		assert_int_equal(p.len, t[i].reply_bytes);
		if (p.len == 5)
			assert_memory_equal(p.p + 1, "\0\0\x12\x67", 4);
	}
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* Refused without user, in the order of the requests. */
static void
test_no_place(void **state)
{
	static uint8_t name[USER_HOST_MAX_BYTES + 1];

	(void)state;
	memset(name, 'x', sizeof name);
	up();
	send_request("tcpip-forward", true, span(name, sizeof name), 1, true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	send_request("tcpip-forward", true, S("x"), 65536, true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	send_request("streamlocal-forward@openssh.com", true,
	    span(name, sizeof name), 0, false);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	/* Nobody would ever know which port it is. */
	send_request("tcpip-forward", false, S("x"), 0, true);
	send_request("nonsense", true, S("x"), 0, true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	mini_expect_silence(m);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_malformed(void **state)
{
	static const char *const names[] = { "tcpip-forward",
		"cancel-tcpip-forward", "streamlocal-forward@openssh.com",
		"cancel-streamlocal-forward@openssh.com" };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(names); i++) {
		const char *name = names[i / 2];
		struct sink out = sink_of(buf, sizeof buf);

		up();
		wire_put_global_request_head(&out, name, true);
		sink_cstring(&out, "host");
		if (i % 2 == 0)
			out.len--;
		else
			sink_u64(&out, 0);
		mini_send(m, sink_span(&out));
		assert_int_equal(mini_expect_disconnect(m,
		    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
	}
}

/* auth-agent-req@openssh.com is a session's, and has no fields. */
static void
test_agent(void **state)
{
	uint32_t id, asked_for;

	(void)state;
	up();
	id = mini_open(m, 42, 1000);
	for (int i = 0; i < 4; i++) {
		mini_request(m, id, "auth-agent-req@openssh.com", i % 2 == 0,
		    span(NULL, 0));
		assert_int_equal(mini_user_asked(m, &asked_for),
		    USER_REQ_AGENT);
		assert_int_equal(asked_for, id);
		mini_user_done(m, id, i < 2);
		if (i % 2 == 0)
			(void)mini_expect(m, i < 2 ? SSH_MSG_CHANNEL_SUCCESS
			    : SSH_MSG_CHANNEL_FAILURE);
		else
			mini_expect_silence(m);
	}
	mini_request(m, id, "auth-agent-req@openssh.com", true, S("x"));
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
}

/* --- connections ------------------------------------------------------------------- */

static void
test_there_and_back(void **state)
{
	(void)state;
	for (uint8_t kind = 0; kind < USER_SOCKET_COUNT; kind++) {
		char got[16];
		uint32_t id, closed;
		struct span p;
		int fd;

		up();
		fd = accepted(kind);
		id = expect_open(kind);
		/* Before the peer agrees, nothing is said. */
		assert_int_equal(write(fd, "hello", 5), 5);
		mini_expect_silence(m);
		confirm(id, MINI_WINDOW);
		p = mini_expect(m, SSH_MSG_CHANNEL_DATA);
		assert_memory_equal(p.p + 1, "\0\0\0\x2a\0\0\0\5hello", 13);
		mini_send_data(m, id, "world", 5);
		assert_int_equal(read(fd, got, sizeof got), 5);
		mini_send_chan(m, SSH_MSG_CHANNEL_EOF, id);
		assert_int_equal(read(fd, got, sizeof got), 0);
		close(fd);
		(void)mini_expect(m, SSH_MSG_CHANNEL_EOF);
		(void)mini_expect(m, SSH_MSG_CHANNEL_CLOSE);
		mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, id);
		assert_int_equal(mini_user_asked(m, &closed),
		    USER_REQ_CLOSE);
		assert_int_equal(closed, id);
		assert_int_equal(mini_end(m), EXIT_PEER);
	}
}

static void
test_refused(void **state)
{
	char got[4];
	uint32_t id;
	int fd;

	(void)state;
	up();
	for (int i = 0; i < 300; i++) {
		fd = accepted(USER_SOCKET_TCP);
		id = expect_open(USER_SOCKET_TCP);
		assert_int_equal(id, 0);
		fail_open(id);
		assert_int_equal(read(fd, got, sizeof got), 0);
		close(fd);
	}
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* Who is one too many sees it closed; the others wait for the peer. */
static void
test_all_channels(void **state)
{
	int fds[CONN_CHANNELS_MAX_COUNT], fd;
	char got[4];

	(void)state;
	up();
	for (uint32_t i = 0; i < CONN_CHANNELS_MAX_COUNT; i++) {
		fds[i] = accepted(USER_SOCKET_TCP);
		assert_int_equal(expect_open(USER_SOCKET_TCP), i);
	}
	fd = accepted(USER_SOCKET_TCP);
	assert_int_equal(read(fd, got, sizeof got), 0);
	close(fd);
	fail_open(17);
	assert_int_equal(read(fds[17], got, sizeof got), 0);
	close(fds[17]);
	fds[17] = accepted(USER_SOCKET_TCP);
	assert_int_equal(expect_open(USER_SOCKET_TCP), 17);
	confirm(200, 10);
	assert_int_equal(write(fds[200], "x", 1), 1);
	(void)mini_expect(m, SSH_MSG_CHANNEL_DATA);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* Answers to what was not asked, or was answered already. */
static void
test_peer_lies(void **state)
{
	(void)state;
	for (int how = 0; how < 10; how++) {
		uint32_t id = 0;
		int fd = -1;

		up();
		if (how >= 2 && how < 8) {
			fd = accepted(USER_SOCKET_TCP);
			id = expect_open(USER_SOCKET_TCP);
		}
		if (how >= 4 && how < 6)
			confirm(id, 1);
		if (how >= 8)
			id = mini_open(m, 42, 1);
		if (how == 2 || how == 3)
			id = how == 2 ? 1 : UINT32_MAX;
		if (how == 6)
			mini_send_data(m, id, "early", 5);
		else if (how == 7)
			mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, id);
		else if (how % 2 == 0)
			confirm(id, 1);
		else
			fail_open(id);
		assert_int_equal(mini_expect_disconnect(m,
		    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
		fd_close(&fd);
	}
}

static void
test_user_lies(void **state)
{
	int pair[2], bad = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint32_t id;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    pair), 0);
	for (int how = 0; how < 11; how++) {
		up();
		if (how >= 4 && how < 7) {
			send_request("tcpip-forward", true, S(""), 1, true);
			(void)asked(USER_REQ_LISTEN);
		}
		switch (how) {
		case 0: say_accepted(USER_SOCKET_TCP, NULL, 0); break;
		case 1: say_accepted(USER_SOCKET_TCP, pair, 2); break;
		case 2: say_accepted(USER_SOCKET_TCP, &bad, 1); break;
		case 3: say_listening(true, 1, NULL, 0); break;
		case 4: say_listening(true, 1, pair, 1); break;
		case 5: say_listening(true, 65536, NULL, 0); break;
		case 6: mini_user_done(m, 0, true); break;
		case 7:
			(void)mini_open(m, 42, 1);
			mini_request(m, 0, "shell", true, span(NULL, 0));
			assert_int_equal(mini_user_asked(m, &id),
			    USER_REQ_START);
			say_listening(true, 1, NULL, 0);
			break;
		case 8:
			mini_user_says(m, span(&(uint8_t){
			    USER_EVT_ACCEPTED }, 1), pair, 1);
			break;
		case 9:
			mini_user_says(m, span(&(uint8_t){
			    USER_ANS_COUNT }, 1), NULL, 0);
			break;
		default: {
			/* A dial's answer for a channel that we opened. */
			struct sink out = sink_of(buf, sizeof buf);

			say_accepted(USER_SOCKET_TCP, pair, 1);
			id = expect_open(USER_SOCKET_TCP);
			usr_ans_put(&out, USER_EVT_DIALED,
			    &(struct usr_ans){ id, true });
			mini_user_says(m, sink_span(&out), pair, 1);
		}
		}
		mini_expect_bug(m, "lie of user");
	}
	close(pair[0]);
	close(pair[1]);
	close(bad);
}

/* --- all of it, in any order ---------------------------------------------------------- */

#define PLACES 32

enum what { FREE, OPENING, OPEN };

static struct place {
	enum what what;
	int fd;
} places[PLACES];

/* Passes over what is said of channels that are open. */
static struct span
recv_until(uint8_t type)
{
	for (;;) {
		struct span p = mini_recv(m);

		if (p.len == 0)
			fail_msg("nothing came instead of message %d", type);
		assert_int_not_equal(p.p[0], SSH_MSG_DISCONNECT);
		if (p.p[0] == type)
			return p;
	}
}

static void
place_opening(void)
{
	struct wire_channel_open open;
	struct span p;
	int fd, taken = 0;

	for (size_t i = 0; i < PLACES; i++)
		taken += places[i].what != FREE;
	if (taken > PLACES / 2)
		return;
	fd = accepted(USER_SOCKET_TCP);
	p = recv_until(SSH_MSG_CHANNEL_OPEN);
	assert_int_equal(wire_parse_channel_open(cursor_of(span(p.p + 1,
	    p.len - 1)), &open), WIRE_OK);
	/* What was just refused may not be free yet: two ways to net. */
	assert_true(open.peer_id < PLACES);
	assert_int_equal(places[open.peer_id].what, FREE);
	places[open.peer_id] = (struct place){ OPENING, fd };
}

static void
place_closing(uint32_t id)
{
	uint32_t closed;

	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, id);
	assert_int_equal(mini_user_asked(m, &closed), USER_REQ_CLOSE);
	assert_int_equal(closed, id);
	fd_close(&places[id].fd);
	places[id].what = FREE;
}

static void
step(unsigned *seed)
{
	uint32_t id = (uint32_t)rand_r(seed) % PLACES;
	struct place *p = &places[id];
	int dice = rand_r(seed) % 4;

	if (p->what == FREE) {
		place_opening();
	} else if (p->what == OPENING && dice == 0) {
		fail_open(id);
		fd_close(&p->fd);
		p->what = FREE;
	} else if (p->what == OPENING) {
		confirm(id, (uint32_t)dice * 10);
		p->what = OPEN;
	} else if (dice == 0) {
		place_closing(id);
	} else if (dice == 1) {
		fd_close(&p->fd);
	} else if (dice == 2) {
		mini_send_data(m, id, "yy", 2);
	} else if (p->fd >= 0) {
		(void)!send(p->fd, "xxx", 3, MSG_NOSIGNAL);
	}
}

/* Row 62 of the threats: listening, connecting, cancelling, closing. */
static void
test_any_order(void **state)
{
	unsigned seed = 62;

	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		places[i] = (struct place){ FREE, -1 };
	up();
	for (int i = 0; i < 10000; i++) {
		step(&seed);
		if (i % 16 == 0)
			while (mini_recv_ms(m, 0).len > 0)
				;
	}
	for (size_t i = 0; i < PLACES; i++)
		fd_close(&places[i].fd);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_no_place),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_agent),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_all_channels),
		cmocka_unit_test(test_peer_lies),
		cmocka_unit_test(test_user_lies),
		cmocka_unit_test(test_any_order),
	};

	alarm(900);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_listen", tests, NULL, NULL);
}
