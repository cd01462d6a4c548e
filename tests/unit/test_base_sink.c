/*
 * Tests of base/sink.h.
 */
#include "unit.h"

static void
numbers_are_big_endian(void **state)
{
	uint8_t buf[32];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	sink_u8(&s, 0x01);
	sink_bool(&s, true);
	sink_bool(&s, false);
	sink_u32(&s, 0x04050607);
	sink_u64(&s, UINT64_C(0x1112131415161718));
	assert_true(sink_ok(&s));
	assert_span(sink_span(&s), "\x01\x01\x00\x04\x05\x06\x07"
	    "\x11\x12\x13\x14\x15\x16\x17\x18");
}

static void
strings_have_lengths(void **state)
{
	uint8_t buf[32];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	sink_string(&s, BYTES("a\0b"));
	sink_cstring(&s, "cd");
	sink_cstring(&s, "");
	sink_bytes(&s, S("ef"));
	sink_bytes(&s, span(NULL, 0));
	assert_span(sink_span(&s), "\0\0\0\3a\0b\0\0\0\2cd\0\0\0\0ef");
}

static void
mpints_are_minimal(void **state)
{
	uint8_t buf[64];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	sink_mpint(&s, span(NULL, 0));
	sink_mpint(&s, BYTES("\0\0"));
	sink_mpint(&s, BYTES("\0\0\x7f"));
	sink_mpint(&s, BYTES("\0\x80"));
	sink_mpint(&s, BYTES("\x09\xa3\x78\xf9\xb2\xe3\x32\xa7"));
	assert_span(sink_span(&s), "\0\0\0\0" "\0\0\0\0" "\0\0\0\1\x7f"
	    "\0\0\0\2\0\x80" "\0\0\0\x08\x09\xa3\x78\xf9\xb2\xe3\x32\xa7");
}

static void
lengths_come_later(void **state)
{
	uint8_t buf[32];
	struct sink s = sink_of(buf, sizeof buf);
	size_t outer = sink_string_begin(&s), inner;

	(void)state;
	sink_u8(&s, 'x');
	inner = sink_string_begin(&s);
	sink_bytes(&s, S("yz"));
	sink_string_end(&s, inner);
	sink_string_end(&s, outer);
	assert_span(sink_span(&s), "\0\0\0\7x\0\0\0\2yz");
}

static void
overflow_sticks(void **state)
{
	uint8_t buf[8] = "\xaa\xaa\xaa\xaa\xaa\xaa\xaa";
	struct sink s = sink_of(buf, 6);
	size_t mark;

	(void)state;
	sink_u32(&s, 1);
	sink_u32(&s, 2);		/* two bytes are left: nothing goes in */
	assert_false(sink_ok(&s));
	sink_u8(&s, 3);			/* would fit, comes too late */
	mark = sink_string_begin(&s);
	sink_string_end(&s, mark);
	assert_int_equal(s.len, 4);
	assert_int_equal(sink_span(&s).len, 0);
	assert_memory_equal(buf, "\0\0\0\1\xaa\xaa\xaa\0", 8);
}

static void
exact_room_is_enough(void **state)
{
	uint8_t buf[7];

	(void)state;
	for (size_t cap = 0; cap <= sizeof buf; cap++) {
		struct sink s = sink_of(buf, cap);

		sink_string(&s, S("abc"));
		assert_int_equal(sink_ok(&s), cap == sizeof buf);
	}
}

static void
a_string_too_long_for_its_length(void **state)
{
	uint8_t buf[8];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	/* Never read: the length alone is wrong. */
	sink_string(&s, span(buf, (size_t)UINT32_MAX + 1));
	assert_false(sink_ok(&s));
	assert_int_equal(s.len, 0);
}

/* What a sink writes a cursor reads, for every length around the borders. */
static void
cursor_reads_it_back(void **state)
{
	uint8_t buf[640], data[300];

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i + 1);
	for (size_t n = 0; n < sizeof data; n++) {
		struct sink s = sink_of(buf, sizeof buf);
		struct cursor c;
		struct span got;

		sink_string(&s, span(data, n));
		sink_mpint(&s, span(data, n));
		c = cursor_of(sink_span(&s));
		got = cursor_string(&c);
		assert_true(span_equal(got, span(data, n)));
		got = cursor_mpint(&c);
		assert_true(span_equal(got, span(data, n)));
		assert_int_equal(cursor_end(&c), WIRE_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(strings_have_lengths),
		cmocka_unit_test(mpints_are_minimal),
		cmocka_unit_test(lengths_come_later),
		cmocka_unit_test(overflow_sticks),
		cmocka_unit_test(exact_room_is_enough),
		cmocka_unit_test(a_string_too_long_for_its_length),
		cmocka_unit_test(cursor_reads_it_back),
	};

	return cmocka_run_group_tests_name("base_sink", tests, NULL, NULL);
}
