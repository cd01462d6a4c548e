/*
 * Tests of rules/methods.h: what may come next, and when it is enough.
 */
#include <string.h>

#include "rules/methods.h"
#include "unit.h"

static struct settings settings;
static struct methods methods;

/* All methods enabled but "none"; lists up to a NULL. */
static bool
open_lists(const char *const *lists)
{
	settings = (struct settings){
		.pubkey_authentication = true,
		.password_authentication = true,
		.kbdint_authentication = true,
		.hostbased_authentication = true,
		.authentication_methods.v = lists,
	};
	while (lists[settings.authentication_methods.n] != NULL)
		settings.authentication_methods.n++;
	return methods_open(&methods, &settings);
}
#define OPEN(...) open_lists((const char *const[]){ __VA_ARGS__, NULL })

static void
expect_offer(const char *want)
{
	char names[METHOD_NAMES_MAX_BYTES + 1];
	struct sink out = sink_of(names, sizeof names - 1);

	methods_list(&methods, &out);
	assert_true(sink_ok(&out));
	names[out.len] = '\0';
	assert_string_equal(names, want);
}

static void
any_method(void **state)
{
	(void)state;
	assert_true(open_lists((const char *const[]){ NULL }));
	expect_offer("publickey,password,keyboard-interactive,hostbased");
	assert_true(methods_pass(&methods, METHOD_PASSWORD));
	assert_true(OPEN("any"));
	settings.password_authentication = false;
	expect_offer("publickey,keyboard-interactive,hostbased");
	assert_false(methods_offer(&methods, METHOD_PASSWORD));
	assert_true(methods_pass(&methods, METHOD_PUBLICKEY));
}

static void
lists_in_order(void **state)
{
	(void)state;
	assert_true(OPEN("publickey,password", "password,hostbased"));
	expect_offer("publickey,password");
	assert_false(methods_offer(&methods, METHOD_HOSTBASED));
	assert_false(methods_pass(&methods, METHOD_PASSWORD));
	/* In the first list it was not its turn. */
	expect_offer("publickey,hostbased");
	assert_false(methods_pass(&methods, METHOD_PUBLICKEY));
	expect_offer("password,hostbased");
	assert_true(methods_pass(&methods, METHOD_PASSWORD));
}

static void
out_of_turn_is_nothing(void **state)
{
	(void)state;
	assert_true(OPEN("publickey,password"));
	assert_false(methods_pass(&methods, METHOD_PASSWORD));
	assert_false(methods_pass(&methods, METHOD_KBDINT));
	assert_false(methods_pass(&methods, METHOD_NONE));
	expect_offer("publickey");
	assert_false(methods_pass(&methods, METHOD_PUBLICKEY));
	assert_false(methods_pass(&methods, METHOD_PUBLICKEY));
	expect_offer("password");
}

static void
the_same_twice(void **state)
{
	(void)state;
	assert_true(OPEN("publickey,publickey"));
	assert_false(methods_pass(&methods, METHOD_PUBLICKEY));
	expect_offer("publickey");
	assert_true(methods_pass(&methods, METHOD_PUBLICKEY));
}

/* threats 29: a name counts as a whole. */
static void
devices(void **state)
{
	static const char *const wrong[] = { "keyboard-interactive:pa",
		"keyboard-interactive:pamx", "keyboard-interactive:",
		"keyboard-interactive:skey", "password:pam", "publickey:",
		"keyboard", "keyboard-interactivex", "public", "", ",",
		"publickey,", ",publickey", "gssapi-with-mic",
		"publickey,,password", "PUBLICKEY" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		bool ok = OPEN(wrong[i]);

		/* A comma at the end adds nothing; the parser refuses it. */
		if (ok != (strcmp(wrong[i], "publickey,") == 0))
			fail_msg("\"%s\": %d", wrong[i], ok);
	}
	assert_true(OPEN("keyboard-interactive:pam,password"));
	expect_offer("keyboard-interactive");
	assert_false(methods_pass(&methods, METHOD_KBDINT));
	expect_offer("password");
}

static void
what_is_switched_off(void **state)
{
	static const char *const lists[] = { "publickey,hostbased",
		"password", NULL };

	(void)state;
	assert_true(open_lists(lists));
	settings.hostbased_authentication = false;
	assert_true(methods_open(&methods, &settings));
	expect_offer("password");
	settings.password_authentication = false;
	assert_false(methods_open(&methods, &settings));
	expect_offer("");
	assert_false(methods_pass(&methods, METHOD_PUBLICKEY));
}

/* "none" is an empty password, and never told of. */
static void
none(void **state)
{
	(void)state;
	assert_true(OPEN("any"));
	assert_false(methods_offer(&methods, METHOD_NONE));
	settings.permit_empty_passwords = true;
	assert_true(methods_offer(&methods, METHOD_NONE));
	expect_offer("publickey,password,keyboard-interactive,hostbased");
	settings.password_authentication = false;
	assert_false(methods_offer(&methods, METHOD_NONE));
	settings.password_authentication = true;
	assert_true(OPEN("password"));
	settings.permit_empty_passwords = true;
	assert_false(methods_offer(&methods, METHOD_NONE));
	assert_false(methods_pass(&methods, METHOD_NONE));
}

static void
many_lists(void **state)
{
	static const char *lists[METHOD_LISTS_MAX_COUNT + 9];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists) - 1; i++)
		lists[i] = "publickey,password";
	assert_true(open_lists(lists));
	assert_int_equal(methods.count, METHOD_LISTS_MAX_COUNT);
	assert_false(methods_pass(&methods, METHOD_PUBLICKEY));
	assert_true(methods_pass(&methods, METHOD_PASSWORD));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_method),
		cmocka_unit_test(lists_in_order),
		cmocka_unit_test(out_of_turn_is_nothing),
		cmocka_unit_test(the_same_twice),
		cmocka_unit_test(devices),
		cmocka_unit_test(what_is_switched_off),
		cmocka_unit_test(none),
		cmocka_unit_test(many_lists),
	};

	return cmocka_run_group_tests_name("rules_methods", tests, NULL,
	    NULL);
}
