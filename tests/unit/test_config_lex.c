/*
 * Tests of config/lex.h: the way administrators quote.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/lex.h"
#include "unit.h"

/* The text of one line, its fate, and "keyword|word|word". */
struct example {
	const char *text;
	enum lex_result result;
	const char *want;
};

static const struct example examples[] = {
	{ "Port 22", LEX_OK, "Port|22" },
	{ "\t Port\t22 \t\r", LEX_OK, "Port|22" },
	{ "Port=22", LEX_OK, "Port|22" },
	{ "Port = 22", LEX_OK, "Port|22" },
	{ "Port =22", LEX_OK, "Port|22" },
	{ "Port== 22", LEX_OK, "Port|=|22" },
	{ "\"Port\" 22", LEX_OK, "Port|22" },
	{ "\"Port\"=22", LEX_OK, "Port|=22" },
	{ "= Port 22", LEX_OK, "Port|22" },
	{ "a b \f", LEX_OK, "a|b" },
	{ "a b#c #d e", LEX_OK, "a|b#c" },
	{ "a #b", LEX_OK, "a" },
	{ "a \"b c\" 'd \"e'", LEX_OK, "a|b c|d \"e" },
	{ "a b'c d'e", LEX_OK, "a|bc de" },
	{ "a b\\ c \\\"d \\'e \\\\f \\g", LEX_OK, "a|b c|\"d|'e|\\f|\\g" },
	{ "a \"b\\ c\\\"d\"", LEX_OK, "a|b\\ c\"d" },
	{ "a \"\" b", LEX_OK, "a||b" },
	{ "a b\\", LEX_OK, "a|b\\" },
	{ "", LEX_EMPTY, "" },
	{ " \t\r", LEX_EMPTY, "" },
	{ "# a b", LEX_EMPTY, "" },
	{ "  #a", LEX_EMPTY, "" },
	{ "a", LEX_NO_ARGUMENT, "a" },
	{ "a =", LEX_NO_ARGUMENT, "a" },
	{ "a \"b", LEX_BAD_QUOTES, "a" },
	{ "a b 'c", LEX_BAD_QUOTES, "a" },
	{ "Por\"t\" 22", LEX_OK, "Port|22" },
	{ "Por\"t 22", LEX_BAD_KEYWORD_QUOTE, "" },
	{ "\"a b", LEX_BAD_KEYWORD_QUOTE, "" },
};

static void
join(const struct line *line, bool words, char *out, size_t size)
{
	size_t i, n;

	n = (size_t)snprintf(out, size, "%s",
	    line->keyword == NULL ? "" : line->keyword);
	for (i = 0; words && i < line->word_count; i++)
		n += (size_t)snprintf(out + n, size - n, "|%s",
		    line->words[i].s);
}

/* A copy of the exact size, for AddressSanitizer. */
static enum lex_result
lex_copy(struct arena *a, const char *text, struct line *line)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 1);
	enum lex_result result;

	assert_non_null(copy);
	memcpy(copy, text, n);
	result = lex_line(a, copy, n, line);
	free(copy);
	return result;
}

static void
lines_are_cut(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(examples); i++) {
		const struct example *e = &examples[i];
		struct arena a = { 0 };
		struct line line;
		char got[128];

		assert_int_equal(lex_copy(&a, e->text, &line), e->result);
		join(&line, e->result == LEX_OK, got, sizeof(got));
		assert_string_equal(got, e->want);
		arena_free(&a);
	}
}

static void
columns_are_the_editors(void **state)
{
	struct arena a = { 0 };
	struct line line;

	(void)state;
	assert_int_equal(lex_copy(&a, "  Ab =  c  'd e' f", &line), LEX_OK);
	assert_int_equal(line.keyword_column, 3);
	assert_int_equal(line.rest_column, 9);
	assert_string_equal(line.rest, "c  'd e' f");
	assert_int_equal(line.word_count, 3);
	assert_int_equal(line.words[0].column, 9);
	assert_int_equal(line.words[1].column, 12);
	assert_int_equal(line.words[2].column, 18);
	arena_free(&a);
}

static void
arena_grows(void **state)
{
	struct arena a = { 0 };
	size_t i;

	(void)state;
	for (i = 1; i < 300000; i = i * 3 + 1) {
		char *p = arena_alloc(&a, i);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % sizeof(void *), 0);
		assert_int_equal(p[0] | p[i - 1], 0);
		memset(p, 'x', i);
	}
	assert_string_equal(arena_printf(&a, "%s-%d", "abc", 7), "abc-7");
	assert_false(a.failed);
	assert_null(arena_alloc(&a, SIZE_MAX - 4));
	assert_true(a.failed);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_cut),
		cmocka_unit_test(columns_are_the_editors),
		cmocka_unit_test(arena_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
