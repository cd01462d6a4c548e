/*
 * Tests of net with commands: what flows in channels, half-closes, windows,
 * ends, and rekeying while it does.
 */
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn/channel.h"
#include "ipc/limits.h"
#include "mini_client.h"
#include "run/exits.h"
#include "transport/compress.h"
#include "unit.h"
#include "wire/channel.h"
#include "wire/numbers.h"

static struct mini mini, *const m = &mini;
static uint8_t blob[3u << 20];

static struct mini_command
start(const struct mini_options *o, uint32_t window, bool pty)
{
	struct mini_command c = { .peer_id = 42 };

	mini_start(m, o);
	mini_login(m);
	mini_command(m, &c, window, pty);
	return c;
}

static void
finish(struct mini_command *c, int status)
{
	mini_command_close(c);
	assert_int_equal(mini_end(m), status);
}

static void
expect_data(const char *text)
{
	struct span p = mini_expect(m, SSH_MSG_CHANNEL_DATA);
	struct wire_channel_data d;

	assert_int_equal(wire_parse_channel_data(cursor_of(span(p.p + 1,
	    p.len - 1)), &d), WIRE_OK);
	assert_int_equal(d.chan, 42);
	assert_true(span_is(d.data, text));
}

static void
expect_chan(uint8_t type)
{
	struct span p = mini_expect(m, type);
	struct cursor in = cursor_of(span(p.p + 1, p.len - 1));

	assert_int_equal(cursor_u32(&in), 42);
}

static void
expect_request(const char *type)
{
	struct span p = mini_expect(m, SSH_MSG_CHANNEL_REQUEST);
	struct wire_channel_request r;

	assert_int_equal(wire_parse_channel_request(cursor_of(span(p.p + 1,
	    p.len - 1)), &r), WIRE_OK);
	assert_int_equal(r.chan, 42);
	if (!span_is(r.type, type))
		fail_msg("%.*s instead of %s", (int)r.type.len, r.type.p,
		    type);
	assert_false(r.want_reply);
}

static void
expect_read(int fd, const char *text)
{
	char buf[256];
	size_t n = strlen(text);

	assert_true(n < sizeof buf);
	assert_int_equal(read(fd, buf, sizeof buf), n);
	assert_memory_equal(buf, text, n);
}

static void
test_there_and_back(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	uint32_t id;

	(void)state;
	mini_send_data(m, c.id, "hello", 5);
	expect_read(c.in, "hello");
	assert_int_equal(write(c.out, "world", 5), 5);
	expect_data("world");
	assert_int_equal(write(c.err, "oops", 4), 4);
	(void)mini_expect(m, SSH_MSG_CHANNEL_EXTENDED_DATA);
	/* The peer's EOF is the command's; output goes on. */
	mini_send_chan(m, SSH_MSG_CHANNEL_EOF, c.id);
	expect_read(c.in, "");
	assert_int_equal(write(c.out, "late", 4), 4);
	expect_data("late");
	mini_user_exit(m, c.id, 3);
	expect_request("exit-status");
	/* Who still holds stderr holds the channel. */
	close(c.out);
	mini_expect_silence(m);
	close(c.err);
	expect_chan(SSH_MSG_CHANNEL_EOF);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_CLOSE);
	assert_int_equal(id, c.id);
	c.out = c.err = -1;
	finish(&c, EXIT_PEER);
}

/* EOF comes when both outputs have ended, CLOSE when there is a status. */
static void
test_outputs_end_before_exit(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);

	(void)state;
	close(c.err);
	mini_expect_silence(m);
	assert_int_equal(write(c.out, "x", 1), 1);
	close(c.out);
	c.out = c.err = -1;
	expect_data("x");
	expect_chan(SSH_MSG_CHANNEL_EOF);
	mini_expect_silence(m);
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

/* Between our CLOSE and the peer's: nothing more of ours on the channel. */
static void
test_nothing_after_close(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	uint32_t id;

	(void)state;
	mini_command_close(&c);
	expect_chan(SSH_MSG_CHANNEL_EOF);
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	/* The peer has not seen it yet. */
	mini_send_data(m, c.id, "data", 4);
	mini_send_adjust(m, c.id, 1000);
	mini_request(m, c.id, "nonsense", true, span(NULL, 0));
	mini_request(m, c.id, "shell", true, span(NULL, 0));
	mini_request(m, c.id, "eow@openssh.com", true, span(NULL, 0));
	mini_request(m, c.id, "signal", true, BYTES("\0\0\0\3INT"));
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_SIGNAL);
	mini_user_done(m, c.id, false);
	mini_expect_silence(m);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_CLOSE);
	/* Its number is free again. */
	assert_int_equal(mini_open(m, 43, 1), c.id);
	finish(&c, EXIT_PEER);
}

/*
 * The peer's CLOSE, and at once an OPEN in its place: user has to hear of
 * the end first, or MaxSessions would refuse what it should not.
 */
static void
test_open_right_behind_close(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	uint8_t one[64], both[512];
	struct sink out = sink_of(one, sizeof one);
	size_t len;
	uint32_t id;

	(void)state;
	mini_command_close(&c);
	expect_chan(SSH_MSG_CHANNEL_EOF);
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	wire_put_channel_close(&out, c.id);
	len = mini_seal(m, both, sizeof both, sink_span(&out));
	out.len = 0;
	wire_put_channel_open(&out, "session", 43, 1, 1);
	len += mini_seal(m, both + len, sizeof both - len, sink_span(&out));
	mini_raw(m, both, len);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_CLOSE);
	assert_int_equal(id, c.id);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_OPEN);
	assert_int_equal(id, c.id);
	mini_user_done(m, id, true);
	(void)mini_expect(m, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	finish(&c, EXIT_PEER);
}

static void
test_exit_signal(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);

	(void)state;
	usr_exit_put(&out, &(struct usr_exit){ .chan = c.id,
	    .signaled = true, .signal = S("TERM") });
	mini_user_says(m, sink_span(&out), NULL, 0);
	expect_request("exit-signal");
	mini_command_close(&c);
	expect_chan(SSH_MSG_CHANNEL_EOF);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

/* A command that closes its input: what comes is thrown away, and said so. */
static void
test_eow(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);

	(void)state;
	close(c.in);
	c.in = -1;
	mini_send_data(m, c.id, "x", 1);
	expect_request("eow@openssh.com");
	/* Once. */
	mini_send_data(m, c.id, "x", 1);
	mini_expect_silence(m);
	assert_int_equal(write(c.out, "on", 2), 2);
	expect_data("on");
	finish(&c, EXIT_PEER);
}

/* More than a pipe holds waits in net; the window says for how long. */
static void
test_slow_command(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	size_t got = 0;
	static uint8_t back[CONN_WINDOW_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof blob; i++)
		blob[i] = (uint8_t)(i * 7 + (i >> 11));
	for (size_t at = 0; at < CONN_WINDOW_BYTES; at += 32768)
		mini_send_data(m, c.id, blob + at, 32768);
	/* The window is used up: what comes on top is lost, not stored. */
	mini_send_data(m, c.id, "lost", 4);
	mini_expect_silence(m);
	mini_send_chan(m, SSH_MSG_CHANNEL_EOF, c.id);
	while (got < sizeof back) {
		ssize_t n = read(c.in, back + got, sizeof back - got);

		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_memory_equal(back, blob, sizeof back);
	expect_read(c.in, "");
	finish(&c, EXIT_PEER);
}

/* What one that keeps up takes in pieces comes whole and in order. */
static void
test_command_that_keeps_up(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	const size_t batch = 300 * 1000, packet = 10 * 1000;
	static uint8_t back[300 * 1000];

	(void)state;
	for (size_t i = 0; i < sizeof blob; i++)
		blob[i] = (uint8_t)(i * 11 + (i >> 9));
	for (size_t from = 0; from < 6 * batch; from += batch) {
		size_t got = 0;

		for (size_t at = 0; at < batch; at += packet)
			mini_send_data(m, c.id, blob + from + at, packet);
		while (got < batch) {
			ssize_t n = read(c.in, back + got,
			    MIN(batch - got, 7777));

			assert_true(n > 0);
			got += (size_t)n;
		}
		assert_memory_equal(back, blob + from, batch);
	}
	finish(&c, EXIT_PEER);
}

/* One that takes nothing keeps net from nothing but its own data. */
static void
test_command_that_takes_nothing(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);

	(void)state;
	for (int i = 0; i < 16; i++) {
		mini_send_data(m, c.id, blob, 32768);
		mini_request(m, c.id, "keepalive@openssh.com", true,
		    span(NULL, 0));
		mini_expect(m, SSH_MSG_CHANNEL_FAILURE);
	}
	finish(&c, EXIT_PEER);
}

static void
test_window_comes_back(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	const size_t quarter = CONN_WINDOW_BYTES / 4;
	struct wire_channel_window_adjust a;
	struct span p;
	size_t got = 0;

	(void)state;
	for (size_t at = 0; at < quarter; at += 32768)
		mini_send_data(m, c.id, blob + at, 32768);
	while (got < quarter) {
		ssize_t n = read(c.in, blob, quarter);

		assert_true(n > 0);
		got += (size_t)n;
	}
	p = mini_expect(m, SSH_MSG_CHANNEL_WINDOW_ADJUST);
	assert_int_equal(wire_parse_channel_window_adjust(cursor_of(span(
	    p.p + 1, p.len - 1)), &a), WIRE_OK);
	assert_int_equal(a.chan, 42);
	assert_int_equal(a.bytes, quarter);
	finish(&c, EXIT_PEER);
}

/* What the peer allows is sent, and not a byte more. */
static void
test_peers_window(void **state)
{
	struct mini_command c = start(NULL, 10, false);

	(void)state;
	assert_int_equal(write(c.out, "0123456789abcdef", 16), 16);
	expect_data("0123456789");
	mini_expect_silence(m);
	mini_send_adjust(m, c.id, 1);
	expect_data("a");
	mini_send_adjust(m, c.id, 100);
	expect_data("bcdef");
	mini_send_adjust(m, c.id, UINT32_MAX - 95);
	mini_send_adjust(m, c.id, 1);
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
	mini_command_close(&c);
}

/* The peer hangs up a channel whose command has not read everything. */
static void
test_close_waits_for_delivery(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	const size_t bytes = 1u << 20;
	size_t got = 0;

	(void)state;
	for (size_t at = 0; at < bytes; at += 32768)
		mini_send_data(m, c.id, blob + at, 32768);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	/* Its output goes nowhere. */
	mini_expect_silence(m);
	assert_int_equal(write(c.out, "x", 1), -1);
	while (got < bytes) {
		ssize_t n = read(c.in, blob, bytes);

		assert_true(n > 0);
		got += (size_t)n;
	}
	expect_read(c.in, "");
	/* Until our CLOSE the peer takes an exit status, and is owed one. */
	mini_expect_silence(m);
	mini_user_exit(m, c.id, 7);
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

/* A terminal is hung up by the end of its channel: nothing is waited for. */
static void
test_close_of_a_terminal(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, true);
	uint32_t id;

	(void)state;
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_CLOSE);
	assert_int_equal(id, c.id);
	finish(&c, EXIT_PEER);
}

/*
 * It has input that nobody takes, output that nobody may have, and then its
 * session is over: so is the channel.
 */
static void
test_close_of_a_stuck_terminal(void **state)
{
	struct mini_command c = start(NULL, 0, true);

	(void)state;
	assert_int_equal(write(c.out, "stuck", 5), 5);
	for (int i = 0; i < 8; i++)
		mini_send_data(m, c.id, blob, 32768);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

/* Likewise with pipes: what it left behind has its input open, unread. */
static void
test_close_of_a_stuck_command(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);

	(void)state;
	for (int i = 0; i < 8; i++)
		mini_send_data(m, c.id, blob, 32768);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

static void
test_pty_end(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, true);

	(void)state;
	mini_send_data(m, c.id, "ls\n", 3);
	expect_read(c.in, "ls\n");
	/* A terminal has no end of file of its own. */
	mini_send_chan(m, SSH_MSG_CHANNEL_EOF, c.id);
	assert_int_equal(write(c.out, "last", 4), 4);
	mini_user_exit(m, c.id, 0);
	mini_command_close(&c);
	expect_data("last");
	(void)mini_recv(m);	/* exit-status and EOF, in either order */
	(void)mini_recv(m);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

/* A background process holds the terminal: the session ends all the same. */
static void
test_pty_held(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, true);

	(void)state;
	assert_int_equal(write(c.out, "last", 4), 4);
	mini_user_exit(m, c.id, 0);
	expect_data("last");
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_EOF);
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

/* As many as there are numbers, and each its own command. */
static void
test_many_channels(void **state)
{
	static struct mini_command c[CONN_CHANNELS_MAX_COUNT];
	const uint32_t last = CONN_CHANNELS_MAX_COUNT - 1;
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);
	uint32_t id;

	(void)state;
	mini_start(m, NULL);
	mini_login(m);
	for (uint32_t i = 0; i <= last; i++) {
		c[i].peer_id = 1000 + i;
		mini_command(m, &c[i], MINI_WINDOW, false);
		assert_int_equal(c[i].id, i);
	}
	wire_put_channel_open(&out, "session", 9999, 1, 1);
	mini_send(m, sink_span(&out));
	(void)mini_expect(m, SSH_MSG_CHANNEL_OPEN_FAILURE);
	for (uint32_t i = 0; i <= last; i++)
		mini_send_data(m, i, &i, sizeof i);
	for (uint32_t i = 0; i <= last; i++) {
		uint32_t got;

		assert_int_equal(read(c[i].in, &got, sizeof got), 4);
		assert_int_equal(got, i);
	}
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, 100);
	mini_user_exit(m, 100, 0);
	(void)mini_expect(m, SSH_MSG_CHANNEL_REQUEST);
	(void)mini_expect(m, SSH_MSG_CHANNEL_CLOSE);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_CLOSE);
	assert_int_equal(mini_open(m, 5, 1), 100);
	for (uint32_t i = 0; i <= last; i++)
		mini_command_close(&c[i]);
	/* 255 ends: EOF comes from all of those that have started. */
	for (uint32_t i = 0; i < last; i++)
		(void)mini_expect(m, SSH_MSG_CHANNEL_EOF);
	mini_expect_silence(m);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* A packet that inflates to a flood, and one that does not inflate. */
static void
test_bad_streams(void **state)
{
	const struct mini_options o = { .compress = true };

	(void)state;
	if (!compress_available())
		skip();
	for (int how = 0; how < 2; how++) {
		size_t len = 1u << 18;

		mini_start(m, &o);
		mini_login(m);
		memset(blob, 0, sizeof blob);
		/* Through our own stream, that net's may follow it. */
		blob[0] = SSH_MSG_IGNORE;
		blob[1] = 0;
		blob[2] = (uint8_t)((len - 5) >> 16);
		blob[3] = (uint8_t)((len - 5) >> 8);
		blob[4] = (uint8_t)(len - 5);
		if (how == 0) {
			mini_send(m, span(blob, len));
		} else {
			compress_free(m->out.deflate);
			m->out.deflate = NULL;
			mini_send(m, span(blob, 100));
		}
		assert_int_equal(mini_expect_disconnect(m,
		    SSH_DISCONNECT_COMPRESSION_ERROR), EXIT_PEER);
	}
}

/* --- nobody makes net spin ------------------------------------------------ */

/* What spins never stops to; what still had to be done is done at last. */
static void
expect_idle(const char *when)
{
	long used = 0;

	for (int i = 0; i < 10; i++) {
		long before = mini_cpu_ms(m);

		usleep(400 * 1000);
		used = mini_cpu_ms(m) - before;
		if (used <= 10)
			return;
	}
	fail_msg("%s: %ld ms of 400 spent", when, used);
}

static void
test_idle_with_closed_window(void **state)
{
	struct mini_command c = start(NULL, 0, true);

	(void)state;
	assert_int_equal(write(c.out, "stuck", 5), 5);
	expect_idle("closed window");
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	usleep(150 * 1000);
	expect_idle("exited, with output left and a closed window");
	mini_send_adjust(m, c.id, 100);
	expect_data("stuck");
	expect_chan(SSH_MSG_CHANNEL_EOF);
	finish(&c, EXIT_PEER);
}

static void
test_idle_in_a_stalled_exchange(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);

	(void)state;
	for (size_t at = 0; at < 1u << 19; at += 32768)
		mini_send_data(m, c.id, blob + at, 32768);
	mini_send_kexinit(m, MINI_KEX, false);
	mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
	/* The command reads some, and net could write more. */
	assert_true(read(c.in, blob, 65536) > 0);
	expect_idle("exchange stalled, input pending");
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_send_newkeys(m);
	finish(&c, EXIT_PEER);
}

static void
test_idle_pty_in_a_stalled_exchange(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, true);

	(void)state;
	mini_send_kexinit(m, MINI_KEX, false);
	mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
	mini_user_exit(m, c.id, 0);
	usleep(200 * 1000);
	expect_idle("exchange stalled, terminal exited");
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_send_newkeys(m);
	expect_request("exit-status");
	finish(&c, EXIT_PEER);
}

/* The peer has closed the channel; its command has no output, and goes on. */
static void
test_idle_behind_a_close(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);

	(void)state;
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	usleep(200 * 1000);
	expect_idle("closed by the peer");
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	expect_chan(SSH_MSG_CHANNEL_CLOSE);
	finish(&c, EXIT_PEER);
}

/* Who had the terminal open is gone, and its input is full. */
static void
test_idle_with_a_full_terminal(void **state)
{
	struct mini_command c = start(NULL, 0, true);

	(void)state;
	for (int i = 0; i < 8; i++)
		mini_send_data(m, c.id, blob, 32768);
	expect_idle("terminal full");
	mini_command_close(&c);
	expect_idle("terminal full, and closed");
	finish(&c, EXIT_PEER);
}

/* A peer that does not read, and a rekeying that is due by time. */
static void
test_idle_with_stalled_reader(void **state)
{
	const struct mini_options o = { .rekey_sec = 1 };
	struct mini_command c = start(&o, UINT32_MAX, false);
	uint8_t one[16], *many = malloc(2u << 20);
	struct sink ping = sink_of(one, sizeof one);
	size_t len = 0, at = 0;

	(void)state;
	assert_non_null(many);
	/* A request whose answer is as long, and nobody who reads them. */
	sink_u8(&ping, SSH_MSG_PING);
	sink_cstring(&ping, "12345678");
	while (len + 512 < 2u << 20)
		len += mini_seal(m, many + len, (2u << 20) - len,
		    sink_span(&ping));
	/* (before it has taken much, it may just be slow) */
	for (int idle = 0; at < len && idle < (at > 400 * 1024 ? 10 : 500);) {
		ssize_t done = send(m->peer, many + at, MIN(65536, len - at),
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		idle = done > 0 ? 0 : idle + 1;
		at += done > 0 ? (size_t)done : 0;
		if (done <= 0)
			usleep(20 * 1000);
	}
	/* It took what it could, and waits for us. */
	assert_true(at > 400 * 1024 && at < len);
	usleep(1200 * 1000);
	expect_idle("stalled reader");
	free(many);
	finish(&c, EXIT_PEER);
}

/* Waits until net has read what was sent. */
static void
wait_until_read(void)
{
	int left = 1;

	for (int i = 0; i < 6000 && left > 0; i++) {
		assert_int_equal(ioctl(m->peer, SIOCOUTQ, &left), 0);
		usleep(5 * 1000);
	}
	assert_int_equal(left, 0);
}

/*
 * More requests at once than there is room for answers, and a peer who takes
 * all of these at once: net goes on with the rest, and waits for nobody.
 */
static void
test_more_answers_than_room(void **state)
{
	const struct mini_options o = { .out_pipe = true };
	const size_t size = 480 * 1024;
	uint8_t one[64], *many = malloc(size);
	struct sink open = sink_of(one, sizeof one);
	size_t len = 0, count = 0;
	uint32_t id;

	(void)state;
	assert_non_null(many);
	mini_start(m, &o);
	mini_login(m);
	/* Until user answers, what comes behind it is read and no more. */
	wire_put_channel_open(&open, "session", 1, 1, 1);
	mini_send(m, sink_span(&open));
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_OPEN);
	open.len = 0;
	wire_put_channel_open(&open, "x", 1, 1, 1);
	for (; len + 512 < size; count++)
		len += mini_seal(m, many + len, size - len, sink_span(&open));
	mini_raw(m, many, len);
	wait_until_read();
	mini_user_done(m, id, true);
	(void)mini_expect(m, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	for (size_t i = 0; i < count; i++)
		(void)mini_expect(m, SSH_MSG_CHANNEL_OPEN_FAILURE);
	free(many);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* --- rekeying ------------------------------------------------------------- */

/* Both ask; data and requests go on until each has the other's KEXINIT. */
static void
rekey_by_peer(struct mini_command *c)
{
	uint32_t id;

	mini_send_kexinit(m, MINI_KEX, false);
	assert_int_equal(write(c->out, "late", 4), 4);
	mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_expect_silence(m);
	mini_send_newkeys(m);
	expect_data("late");
	mini_request(m, c->id, "signal", true, BYTES("\0\0\0\3INT"));
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_SIGNAL);
	mini_user_done(m, id, true);
	expect_chan(SSH_MSG_CHANNEL_SUCCESS);
}

static void
test_rekey_by_peer(void **state)
{
	static const char *const ciphers[] = {
		"chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com",
		"aes256-ctr" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ciphers); i++) {
		for (int zip = 0; zip < (compress_available() ? 2 : 1); zip++) {
			const struct mini_options o = { .cipher = ciphers[i],
				.compress = zip };
			struct mini_command c = start(&o, MINI_WINDOW, false);

			for (int k = 0; k < 3; k++)
				rekey_by_peer(&c);
			finish(&c, EXIT_PEER);
		}
	}
}

/*
 * We asked first.  What the peer sent before it saw that is answered behind
 * our NEWKEYS, in order.
 */
static void
test_rekey_by_us(void **state)
{
	const struct mini_options o = { .rekey_bytes = 20000 };
	struct mini_command c = start(&o, MINI_WINDOW, false);
	uint32_t id;
	char eaten[32768];
	uint8_t ping[32];
	struct sink out = sink_of(ping, sizeof ping);

	(void)state;
	mini_send_data(m, c.id, blob, 20000);
	mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
	sink_u8(&out, SSH_MSG_PING);
	sink_cstring(&out, "ping");
	mini_send(m, sink_span(&out));
	mini_request(m, c.id, "nonsense", true, span(NULL, 0));
	mini_request(m, c.id, "signal", true, BYTES("\0\0\0\3INT"));
	mini_send_data(m, c.id, "more", 4);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_SIGNAL);
	mini_user_done(m, id, true);
	mini_expect_silence(m);
	mini_send_kexinit(m, MINI_KEX, false);
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_expect_silence(m);
	mini_send_newkeys(m);
	(void)mini_expect(m, SSH_MSG_PONG);
	expect_chan(SSH_MSG_CHANNEL_FAILURE);
	expect_chan(SSH_MSG_CHANNEL_SUCCESS);
	for (size_t got = 0; got < 20004;) {
		ssize_t n = read(c.in, eaten, sizeof eaten);

		assert_true(n > 0);
		got += (size_t)n;
	}
	finish(&c, EXIT_PEER);
}

/* RekeyLimit of a Match block: it comes when the user is known. */
static void
test_rekey_limit_comes_later(void **state)
{
	struct mini_command c = start(NULL, MINI_WINDOW, false);
	struct mon_limits limits = { .tos_bulk = MON_TOS_KEEP,
		.rekey_bytes = 20000 };
	uint8_t frame[512];
	struct sink out = sink_of(frame, sizeof frame);

	(void)state;
	mon_limits_put(&out, &limits);
	mini_answer(m, sink_span(&out), NULL, 0);
	mini_send_data(m, c.id, blob, 20000);
	(void)mini_expect(m, SSH_MSG_KEXINIT);
	finish(&c, EXIT_PEER);
}

/* More answers than are kept end it; they do not grow. */
static void
test_too_many_deferred(void **state)
{
	const struct mini_options o = { .rekey_bytes = 2000 };
	struct mini_command c = start(&o, MINI_WINDOW, false);

	(void)state;
	mini_send_data(m, c.id, blob, 2000);
	mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
	for (int i = 0; i < 8000; i++)
		mini_request(m, c.id, "nonsense", true, span(NULL, 0));
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
	mini_command_close(&c);
}

/* Once the peer has sent its KEXINIT it sends nothing else: RFC 4253 7.1. */
static void
test_data_in_an_exchange(void **state)
{
	static const uint8_t types[] = { SSH_MSG_PING, SSH_MSG_CHANNEL_DATA,
		SSH_MSG_SERVICE_REQUEST, SSH_MSG_KEXINIT, SSH_MSG_NEWKEYS,
		SSH_MSG_GLOBAL_REQUEST };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct mini_command c = start(NULL, MINI_WINDOW, false);
		uint8_t buf[32] = { 0 };

		buf[0] = types[i];
		mini_send_kexinit(m, MINI_KEX, false);
		mini_send(m, span(buf, sizeof buf));
		(void)mini_expect(m, SSH_MSG_KEXINIT);
		assert_int_equal(mini_expect_disconnect(m,
		    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
		mini_command_close(&c);
	}
}

/* The same through the sandbox. */
static void
test_confined(void **state)
{
	const struct mini_options o = { .confined = true };
	struct mini_command c = start(&o, MINI_WINDOW, false);

	(void)state;
	for (size_t at = 0; at < 1u << 19; at += 32768)
		mini_send_data(m, c.id, blob + at, 32768);
	for (size_t got = 0; got < 1u << 19;) {
		ssize_t n = read(c.in, blob, sizeof blob);

		assert_true(n > 0);
		got += (size_t)n;
	}
	(void)mini_expect(m, SSH_MSG_CHANNEL_WINDOW_ADJUST);
	rekey_by_peer(&c);
	mini_user_exit(m, c.id, 0);
	expect_request("exit-status");
	finish(&c, EXIT_PEER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_outputs_end_before_exit),
		cmocka_unit_test(test_nothing_after_close),
		cmocka_unit_test(test_open_right_behind_close),
		cmocka_unit_test(test_exit_signal),
		cmocka_unit_test(test_eow),
		cmocka_unit_test(test_slow_command),
		cmocka_unit_test(test_command_that_keeps_up),
		cmocka_unit_test(test_command_that_takes_nothing),
		cmocka_unit_test(test_window_comes_back),
		cmocka_unit_test(test_peers_window),
		cmocka_unit_test(test_close_waits_for_delivery),
		cmocka_unit_test(test_close_of_a_terminal),
		cmocka_unit_test(test_close_of_a_stuck_terminal),
		cmocka_unit_test(test_close_of_a_stuck_command),
		cmocka_unit_test(test_pty_end),
		cmocka_unit_test(test_pty_held),
		cmocka_unit_test(test_many_channels),
		cmocka_unit_test(test_bad_streams),
		cmocka_unit_test(test_idle_with_closed_window),
		cmocka_unit_test(test_idle_in_a_stalled_exchange),
		cmocka_unit_test(test_idle_pty_in_a_stalled_exchange),
		cmocka_unit_test(test_idle_behind_a_close),
		cmocka_unit_test(test_idle_with_a_full_terminal),
		cmocka_unit_test(test_idle_with_stalled_reader),
		cmocka_unit_test(test_more_answers_than_room),
		cmocka_unit_test(test_rekey_by_peer),
		cmocka_unit_test(test_rekey_by_us),
		cmocka_unit_test(test_rekey_limit_comes_later),
		cmocka_unit_test(test_too_many_deferred),
		cmocka_unit_test(test_data_in_an_exchange),
		cmocka_unit_test(test_confined),
	};

	alarm(900);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_data", tests, NULL, NULL);
}
