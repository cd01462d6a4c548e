/*
 * Tests of rules/record.h: fields that are cut, never overrun, and names
 * that are no terminal's.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <time.h>

#include "rules/record.h"
#include "unit.h"

static const struct peer v4 = { PEER_INET, "192.0.2.7", 40000,
	"198.51.100.1", 22, "", 0 };

static void
fields_of_a_login(void **state)
{
	struct utmpx ut = record_utmp(&v4, USER_PROCESS, "pts/123456", 4711,
	    "alice");
	struct in_addr want;

	(void)state;
	inet_aton("192.0.2.7", &want);
	assert_int_equal(ut.ut_type, USER_PROCESS);
	assert_int_equal(ut.ut_pid, 4711);
	assert_string_equal(ut.ut_line, "pts/123456");
	assert_memory_equal(ut.ut_id, "3456", 4);
	assert_string_equal(ut.ut_user, "alice");
	assert_string_equal(ut.ut_host, "192.0.2.7");
	assert_int_equal(ut.ut_addr_v6[0], want.s_addr);
	assert_true(ut.ut_tv.tv_sec + 5 >= time(NULL));
}

static void
ends_and_failures(void **state)
{
	struct utmpx ut = record_utmp(&v4, DEAD_PROCESS, "pts/7", 1, NULL);

	(void)state;
	assert_string_equal(ut.ut_user, "");
	assert_string_equal(ut.ut_host, "");
	assert_memory_equal(ut.ut_id, "ts/7", 4);
	ut = record_utmp(&v4, LOGIN_PROCESS, "ssh:notty", 1, "bob");
	assert_memory_equal(ut.ut_id, "\0\0\0\0", 4);
	assert_string_equal(ut.ut_line, "ssh:notty");
	assert_string_equal(ut.ut_user, "bob");
}

/* threats 77: a name of any length, a peer of any kind. */
static void
what_is_too_long_is_cut(void **state)
{
	char name[300];
	struct peer peer = { PEER_INET6, "2001:db8::1", 1, "::1", 22, "",
		0 };
	struct utmpx ut;
	struct in6_addr want;

	(void)state;
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = '\0';
	ut = record_utmp(&peer, USER_PROCESS, name, 1, name);
	for (size_t i = 0; i < sizeof ut.ut_user; i++)
		assert_int_equal(ut.ut_user[i], 'n');
	for (size_t i = 0; i < sizeof ut.ut_line; i++)
		assert_int_equal(ut.ut_line[i], 'n');
	inet_pton(AF_INET6, "2001:db8::1", &want);
	assert_memory_equal(ut.ut_addr_v6, &want, sizeof want);
	peer = (struct peer){ PEER_PIPE, "UNKNOWN", 65535, "UNKNOWN", 65535,
		"", 0 };
	ut = record_utmp(&peer, USER_PROCESS, "pts/0", 1, "a");
	assert_string_equal(ut.ut_host, "UNKNOWN");
	assert_int_equal(ut.ut_addr_v6[0], 0);
	assert_string_equal(record_lastlog(&peer, "pts/0").ll_host,
	    "UNKNOWN");
	assert_memory_equal(record_lastlog(&peer, name).ll_line, name,
	    sizeof ((struct lastlog *)0)->ll_line);
}

/* UseDNS, and sshd's -u. */
static void
names_of_hosts(void **state)
{
	struct peer peer = v4;

	(void)state;
	strcpy(peer.remote_name, "peer.example");
	peer.utmp_name_max = 12;
	assert_string_equal(record_utmp(&peer, USER_PROCESS, "pts/0", 1,
	    "a").ut_host, "peer.example");
	assert_string_equal(record_lastlog(&peer, "pts/0").ll_host,
	    "peer.example");
	peer.utmp_name_max = 11;
	assert_string_equal(record_utmp(&peer, USER_PROCESS, "pts/0", 1,
	    "a").ut_host, "192.0.2.7");
	assert_string_equal(record_lastlog(&peer, "pts/0").ll_host,
	    "192.0.2.7");
}

static void
names_of_terminals(void **state)
{
	static const char *const not[] = { "", "p", "pts", "pts/", "pts/x",
		"pts/1x", "pts/ 1", "pts/-1", "pts/1/2", "pts/../1", "tty1",
		"/dev/pts/1", "Pts/1", "pts/12345678901" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(not); i++)
		assert_false(record_is_tty(not[i]));
	assert_true(record_is_tty("pts/0"));
	assert_true(record_is_tty("pts/1234567890"));
}

static void
methods_that_passed(void **state)
{
	static const uint8_t key[] = "\0\0\0\3abc\0\0\0\1x";
	char *lines = NULL;

	(void)state;
	assert_true(record_method(&lines, "password", span(NULL, 0)));
	assert_string_equal(lines, "password\n");
	assert_true(record_method(&lines, "publickey",
	    span(key, sizeof key - 1)));
	assert_string_equal(lines,
	    "password\npublickey abc AAAAA2FiYwAAAAF4\n");
	free(lines);
	/* A key that is none leaves a line, and no more than its bytes. */
	lines = NULL;
	assert_true(record_method(&lines, "publickey",
	    span("\xff\xff\xff\xff", 4)));
	assert_string_equal(lines, "publickey  /////w==\n");
	free(lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_a_login),
		cmocka_unit_test(ends_and_failures),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(names_of_hosts),
		cmocka_unit_test(names_of_terminals),
		cmocka_unit_test(methods_that_passed),
	};

	return cmocka_run_group_tests_name("rules_record", tests, NULL, NULL);
}
