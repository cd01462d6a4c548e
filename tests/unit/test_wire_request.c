/*
 * Tests of wire/request.h.
 */
#include "wire/numbers.h"
#include "wire/request.h"
#include "wire_codec.h"

static void
channel_request_put(struct sink *out, const void *p)
{
	const struct wire_channel_request *m = p;

	sink_u8(out, SSH_MSG_CHANNEL_REQUEST);
	sink_u32(out, m->chan);
	sink_string(out, m->type);
	sink_bool(out, m->want_reply);
	sink_bytes(out, m->rest);
}
WIRE_CODEC(channel_request, struct wire_channel_request, true);

static void
pty_req_put(struct sink *out, const void *p)
{
	const struct wire_pty_req *m = p;

	sink_u8(out, 0);
	sink_string(out, m->term);
	sink_u32(out, m->cols);
	sink_u32(out, m->rows);
	sink_u32(out, m->width);
	sink_u32(out, m->height);
	sink_string(out, m->modes);
}
WIRE_CODEC(pty_req, struct wire_pty_req, false);

static void
window_change_put(struct sink *out, const void *p)
{
	const struct wire_window_change *m = p;

	sink_u8(out, 0);
	sink_u32(out, m->cols);
	sink_u32(out, m->rows);
	sink_u32(out, m->width);
	sink_u32(out, m->height);
}
WIRE_CODEC(window_change, struct wire_window_change, false);

static void
env_put(struct sink *out, const void *p)
{
	const struct wire_env *m = p;

	sink_u8(out, 0);
	sink_string(out, m->name);
	sink_string(out, m->value);
}
WIRE_CODEC(env, struct wire_env, false);

#define exec_put string_put
#define subsystem_put string_put
#define signal_put string_put
#define break_put u32_put
WIRE_CODEC(exec, struct span, false);
WIRE_CODEC(subsystem, struct span, false);
WIRE_CODEC(signal, struct span, false);
WIRE_CODEC(break, uint32_t, false);

static void
requests(void **state)
{
	struct wire_channel_request m;

	(void)state;
	codec_check(&channel_request_codec, &(struct wire_channel_request){
	    3, S("exec"), true, span(NULL, 0) });
	assert_int_equal(wire_parse_channel_request(cursor_of(BYTES(
	    "\0\0\0\3\0\0\0\1x\xffrest")), &m), WIRE_OK);
	assert_int_equal(m.chan, 3);
	assert_true(m.want_reply);
	assert_span(m.rest, "rest");
}

static void
requests_of_a_session(void **state)
{
	struct span command = BYTES("printf 'a\\0b' \x80"), empty = BYTES("");
	struct span name = S("sftp"), sig = S("TERM");
	uint32_t ms = 500;

	(void)state;
	codec_check(&pty_req_codec, &(struct wire_pty_req){
	    S("xterm"), 80, 24, 640, 480, BYTES("\1\0\0\0\3\0") });
	codec_check(&window_change_codec,
	    &(struct wire_window_change){ 80, 24, 640, 480 });
	codec_check(&env_codec, &(struct wire_env){ S("LANG"), S("C") });
	codec_check(&exec_codec, &command);
	codec_check(&exec_codec, &empty);
	codec_check(&subsystem_codec, &name);
	codec_check(&signal_codec, &sig);
	codec_check(&break_codec, &ms);
}

static void
modes_are_walked(void **state)
{
	struct cursor c = cursor_of(BYTES("\1\0\0\0\3\x81\0\0\x96\0\0"
					  "\2\0\0\0\4"));
	uint8_t op;
	uint32_t value;

	(void)state;
	assert_true(wire_next_tty_mode(&c, &op, &value));
	assert_int_equal(op, TTY_OP_VINTR);
	assert_int_equal(value, 3);
	assert_true(wire_next_tty_mode(&c, &op, &value));
	assert_int_equal(op, TTY_OP_OSPEED);
	assert_int_equal(value, 38400);
	/* TTY_OP_END: what follows it is nothing. */
	for (int i = 0; i < 3; i++) {
		assert_false(wire_next_tty_mode(&c, &op, &value));
		assert_int_equal(op, TTY_OP_END);
		assert_int_equal(value, 0);
	}
}

static void
modes_end(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int count;
	} row[] = {
		{ "", 0, 0 },
		{ "\0", 1, 0 },
		{ "\1", 1, 0 },
		{ "\1\0\0\0", 4, 0 },
		{ "\1\0\0\0\1", 5, 1 },			/* no TTY_OP_END */
		{ "\1\0\0\0\1\2\0\0\0", 9, 1 },
		{ "\x9f\0\0\0\1\0", 6, 1 },		/* 159, unassigned */
		{ "\1\0\0\0\1\xa0\0\0\0\1\2\0\0\0\1", 15, 1 },	/* 160 */
		{ "\xff\0\0\0\1", 5, 0 },
	};
	uint8_t op;
	uint32_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct cursor c = cursor_of(span(row[i].bytes, row[i].len));
		int count = 0;

		while (wire_next_tty_mode(&c, &op, &value))
			count++;
		assert_int_equal(count, row[i].count);
	}
}

/* As RFC 4254 section 8 and RFC 8160 number them: no slip in the enum. */
static void
opcodes_are_right(void **state)
{
	(void)state;
	assert_int_equal(TTY_OP_VINTR, 1);
	assert_int_equal(TTY_OP_VDISCARD, 18);
	assert_int_equal(TTY_OP_IXON, 38);
	assert_int_equal(TTY_OP_IMAXBEL, 41);
	assert_int_equal(TTY_OP_IUTF8, 42);
	assert_int_equal(TTY_OP_ECHO, 53);
	assert_int_equal(TTY_OP_IEXTEN, 59);
	assert_int_equal(TTY_OP_PENDIN, 62);
	assert_int_equal(TTY_OP_ONLCR, 72);
	assert_int_equal(TTY_OP_ONLRET, 75);
	assert_int_equal(TTY_OP_PARODD, 93);
	assert_int_equal(TTY_OP_OSPEED, 129);
}

static void
what_is_only_sent(void **state)
{
	uint8_t buf[256];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	wire_put_exit_status(&s, 1, 255);
	assert_span(sink_span(&s),
	    "\x62\0\0\0\1\0\0\0\x0b" "exit-status\0\0\0\0\xff");
	s = sink_of(buf, sizeof buf);
	wire_put_exit_signal(&s, 1, S("KILL"), true, S("m"));
	assert_span(sink_span(&s), "\x62\0\0\0\1\0\0\0\x0b" "exit-signal\0"
	    "\0\0\0\4KILL\1\0\0\0\1m\0\0\0\0");
	s = sink_of(buf, sizeof buf);
	wire_put_eow(&s, 1);
	assert_span(sink_span(&s),
	    "\x62\0\0\0\1\0\0\0\x0f" "eow@openssh.com\0");
	s = sink_of(buf, sizeof buf);
	wire_put_keepalive_channel(&s, 1);
	assert_span(sink_span(&s),
	    "\x62\0\0\0\1\0\0\0\x15" "keepalive@openssh.com\1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(requests_of_a_session),
		cmocka_unit_test(modes_are_walked),
		cmocka_unit_test(modes_end),
		cmocka_unit_test(opcodes_are_right),
		cmocka_unit_test(what_is_only_sent),
	};

	return cmocka_run_group_tests_name("wire_request", tests, NULL, NULL);
}
