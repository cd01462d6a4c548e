/*
 * Tests of keys/options.h: every option, both ways, and what must refuse a
 * key; of ipc/keys.h's merge.
 */
#include <stdlib.h>
#include <string.h>

#include "ipc/policy.h"
#include "keys/options.h"
#include "unit.h"

static struct key_options_room room;
static struct key_line_options got;
static const char *why;

/* In a buffer of its size, for AddressSanitizer. */
static bool
parse(const char *text)
{
	size_t len = strlen(text);
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	bool ok;

	memcpy(copy, text, len);
	ok = key_options_parse(span(copy, len), &room, &got, &why);
	free(copy);
	assert_int_equal(ok, why == NULL);
	if (!ok)
		assert_false(got.keys.permit_pty || got.keys.has_command ||
		    got.keys.permit_port_forwarding ||
		    got.keys.permit_tunnel);
	return ok;
}

/* The permits as letters, lower case for no. */
static const char *
permits(void)
{
	static char text[8];
	const struct keys_options *k = &got.keys;
	const bool on[] = { k->permit_port_forwarding,
		k->permit_agent_forwarding, k->permit_x11_forwarding,
		k->permit_pty, k->permit_user_rc, k->permit_tunnel };

	for (size_t i = 0; i < sizeof on; i++)
		text[i] = (char)("paxyrt"[i] - (on[i] ? 'a' - 'A' : 0));
	return text;
}

static void
flags_both_ways(void **state)
{
	static const struct {
		const char *text, *permits;
	} cases[] = {
		{ "", "PAXYRT" },
		{ "restrict", "paxyrt" },
		{ "RESTRICT", "paxyrt" },
		{ "no-pty", "PAXyRT" },
		{ "No-Pty", "PAXyRT" },
		{ "no-port-forwarding", "pAXYRT" },
		{ "no-agent-forwarding", "PaXYRT" },
		{ "no-X11-forwarding", "PAxYRT" },
		{ "no-user-rc", "PAXYrT" },
		{ "restrict,pty", "paxYrt" },
		{ "pty,restrict", "paxyrt" },
		{ "restrict,port-forwarding,agent-forwarding,x11-forwarding,"
		  "pty,user-rc", "PAXYRt" },
		{ "restrict,tunnel=\"0\"", "paxyrt" },
		{ "no-pty,pty,no-pty", "PAXyRT" },
		{ "command=\"no-pty\"", "PAXYRT" },
		{ "command=\"a\\\",no-pty,\\\"\"", "PAXYRT" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(parse(cases[i].text));
		assert_string_equal(permits(), cases[i].permits);
	}
	assert_true(parse("verify-required"));
	assert_true(got.keys.need_verify);
	assert_true(parse("verify-required,no-verify-required"));
	assert_false(got.keys.need_verify);
	assert_true(parse("no-touch-required"));
	assert_true(got.no_touch);
	assert_true(parse("no-touch-required,touch-required"));
	assert_false(got.no_touch);
	assert_true(parse("cert-authority"));
	assert_true(got.cert_authority);
}

static void
values(void **state)
{
	struct span list;
	struct span item;

	(void)state;
	assert_true(parse("command=\"echo \\\"a b\\\" \\c\""));
	assert_true(got.keys.has_command);
	assert_span(got.keys.command, "echo \"a b\" \\c");
	assert_true(parse("command=\"\""));
	assert_true(got.keys.has_command);
	assert_span(got.keys.command, "");
	assert_true(parse("from=\"*.a,!b\",cert-authority,"
	    "principals=\"x,y\""));
	assert_true(got.has_from && got.has_principals);
	assert_span(got.from, "*.a,!b");
	assert_span(got.principals, "x,y");
	assert_true(parse("environment=\"A=1\",no-pty,environment=\"B=2=3\","
	    "environment=\"A=4\",environment=\"a_0=\""));
	list = got.keys.environment;
	assert_true(policy_next(&list, &item));
	assert_span(item, "A=1");
	assert_true(policy_next(&list, &item));
	assert_span(item, "B=2=3");
	assert_true(policy_next(&list, &item));
	assert_span(item, "a_0=");
	assert_false(policy_next(&list, &item));
	assert_true(parse("tunnel=\"any\""));
	assert_int_equal(got.keys.tunnel, KEYS_TUNNEL_ANY);
	assert_true(parse("tunnel=\"7\",tunnel=\"2147483645\""));
	assert_int_equal(got.keys.tunnel, 2147483645);
}

static void
places(void **state)
{
	static const char *const want[] = { "a:1", "*:*", "[::1]:22",
		"h:65535", "b.c:80" };
	struct span list, item;

	(void)state;
	assert_true(parse("permitopen=\"a:1\",permitopen=\"*:*\","
	    "permitopen=\"[::1]:22\",permitopen=\"[h]:65535\","
	    "permitopen=\"b.c/80\""));
	assert_true(got.keys.has_permitopen);
	assert_false(got.keys.has_permitlisten);
	list = got.keys.permitopen;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(policy_next(&list, &item));
		assert_true(span_is(item, want[i]));
	}
	assert_false(policy_next(&list, &item));
	assert_true(parse("permitlisten=\"8080\",permitlisten=\"*.x:1\""));
	assert_true(got.keys.has_permitlisten);
	list = got.keys.permitlisten;
	assert_true(policy_next(&list, &item));
	assert_span(item, "*:8080");
	assert_true(policy_next(&list, &item));
	assert_span(item, "*.x:1");
}

static void
times(void **state)
{
	uint64_t t;

	(void)state;
	assert_true(key_time_parse(span_str("19700102Z"), &t));
	assert_int_equal(t, 86400);
	assert_true(key_time_parse(span_str("203012312359z"), &t));
	assert_int_equal(t, 1924991940);
	assert_true(key_time_parse(span_str("20301231235959Z"), &t));
	assert_int_equal(t, 1924991999);
	assert_true(key_time_parse(span_str("20301231"), &t));
	assert_true(t > 1924900000 && t < 1925100000);
	assert_true(parse("expiry-time=\"20401231Z\",expiry-time=\"20301231Z"
	    "\",expiry-time=\"20351231Z\""));
	assert_int_equal(got.keys.expires, 1924905600);
}

static void
refused(void **state)
{
	static const char *const bad[] = { "x", "no-", "no-restrict",
		"no-cert-authority", "pt", "ptyx", "pty ", ",", "pty,", ",pty",
		"pty,,pty", "no-no-pty", "command", "command=", "command=x",
		"command=\"x", "command=\"x\\\"", "command=\"x\"y",
		"command=\"x\" ", "pty=\"yes\"", "restrict=\"\"",
		"no-command=\"x\"", "command=\"a\",command=\"a\"",
		"from=\"a\",from=\"a\"", "principals=\"a\",principals=\"b\"",
		"environment=\"A\"", "environment=\"=x\"", "environment=\"\"",
		"environment=\"A B=x\"", "environment=\"A-B=x\"",
		"expiry-time=\"\"", "expiry-time=\"2030\"",
		"expiry-time=\"20300231\"", "expiry-time=\"203012312\"",
		"expiry-time=\"20301231240000\"",
		"expiry-time=\"19691231Z\"", "expiry-time=\"2030123100000000\"",
		"expiry-time=\"never\"", "permitopen=\"\"",
		"permitopen=\"a\"", "permitopen=\"a:\"", "permitopen=\":1\"",
		"permitopen=\"a:0\"", "permitopen=\"a:65536\"",
		"permitopen=\"a:b\"", "permitopen=\"1:2:3\"",
		"permitopen=\"[::1:22\"", "permitopen=\"[::1]22\"",
		"permitopen=\"[]:22\"", "permitopen=\"80\"",
		"permitlisten=\"0\"", "permitlisten=\"\"",
		"permitlisten=\"a:\"", "permitlisten=\"x\"",
		"tunnel=\"\"", "tunnel=\"x\"", "tunnel=\"-1\"",
		"tunnel=\"2147483646\"", "tunnel=\"99999999999\"",
		"\"\"", "=\"x\"", "no-pty no-pty" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (parse(bad[i]))
			fail_msg("taken: %s", bad[i]);
	}
	assert_false(key_options_parse(span("command=\"a\0b\"", 13), &room,
	    &got, &why));
	assert_false(key_options_parse(span("pty\0", 4), &room, &got, &why));
}

static void
merge_takes_the_less(void **state)
{
	uint8_t bytes[256];
	struct sink out = sink_of(bytes, sizeof bytes);
	struct keys_options all = keys_options_all(), a = all, b = all, both;
	struct span list, item;

	(void)state;
	a.permit_pty = false;
	a.expires = 200;
	a.need_verify = true;
	a.has_permitopen = true;
	a.permitopen = span("\0\0\0\3a:1\0\0\0\3b:2", 14);
	b.permit_user_rc = false;
	b.expires = 100;
	b.has_command = true;
	b.command = span_str("x");
	b.has_permitopen = true;
	b.permitopen = span("\0\0\0\3b:2\0\0\0\3c:3", 14);
	b.has_permitlisten = true;
	assert_true(keys_options_merge(&a, &b, &out, &both));
	assert_false(both.permit_pty || both.permit_user_rc);
	assert_true(both.permit_tunnel && both.need_verify);
	assert_int_equal(both.expires, 100);
	assert_span(both.command, "x");
	list = both.permitopen;
	assert_true(policy_next(&list, &item));
	assert_span(item, "b:2");
	assert_false(policy_next(&list, &item));
	assert_true(both.has_permitlisten);
	assert_int_equal(both.permitlisten.len, 0);
	/* An expiry of one counts, whichever it is. */
	a.expires = 0;
	assert_true(keys_options_merge(&a, &b, &out, &both));
	assert_int_equal(both.expires, 100);
	assert_true(keys_options_merge(&b, &a, &out, &both));
	assert_int_equal(both.expires, 100);
	/* Two commands are one or nothing. */
	a.has_command = true;
	assert_false(keys_options_merge(&a, &b, &out, &both));
	assert_false(both.permit_port_forwarding);
	a.command = span_str("x");
	assert_true(keys_options_merge(&a, &b, &out, &both));
	/* No room for what both permit: nothing is permitted. */
	out = sink_of(bytes, 3);
	assert_true(keys_options_merge(&a, &b, &out, &both));
	assert_true(both.has_permitopen);
	assert_int_equal(both.permitopen.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_both_ways),
		cmocka_unit_test(values),
		cmocka_unit_test(places),
		cmocka_unit_test(times),
		cmocka_unit_test(refused),
		cmocka_unit_test(merge_takes_the_less),
	};

	return cmocka_run_group_tests_name("keys_options", tests, NULL, NULL);
}
