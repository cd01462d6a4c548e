/*
 * Tests of net with ChannelTimeout: what counts as traffic, and how a channel
 * without it ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/limits.h"
#include "mini_client.h"
#include "run/exits.h"
#include "unit.h"
#include "wire/numbers.h"

/* Far over what it takes, on a machine that is busy otherwise. */
#define PATIENCE_MS 30000

static struct mini mini, *const m = &mini;
static uint8_t list_room[MON_CHANNEL_TIMEOUTS_MAX_BYTES];
static uint8_t blob[256 * 1024];

static struct span
list(uint32_t a_sec, const char *a, uint32_t b_sec, const char *b)
{
	struct sink out = sink_of(list_room, sizeof list_room);

	sink_u32(&out, a_sec);
	sink_cstring(&out, a);
	sink_u32(&out, b_sec);
	sink_cstring(&out, b);
	return sink_span(&out);
}

static void
up(struct span timeouts)
{
	const struct mini_options o = { .timeouts = timeouts };

	mini_start(m, &o);
	mini_login(m);
}

/* user is told within ms that a channel is over, and which. */
static uint32_t
closed(int ms)
{
	struct pollfd fd = { m->user, POLLIN, 0 };
	uint32_t id;

	assert_int_equal(poll(&fd, 1, ms), 1);
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_CLOSE);
	return id;
}

static bool
user_is_asked(int ms)
{
	struct pollfd fd = { m->user, POLLIN, 0 };

	return poll(&fd, 1, ms) != 0;
}

/* EOF and CLOSE, and no exit status between them. */
static void
expect_end(void)
{
	(void)mini_expect(m, SSH_MSG_CHANNEL_EOF);
	(void)mini_expect(m, SSH_MSG_CHANNEL_CLOSE);
}

static void
ends_what_is_idle(void **state)
{
	struct mini_command c = { .peer_id = 42 }, d = { .peer_id = 43 };
	uint8_t byte;

	(void)state;
	up(list(1, "session:sh*", 0, "*"));
	mini_command(m, &c, 1 << 20, false);
	mini_command(m, &d, 1 << 20, true);
	assert_int_equal(closed(PATIENCE_MS), c.id);
	expect_end();
	assert_int_equal(closed(PATIENCE_MS), d.id);
	expect_end();
	assert_int_equal(read(c.in, &byte, 1), 0);
	assert_int_equal(write(c.out, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	/* user has forgotten it: nothing about it is asked, or told again. */
	mini_request(m, c.id, "window-change", false,
	    span("\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0", 16));
	mini_send_data(m, c.id, "x", 1);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, c.id);
	mini_user_exit(m, d.id, 0);
	mini_send_chan(m, SSH_MSG_CHANNEL_CLOSE, d.id);
	assert_false(user_is_asked(50));
	/* Its number is free. */
	assert_int_equal(mini_open(m, 44, 1 << 20), c.id);
	mini_command_close(&c);
	mini_command_close(&d);
	assert_int_equal(mini_end(m), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_IDLE,
	    "closing after 1 seconds of inactivity"));
}

/* What a command says is traffic; what it does not read is none. */
static void
what_is_traffic(void **state)
{
	struct mini_command says = { .peer_id = 42 };
	struct mini_command deaf = { .peer_id = 43 };

	(void)state;
	up(list(2, "session", 0, "x"));
	mini_command(m, &says, 1 << 20, false);
	mini_command(m, &deaf, 1 << 20, false);
	for (size_t i = 0; i < sizeof blob; i += 32768)
		mini_send_data(m, deaf.id, blob, 32768);
	while (!user_is_asked(200)) {
		assert_int_equal(write(says.out, "x", 1), 1);
		(void)mini_expect(m, SSH_MSG_CHANNEL_DATA);
		mini_send_data(m, deaf.id, "x", 1);
	}
	assert_int_equal(closed(PATIENCE_MS), deaf.id);
	expect_end();
	mini_command_close(&says);
	mini_command_close(&deaf);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* All channels together: one that is used keeps the other. */
static void
global(void **state)
{
	struct mini_command c = { .peer_id = 42 }, d = { .peer_id = 43 };

	(void)state;
	up(list(2, "global", 0, "x"));
	mini_command(m, &c, 1 << 20, false);
	mini_command(m, &d, 1 << 20, false);
	assert_false(user_is_asked(1100));
	assert_int_equal(write(c.out, "x", 1), 1);
	(void)mini_expect(m, SSH_MSG_CHANNEL_DATA);
	assert_false(user_is_asked(1100));
	assert_int_equal(closed(PATIENCE_MS), c.id);
	assert_int_equal(closed(PATIENCE_MS), d.id);
	mini_command_close(&c);
	mini_command_close(&d);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* Match has others; and a peer that takes nothing holds up nobody. */
static void
limits_that_come_later(void **state)
{
	struct mini_command c = { .peer_id = 42 };
	struct mon_limits limits = { .tos_bulk = MON_TOS_KEEP };
	struct span timeouts = list(1, "session:shell", 0, "x");
	uint8_t frame[512];
	struct sink out = sink_of(frame, sizeof frame);

	(void)state;
	up(span(NULL, 0));
	mini_command(m, &c, UINT32_MAX, false);
	memcpy(limits.channel_timeouts, timeouts.p, timeouts.len);
	limits.channel_timeouts_len = (uint32_t)timeouts.len;
	mon_limits_put(&out, &limits);
	mini_answer(m, sink_span(&out), NULL, 0);
	assert_true(fd_set_nonblock(c.out, true));
	for (int quiet = 0; quiet < 10; quiet++) {
		while (write(c.out, blob, sizeof blob) > 0)
			quiet = 0;
		assert_int_equal(poll(NULL, 0, 10), 0);
	}
	assert_int_equal(closed(PATIENCE_MS), c.id);
	mini_command_close(&c);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* A key exchange that the peer does not go on with holds up nobody. */
static void
during_an_exchange(void **state)
{
	struct mini_command c = { .peer_id = 42 };

	(void)state;
	up(list(1, "session", 0, "x"));
	mini_command(m, &c, 1 << 20, false);
	mini_send_kexinit(m, MINI_KEX, false);
	assert_int_equal(closed(PATIENCE_MS), c.id);
	mini_command_close(&c);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_what_is_idle),
		cmocka_unit_test(what_is_traffic),
		cmocka_unit_test(global),
		cmocka_unit_test(limits_that_come_later),
		cmocka_unit_test(during_an_exchange),
	};

	signal(SIGPIPE, SIG_IGN);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_idle", tests, NULL, NULL);
}
