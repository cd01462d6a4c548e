/*
 * Tests of base/cursor.h and base/span.h.
 */
#include "unit.h"

static void
numbers_are_big_endian(void **state)
{
	struct cursor c = cursor_of(BYTES("\x01\x04\x05\x06\x07"
					  "\x11\x12\x13\x14\x15\x16\x17\x18"));

	(void)state;
	assert_int_equal(cursor_u8(&c), 0x01);
	assert_int_equal(cursor_u32(&c), 0x04050607);
	assert_true(cursor_u64(&c) == UINT64_C(0x1112131415161718));
	assert_int_equal(cursor_end(&c), WIRE_OK);
}

static void
any_non_zero_is_true(void **state)
{
	struct cursor c = cursor_of(BYTES("\x00\x01\x02\xff"));

	(void)state;
	assert_false(cursor_bool(&c));
	assert_true(cursor_bool(&c));
	assert_true(cursor_bool(&c));
	assert_true(cursor_bool(&c));
	assert_int_equal(cursor_end(&c), WIRE_OK);
}

static void
strings_borrow(void **state)
{
	static const char bytes[] = "\0\0\0\3abc\0\0\0\0rest";
	struct cursor c = cursor_of(BYTES(bytes));
	struct span s = cursor_string(&c);

	(void)state;
	assert_span(s, "abc");
	assert_ptr_equal(s.p, bytes + 4);
	assert_int_equal(cursor_string(&c).len, 0);
	assert_span(cursor_rest(&c), "rest");
	assert_int_equal(cursor_end(&c), WIRE_OK);
}

static void
errors_stick(void **state)
{
	struct cursor c = cursor_of(BYTES("\0\0\0\4abc\1\2\3\4"));

	(void)state;
	cursor_string(&c);		/* fits: "abc\1" */
	assert_int_equal(c.err, WIRE_OK);
	assert_int_equal(cursor_u32(&c), 0);
	assert_int_equal(c.err, WIRE_SHORT);
	assert_int_equal(c.left, 0);
	/* The three bytes that are there are not given to anybody. */
	assert_int_equal(cursor_u8(&c), 0);
	assert_false(cursor_bool(&c));
	assert_true(cursor_u64(&c) == 0);
	assert_int_equal(cursor_bytes(&c, 0).len, 0);
	assert_null(cursor_string(&c).p);
	assert_null(cursor_name(&c).p);
	assert_null(cursor_mpint(&c).p);
	assert_int_equal(cursor_rest(&c).len, 0);
	assert_int_equal(cursor_end(&c), WIRE_SHORT);
	cursor_fail(&c, WIRE_BAD_VALUE);
	assert_int_equal(c.err, WIRE_SHORT);
}

static void
huge_lengths_are_short(void **state)
{
	struct cursor c = cursor_of(BYTES("\xff\xff\xff\xff" "abc"));
	struct cursor d = cursor_of(BYTES("abc"));

	(void)state;
	assert_null(cursor_string(&c).p);
	assert_int_equal(cursor_end(&c), WIRE_SHORT);
	assert_null(cursor_bytes(&d, SIZE_MAX).p);
	assert_int_equal(cursor_end(&d), WIRE_SHORT);
}

static void
leftovers_are_long(void **state)
{
	struct cursor c = cursor_of(BYTES("\1\2"));
	struct cursor none = cursor_of(span(NULL, 0));

	(void)state;
	cursor_u8(&c);
	assert_int_equal(cursor_end(&c), WIRE_LONG);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_end(&none), WIRE_OK);
}

static void
names_are_printable(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum wire_err err;
	} row[] = {
		{ "\0\0\0\1a", 5, WIRE_OK },
		{ "\0\0\0\3a@b", 7, WIRE_OK },
		{ "\0\0\0\0", 4, WIRE_BAD_NAME },
		{ "\0\0\0\3a b", 7, WIRE_BAD_NAME },
		{ "\0\0\0\3a,b", 7, WIRE_BAD_NAME },
		{ "\0\0\0\3a\0b", 7, WIRE_BAD_NAME },
		{ "\0\0\0\3a\x7f" "b", 7, WIRE_BAD_NAME },
		{ "\0\0\0\3a\x80" "b", 7, WIRE_BAD_NAME },
		{ "\0\0\0\3a\nb", 7, WIRE_BAD_NAME },
		{ "\0\0\0\4abc", 7, WIRE_SHORT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct cursor c = cursor_of(span(row[i].bytes, row[i].len));
		struct span s = cursor_name(&c);

		assert_int_equal(cursor_end(&c), row[i].err);
		assert_int_equal(s.len > 0, row[i].err == WIRE_OK);
	}
}

static void
names_have_a_limit(void **state)
{
	uint8_t bytes[4 + SSH_NAME_MAX_BYTES + 1] = { 0 };
	struct cursor c;

	(void)state;
	memset(bytes + 4, 'x', sizeof bytes - 4);
	bytes[3] = SSH_NAME_MAX_BYTES;
	c = cursor_of(span(bytes, sizeof bytes - 1));
	assert_int_equal(cursor_name(&c).len, SSH_NAME_MAX_BYTES);
	assert_int_equal(cursor_end(&c), WIRE_OK);
	bytes[3]++;
	c = cursor_of(span(bytes, sizeof bytes));
	assert_int_equal(cursor_name(&c).len, 0);
	assert_int_equal(cursor_end(&c), WIRE_BAD_NAME);
}

/* RFC 4251 section 5 gives these; the negative ones are refused. */
static void
mpints_of_the_rfc(void **state)
{
	struct cursor c = cursor_of(BYTES("\0\0\0\0"
	    "\0\0\0\x08\x09\xa3\x78\xf9\xb2\xe3\x32\xa7"
	    "\0\0\0\x02\0\x80"));
	struct cursor m1 = cursor_of(BYTES("\0\0\0\2\xed\xcc"));
	struct cursor m2 = cursor_of(BYTES("\0\0\0\5\xff\x21\x52\x41\x11"));

	(void)state;
	assert_int_equal(cursor_mpint(&c).len, 0);
	assert_span(cursor_mpint(&c), "\x09\xa3\x78\xf9\xb2\xe3\x32\xa7");
	assert_span(cursor_mpint(&c), "\x80");
	assert_int_equal(cursor_end(&c), WIRE_OK);
	assert_null(cursor_mpint(&m1).p);
	assert_int_equal(cursor_end(&m1), WIRE_BAD_VALUE);
	assert_null(cursor_mpint(&m2).p);
	assert_int_equal(cursor_end(&m2), WIRE_BAD_VALUE);
}

static void
mpints_are_minimal(void **state)
{
	struct cursor zero = cursor_of(BYTES("\0\0\0\1\0"));
	struct cursor padded = cursor_of(BYTES("\0\0\0\2\0\x7f"));

	(void)state;
	cursor_mpint(&zero);
	assert_int_equal(cursor_end(&zero), WIRE_BAD_VALUE);
	cursor_mpint(&padded);
	assert_int_equal(cursor_end(&padded), WIRE_BAD_VALUE);
}

static void
spans_compare(void **state)
{
	(void)state;
	assert_true(span_equal(BYTES("a\0b"), BYTES("a\0b")));
	assert_false(span_equal(BYTES("a\0b"), BYTES("a\0c")));
	assert_false(span_equal(S("ab"), S("abc")));
	assert_true(span_equal(span(NULL, 0), S("")));
	assert_true(span_is(S("ssh"), "ssh"));
	assert_false(span_is(S("ssh"), "ss"));
	assert_int_equal(span_str(NULL).len, 0);
}

static void
spans_become_strings(void **state)
{
	char out[4] = "???";

	(void)state;
	assert_true(span_copy_str(S("abc"), out, sizeof out));
	assert_string_equal(out, "abc");
	assert_false(span_copy_str(S("abcd"), out, sizeof out));
	assert_string_equal(out, "");
	assert_false(span_copy_str(BYTES("a\0b"), out, sizeof out));
	assert_string_equal(out, "");
	assert_true(span_copy_str(span(NULL, 0), out, sizeof out));
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(any_non_zero_is_true),
		cmocka_unit_test(strings_borrow),
		cmocka_unit_test(errors_stick),
		cmocka_unit_test(huge_lengths_are_short),
		cmocka_unit_test(leftovers_are_long),
		cmocka_unit_test(names_are_printable),
		cmocka_unit_test(names_have_a_limit),
		cmocka_unit_test(mpints_of_the_rfc),
		cmocka_unit_test(mpints_are_minimal),
		cmocka_unit_test(spans_compare),
		cmocka_unit_test(spans_become_strings),
	};

	return cmocka_run_group_tests_name("base_cursor", tests, NULL, NULL);
}
