/*
 * Tests of base/vis.h and base/base64.h.
 */
#include <stdlib.h>

#include "base/base64.h"
#include "base/vis.h"
#include "unit.h"

static void
printable_stays(void **state)
{
	char out[64];

	(void)state;
	assert_string_equal(vis_text(S("Bad packet: x y~!"), out, sizeof out),
	    "Bad packet: x y~!");
	assert_string_equal(vis_text(span(NULL, 0), out, sizeof out), "");
}

static void
everything_else_is_escaped(void **state)
{
	char out[64];

	(void)state;
	assert_string_equal(vis_text(BYTES("a\nb\r\t\\"), out, sizeof out),
	    "a\\nb\\r\\t\\\\");
	assert_string_equal(vis_text(BYTES("\0\x1b[2J\x7f\x80\xff"), out,
	    sizeof out), "\\000\\033[2J\\177\\200\\377");
}

static void
escaped_text_is_not_escaped_twice(void **state)
{
	char once[64], twice[64];

	(void)state;
	vis_text(BYTES("C:\\x\n\x80"), once, sizeof once);
	assert_string_equal(vis_again(span_str(once), twice, sizeof twice),
	    once);
}

static void
every_byte_is_one_safe_line(void **state)
{
	char out[8];

	(void)state;
	for (unsigned int c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;

		vis_text(span(&byte, 1), out, sizeof out);
		assert_true(strlen(out) >= 1);
		for (const char *p = out; *p != '\0'; p++)
			assert_true(*p >= ' ' && *p < 0x7f);
		vis_again(span(&byte, 1), out, sizeof out);
		assert_true(strlen(out) >= 1);
		for (const char *p = out; *p != '\0'; p++)
			assert_true(*p >= ' ' && *p < 0x7f);
	}
}

static void
escapes_are_never_cut(void **state)
{
	char *out;

	(void)state;
	for (size_t size = 1; size < 12; size++) {
		out = malloc(size);
		vis_text(BYTES("a\x01\x02"), out, size);
		assert_string_equal(out, size < 2 ? "" : size < 6 ? "a" :
		    size < 10 ? "a\\001" : "a\\001\\002");
		free(out);
	}
}

/* RFC 4648 section 10. */
static const struct {
	const char *plain, *text;
} vector[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void
vectors_of_the_rfc(void **state)
{
	uint8_t bin[16];
	char text[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vector); i++) {
		assert_true(base64_encode(S(vector[i].plain), text,
		    sizeof text));
		assert_string_equal(text, vector[i].text);
		assert_true(base64_decode(S(text), bin, sizeof bin, &len));
		assert_true(span_is(span(bin, len), vector[i].plain));
	}
}

static void
padding_may_be_absent(void **state)
{
	uint8_t bin[16];
	size_t len;

	(void)state;
	assert_true(base64_decode(S("Zg"), bin, sizeof bin, &len));
	assert_true(span_is(span(bin, len), "f"));
	assert_true(base64_decode(S("Zm9v\nYmE"), bin, sizeof bin, &len));
	assert_true(span_is(span(bin, len), "fooba"));
	assert_true(base64_decode(S(" Z m\t9\rv\n"), bin, sizeof bin, &len));
	assert_true(span_is(span(bin, len), "foo"));
}

static void
wrong_text_is_refused(void **state)
{
	static const char *const bad[] = {
		"Z", "Zm9vY", "=", "==", "Z=", "Zg=", "Zg===", "Zm8==",
		"Zm9v=", "Zg==Zg==", "Zg=g", "Zm9-", "Zm9_", "Zm9v!", "Zh==",
		"Zm9=", "Zh", "Zm9\x80",
	};
	uint8_t bin[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		len = 99;
		if (base64_decode(S(bad[i]), bin, sizeof bin, &len))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(len, 0);
	}
	assert_false(base64_decode(BYTES("Zm9v\0"), bin, sizeof bin, &len));
}

static void
room_is_respected(void **state)
{
	uint8_t bin[8];
	char *text;
	size_t len;

	(void)state;
	assert_true(base64_decode(S("Zm9vYmE="), bin, 5, &len));
	assert_false(base64_decode(S("Zm9vYmE="), bin, 4, &len));
	assert_int_equal(len, 0);
	for (size_t n = 0; n <= strlen("0123456789abcdef"); n++) {
		size_t need = 4 * ((n + 2) / 3) + 1;

		text = malloc(need);
		memset(text, 'x', need);
		assert_false(base64_encode(span("0123456789abcdef", n), text,
		    need - 1));
		if (need > 1)
			assert_string_equal(text, "");
		assert_true(base64_encode(span("0123456789abcdef", n), text,
		    need));
		assert_int_equal(strlen(text), need - 1);
		free(text);
	}
}

static void
every_byte_comes_back(void **state)
{
	uint8_t all[256], back[256];
	char text[400];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)i;
	for (size_t n = 0; n <= sizeof all; n++) {
		assert_true(base64_encode(span(all, n), text, sizeof text));
		assert_true(base64_decode(S(text), back, sizeof back, &len));
		assert_true(span_equal(span(all, n), span(back, len)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable_stays),
		cmocka_unit_test(everything_else_is_escaped),
		cmocka_unit_test(escaped_text_is_not_escaped_twice),
		cmocka_unit_test(every_byte_is_one_safe_line),
		cmocka_unit_test(escapes_are_never_cut),
		cmocka_unit_test(vectors_of_the_rfc),
		cmocka_unit_test(padding_may_be_absent),
		cmocka_unit_test(wrong_text_is_refused),
		cmocka_unit_test(room_is_respected),
		cmocka_unit_test(every_byte_comes_back),
	};

	return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
