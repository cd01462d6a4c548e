/*
 * Tests of monitor_run() with an honest net: who gets in, who does not, what
 * is logged, and what the user's process has left of root.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "monitor_rig.h"
#include "run/exits.h"
#include "unit.h"

static void
start_at_auth(struct rig *rig)
{
	rig_authorize(rig, "# comment\n\n", rig->user_key);
	rig_start(rig);
	assert_true(rig_kex(rig, 1));
}

static void
test_login(void **state)
{
	struct rig *rig = *state;
	struct rig_role seen = { 0 };

	start_at_auth(rig);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_NONE, rig->user, NULL),
	    MON_AUTH_FAILURE);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY_QUERY, rig->user,
	    rig->user_key), MON_AUTH_KEY_OK);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_SUCCESS);
	assert_true(rig->user_edge >= 0);
	assert_int_equal(read(rig->user_edge, &seen, sizeof seen),
	    sizeof seen);
	assert_int_equal(seen.uid, getuid());
	assert_int_equal(seen.euid, getuid());
	assert_int_equal(seen.dumpable, 0);
	assert_int_equal(seen.parent_signal, SIGKILL);
	assert_int_equal(seen.fd_count, 5);
	assert_int_equal(seen.umask_bits, 022);
	assert_int_equal(seen.blocked, 0);
	assert_true(seen.policy_ok);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "Connection from 192.0.2.7 port 40000 on "
	    "198.51.100.1 port 22 rdomain \"\"\n"));
	assert_true(rig_logged(rig, "Postponed publickey for "));
	assert_true(rig_logged(rig,
	    " from 192.0.2.7 port 40000 ssh2 [preauth]\n"));
	assert_true(rig_logged(rig, "Accepted publickey for "));
	assert_true(rig_logged(rig, " from 192.0.2.7 port 40000 ssh2: "
	    "ED25519 SHA256:"));
	assert_true(rig_logged(rig, "User child is on pid "));
}

static void
test_unlisted_key(void **state)
{
	struct rig *rig = *state;

	start_at_auth(rig);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->other_key), MON_AUTH_FAILURE);
	/* CVE-2024-45337: what was asked about does not matter. */
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY_QUERY, rig->user,
	    rig->user_key), MON_AUTH_KEY_OK);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->other_key), MON_AUTH_FAILURE);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "Failed publickey for "));
}

static void
test_wrong_session_id(void **state)
{
	struct rig *rig = *state;

	start_at_auth(rig);
	rig->session_id[0] ^= 1;
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_FAILURE);
	rig->session_id[0] ^= 1;
	/* A rekey leaves the session id as it is. */
	assert_true(rig_kex(rig, 2));
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_SUCCESS);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
}

static void
test_options_are_refused(void **state)
{
	struct rig *rig = *state;

	rig_authorize(rig, "no-pty,no-such-option,command=\"a b\" ", rig->user_key);
	rig_start(rig);
	assert_true(rig_kex(rig, 1));
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_FAILURE);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "authorized_keys:1: key refused"));
}

static void
test_invalid_user(void **state)
{
	struct rig *rig = *state;
	const char *bad = "no\nsuch user from 10.0.0.1";

	start_at_auth(rig);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_NONE, bad, NULL),
	    MON_AUTH_FAILURE);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY_QUERY, bad,
	    rig->user_key), MON_AUTH_FAILURE);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, bad, rig->user_key),
	    MON_AUTH_FAILURE);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "Invalid user no\\nsuch user from "
	    "10.0.0.1 from 192.0.2.7 port 40000\n"));
	assert_true(rig_logged(rig, "Failed publickey for invalid user "));
}

static void
test_change_of_user(void **state)
{
	struct rig *rig = *state;

	start_at_auth(rig);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_NONE, "nobody-here",
	    NULL), MON_AUTH_FAILURE);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_DISCONNECT);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "Disconnecting invalid user nobody-here "
	    "192.0.2.7 port 40000: Change of username or service not "
	    "allowed: (nobody-here,ssh-connection) -> ("));
}

static void
test_max_auth_tries(void **state)
{
	struct rig *rig = *state;

	rig->settings.max_auth_tries = 3;
	start_at_auth(rig);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_NONE, rig->user, NULL),
	    MON_AUTH_FAILURE);
	for (int i = 0; i < 2; i++)
		assert_int_equal(rig_auth(rig, MON_REQ_AUTH_OTHER, rig->user,
		    NULL), MON_AUTH_FAILURE);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY_QUERY, rig->user,
	    rig->other_key), MON_AUTH_DISCONNECT);
	/* A net that goes on asking gets nothing. */
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_DISCONNECT);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "error: maximum authentication attempts "
	    "exceeded for "));
	assert_true(rig_logged(rig, "192.0.2.7 port 40000: Too many "
	    "authentication failures [preauth]\n"));
}

static void
test_root_login_no(void **state)
{
	struct rig *rig = *state;

	if (getuid() != 0)
		skip();
	rig->settings.permit_root_login = ROOT_NO;
	start_at_auth(rig);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_FAILURE);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig,
	    "ROOT LOGIN REFUSED FROM 192.0.2.7 port 40000\n"));
}

static uint32_t
hostbound(struct rig *rig, struct span host_key)
{
	uint8_t bytes[1024];
	struct sink signature = sink_of(bytes, sizeof bytes);
	struct sink out = sink_of(rig->frame, sizeof rig->frame);
	struct mon_verdict verdict;
	struct ipc_frame answer;
	struct mon_auth m = {
		.user = S(rig->user),
		.service = S("ssh-connection"),
		.algorithm = S("ssh-ed25519"),
		.key = privkey_public(rig->user_key),
		.host_key = host_key,
		.hostbound = true,
	};

	rig_fill_signature(rig, &m, rig->user_key, &signature);
	mon_auth_put(&out, MON_REQ_AUTH_KEY, &m);
	rig_send(rig, sink_span(&out), 0);
	assert_true(rig_receive(rig, &answer));
	assert_true(mon_verdict_get(answer.body, &verdict));
	ipc_drop(&answer);
	return verdict.result;
}

static void
test_hostbound(void **state)
{
	struct rig *rig = *state;

	start_at_auth(rig);
	assert_int_equal(hostbound(rig, privkey_public(rig->other_key)),
	    MON_AUTH_FAILURE);
	assert_int_equal(hostbound(rig, span(NULL, 0)), MON_AUTH_FAILURE);
	assert_int_equal(hostbound(rig, privkey_public(rig->host_key)),
	    MON_AUTH_SUCCESS);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
}

/* What was signed, and what then comes in what kind of request. */
static uint32_t
hostbased(struct rig *rig, struct mon_auth *m, struct mon_auth *sent,
    enum mon_req type)
{
	uint8_t bytes[1024];
	struct sink signature = sink_of(bytes, sizeof bytes);
	struct sink out = sink_of(rig->frame, sizeof rig->frame);
	struct mon_verdict verdict;
	struct ipc_frame answer;

	rig_fill_signature(rig, m, rig->user_key, &signature);
	sent->signature = m->signature;
	mon_auth_put(&out, type, sent);
	rig_send(rig, sink_span(&out), 0);
	assert_true(rig_receive(rig, &answer));
	assert_true(mon_verdict_get(answer.body, &verdict));
	ipc_drop(&answer);
	return verdict.result;
}

/* A host's signature is no user's, and the other way round. */
static void
test_hostbased(void **state)
{
	struct rig *rig = *state;
	const struct mon_auth host = {
		.user = S(rig->user),
		.service = S("ssh-connection"),
		.algorithm = S("ssh-ed25519"),
		.key = privkey_public(rig->user_key),
		.client_host = S("client"),
		.client_user = S("remote"),
	};
	struct mon_auth user = host, bound = host, m = host, other = host;

	user.client_host = user.client_user = span(NULL, 0);
	bound.client_host = bound.client_user = span(NULL, 0);
	bound.hostbound = true;
	bound.host_key = privkey_public(rig->host_key);
	rig->settings.hostbased_authentication = true;
	rig->settings.max_auth_tries = 20;
	start_at_auth(rig);
	assert_int_equal(hostbased(rig, &user, &m, MON_REQ_AUTH_HOST),
	    MON_AUTH_FAILURE);
	assert_int_equal(hostbased(rig, &bound, &m, MON_REQ_AUTH_HOST),
	    MON_AUTH_FAILURE);
	assert_int_equal(hostbased(rig, &m, &user, MON_REQ_AUTH_KEY),
	    MON_AUTH_FAILURE);
	assert_int_equal(hostbased(rig, &m, &bound, MON_REQ_AUTH_KEY),
	    MON_AUTH_FAILURE);
	assert_int_equal(hostbased(rig, &m, &other, MON_REQ_AUTH_KEY),
	    MON_AUTH_FAILURE);
	other.client_user = S("root");
	assert_int_equal(hostbased(rig, &m, &other, MON_REQ_AUTH_HOST),
	    MON_AUTH_FAILURE);
	other = host;
	other.client_host = S("clien");
	assert_int_equal(hostbased(rig, &m, &other, MON_REQ_AUTH_HOST),
	    MON_AUTH_FAILURE);
	/* A flag of the other method means nothing here. */
	other = host;
	other.hostbound = true;
	other.host_key = S("x");
	assert_int_equal(hostbased(rig, &m, &other, MON_REQ_AUTH_HOST),
	    MON_AUTH_SUCCESS);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "Accepted hostbased for "));
}

static void
test_hostbased_off(void **state)
{
	struct rig *rig = *state;
	struct mon_auth m = {
		.user = S(rig->user),
		.service = S("ssh-connection"),
		.algorithm = S("ssh-ed25519"),
		.key = privkey_public(rig->user_key),
		.client_host = S("client"),
		.client_user = S("remote"),
	};

	start_at_auth(rig);
	assert_int_equal(hostbased(rig, &m, &m, MON_REQ_AUTH_HOST),
	    MON_AUTH_FAILURE);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
}

static void
test_algorithms_are_policy(void **state)
{
	struct rig *rig = *state;

	rig->settings.pubkey_accepted_algorithms = "rsa-sha2-512,ecdsa-*";
	start_at_auth(rig);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_FAILURE);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
}

static void
test_sigterm(void **state)
{
	struct rig *rig = *state;
	struct ipc_frame order;
	struct mon_stop stop;

	start_at_auth(rig);
	assert_int_equal(kill(rig->pid, SIGTERM), 0);
	assert_true(rig_receive(rig, &order));
	assert_int_equal(order.type, MON_ORDER_STOP);
	assert_true(mon_stop_get(order.body, &stop));
	assert_int_equal(stop.reason, 11);
	assert_int_equal(rig_stop(rig), EXIT_PEER);
}

/* Each event's line, by the log contract. */
static void
test_event_lines(void **state)
{
	static const struct {
		struct mon_event event;
		const char *line;
	} cases[] = {
		{ { MON_EVENT_PEER_CLOSED, 0, { 0 }, { 0 } },
		    "Connection closed by 192.0.2.7 port 40000 [preauth]\n" },
		{ { MON_EVENT_PEER_RESET, 0, { 0 }, { 0 } },
		    "Connection reset by 192.0.2.7 port 40000 [preauth]\n" },
		{ { MON_EVENT_PEER_DISCONNECT, 11, { 0 },
			{ (const uint8_t *)"Bye\nBye", 7 } },
		    "Received disconnect from 192.0.2.7 port 40000:11: "
		    "Bye\\nBye [preauth]\nDisconnected from 192.0.2.7 port "
		    "40000 [preauth]\n" },
		{ { MON_EVENT_BAD_IDENT, 0, { 0 },
			{ (const uint8_t *)"GET / HTTP", 10 } },
		    "client sent invalid protocol identifier \"GET / HTTP\"\n"
		    "banner exchange: Connection from 192.0.2.7 port 40000: "
		    "invalid format\n" },
		{ { MON_EVENT_NO_MATCH, 0,
			{ (const uint8_t *)"host key type", 13 },
			{ (const uint8_t *)"ssh-dss", 7 } },
		    "Unable to negotiate with 192.0.2.7 port 40000: no "
		    "matching host key type found. Their offer: ssh-dss "
		    "[preauth]\n" },
		{ { MON_EVENT_BAD_PACKET, 0, { 0 },
			{ (const uint8_t *)"message authentication code "
			    "incorrect", 37 } },
		    "ssh_dispatch_run_fatal: Connection from 192.0.2.7 port "
		    "40000: message authentication code incorrect "
		    "[preauth]\n" },
		{ { MON_EVENT_GRACE, 0, { 0 }, { 0 } },
		    "fatal: Timeout before authentication for 192.0.2.7 port "
		    "40000\n" },
		{ { MON_EVENT_NO_IDENT, 0, { 0 }, { 0 } },
		    "Did not receive identification string from 192.0.2.7 "
		    "port 40000\n" },
		{ { MON_EVENT_DISCONNECT, 2, { 0 },
			{ (const uint8_t *)"no", 2 } },
		    "Disconnecting 192.0.2.7 port 40000: no [preauth]\n" },
	};
	struct rig *rig = *state;

	rig_start(rig);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sink out = sink_of(rig->frame, sizeof rig->frame);

		mon_event_put(&out, &cases[i].event);
		rig_send(rig, sink_span(&out), 0);
	}
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_true(rig_logged(rig, cases[i].line));
}

#define WITH_RIG(f) \
	cmocka_unit_test_setup_teardown(f, rig_set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(test_login),
		WITH_RIG(test_unlisted_key),
		WITH_RIG(test_wrong_session_id),
		WITH_RIG(test_options_are_refused),
		WITH_RIG(test_invalid_user),
		WITH_RIG(test_change_of_user),
		WITH_RIG(test_max_auth_tries),
		WITH_RIG(test_root_login_no),
		WITH_RIG(test_hostbound),
		WITH_RIG(test_hostbased),
		WITH_RIG(test_hostbased_off),
		WITH_RIG(test_algorithms_are_policy),
		WITH_RIG(test_sigterm),
		WITH_RIG(test_event_lines),
	};

	return cmocka_run_group_tests_name("monitor_login", tests, NULL,
	    NULL);
}
