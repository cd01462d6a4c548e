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

static void
expect_warning(const struct spwd *sp, long today,
    void (*add)(const struct spwd *, long, char **), const char *want)
{
	char *text = NULL;

	add(sp, today, &text);
	if (want == NULL)
		assert_null(text);
	else
		assert_string_equal(text, want);
	free(text);
}

static void
warnings(void **state)
{
	struct spwd sp = { .sp_lstchg = 19000, .sp_max = 90, .sp_warn = 7,
		.sp_expire = 19100 };

	(void)state;
	expect_warning(&sp, 19082, password_warn, NULL);
	expect_warning(&sp, 19083, password_warn,
	    "Your password will expire in 7 days.\n");
	expect_warning(&sp, 19089, password_warn,
	    "Your password will expire in 1 day.\n");
	expect_warning(&sp, 19090, password_warn,
	    "Your password will expire in 0 days.\n");
	expect_warning(&sp, 19091, password_warn, NULL);
	expect_warning(&sp, 19092, account_warn, NULL);
	expect_warning(&sp, 19093, account_warn,
	    "Your account will expire in 7 days.\n");
	expect_warning(&sp, 19101, account_warn, NULL);
	/* Switched off, one after the other. */
	sp.sp_max = sp.sp_expire = -1;
	for (long today = 0; today < 20000; today++) {
		expect_warning(&sp, today, password_warn, NULL);
		expect_warning(&sp, today, account_warn, NULL);
	}
	sp = (struct spwd){ .sp_lstchg = 19000, .sp_max = 90, .sp_warn = -1,
		.sp_expire = 19090 };
	expect_warning(&sp, 19090, password_warn, NULL);
	expect_warning(&sp, 19090, account_warn, NULL);
	sp.sp_lstchg = 0;
	sp.sp_warn = 90;
	expect_warning(&sp, 1, password_warn, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing_text),
		cmocka_unit_test(wrong_passwords),
		cmocka_unit_test(matching),
		cmocka_unit_test(ageing),
		cmocka_unit_test(warnings),
	};

	return cmocka_run_group_tests_name("rules_login", tests, NULL, NULL);
}
