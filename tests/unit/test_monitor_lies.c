/*
 * Tests of monitor_run() with a net, and a user, that lie: every request in
 * every phase, once, twice, cut, lengthened, with descriptors.  Nothing may
 * be granted, and each lie ends in EXIT_BUG.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "monitor_rig.h"
#include "run/exits.h"
#include "unit.h"

enum stage { AT_KEX, AT_AUTH, AT_SESSION, AT_END, STAGE_COUNT };

#define BIT(type) (1u << (type))
#define AUTH_BITS (BIT(MON_REQ_AUTH_NONE) | BIT(MON_REQ_AUTH_KEY_QUERY) | \
	BIT(MON_REQ_AUTH_KEY) | BIT(MON_REQ_AUTH_OTHER) | \
	BIT(MON_REQ_AUTH_PASSWORD) | BIT(MON_REQ_AUTH_KBDINT) | \
	BIT(MON_REQ_AUTH_HOST))

static const uint32_t legal[STAGE_COUNT] = {
	[AT_KEX] = BIT(MON_REQ_SIGN) | BIT(MON_REQ_EVENT) | BIT(MON_REQ_DONE),
	[AT_AUTH] = BIT(MON_REQ_SIGN) | AUTH_BITS | BIT(MON_REQ_EVENT) |
	    BIT(MON_REQ_DONE),
	[AT_SESSION] = BIT(MON_REQ_SIGN) | BIT(MON_REQ_EVENT) |
	    BIT(MON_REQ_DONE) | BIT(MON_REQ_PROVE),
	[AT_END] = BIT(MON_REQ_EVENT),
};

static int
set_up(void **state)
{
	struct rig *rig;

	if (rig_set_up(state) != 0)
		return -1;
	rig = *state;
	rig_authorize(rig, "", rig->user_key);
	return 0;
}

static void
start_at(struct rig *rig, enum stage stage)
{
	rig_start(rig);
	if (stage >= AT_AUTH)
		assert_true(rig_kex(rig, 1));
	if (stage >= AT_SESSION)
		assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
		    rig->user_key), MON_AUTH_SUCCESS);
	if (stage == AT_END) {
		rig_make(rig, MON_REQ_DONE, 0);
		rig_send(rig, span(rig->frame, rig->frame_len), 0);
	}
}

/* The rig stops; how often was somebody let in, and was it called a bug? */
static void
expect(struct rig *rig, enum stage stage, int status, const char *what)
{
	int got = rig_stop(rig);
	char *log = rig_log(rig);
	const char *first = strstr(log, "Accepted");
	size_t accepted = first == NULL ? 0 : strstr(first + 1,
	    "Accepted") == NULL ? 1 : 2;

	if (got != status || accepted != (stage >= AT_SESSION))
		fail_msg("stage %d, %s: status %d, log:\n%s", (int)stage,
		    what, got, log);
	if (status == EXIT_BUG && strstr(log, "internal error") == NULL)
		fail_msg("%s: not called a bug:\n%s", what, log);
	free(log);
}

static void
send_type(struct rig *rig, uint8_t type, unsigned int round, int fd_count)
{
	rig_make(rig, type, round);
	rig_send(rig, span(rig->frame, rig->frame_len), fd_count);
}

static void
test_every_type_in_every_phase(void **state)
{
	struct rig *rig = *state;

	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		for (unsigned int type = 0; type <= MON_REQ_COUNT + 1;
		     type++) {
			bool ok = (legal[stage] & BIT(type)) != 0;

			start_at(rig, (enum stage)stage);
			send_type(rig, (uint8_t)type, 2, 0);
			expect(rig, (enum stage)stage,
			    ok ? EXIT_PEER : EXIT_BUG, "once");
		}
	}
}

static void
test_twice(void **state)
{
	/* One hash, one key's proof, and the last message come once. */
	static const uint8_t once[] = { MON_REQ_SIGN, MON_REQ_DONE,
		MON_REQ_PROVE };
	struct rig *rig = *state;

	for (int stage = 0; stage < AT_END; stage++) {
		for (size_t i = 0; i < ARRAY_LEN(once); i++) {
			start_at(rig, (enum stage)stage);
			send_type(rig, once[i], 2, 0);
			send_type(rig, once[i], 2, 0);
			expect(rig, (enum stage)stage, EXIT_BUG, "twice");
		}
	}
	start_at(rig, AT_SESSION);
	send_type(rig, MON_REQ_SIGN, 1, 0);
	expect(rig, AT_SESSION, EXIT_BUG, "the first hash again");
}

static void
test_misshapen(void **state)
{
	struct rig *rig = *state;

	for (uint8_t type = 1; type < MON_REQ_COUNT; type++) {
		for (int how = 0; how < 5; how++) {
			enum stage stage = AT_AUTH;
			int fds = how == 3 ? 1 : how == 4 ? 3 : 0;

			start_at(rig, stage);
			rig_make(rig, type, 2);
			if (how == 0)
				rig->frame_len--;
			else if (how == 1)
				rig->frame_len++;
			else if (how == 2)
				memset(rig->frame + 1, 0xff, 4);
			/* An event's first four bytes are no length. */
			if (how == 2 && type == MON_REQ_DONE)
				rig->frame_len = 1;
			rig_send(rig, span(rig->frame, rig->frame_len), fds);
			expect(rig, stage, EXIT_BUG, "misshapen");
		}
	}
}

static void
send_sign(struct rig *rig, struct span kex, struct span sig,
    struct span ident, struct span host_key)
{
	struct sink out = sink_of(rig->frame, sizeof rig->frame);
	const struct mon_sign m = {
		.kex_name = kex,
		.sig_name = sig,
		.client_ident = S("SSH-2.0-x"),
		.server_ident = ident,
		.client_kexinit = BYTES("\x14 client"),
		.server_kexinit = BYTES("\x14 server"),
		.host_key = host_key,
		.client_public = S("01234567890123456789012345678901"),
		.server_public = S("01234567890123456789012345678901"),
		.shared = S("secret"),
	};

	mon_sign_put(&out, &m);
	rig_send(rig, sink_span(&out), 0);
}

/* The host key signs our own exchanges and nothing else. */
static void
test_signature_oracle(void **state)
{
	struct rig *rig = *state;
	const struct span kex = S("curve25519-sha256"),
	    sig = S("ssh-ed25519"), ident = S(RIG_IDENT),
	    key = privkey_public(rig->host_key);
	const struct span wrong[][4] = {
		{ S("curve25519-sha257"), sig, ident, key },
		{ S("diffie-hellman-group1-sha1"), sig, ident, key },
		{ kex, S("ecdsa-sha2-nistp256"), ident, key },
		{ kex, S("rsa-sha2-512"), ident, key },
		{ kex, sig, S("SSH-2.0-other"), key },
		{ kex, sig, ident, privkey_public(rig->user_key) },
		{ kex, sig, ident, span(key.p, key.len - 1) },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct ipc_frame answer;

		rig_start(rig);
		send_sign(rig, wrong[i][0], wrong[i][1], wrong[i][2],
		    wrong[i][3]);
		assert_false(rig_receive(rig, &answer));
		expect(rig, AT_KEX, EXIT_BUG, "sign something else");
	}
}

/* A proof is for this session, of our keys, and for nothing else. */
static void
test_proofs(void **state)
{
	struct rig *rig = *state;
	const struct span own = privkey_public(rig->host_key);
	const struct span wrong[] = { privkey_public(rig->user_key),
		span(own.p, own.len - 1), span(NULL, 0) };
	uint8_t bytes[1024];
	struct sink data = sink_of(bytes, sizeof bytes), out;
	struct ipc_frame answer;
	struct span proof;

	start_at(rig, AT_SESSION);
	send_type(rig, MON_REQ_PROVE, 0, 0);
	assert_true(rig_receive(rig, &answer));
	assert_int_equal(answer.type, MON_ANS_PROVE);
	assert_true(mon_proof_get(answer.body, &proof));
	sink_cstring(&data, "hostkeys-prove-00@openssh.com");
	sink_string(&data, span(rig->session_id, rig->session_id_len));
	sink_string(&data, own);
	assert_true(pubkey_verify(S("ssh-ed25519"), own, sink_span(&data),
	    proof));
	expect(rig, AT_SESSION, EXIT_PEER, "a proof");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		start_at(rig, AT_SESSION);
		out = sink_of(rig->frame, sizeof rig->frame);
		mon_prove_put(&out, wrong[i]);
		rig_send(rig, sink_span(&out), 0);
		assert_false(rig_receive(rig, &answer));
		expect(rig, AT_SESSION, EXIT_BUG, "prove another key");
	}
}

/* More than a burst: slower, but an honest client's exchanges go on. */
static void
test_many_exchanges(void **state)
{
	struct rig *rig = *state;

	start_at(rig, AT_SESSION);
	for (unsigned int round = 2; round < 280; round++)
		assert_true(rig_kex(rig, round));
	send_type(rig, MON_REQ_SIGN, 100, 0);
	expect(rig, AT_SESSION, EXIT_BUG, "a hash of long ago");
}

/* A net that never says that the grace time is over: the peer's fault, too. */
static void
test_grace_backstop(void **state)
{
	struct rig *rig = *state;
	struct ipc_frame none;

	rig->settings.login_grace_sec = 1;
	start_at(rig, AT_AUTH);
	/* Until it ends by itself. */
	assert_false(rig_receive(rig, &none));
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	assert_true(rig_logged(rig, "Timeout before authentication for "));
}

/* One timeout is one line: ban tools count them. */
static void
test_grace_is_said_once(void **state)
{
	struct rig *rig = *state;
	struct sink out = sink_of(rig->frame, sizeof rig->frame);
	struct ipc_frame none;
	char *log, *first;

	rig->settings.login_grace_sec = 1;
	start_at(rig, AT_AUTH);
	mon_event_put(&out, &(struct mon_event){ .kind = MON_EVENT_GRACE });
	rig_send(rig, sink_span(&out), 0);
	/* And this net does not end by itself: the alarm comes as well. */
	assert_false(rig_receive(rig, &none));
	assert_int_equal(rig_stop(rig), EXIT_PEER);
	log = rig_log(rig);
	first = strstr(log, "Timeout before");
	assert_non_null(first);
	assert_null(strstr(first + 1, "Timeout before"));
	free(log);
}

static void
test_net_dies(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	assert_int_equal(write(rig->life, "k", 1), 1);
	assert_int_equal(rig_stop(rig), EXIT_BUG);
	assert_true(rig_logged(rig, "error: net role was killed by signal "));
}

static void
test_empty_frame_is_the_end(void **state)
{
	struct rig *rig = *state;

	start_at(rig, AT_AUTH);
	assert_int_equal(send(rig->net, "", 0, MSG_NOSIGNAL), 0);
	expect(rig, AT_AUTH, EXIT_PEER, "empty");
}

static bool
log_has(const struct rig *rig, const char *text)
{
	char *log = rig_log(rig);
	bool found = strstr(log, text) != NULL;

	free(log);
	return found;
}

/*
 * The rig's role passes on what it gets over net/user.  The monitor has to
 * take it before net leaves: it logs said, or (NULL) ends.
 */
static void
user_says(struct rig *rig, struct span frame, const char *said)
{
	struct ipc_frame none;
	struct rig_role seen;

	assert_int_equal(read(rig->user_edge, &seen, sizeof seen),
	    sizeof seen);
	assert_int_equal(ipc_send(rig->user_edge, frame, NULL, 0), IPC_OK);
	if (said == NULL)
		assert_false(rig_receive(rig, &none));
	for (int i = 0; said != NULL && !log_has(rig, said) && i < 3000; i++)
		usleep(10 * 1000);
}

static void
test_user_lies(void **state)
{
	static const struct span lies[] = {
		{ (const uint8_t *)"\x00", 1 },
		{ (const uint8_t *)"\x04", 1 },
		{ (const uint8_t *)"\xff", 1 },
		{ (const uint8_t *)"\x01", 1 },
		{ (const uint8_t *)"\x01\xff\xff\xff\xff" "abcd", 9 },
		{ (const uint8_t *)"\x02\0\0\0\x01p\0\0\0\0x", 11 },
		{ (const uint8_t *)"\x03\0\0\0\0\0\0\0\0\0", 10 },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		start_at(rig, AT_SESSION);
		user_says(rig, lies[i], NULL);
		expect(rig, AT_SESSION, EXIT_BUG, "user lies");
	}
}

static void
test_user_asks_for_other_terminals(void **state)
{
	static const char *const ttys[] = { "", "pts/", "pts/../tty1", "tty1",
		"pts/99999999", "pts/1x", "pts/ptmx", "/dev/pts/0",
		"pts/000000000000000000000000" };
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_LEN(ttys); i++) {
		struct sink out = sink_of(rig->frame, sizeof rig->frame);

		start_at(rig, AT_SESSION);
		sess_pty_put(&out, SESS_REQ_PTY_OPEN,
		    &(struct sess_pty){ S(ttys[i]), 1 });
		user_says(rig, sink_span(&out), "no login record: ");
		expect(rig, AT_SESSION, EXIT_PEER, ttys[i]);
		assert_true(rig_logged(rig, "no login record: "));
	}
}

/* Only in a chroot, which this login has not. */
static void
test_user_asks_for_a_made_terminal(void **state)
{
	struct rig *rig = *state;
	struct sink out = sink_of(rig->frame, sizeof rig->frame);

	start_at(rig, AT_SESSION);
	sink_u8(&out, SESS_REQ_PTY_MAKE);
	user_says(rig, sink_span(&out), NULL);
	expect(rig, AT_SESSION, EXIT_BUG, "terminal");
}

static void
test_session_lines(void **state)
{
	struct rig *rig = *state;
	struct sink out = sink_of(rig->frame, sizeof rig->frame);

	start_at(rig, AT_SESSION);
	sess_event_put(&out, &(struct sess_event){ SESS_EVENT_START, 3,
	    S("forced-command 'a\nb \\\\'") });
	user_says(rig, sink_span(&out), "Starting session: ");
	expect(rig, AT_SESSION, EXIT_PEER, "start");
	assert_true(rig_logged(rig,
	    "Starting session: forced-command 'a\\nb \\\\' for "));
	assert_true(rig_logged(rig, " from 192.0.2.7 port 40000 id 3\n"));
}

static int64_t
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void
user_logs(struct rig *rig, struct span text)
{
	struct sink out = sink_of(rig->frame, sizeof rig->frame);

	sess_event_put(&out, &(struct sess_event){ SESS_EVENT_INFO, 0, text });
	assert_int_equal(ipc_send(rig->user_edge, sink_span(&out), NULL, 0),
	    IPC_OK);
}

static size_t
count_lines(const struct rig *rig, const char *text)
{
	char *log = rig_log(rig);
	size_t n = 0;

	for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
		n++;
	free(log);
	return n;
}

/* Not faster than a bound, but also after any number of lines. */
static void
test_many_lines(void **state)
{
	const int64_t start = seconds();
	struct rig *rig = *state;
	struct rig_role seen;
	size_t most, flood, late = 0;

	start_at(rig, AT_SESSION);
	assert_int_equal(read(rig->user_edge, &seen, sizeof seen),
	    sizeof seen);
	for (int i = 0; i < 10001; i++)
		user_logs(rig, S("flood"));
	for (int i = 0; i < 300 && late == 0; i++) {
		user_logs(rig, S("late"));
		usleep(50 * 1000);
		late = count_lines(rig, ": late\n");
	}
	expect(rig, AT_SESSION, EXIT_PEER, "lines");
	flood = count_lines(rig, ": flood\n");
	most = 1000 * (size_t)(seconds() - start + 2);
	assert_true(late > 0);
	assert_true(flood > 0 && flood <= most);
}

/* However many channels were idle, the end of the connection is logged. */
static void
test_many_idle_channels(void **state)
{
	struct rig *rig = *state;
	struct mon_event ev = { .kind = MON_EVENT_IDLE, .text = S("idle") };
	struct sink out;

	start_at(rig, AT_SESSION);
	for (int i = 0; i < 1000; i++) {
		out = sink_of(rig->frame, sizeof rig->frame);
		mon_event_put(&out, &ev);
		rig_send(rig, sink_span(&out), 0);
	}
	ev = (struct mon_event){ .kind = MON_EVENT_PEER_DISCONNECT,
		.code = 11, .text = S("bye") };
	out = sink_of(rig->frame, sizeof rig->frame);
	mon_event_put(&out, &ev);
	rig_send(rig, sink_span(&out), 0);
	expect(rig, AT_SESSION, EXIT_PEER, "idle");
	assert_true(rig_logged(rig, "Received disconnect from 192.0.2.7"));
}

#define WITH_RIG(f) \
	cmocka_unit_test_setup_teardown(f, set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(test_every_type_in_every_phase),
		WITH_RIG(test_twice),
		WITH_RIG(test_misshapen),
		WITH_RIG(test_signature_oracle),
		WITH_RIG(test_proofs),
		WITH_RIG(test_many_exchanges),
		WITH_RIG(test_grace_backstop),
		WITH_RIG(test_grace_is_said_once),
		WITH_RIG(test_net_dies),
		WITH_RIG(test_empty_frame_is_the_end),
		WITH_RIG(test_user_lies),
		WITH_RIG(test_user_asks_for_other_terminals),
		WITH_RIG(test_user_asks_for_a_made_terminal),
		WITH_RIG(test_session_lines),
		WITH_RIG(test_many_lines),
		WITH_RIG(test_many_idle_channels),
	};

	return cmocka_run_group_tests_name("monitor_lies", tests, NULL, NULL);
}
