/*
 * Tests of rules/password.h, and of the text that grows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/password.h"
#include "unit.h"

static void
growing_text(void **state)
{
	char *text = NULL;

	(void)state;
	assert_true(text_add(&text, "%s", ""));
	assert_string_equal(text, "");
	assert_true(text_add(&text, "%s %d\n", "one", 1));
	assert_true(text_add(&text, "two"));
	assert_string_equal(text, "one 1\ntwo");
	free(text);
}

static void
wrong_passwords(void **state)
{
	char text[] = "correct horse battery", none[] = "";

	(void)state;
	password_make_wrong(text);
	assert_int_equal(strlen(text), strlen("correct horse battery"));
	assert_null(strstr(text, "horse"));
	assert_string_equal(text, "\b\n\r\177INCORRECT\b\n\r\177INCO");
	password_make_wrong(none);
	assert_string_equal(none, "");
}

/* threats 42: only a hash that was made, and is the same, grants. */
static void
matching(void **state)
{
	static const char *const words[] = { "*", "!", "!!", "x", "*0", "*1",
		"!$6$salt$hash", "NP", "$" };

	(void)state;
	assert_true(password_matches("$6$s$hash", "$6$s$hash", "pw"));
	assert_true(password_matches("abcdefghijklm", "abcdefghijklm", "pw"));
	assert_false(password_matches("$6$s$hash", "$6$s$hasi", "pw"));
	assert_false(password_matches("$6$s$hash", "$6$s$has", "pw"));
	assert_false(password_matches("$6$s$has", "$6$s$hash", "pw"));
	assert_false(password_matches("$6$s$hash", NULL, "pw"));
	assert_false(password_matches("$6$s$hash", "", "pw"));
	assert_true(password_matches("", NULL, ""));
	assert_false(password_matches("", NULL, "x"));
	assert_false(password_matches("", "", "x"));
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		/* What was typed is the word, or crypt() echoed it. */
		assert_false(password_matches(words[i], NULL, words[i]));
		assert_false(password_matches(words[i], "*0", words[i]));
		if (words[i][0] != '$')
			assert_false(password_matches(words[i], words[i],
			    words[i]));
	}
}

static void
ageing(void **state)
{
	struct spwd sp = { .sp_lstchg = 19000, .sp_max = 90 };

	(void)state;
	assert_null(password_must_change(&sp, 19000));
	assert_null(password_must_change(&sp, 19090));
	assert_string_equal(password_must_change(&sp, 19091),
	    "password aged");
	sp.sp_max = -1;
	assert_null(password_must_change(&sp, 99999));
	sp.sp_lstchg = -1;
	sp.sp_max = 1;
	assert_null(password_must_change(&sp, 99999));
	sp.sp_lstchg = 0;
	assert_string_equal(password_must_change(&sp, 1), "root forced");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing_text),
		cmocka_unit_test(wrong_passwords),
		cmocka_unit_test(matching),
		cmocka_unit_test(ageing),
	};

	return cmocka_run_group_tests_name("rules_login", tests, NULL, NULL);
}
