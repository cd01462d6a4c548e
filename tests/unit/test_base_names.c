/*
 * Tests of base/names.h and base/pattern.h.
 */
#include <stdlib.h>
#include <time.h>

#include "base/names.h"
#include "base/pattern.h"
#include "unit.h"

static void
lists_are_walked(void **state)
{
	struct span list = S("a,bc,,d"), one;

	(void)state;
	assert_true(names_next(&list, &one));
	assert_span(one, "a");
	assert_true(names_next(&list, &one));
	assert_span(one, "bc");
	assert_true(names_next(&list, &one));
	assert_int_equal(one.len, 0);
	assert_true(names_next(&list, &one));
	assert_span(one, "d");
	assert_false(names_next(&list, &one));
	assert_int_equal(one.len, 0);
	assert_false(names_next(&list, &one));
}

static void
exact_names_only(void **state)
{
	(void)state;
	assert_true(names_contain(S("aes,aes128,x"), S("aes128")));
	assert_true(names_contain(S("aes128"), S("aes128")));
	assert_false(names_contain(S("aes128-gcm,xaes128"), S("aes128")));
	assert_false(names_contain(S("a,,b"), S("")));
	assert_false(names_contain(S(""), S("a")));
	assert_false(names_contain(span(NULL, 0), S("a")));
}

/* RFC 4253 7.1: the first of the client's that the server has too. */
static void
client_order_decides(void **state)
{
	(void)state;
	assert_span(names_match(S("c,b,a"), S("a,b")), "b");
	assert_span(names_match(S("a,b"), S("b,a")), "a");
	assert_int_equal(names_match(S("x,y"), S("a,b")).len, 0);
	assert_int_equal(names_match(S(",,"), S(",")).len, 0);
	assert_int_equal(names_match(S(""), S("a")).len, 0);
	assert_span(names_first(S("a,b")), "a");
	assert_int_equal(names_first(S("")).len, 0);
}

static void
patterns_match(void **state)
{
	static const struct {
		const char *text, *pattern;
		bool yes;
	} row[] = {
		{ "", "", true },
		{ "", "*", true },
		{ "", "?", false },
		{ "a", "", false },
		{ "abc", "abc", true },
		{ "abc", "ab", false },
		{ "abc", "abcd", false },
		{ "abc", "a?c", true },
		{ "abc", "*", true },
		{ "abc", "a*", true },
		{ "abc", "*c", true },
		{ "abc", "*b*", true },
		{ "abc", "*d*", false },
		{ "abc", "**a**b**c**", true },
		{ "abcabd", "*ab?", true },
		{ "abcabd", "*abc", false },
		{ "LANG", "LC_*", false },
		{ "LC_ALL", "LC_*", true },
		{ "a*c", "a\\*c", false },	/* no escapes */
		{ "ABC", "abc", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (pattern_match(S(row[i].text), S(row[i].pattern)) !=
		    row[i].yes)
			fail_msg("'%s' and '%s'", row[i].text, row[i].pattern);
	}
	assert_true(pattern_match(BYTES("a\0b"), S("a?b")));
	assert_false(pattern_match(BYTES("a\0b"), S("a")));
}

static void
lists_deny(void **state)
{
	(void)state;
	assert_int_equal(pattern_list(S("a"), S("b,a"), false), PATTERN_YES);
	assert_int_equal(pattern_list(S("a"), S("b,c"), false), PATTERN_NONE);
	assert_int_equal(pattern_list(S("a"), S("*,!a"), false),
	    PATTERN_DENIED);
	assert_int_equal(pattern_list(S("a"), S("!a,*"), false),
	    PATTERN_DENIED);
	assert_int_equal(pattern_list(S("b"), S("!a"), false), PATTERN_NONE);
	assert_int_equal(pattern_list(S("b"), S("!a,*"), false), PATTERN_YES);
	assert_int_equal(pattern_list(S("a"), S(""), false), PATTERN_NONE);
	assert_int_equal(pattern_list(S("a"), S("A"), false), PATTERN_NONE);
	assert_int_equal(pattern_list(S("Host"), S("hOST"), true),
	    PATTERN_YES);
	assert_int_equal(pattern_list(S("Host"), S("!hOST"), true),
	    PATTERN_DENIED);
}

/*
 * "*a*a*a*b" against many a: a matcher that tries every star again takes
 * longer than the universe has; the product of the lengths takes no time.
 */
static void
stars_do_not_explode(void **state)
{
	enum { TEXT_BYTES = 20000, STARS_COUNT = 200 };
	uint8_t *text = malloc(TEXT_BYTES);
	char pattern[2 * STARS_COUNT + 2];
	clock_t start = clock();

	(void)state;
	memset(text, 'a', TEXT_BYTES);
	for (size_t i = 0; i < STARS_COUNT; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	memcpy(pattern + sizeof pattern - 2, "b", 2);
	assert_false(pattern_match(span(text, TEXT_BYTES), S(pattern)));
	/* Some 10 ms; the bound is for a sanitizer on a busy machine. */
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_walked),
		cmocka_unit_test(exact_names_only),
		cmocka_unit_test(client_order_decides),
		cmocka_unit_test(patterns_match),
		cmocka_unit_test(lists_deny),
		cmocka_unit_test(stars_do_not_explode),
	};

	return cmocka_run_group_tests_name("base_names", tests, NULL, NULL);
}
