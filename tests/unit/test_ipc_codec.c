/*
 * Tests of the messages of ipc/: mon.h, usr.h, sess.h, policy.h.
 */
#include "ipc/fwd.h"
#include "ipc/mon.h"
#include "ipc/limits.h"
#include "ipc/policy.h"
#include "ipc/sess.h"
#include "ipc/usr.h"
#include "unit.h"

/* X of X_put() and X_get(). */
#define IPC_PARSE(X)							\
static enum wire_err							\
X##_parse(struct cursor in, void *out)					\
{									\
	return X##_get(in, out) ? WIRE_OK : WIRE_BAD_VALUE;		\
}

#define IPC_CODEC(X, type)						\
IPC_PARSE(X)								\
static void								\
X##_write(struct sink *out, const void *m)				\
{									\
	X##_put(out, m);						\
}									\
static const struct codec X##_codec = {					\
	#X, sizeof(type), X##_parse, X##_write, false,			\
}

/* Likewise for those whose putter takes the message type as well. */
#define IPC_CODEC_TYPED(X, type, message)				\
IPC_PARSE(X)								\
static void								\
X##_write(struct sink *out, const void *m)				\
{									\
	X##_put(out, message, m);					\
}									\
static const struct codec X##_codec = {					\
	#X, sizeof(type), X##_parse, X##_write, false,			\
}

IPC_CODEC(mon_sign, struct mon_sign);
IPC_CODEC_TYPED(mon_auth, struct mon_auth, MON_REQ_AUTH_KEY);
IPC_CODEC_TYPED(mon_verdict, struct mon_verdict, MON_ANS_AUTH);
IPC_CODEC(mon_prompt, struct mon_prompt);
IPC_CODEC(mon_response, struct mon_response);
IPC_CODEC(mon_event, struct mon_event);
IPC_CODEC(mon_done, struct mon_done);
IPC_CODEC(mon_stop, struct mon_stop);
IPC_CODEC(usr_env, struct usr_env);
IPC_CODEC(usr_pty, struct usr_pty);
IPC_CODEC(usr_resize, struct usr_resize);
IPC_CODEC(usr_start, struct usr_start);
IPC_CODEC(usr_signal, struct usr_signal);
IPC_CODEC(usr_break, struct usr_break);
IPC_CODEC_TYPED(usr_ans, struct usr_ans, USER_ANS_DONE);
IPC_CODEC(usr_exit, struct usr_exit);
IPC_CODEC(usr_dial, struct usr_dial);
IPC_CODEC(usr_refusal, struct usr_refusal);
IPC_CODEC_TYPED(usr_listen, struct usr_listen, USER_REQ_LISTEN);
IPC_CODEC(usr_listening, struct usr_listening);
IPC_CODEC(usr_accepted, struct usr_accepted);
IPC_CODEC_TYPED(sess_pty, struct sess_pty, SESS_REQ_PTY_OPEN);
IPC_CODEC(sess_last, struct sess_last);
IPC_CODEC(sess_event, struct sess_event);
IPC_CODEC(policy, struct user_policy);
IPC_CODEC(mon_limits, struct mon_limits);

IPC_PARSE(mon_signature)
static void
mon_signature_write(struct sink *out, const void *m)
{
	mon_signature_put(out, *(const struct span *)m);
}
static const struct codec mon_signature_codec = { "mon_signature",
	sizeof(struct span), mon_signature_parse, mon_signature_write, false };

IPC_PARSE(mon_prove)
static void
mon_prove_write(struct sink *out, const void *m)
{
	mon_prove_put(out, *(const struct span *)m);
}
static const struct codec mon_prove_codec = { "mon_prove",
	sizeof(struct span), mon_prove_parse, mon_prove_write, false };

IPC_PARSE(mon_proof)
static void
mon_proof_write(struct sink *out, const void *m)
{
	mon_proof_put(out, *(const struct span *)m);
}
static const struct codec mon_proof_codec = { "mon_proof",
	sizeof(struct span), mon_proof_parse, mon_proof_write, false };

IPC_PARSE(mon_sig_algs)
static void
mon_sig_algs_write(struct sink *out, const void *m)
{
	mon_sig_algs_put(out, *(const struct span *)m);
}
static const struct codec mon_sig_algs_codec = { "mon_sig_algs",
	sizeof(struct span), mon_sig_algs_parse, mon_sig_algs_write, false };

IPC_PARSE(mon_banner)
static void
mon_banner_write(struct sink *out, const void *m)
{
	mon_banner_put(out, *(const struct span *)m);
}
static const struct codec mon_banner_codec = { "mon_banner",
	sizeof(struct span), mon_banner_parse, mon_banner_write, false };

IPC_PARSE(usr_chan)
static void
usr_chan_write(struct sink *out, const void *m)
{
	usr_chan_put(out, USER_REQ_OPEN, *(const uint32_t *)m);
}
static const struct codec usr_chan_codec = { "usr_chan", sizeof(uint32_t),
	usr_chan_parse, usr_chan_write, false };

/* Does what was put parse, and with its first byte's type? */
static bool
parses(const struct codec *c, const void *m, int type)
{
	static uint8_t frame[IPC_FRAME_MAX_BYTES], out[8192];
	struct sink s = sink_of(frame, sizeof frame);

	assert_true(c->size <= sizeof out);
	c->put(&s, m);
	assert_true(sink_ok(&s));
	assert_int_equal(frame[0], type);
	return c->parse(cursor_of(span(frame + 1, s.len - 1)), out) ==
	    WIRE_OK;
}

static void
mon_signing(void **state)
{
	struct span signature = BYTES("sig\0nature");

	(void)state;
	codec_check(&mon_sign_codec, &(struct mon_sign){
	    S("curve25519-sha256"), S("ssh-ed25519"), S("SSH-2.0-c"),
	    S("SSH-2.0-s"), BYTES("\x14" "ic"), BYTES("\x14is"), S("KS"),
	    S("QC"), S("QS"), BYTES("\x80K"), 2048, 3072, 8192,
	    BYTES("\x83p"), BYTES("\2") });
	codec_check(&mon_signature_codec, &signature);
	codec_check(&mon_prove_codec, &signature);
	codec_check(&mon_proof_codec, &signature);
	codec_check(&mon_banner_codec, &signature);
	codec_check(&mon_sig_algs_codec, &signature);
}

/* Two KEXINITs of the largest size must fit a frame with all the rest. */
static void
mon_largest_signing(void **state)
{
	static uint8_t big[MON_KEXINIT_MAX_BYTES], frame[IPC_FRAME_MAX_BYTES];
	struct sink s = sink_of(frame, sizeof frame);
	struct mon_sign m = {
		.kex_name = S("diffie-hellman-group18-sha512"),
		.sig_name = S("ecdsa-sha2-nistp521"),
		.client_ident = span(big, 255),
		.server_ident = span(big, 255),
		.client_kexinit = span(big, sizeof big),
		.server_kexinit = span(big, 2000),	/* ours: known */
		.host_key = span(big, 2100),		/* RSA of 16384 bits */
		.client_public = span(big, 1024),
		.server_public = span(big, 1024),
		.shared = span(big, 1024),
		.gex_prime = span(big, 1024),
		.gex_generator = span(big, 4),
	};

	(void)state;
	mon_sign_put(&s, &m);
	assert_true(sink_ok(&s));
}

static void
mon_authentication(void **state)
{
	struct mon_auth m = { S("alice"), S("ssh-connection"), S("password"),
		S("ssh-ed25519"), S("key"), S("sig"), S("host"), true,
		BYTES("pass\0word"), true, S("pam,skey"), S("host"),
		S("user") };

	(void)state;
	codec_check(&mon_auth_codec, &m);
	assert_true(parses(&mon_auth_codec, &m, MON_REQ_AUTH_KEY));
	codec_check(&mon_prompt_codec, &(struct mon_prompt){
	    S("banner"), S("text"), true, S("Password: "), true });
	codec_check(&mon_prompt_codec, &(struct mon_prompt){ 0 });
	codec_check(&mon_response_codec, &(struct mon_response){
	    true, UINT32_MAX, BYTES("an\0swer") });
	codec_check(&mon_response_codec, &(struct mon_response){ 0 });
	codec_check(&mon_verdict_codec, &(struct mon_verdict){
	    MON_AUTH_FAILURE, true, S("publickey,password"), 2, S("bye"),
	    S("banner") });
	codec_check(&mon_verdict_codec, &(struct mon_verdict){
	    .result = MON_AUTH_SUCCESS });
}

/* threats: no flipped bit may turn one result into another. */
static void
mon_results_are_far_apart(void **state)
{
	const uint32_t result[] = { 0, 1, UINT32_MAX, MON_AUTH_FAILURE,
		MON_AUTH_KEY_OK, MON_AUTH_SUCCESS, MON_AUTH_DISCONNECT };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(result); i++)
		for (size_t j = 0; j < i; j++)
			assert_true(i < 3 || __builtin_popcount(result[i] ^
			    result[j]) >= 8);
}

static void
mon_events(void **state)
{
	static uint8_t text[MON_EVENT_TEXT_MAX_BYTES + 1];
	struct mon_event m = { MON_EVENT_DISCONNECT, 11, S("detail"),
		S("text") };

	(void)state;
	codec_check(&mon_event_codec, &m);
	m.kind = MON_EVENT_NONE;
	assert_false(parses(&mon_event_codec, &m, MON_REQ_EVENT));
	m.kind = MON_EVENT_COUNT;
	assert_false(parses(&mon_event_codec, &m, MON_REQ_EVENT));
	m.kind = MON_EVENT_COUNT - 1;
	m.text = span(text, MON_EVENT_TEXT_MAX_BYTES);
	assert_true(parses(&mon_event_codec, &m, MON_REQ_EVENT));
	m.text.len++;
	assert_false(parses(&mon_event_codec, &m, MON_REQ_EVENT));
	m.text = S("");
	m.detail = span(text, sizeof text);
	assert_false(parses(&mon_event_codec, &m, MON_REQ_EVENT));
}

static void
mon_endings(void **state)
{
	(void)state;
	codec_check(&mon_done_codec, &(struct mon_done){
	    UINT64_MAX, UINT64_C(1) << 40, 3 });
	codec_check(&mon_stop_codec, &(struct mon_stop){ 2, S("stop") });
}

static void
usr_channels(void **state)
{
	uint32_t chan = USER_CHANNELS_MAX_COUNT - 1;

	(void)state;
	codec_check(&usr_chan_codec, &chan);
	chan++;
	assert_false(parses(&usr_chan_codec, &chan, USER_REQ_OPEN));
	chan = UINT32_MAX;
	assert_false(parses(&usr_chan_codec, &chan, USER_REQ_OPEN));
}

/* Each message of the edge names a channel that may exist, or fails. */
static void
usr_channel_bounds(void **state)
{
	const uint32_t over = USER_CHANNELS_MAX_COUNT;

	(void)state;
	assert_false(parses(&usr_env_codec,
	    &(struct usr_env){ .chan = over }, USER_REQ_ENV));
	assert_false(parses(&usr_pty_codec,
	    &(struct usr_pty){ .chan = over }, USER_REQ_PTY));
	assert_false(parses(&usr_resize_codec,
	    &(struct usr_resize){ .chan = over }, USER_REQ_RESIZE));
	assert_false(parses(&usr_start_codec,
	    &(struct usr_start){ .chan = over }, USER_REQ_START));
	assert_false(parses(&usr_signal_codec,
	    &(struct usr_signal){ .chan = over }, USER_REQ_SIGNAL));
	assert_false(parses(&usr_break_codec,
	    &(struct usr_break){ .chan = over }, USER_REQ_BREAK));
	assert_false(parses(&usr_ans_codec,
	    &(struct usr_ans){ .chan = over }, USER_ANS_DONE));
	assert_false(parses(&usr_exit_codec,
	    &(struct usr_exit){ .chan = over }, USER_EVT_EXIT));
	assert_false(parses(&usr_dial_codec,
	    &(struct usr_dial){ .chan = over }, USER_REQ_DIAL));
	assert_false(parses(&usr_refusal_codec,
	    &(struct usr_refusal){ over, 1, S("") }, USER_EVT_DIAL_FAILED));
}

static void
usr_terminals(void **state)
{
	static struct usr_pty m = { .chan = 1, .cols = 80, .rows = 24,
		.width = 640, .height = 480 };
	uint8_t body[64];
	struct sink s = sink_of(body, sizeof body);
	struct usr_pty out;

	(void)state;
	m.term = S("xterm");
	codec_check(&usr_pty_codec, &m);
	m.mode_count = USER_MODES_MAX_COUNT;
	for (size_t i = 0; i < m.mode_count; i++)
		m.modes[i] = (struct usr_mode){ (uint8_t)i, 0xffffffff };
	codec_check(&usr_pty_codec, &m);
	codec_check(&usr_resize_codec,
	    &(struct usr_resize){ 1, 80, 24, 640, 480 });
	/* One mode more than there is room for, said and not sent. */
	sink_u32(&s, 1);
	sink_cstring(&s, "xterm");
	for (int i = 0; i < 4; i++)
		sink_u32(&s, 1);
	sink_u32(&s, USER_MODES_MAX_COUNT + 1);
	assert_false(usr_pty_get(cursor_of(sink_span(&s)), &out));
	assert_int_equal(out.mode_count, 0);
}

static void
usr_starts(void **state)
{
	struct usr_start m = { 1, USER_START_EXEC, S("ls"), true };

	(void)state;
	codec_check(&usr_start_codec, &m);
	m.kind = USER_START_COUNT;
	assert_false(parses(&usr_start_codec, &m, USER_REQ_START));
	codec_check(&usr_env_codec,
	    &(struct usr_env){ 1, S("LANG"), BYTES("C\0") });
	codec_check(&usr_signal_codec, &(struct usr_signal){ 1, S("TERM") });
	codec_check(&usr_break_codec, &(struct usr_break){ 1, 500 });
}

static void
usr_answers(void **state)
{
	(void)state;
	codec_check(&usr_ans_codec, &(struct usr_ans){ 1, true });
	codec_check(&usr_exit_codec,
	    &(struct usr_exit){ 1, true, 0, S("KILL"), true });
	codec_check(&usr_exit_codec,
	    &(struct usr_exit){ .chan = 1, .status = 255 });
}

static void
usr_dials(void **state)
{
	static char longest[USER_HOST_MAX_BYTES + 2];
	struct usr_dial m = { 255, USER_SOCKET_TCP, S("host"), 65535,
		S("192.0.2.1"), UINT32_MAX };

	(void)state;
	codec_check(&usr_dial_codec, &m);
	m.port++;
	assert_false(parses(&usr_dial_codec, &m, USER_REQ_DIAL));
	m.port = 0;
	m.kind = USER_SOCKET_AGENT;
	assert_false(parses(&usr_dial_codec, &m, USER_REQ_DIAL));
	m.kind = USER_SOCKET_UNIX;
	memset(longest, 'x', sizeof longest - 1);
	m.host = span(longest, USER_HOST_MAX_BYTES);
	assert_true(parses(&usr_dial_codec, &m, USER_REQ_DIAL));
	m.host.len++;
	assert_false(parses(&usr_dial_codec, &m, USER_REQ_DIAL));
	m.origin_host = m.host;
	m.host = S("/sock");
	assert_false(parses(&usr_dial_codec, &m, USER_REQ_DIAL));
	codec_check(&usr_refusal_codec, &(struct usr_refusal){ 1,
	    USER_DIAL_FAILED, S("Connection refused") });
	for (uint32_t reason = 0; reason < 7; reason++)
		assert_int_equal(parses(&usr_refusal_codec,
		    &(struct usr_refusal){ 1, reason, S("") },
		    USER_EVT_DIAL_FAILED), reason == USER_DIAL_PROHIBITED ||
		    reason == USER_DIAL_FAILED ||
		    reason == USER_DIAL_SHORTAGE);
}

static void
usr_listeners(void **state)
{
	static char longest[USER_HOST_MAX_BYTES + 1];
	struct usr_listen m = { USER_SOCKET_TCP, S("localhost"), 65535 };
	struct usr_accepted a = { USER_SOCKET_UNIX, S("/sock"), 0,
		S("192.0.2.1"), 65535 };

	(void)state;
	memset(longest, 'x', sizeof longest);
	codec_check(&usr_listen_codec, &m);
	m.port++;
	assert_false(parses(&usr_listen_codec, &m, USER_REQ_LISTEN));
	m.port = 0;
	m.kind = USER_SOCKET_AGENT;
	assert_false(parses(&usr_listen_codec, &m, USER_REQ_LISTEN));
	m.kind = USER_SOCKET_UNIX;
	m.host = span(longest, sizeof longest);
	assert_false(parses(&usr_listen_codec, &m, USER_REQ_LISTEN));
	codec_check(&usr_listening_codec, &(struct usr_listening){ true, 22 });
	assert_false(parses(&usr_listening_codec,
	    &(struct usr_listening){ true, 65536 }, USER_ANS_LISTENING));
	codec_check(&usr_accepted_codec, &a);
	a.port = 65536;
	assert_false(parses(&usr_accepted_codec, &a, USER_EVT_ACCEPTED));
	a.port = 1;
	a.origin_host = m.host;
	assert_false(parses(&usr_accepted_codec, &a, USER_EVT_ACCEPTED));
	a.origin_host = S("");
	a.kind = USER_SOCKET_COUNT;
	assert_false(parses(&usr_accepted_codec, &a, USER_EVT_ACCEPTED));
}

static void
sess_messages(void **state)
{
	static uint8_t text[SESS_TEXT_MAX_BYTES + 1];
	struct sess_event m = { SESS_EVENT_START, 0, S("shell") };

	(void)state;
	codec_check(&sess_pty_codec, &(struct sess_pty){ S("pts/3"), 42 });
	codec_check(&sess_last_codec,
	    &(struct sess_last){ UINT64_C(1) << 33, S("192.0.2.1") });
	codec_check(&sess_event_codec, &m);
	m.kind = SESS_EVENT_NONE;
	assert_false(parses(&sess_event_codec, &m, SESS_REQ_EVENT));
	m.kind = SESS_EVENT_COUNT;
	assert_false(parses(&sess_event_codec, &m, SESS_REQ_EVENT));
	m.kind = SESS_EVENT_ERROR;
	m.text = span(text, SESS_TEXT_MAX_BYTES);
	assert_true(parses(&sess_event_codec, &m, SESS_REQ_EVENT));
	m.text.len++;
	assert_false(parses(&sess_event_codec, &m, SESS_REQ_EVENT));
}

static void
limits(void **state)
{
	struct mon_limits m = { 1ull << 40, 3600, 30, 3, 120, 0xb8,
		MON_TOS_KEEP, 9, "\0\0\0\7\0\0\0\1*" };

	(void)state;
	codec_check(&mon_limits_codec, &m);
	assert_true(parses(&mon_limits_codec, &m, MON_ORDER_LIMITS));
	/* A list that is torn, and the longest one. */
	m.channel_timeouts_len--;
	assert_false(parses(&mon_limits_codec, &m, MON_ORDER_LIMITS));
	memset(m.channel_timeouts, 0, sizeof m.channel_timeouts);
	m.channel_timeouts_len = sizeof m.channel_timeouts;
	assert_true(parses(&mon_limits_codec, &m, MON_ORDER_LIMITS));
}

static const struct user_policy *
some_policy(void)
{
	static struct user_policy m;

	m = (struct user_policy){
		.user = S("alice"), .home = S("/home/alice"),
		.shell = S("/bin/sh"), .uid = 1000, .gid = 1001,
		.remote_host = S("192.0.2.1"), .remote_port = 40000,
		.local_host = S("192.0.2.2"), .local_port = 22,
		.session_env = BYTES("\0\0\0\3A=1\0\0\0\3B=2"),
		.set_env = BYTES("\0\0\0\3C=3"),
		.accept_env = BYTES("\0\0\0\4LC_*\0\0\0\0"),
		.default_path = S("/usr/bin:/bin"),
		.forced = true, .forced_command = S("true"),
		.forced_by_key = true,
		.key_env = BYTES("\0\0\0\3D=4"),
		.user_environment = S("LC_*"),
		.subsystems = BYTES("\0\0\0\4sftp\0\0\0\1x"),
		.max_sessions = 10, .permit_tty = true,
		.print_last_log = true, .in_chroot = true,
		.password_expired = true, .session_refused = true,
		.login_text = S("Welcome"), .auth_info = S("password"),
		.check_nologin = true, .debug = true,
		.tcp_forwarding = POLICY_FORWARD_LOCAL,
		.streamlocal_forwarding = POLICY_FORWARD_REMOTE,
		.agent_forwarding = true, .x11_forwarding = true,
		.tunnel_modes = 3, .tunnel_device = POLICY_TUNNEL_ANY,
		.gateway_ports = POLICY_GATEWAY_CLIENT,
		.address_family = POLICY_FAMILY_INET6,
		.permit_open = BYTES("\0\0\0\3*:*"),
		.key_permit_open = BYTES("\0\0\0\3a:1"),
		.permit_listen = BYTES("\0\0\0\3*:*\0\0\0\3b:2"),
		.key_permit_listen = BYTES("\0\0\0\3c:3"),
	};
	return &m;
}

static void
policies(void **state)
{
	struct span list = some_policy()->accept_env, item;

	(void)state;
	codec_check(&policy_codec, some_policy());
	assert_true(parses(&policy_codec, some_policy(), SESS_ANS_POLICY));
	assert_true(policy_next(&list, &item));
	assert_span(item, "LC_*");
	assert_true(policy_next(&list, &item));
	assert_int_equal(item.len, 0);
	assert_false(policy_next(&list, &item));
	assert_false(policy_next(&list, &item));
}

static void
policies_with_torn_lists(void **state)
{
	static const char torn[] = "\0\0\0\3A=1\0\0\0\4B=2";
	struct user_policy m = *some_policy();

	(void)state;
	for (size_t n = 1; n < sizeof torn; n++) {
		m.set_env = span(torn, n);
		assert_int_equal(parses(&policy_codec, &m, SESS_ANS_POLICY),
		    n == 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mon_signing),
		cmocka_unit_test(mon_largest_signing),
		cmocka_unit_test(mon_authentication),
		cmocka_unit_test(mon_results_are_far_apart),
		cmocka_unit_test(mon_events),
		cmocka_unit_test(mon_endings),
		cmocka_unit_test(usr_channels),
		cmocka_unit_test(usr_channel_bounds),
		cmocka_unit_test(usr_terminals),
		cmocka_unit_test(usr_starts),
		cmocka_unit_test(usr_answers),
		cmocka_unit_test(usr_dials),
		cmocka_unit_test(usr_listeners),
		cmocka_unit_test(sess_messages),
		cmocka_unit_test(limits),
		cmocka_unit_test(policies),
		cmocka_unit_test(policies_with_torn_lists),
	};

	return cmocka_run_group_tests_name("ipc_codec", tests, NULL, NULL);
}
