/*
 * Tests of auth/access.h and auth/account.h.
 */
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "auth/access.h"
#include "config/access.h"
#include "run/log.h"
#include "unit.h"

static void
test_user_patterns(void **state)
{
	static const struct peer v4 = { .transport = PEER_INET,
		.remote_host = "192.0.2.77" };
	static const struct peer v6 = { .transport = PEER_INET6,
		.remote_host = "2001:db8::7" };
	static const struct peer named = { .transport = PEER_INET,
		.remote_host = "192.0.2.77", .remote_name = "peer.example" };
	static const struct peer pipe = { .transport = PEER_PIPE,
		.remote_host = "UNKNOWN" };
	static const struct {
		const struct peer *peer;
		const char *pattern;
		bool match;
	} cases[] = {
		{ &v4, "alice", true },
		{ &v4, "ali*", true },
		{ &v4, "al?c", false },
		{ &v4, "bob", false },
		{ &v4, "alice@192.0.2.77", true },
		{ &v4, "alice@192.0.2.*", true },
		{ &v4, "bob@192.0.2.*", false },
		{ &v4, "alice@192.0.2.64/26", true },
		{ &v4, "alice@192.0.2.0/26", false },
		{ &v4, "alice@192.0.2.77/32", true },
		{ &v4, "alice@0.0.0.0/0", true },
		{ &v4, "alice@::/0", false },
		{ &v4, "alice@192.0.2.0/33", false },
		{ &v4, "alice@192.0.2.0/", false },
		{ &v4, "alice@192.0.2.0/2x", false },
		{ &v4, "alice@192.0.2.0/-1", false },
		{ &v4, "alice@10.0.0.0/8,192.0.2.*", true },
		{ &v4, "alice@192.0.2.*,10.0.0.0/8", true },
		{ &v4, "alice@192.0.2.*,!192.0.2.77", false },
		{ &named, "alice@peer.example", true },
		{ &named, "alice@192.0.2.0/24", true },
		{ &named, "alice@192.0.2.77", true },
		{ &named, "alice@*,!peer.example", false },
		{ &named, "alice@*,!192.0.2.77", false },
		{ &named, "alice@other.example", false },
		{ &v6, "alice@2001:db8::/32", true },
		{ &v6, "alice@2001:db9::/32", false },
		{ &v6, "alice@2001:db8::7/128", true },
		{ &v6, "alice@2001:db8::6/127", true },
		{ &v6, "alice@2001:DB8::7", true },
		/* Who has no address is in no block: fail closed. */
		{ &pipe, "alice", true },
		{ &pipe, "alice@*", true },
		{ &pipe, "alice@UNKNOWN", false },
		{ &pipe, "alice@0.0.0.0/0", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct peer *peer = cases[i].peer;
		const char *address = peer == &pipe ? NULL
						    : peer->remote_host;

		if (config_user_matches("alice", peer_name(peer),
			address, cases[i].pattern) != cases[i].match)
			fail_msg("%s, %s", peer->remote_host,
			    cases[i].pattern);
	}
}

/* A list that denies fails closed, too: there it is a host of that name. */
static void
test_denied_without_an_address(void **state)
{
	static const struct {
		const char *pattern;
		bool denied;
	} cases[] = {
		{ "alice", true },
		{ "alice@*", true },
		{ "alice@UNKNOWN", true },
		{ "alice@!192.0.2.*,*", true },
		{ "alice@!192.0.2.0/24,*", true },
		{ "alice@192.0.2.*", false },
		{ "alice@0.0.0.0/0", false },
		{ "bob@*", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *list[] = { cases[i].pattern };
		const struct settings s = { .deny_users = { list, 1 } };

		if ((config_refuses_user(&s, "alice", "UNKNOWN", NULL) !=
			NULL) != cases[i].denied)
			fail_msg("%s", cases[i].pattern);
	}
}

static void
test_lookup(void **state)
{
	static const char *const nobody[] = { "", "no-such-user-here",
		"../../etc", "a/b", "\x1b[2J", "root\n" };
	const struct passwd *pw = getpwuid(getuid());
	char name[256], longest[300];
	struct account a;

	(void)state;
	assert_non_null(pw);
	strncpy(name, pw->pw_name, sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_true(account_lookup(&a, S(name), getuid() == 0));
	assert_true(a.known);
	assert_false(a.valid);
	assert_int_equal(a.uid, getuid());
	account_free(&a);
	for (size_t i = 0; i < ARRAY_LEN(nobody); i++) {
		assert_true(account_lookup(&a, S(nobody[i]), true));
		assert_false(a.known);
		/* The peer's name is not kept: no path is made of it. */
		assert_string_equal(a.name, "nouser");
		assert_int_not_equal(a.uid, 0);
		account_free(&a);
	}
	/* A NUL in it does not make it the name before the NUL. */
	assert_true(account_lookup(&a, span("root\0x", 6), true));
	assert_false(a.known);
	account_free(&a);
	memset(longest, 'x', sizeof longest);
	assert_true(account_lookup(&a, span(longest, sizeof longest), true));
	assert_false(a.known);
	account_free(&a);
	/* Single-user mode: nobody but the uid that runs it. */
	if (getuid() != 0) {
		assert_true(account_lookup(&a, S("root"), false));
		assert_false(a.known);
		account_free(&a);
	}
}

static void
test_stand_in_is_never_valid(void **state)
{
	static const struct peer peer = { .transport = PEER_INET,
		.remote_host = "192.0.2.7" };
	struct settings settings = { .permit_root_login = ROOT_YES };
	struct account a;

	(void)state;
	assert_true(log_open(LOG_TO_STDERR, NULL, LOG_LEVEL_QUIET, 0));
	assert_true(account_lookup(&a, S("no-such-user-here"), true));
	access_admit(&a, &settings, &peer, getuid() == 0);
	assert_false(a.valid);
	account_free(&a);
}

static void
test_root_login(void **state)
{
	static const struct {
		enum root_login setting;
		const char *method;
		bool forced, ok;
	} cases[] = {
		{ ROOT_NO, "publickey", true, false },
		{ ROOT_YES, "password", false, true },
		{ ROOT_PROHIBIT_PASSWORD, "publickey", false, true },
		{ ROOT_PROHIBIT_PASSWORD, "hostbased", false, true },
		{ ROOT_PROHIBIT_PASSWORD, "password", true, false },
		{ ROOT_PROHIBIT_PASSWORD, "keyboard-interactive", true,
		    false },
		{ ROOT_FORCED_COMMANDS_ONLY, "hostbased", false, false },
		{ ROOT_NO, "hostbased", false, false },
		{ ROOT_FORCED_COMMANDS_ONLY, "publickey", false, false },
		{ ROOT_FORCED_COMMANDS_ONLY, "publickey", true, true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct settings s = {
			.permit_root_login = cases[i].setting };

		assert_int_equal(config_lets_root_in(&s, cases[i].method,
		    cases[i].forced), cases[i].ok);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user_patterns),
		cmocka_unit_test(test_denied_without_an_address),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_stand_in_is_never_valid),
		cmocka_unit_test(test_root_login),
	};

	return cmocka_run_group_tests_name("auth_access", tests, NULL, NULL);
}
