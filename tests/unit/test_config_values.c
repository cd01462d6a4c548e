/*
 * Tests of config/scan.h, config/match.h, and of the numbers that lib/config
 * has to share with layers that it may not include.
 */
#include <string.h>
#include <strings.h>

#include "config/internal.h"
#include "config/match.h"
#include "config/scan.h"
#include "crypto/hash.h"
#include "run/log.h"
#include "unit.h"

static int
value_of(const struct named_value *values, const char *name)
{
	for (; values->name != NULL; values++) {
		if (strcasecmp(values->name, name) == 0)
			return values->value;
	}
	fail_msg("%s is missing", name);
	return -1;
}

static void
numbers_are_those_of_the_others(void **state)
{
	const struct named_value *level = values_log_level;
	const struct named_value *hash = values_fingerprint_hash;

	(void)state;
	assert_int_equal(value_of(level, "quiet"), LOG_LEVEL_QUIET);
	assert_int_equal(value_of(level, "fatal"), LOG_LEVEL_FATAL);
	assert_int_equal(value_of(level, "error"), LOG_LEVEL_ERROR);
	assert_int_equal(value_of(level, "info"), LOG_LEVEL_INFO);
	assert_int_equal(value_of(level, "verbose"), LOG_LEVEL_VERBOSE);
	assert_int_equal(value_of(level, "debug"), LOG_LEVEL_DEBUG1);
	assert_int_equal(value_of(level, "debug1"), LOG_LEVEL_DEBUG1);
	assert_int_equal(value_of(level, "debug2"), LOG_LEVEL_DEBUG2);
	assert_int_equal(value_of(level, "debug3"), LOG_LEVEL_DEBUG3);
	assert_int_equal(value_of(hash, "sha256"), HASH_SHA256);
	assert_int_equal(value_of(hash, "sha384"), HASH_SHA384);
	assert_int_equal(value_of(hash, "sha512"), HASH_SHA512);
	assert_int_equal(value_of(hash, "sha1"), HASH_SHA1);
	assert_int_equal(value_of(hash, "md5"), HASH_MD5);
}

static void
every_keyword_has_a_row(void **state)
{
	enum keyword_id id;

	(void)state;
	for (id = 0; id < KW_COUNT; id++) {
		const struct keyword *k = &keyword_table[id];
		const struct keyword_name *name;

		assert_non_null(k->name);
		assert_non_null(k->parse);
		if (k->state == STATE_REPLACED || k->state == STATE_REFUSED)
			assert_non_null(k->say);
		if (strchr(k->name, ' ') != NULL || id == KW_DEBIAN_BANNER)
			continue;
		/* Also proves that the names are sorted. */
		name = keyword_find(k->name);
		assert_non_null(name);
		assert_int_equal(name->id, id);
		assert_int_equal(name->in_match, !k->global);
	}
	assert_null(keyword_find("ports"));
	assert_null(keyword_find(""));
}

static void
times(void **state)
{
	static const struct {
		const char *text;
		int64_t sec;
	} good[] = {
		{ "0", 0 }, { "90", 90 }, { "90s", 90 }, { "5m", 300 },
		{ "1H30M", 5400 }, { "1h1", 3601 }, { "2w", 1209600 },
		{ "1d", 86400 }, { "2147483647", 2147483647 },
	};
	static const char *const bad[] = {
		"", "x", "5x", "-1", "1.5", "m", "2147483648", "4000w",
		"1h-1", " 1", "99999999999999999999",
	};
	int64_t sec;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(scan_time(good[i].text, &sec));
		assert_int_equal(sec, good[i].sec);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(scan_time(bad[i], &sec));
		assert_int_equal(sec, 0);
	}
}

static void
sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {
		{ "0", 0 }, { "16", 16 }, { "1K", 1024 },
		{ "1.5G", 1610612736 },
		{ ".5m", 524288 }, { "7e", INT64_C(7) << 60 }, { "12b", 12 },
		{ "1.", 1 }, { "1.9999999999999k", 2047 },
	};
	static const char *const bad[] = {
		"", ".", "G", "1x", "1KB", "-1", "9e", "99999999999999999999",
		"9223372036854775808", "7.99999999e9",
	};
	int64_t bytes;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(scan_size(good[i].text, &bytes));
		assert_int_equal(bytes, good[i].bytes);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(scan_size(bad[i], &bytes));
		assert_int_equal(bytes, 0);
	}
}

static void
addresses(void **state)
{
	static const struct {
		const char *address, *list;
		enum match_verdict want;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7", MATCH_YES },
		{ "192.0.2.7", "192.0.2.0/24", MATCH_YES },
		{ "192.0.2.7", "192.0.2.0/29", MATCH_YES },
		{ "192.0.2.8", "192.0.2.0/29", MATCH_NO },
		{ "192.0.2.7", "0.0.0.0/0", MATCH_YES },
		{ "192.0.2.7", "::/0", MATCH_NO },
		{ "192.0.2.7", "192.0.*", MATCH_YES },
		{ "192.0.2.7", "10.0.0.0/8,!192.0.2.7", MATCH_DENIED },
		{ "192.0.2.7", "!192.0.2.0/24,*", MATCH_DENIED },
		{ "192.0.2.7", "!10.0.0.0/8", MATCH_NO },
		{ "127.0.0.1", "127.1", MATCH_YES },
		{ "2001:db8::5", "2001:db8::/32", MATCH_YES },
		{ "2001:db9::5", "2001:db8::/31", MATCH_YES },
		{ "2001:dba::5", "2001:db8::/31", MATCH_NO },
		{ "2001:DB8::5", "2001:db8:0::5", MATCH_YES },
		{ "fe80::1%eth0", "fe80::1", MATCH_YES },
		{ "fe80::1", "fe80::1%eth0", MATCH_NO },
		{ "::1", "*:*", MATCH_YES },
		{ "UNKNOWN", "*", MATCH_NO },
		{ "192.0.2.7", "192.0.2.7/24", MATCH_BAD },
		{ "192.0.2.7", "*,192.0.2.0/33", MATCH_BAD },
		{ "192.0.2.7", "*,,*", MATCH_BAD },
		{ "192.0.2.7", "*,", MATCH_BAD },
		{ "192.0.2.7", "", MATCH_BAD },
		{ "192.0.2.7", "!", MATCH_BAD },
		{ NULL, "10.0.0.0/8,!x", MATCH_NO },
		{ NULL, "10.0.0.1/8", MATCH_BAD },
		{ "192.0.2.7", "192.0.2.0/24x", MATCH_NO },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		enum match_verdict got = match_address_list(rows[i].address,
		    rows[i].list);

		if (got != rows[i].want)
			fail_msg("%s against %s: %d", rows[i].address,
			    rows[i].list, got);
	}
}

static void
users(void **state)
{
	const char *host = "Gate.Example.Com", *addr = "192.0.2.7";

	(void)state;
	assert_int_equal(match_user("alice", host, addr, "al*"), MATCH_YES);
	assert_int_equal(match_user("alice", host, addr, "Al*"), MATCH_NO);
	assert_int_equal(match_user("alice", host, addr,
	    "alice@*.example.com"), MATCH_YES);
	assert_int_equal(match_user("alice", host, addr,
	    "alice@192.0.2.0/24"), MATCH_YES);
	assert_int_equal(match_user("alice", host, addr,
	    "alice@192.0.2.0/24,!*.example.com"), MATCH_DENIED);
	assert_int_equal(match_user("bob", host, addr,
	    "alice@192.0.2.0/24"), MATCH_NO);
	assert_int_equal(match_user("a@b", host, addr, "a@b@192.*"),
	    MATCH_YES);
	assert_int_equal(match_user(NULL, NULL, NULL, "a@10.0.0.1/8"),
	    MATCH_BAD);
	assert_int_equal(match_user(NULL, NULL, NULL, "a@10.0.0.0/8"),
	    MATCH_NO);
}

static void
services_of_quality(void **state)
{
	int64_t v;

	(void)state;
	assert_true(scan_ip_qos("EF", &v));
	assert_int_equal(v, 0xb8);
	assert_true(scan_ip_qos("0x20", &v));
	assert_string_equal(ip_qos_name((int)v), "cs1");
	assert_true(scan_ip_qos("none", &v));
	assert_int_equal(v, SETTINGS_IP_QOS_NONE);
	assert_false(scan_ip_qos("256", &v));
	assert_false(scan_ip_qos("af99", &v));
	assert_false(scan_ip_qos("", &v));
	assert_null(ip_qos_name(3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_others),
		cmocka_unit_test(every_keyword_has_a_row),
		cmocka_unit_test(times),
		cmocka_unit_test(sizes),
		cmocka_unit_test(addresses),
		cmocka_unit_test(users),
		cmocka_unit_test(services_of_quality),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
