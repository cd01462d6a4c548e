/*
 * Tests of conn/channel: numbers, windows, and what is closed.
 */
#include <stdlib.h>
#include <string.h>

#include "conn/channel.h"
#include "unit.h"

static struct conn *
new_conn(void)
{
	struct conn *conn = calloc(1, sizeof *conn);

	assert_non_null(conn);
	return conn;
}

static struct chan *
open_one(struct conn *conn, uint32_t window, uint32_t packet)
{
	int id = conn_open(conn, 7, window, packet);

	assert_in_range(id, 0, CONN_CHANNELS_MAX_COUNT - 1);
	conn->chan[id].state = CHAN_OPEN;
	return &conn->chan[id];
}

static void
test_numbers(void **state)
{
	struct conn *conn = new_conn();

	(void)state;
	for (int i = 0; i < CONN_CHANNELS_MAX_COUNT; i++) {
		assert_int_equal(conn_open(conn, 1000u + (uint32_t)i, 1, 1),
		    i);
		assert_int_equal(conn->open_count, i + 1);
	}
	assert_int_equal(conn_open(conn, 1, 1, 1), -1);
	assert_int_equal(conn->open_count, CONN_CHANNELS_MAX_COUNT);
	/* The lowest free number, whatever the order of their freeing. */
	conn_free(conn, &conn->chan[200]);
	conn_free(conn, &conn->chan[3]);
	conn_free(conn, &conn->chan[90]);
	conn_free(conn, &conn->chan[90]);
	assert_int_equal(conn->open_count, CONN_CHANNELS_MAX_COUNT - 3);
	assert_int_equal(conn_open(conn, 5, 1, 1), 3);
	assert_int_equal(conn_open(conn, 5, 1, 1), 90);
	assert_int_equal(conn_open(conn, 5, 1, 1), 200);
	assert_int_equal(conn_open(conn, 5, 1, 1), -1);
	assert_int_equal(conn->chan[90].peer_id, 5);
	free(conn);
}

static void
test_find(void **state)
{
	static const uint32_t nowhere[] = { 1, 255, 256, 257, 0x7fffffff,
		0x80000000, UINT32_MAX };
	struct conn *conn = new_conn();
	struct chan *c;

	(void)state;
	assert_null(conn_find(conn, 0));
	assert_int_equal(conn_open(conn, 9, 1, 1), 0);
	assert_null(conn_find(conn, 0));	/* not confirmed yet */
	conn->chan[0].state = CHAN_OPEN;
	c = conn_find(conn, 0);
	assert_ptr_equal(c, &conn->chan[0]);
	for (size_t i = 0; i < ARRAY_LEN(nowhere); i++)
		assert_null(conn_find(conn, nowhere[i]));
	c->sent_close = true;		/* the peer may not know yet */
	assert_non_null(conn_find(conn, 0));
	c->got_close = true;
	assert_null(conn_find(conn, 0));
	free(conn);
}

/* Nothing of the last channel of this number is left. */
static void
test_reuse_is_clean(void **state)
{
	struct conn *conn = new_conn();
	struct chan *c = open_one(conn, 100, 100);

	(void)state;
	assert_int_equal(chan_receive(c, 500), 500);
	chan_consume(c, 500);
	c->sent_eof = c->got_eof = c->sent_close = c->got_close = true;
	conn_free(conn, c);
	assert_int_equal(c->state, CHAN_FREE);
	assert_int_equal(conn->open_count, 0);
	c = open_one(conn, 10, 10);
	assert_false(c->sent_eof || c->got_eof || c->sent_close ||
	    c->got_close);
	assert_int_equal(c->recv_window, CONN_WINDOW_BYTES);
	assert_int_equal(c->owed, 0);
	assert_int_equal(c->send_window, 10);
	free(conn);
}

static void
test_receive(void **state)
{
	struct conn *conn = new_conn();
	struct chan *c = open_one(conn, 0, 0);

	(void)state;
	assert_int_equal(chan_receive(c, 0), 0);
	assert_int_equal(chan_receive(c, CONN_WINDOW_BYTES - 10),
	    CONN_WINDOW_BYTES - 10);
	/* RFC 4254 5.2: what the window does not allow may be dropped. */
	assert_int_equal(chan_receive(c, 11), 10);
	assert_int_equal(chan_receive(c, 1), 0);
	assert_int_equal(chan_receive(c, SIZE_MAX), 0);
	assert_int_equal(c->recv_window, 0);
	conn_free(conn, c);
	c = open_one(conn, 0, 0);
	assert_int_equal(chan_receive(c, SIZE_MAX), CONN_WINDOW_BYTES);
	conn_free(conn, c);
	c = open_one(conn, 0, 0);
	c->got_eof = true;
	assert_int_equal(chan_receive(c, 5), 0);
	assert_int_equal(c->recv_window, CONN_WINDOW_BYTES);
	free(conn);
}

static void
test_adjust_at_a_quarter(void **state)
{
	struct conn *conn = new_conn();
	struct chan *c = open_one(conn, 0, 0);
	const uint32_t quarter = CONN_WINDOW_BYTES / 4;

	(void)state;
	assert_int_equal(chan_receive(c, quarter + 5), quarter + 5);
	chan_consume(c, quarter - 1);
	assert_int_equal(chan_adjust(c), 0);
	chan_consume(c, 1);
	assert_int_equal(chan_adjust(c), quarter);
	assert_int_equal(chan_adjust(c), 0);
	assert_int_equal(c->recv_window, CONN_WINDOW_BYTES - 5);
	/* Nobody who has said EOF or CLOSE needs a window. */
	for (int i = 0; i < 3; i++) {
		conn_free(conn, c);
		c = open_one(conn, 0, 0);
		assert_int_equal(chan_receive(c, quarter), quarter);
		chan_consume(c, quarter);
		c->got_eof = i == 0;
		c->got_close = i == 1;
		c->sent_close = i == 2;
		assert_int_equal(chan_adjust(c), 0);
	}
	free(conn);
}

/* However the peer sends, it never has more than one window out. */
static void
test_window_is_a_bound(void **state)
{
	struct conn *conn = new_conn();
	struct chan *c = open_one(conn, 0, 0);
	uint64_t held = 0, given = CONN_WINDOW_BYTES, taken = 0;
	uint32_t random = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t n;

		random = random * 1664525u + 1013904223u;
		n = chan_receive(c, random >> 12);
		taken += n;
		held += n;
		assert_true(held <= CONN_WINDOW_BYTES);
		n = MIN(held, (random & 0xfff) * 300u);
		chan_consume(c, n);
		held -= n;
		given += chan_adjust(c);
		assert_true(held + c->owed + c->recv_window ==
		    CONN_WINDOW_BYTES);
		assert_true(taken <= given);
	}
	assert_true(taken > 10 * (uint64_t)CONN_WINDOW_BYTES);
	free(conn);
}

static void
test_send(void **state)
{
	struct conn *conn = new_conn();
	struct chan *c = open_one(conn, 100000, 1u << 30);

	(void)state;
	assert_int_equal(chan_room(c), CONN_PACKET_MAX_BYTES);
	chan_sent(c, 90000);
	assert_int_equal(chan_room(c), 10000);
	chan_sent(c, 10000);
	assert_int_equal(chan_room(c), 0);
	assert_true(chan_adjusted(c, UINT32_MAX));
	assert_false(chan_adjusted(c, 1));
	assert_int_equal(c->send_window, UINT32_MAX);
	assert_true(chan_adjusted(c, 0));
	chan_sent(c, 5);
	assert_false(chan_adjusted(c, 6));
	assert_true(chan_adjusted(c, 5));
	c->sent_eof = true;
	assert_int_equal(chan_room(c), 0);
	c->sent_eof = false;
	c->sent_close = true;
	assert_int_equal(chan_room(c), 0);
	c->sent_close = false;
	c->state = CHAN_OPENING;
	assert_int_equal(chan_room(c), 0);
	conn_free(conn, c);
	assert_int_equal(chan_room(open_one(conn, 50, 7)), 7);
	assert_int_equal(chan_room(open_one(conn, 50, 0)), 0);
	free(conn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_reuse_is_clean),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_adjust_at_a_quarter),
		cmocka_unit_test(test_window_is_a_bound),
		cmocka_unit_test(test_send),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
