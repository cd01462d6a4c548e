/*
 * Tests of keys/words.h: the arguments of AuthorizedKeysCommand.
 */
#include <string.h>

#include "keys/words.h"
#include "unit.h"

#define WORD_BYTES 16

/* The words of line, each in brackets; NULL if it cannot be taken apart. */
static const char *
words(const char *line)
{
	static char all[256];
	char word[WORD_BYTES];
	bool end = false;

	all[0] = '\0';
	for (;;) {
		if (!keys_next_word(&line, word, sizeof word, &end))
			return NULL;
		if (end)
			return all;
		strcat(strcat(strcat(all, "["), word), "]");
	}
}

static void
split(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ " \t ", "" },
		{ "/bin/x", "[/bin/x]" },
		{ "  /bin/x\t-a  b ", "[/bin/x][-a][b]" },
		{ "a 'b c' \"d e\"", "[a][b c][d e]" },
		{ "a'b 'c\"d \"", "[ab cd ]" },
		{ "'' \"\"", "[][]" },
		{ "'a\"b' \"c'd\"", "[a\"b][c'd]" },
		{ "a\\ b", "[a b]" },
		{ "'a\\ b'", "[a\\ b]" },
		{ "\\\\ \\' \\\"", "[\\]['][\"]" },
		{ "'a\\'b' \"c\\\"d\"", "[a'b][c\"d]" },
		{ "a\\b \\", "[a\\b][\\]" },
		{ "$(x) `y` ;|&", "[$(x)][`y`][;|&]" },
		{ "# %u", "[#][%u]" },
		{ "123456789012345", "[123456789012345]" },
	};
	static const char *const wrong[] = { "'", "\"", "a 'b", "a \"b'",
		"'a\\'", "1234567890123456", "'a' 'b'c'" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = words(cases[i][0]);

		if (got == NULL || strcmp(got, cases[i][1]) != 0)
			fail_msg("%s: %s", cases[i][0], got == NULL ? "-" :
			    got);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		if (words(wrong[i]) != NULL)
			fail_msg("taken: %s", wrong[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
