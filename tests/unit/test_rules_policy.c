/*
 * Tests of rules/policy.h: what the settings or a key forbid is forbidden,
 * each by itself.
 */
#include <string.h>
#include <sys/socket.h>

#include "rules/policy.h"
#include "unit.h"

static uint8_t room[4096];

#define LIST(...) { (const char *const[]){ __VA_ARGS__, NULL },		\
	sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) }

/* All that can be permitted. */
static struct settings
open_settings(void)
{
	static const char *const any[] = { "any", NULL };

	return (struct settings){
		.max_sessions = 10, .permit_tty = true,
		.permit_user_rc = true, .permit_user_environment = "yes",
		.allow_tcp_forwarding = FORWARD_BOTH,
		.allow_streamlocal_forwarding = FORWARD_BOTH,
		.allow_agent_forwarding = true, .x11_forwarding = true,
		.permit_tunnel = TUNNEL_BOTH,
		.permit_open = { any, 1 }, .permit_listen = { any, 1 },
	};
}

static struct user_policy
limits(const struct settings *s, const struct keys_options *key)
{
	struct sink lists = sink_of(room, sizeof room);
	const struct peer peer = { PEER_INET, "192.0.2.7", 40000,
		"198.51.100.1", 22, "", 0 };
	const struct policy_facts facts = { .settings = s, .key = key,
		.peer = &peer, .user = "alice", .home = "/", .shell = "/x" };
	struct user_policy policy = policy_of(&facts, &lists);

	assert_true(sink_ok(&lists));
	return policy;
}

/* The permits as letters, lower case for no. */
static const char *
letters(const struct user_policy *p)
{
	static char text[10];
	const bool on[] = { p->permit_tty, p->permit_user_rc,
		p->user_environment.len > 0,
		p->tcp_forwarding == FORWARD_BOTH,
		p->streamlocal_forwarding == FORWARD_BOTH,
		p->agent_forwarding, p->x11_forwarding,
		p->tunnel_modes == TUNNEL_BOTH, p->forced };

	for (size_t i = 0; i < sizeof on; i++)
		text[i] = (char)("yretsaxuf"[i] - (on[i] ? 'a' - 'A' : 0));
	return text;
}

static void
each_forbids_by_itself(void **state)
{
	struct settings s = open_settings();
	struct keys_options key = keys_options_all();
	struct user_policy p = limits(&s, &key);

	(void)state;
	assert_string_equal(letters(&p), "YRETSAXUf");
#define CASE(change, back, want) do {					\
	change;								\
	p = limits(&s, &key);						\
	assert_string_equal(letters(&p), want);				\
	back;								\
} while (0)
	CASE(s.permit_tty = false, s.permit_tty = true, "yRETSAXUf");
	CASE(s.permit_user_rc = false, s.permit_user_rc = true, "YrETSAXUf");
	CASE(s.permit_user_environment = "No",
	    s.permit_user_environment = "yes", "YReTSAXUf");
	CASE(s.permit_user_environment = NULL,
	    s.permit_user_environment = "yes", "YReTSAXUf");
	CASE(s.allow_tcp_forwarding = FORWARD_NONE,
	    s.allow_tcp_forwarding = FORWARD_BOTH, "YREtSAXUf");
	CASE(s.allow_streamlocal_forwarding = FORWARD_NONE,
	    s.allow_streamlocal_forwarding = FORWARD_BOTH, "YRETsAXUf");
	CASE(s.allow_agent_forwarding = false,
	    s.allow_agent_forwarding = true, "YRETSaXUf");
	CASE(s.x11_forwarding = false, s.x11_forwarding = true, "YRETSAxUf");
	CASE(s.permit_tunnel = TUNNEL_NO, s.permit_tunnel = TUNNEL_BOTH,
	    "YRETSAXuf");
	CASE(s.disable_forwarding = true, s.disable_forwarding = false,
	    "YREtsaxuf");
	CASE(s.force_command = "", s.force_command = NULL, "YRETSAXUF");
	CASE(key.permit_pty = false, key.permit_pty = true, "yRETSAXUf");
	CASE(key.permit_user_rc = false, key.permit_user_rc = true,
	    "YrETSAXUf");
	CASE(key.permit_port_forwarding = false,
	    key.permit_port_forwarding = true, "YREtsAXUf");
	CASE(key.permit_agent_forwarding = false,
	    key.permit_agent_forwarding = true, "YRETSaXUf");
	CASE(key.permit_x11_forwarding = false,
	    key.permit_x11_forwarding = true, "YRETSAxUf");
	CASE(key.permit_tunnel = false, key.permit_tunnel = true,
	    "YRETSAXuf");
	CASE(key.has_command = true, key.has_command = false, "YRETSAXUF");
	key = (struct keys_options){ .need_touch = true };
	p = limits(&s, &key);
	assert_string_equal(letters(&p), "yrEtsaxuf");
}

static void
one_direction_only(void **state)
{
	struct settings s = open_settings();
	struct keys_options key = keys_options_all();
	struct user_policy p;

	(void)state;
	s.allow_tcp_forwarding = FORWARD_LOCAL;
	s.allow_streamlocal_forwarding = FORWARD_REMOTE;
	p = limits(&s, &key);
	assert_int_equal(p.tcp_forwarding, POLICY_FORWARD_LOCAL);
	assert_int_equal(p.streamlocal_forwarding, POLICY_FORWARD_REMOTE);
}

static void
force_command_comes_first(void **state)
{
	struct settings s = open_settings();
	struct keys_options key = keys_options_all();
	struct user_policy p;

	(void)state;
	key.has_command = true;
	key.command = span_str("key");
	p = limits(&s, &key);
	assert_true(p.forced && p.forced_by_key);
	assert_span(p.forced_command, "key");
	s.force_command = "config";
	p = limits(&s, &key);
	assert_true(p.forced && !p.forced_by_key);
	assert_span(p.forced_command, "config");
}

static void
places(void **state)
{
	struct settings s = open_settings();
	struct keys_options key = keys_options_all();
	struct user_policy p = limits(&s, &key);
	const struct strlist none = LIST("none"), two = LIST("a:1", "b:*");

	(void)state;
	assert_span(p.permit_open, "\0\0\0\3*:*");
	assert_span(p.permit_listen, "\0\0\0\3*:*");
	assert_span(p.key_permit_open, "\0\0\0\3*:*");
	assert_span(p.key_permit_listen, "\0\0\0\3*:*");
	s.permit_open = none;
	s.permit_listen = two;
	key.has_permitopen = key.has_permitlisten = true;
	key.permitlisten = span("\0\0\0\3c:3", 7);
	p = limits(&s, &key);
	assert_int_equal(p.permit_open.len, 0);
	assert_span(p.permit_listen, "\0\0\0\3a:1\0\0\0\3b:*");
	assert_int_equal(p.key_permit_open.len, 0);
	assert_span(p.key_permit_listen, "\0\0\0\3c:3");
	s.permit_open = (struct strlist){ NULL, 0 };
	p = limits(&s, &key);
	assert_int_equal(p.permit_open.len, 0);
}

static void
patterns_of_the_environment(void **state)
{
	struct settings s = open_settings();
	struct keys_options key = keys_options_all();
	struct user_policy p = limits(&s, &key);

	(void)state;
	assert_span(p.user_environment, "*");
	s.permit_user_environment = "LC_*,!X";
	p = limits(&s, &key);
	assert_span(p.user_environment, "LC_*,!X");
}

static void
families(void **state)
{
	static const struct {
		int setting;
		uint32_t policy;
	} t[] = {
		{ AF_UNSPEC, POLICY_FAMILY_ANY },
		{ AF_INET, POLICY_FAMILY_INET },
		{ AF_INET6, POLICY_FAMILY_INET6 },
	};
	struct settings s = open_settings();
	struct keys_options key = keys_options_all();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		s.address_family = t[i].setting;
		assert_int_equal(limits(&s, &key).address_family,
		    t[i].policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_forbids_by_itself),
		cmocka_unit_test(one_direction_only),
		cmocka_unit_test(force_command_comes_first),
		cmocka_unit_test(places),
		cmocka_unit_test(families),
		cmocka_unit_test(patterns_of_the_environment),
	};

	return cmocka_run_group_tests_name("rules_policy", tests, NULL,
	    NULL);
}
