/*
 * Tests of net up to authentication: identification, key exchange, strict
 * kex, guesses, EXT_INFO, verdicts, and limits of time.
 */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "mini_client.h"
#include "net/state.h"
#include "run/exits.h"
#include "unit.h"
#include "wire/numbers.h"
#include "wire/transport.h"

#define WRONG_GUESS "nobody-has-this," MINI_KEX

static struct mini mini, *const m = &mini;
static uint8_t big[70000];

/* --- identification ------------------------------------------------------- */

static void
test_bad_identifications(void **state)
{
	static const struct {
		struct span line;
		const char *told;
	} cases[] = {
		{ { (const uint8_t *)"GET / HTTP/1.1\r\n", 16 }, "Invalid" },
		{ { (const uint8_t *)"\n", 1 }, "Invalid" },
		{ { (const uint8_t *)"\x16\x03\x01\x02\x00\x01\n", 7 },
		    "Invalid" },
		{ { (const uint8_t *)"SSH-2.0\r\n", 9 }, "Invalid" },
		{ { (const uint8_t *)"SSH-2.0-\r\n", 10 }, "Invalid" },
		{ { (const uint8_t *)"SSH-2.0-a\0b\r\n", 13 }, "Invalid" },
		{ { (const uint8_t *)"SSH-1.5-old\r\n", 13 },
		    "Protocol major" },
		{ { (const uint8_t *)"SSH-9.0-new\r\n", 13 },
		    "Protocol major" },
	};
	char got[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ssize_t n;

		mini_start(m, NULL);
		mini_raw(m, cases[i].line.p, cases[i].line.len);
		n = read(m->peer, got, sizeof got - 1);
		assert_true(n > 0);
		got[n] = '\0';
		if (strncmp(got, cases[i].told, strlen(cases[i].told)) != 0)
			fail_msg("case %zu: %s", i, got);
		assert_int_equal(read(m->peer, got, sizeof got), 0);
		assert_int_equal(mini_wait(m), EXIT_PEER);
		assert_true(mini_event_seen(m, MON_EVENT_BAD_IDENT, ""));
	}
}

static void
test_long_identifications(void **state)
{
	(void)state;
	memset(big, 'x', sizeof big);
	memcpy(big, "SSH-2.0-", 8);
	for (size_t len = 250; len < 260; len++) {
		char got[128];

		mini_start(m, NULL);
		big[len] = '\r';
		big[len + 1] = '\n';
		mini_raw(m, big, len + 2);
		big[len] = big[len + 1] = 'x';
		/* RFC 4253 4.2: 255 with CR LF. */
		if (len <= 253) {
			mini_expect_silence(m);
			assert_int_equal(mini_end(m), EXIT_PEER);
			assert_true(mini_event_seen(m, MON_EVENT_IDENT,
			    "SSH-2.0-xxx"));
			continue;
		}
		assert_true(read(m->peer, got, sizeof got) > 0);
		assert_int_equal(mini_wait(m), EXIT_PEER);
		assert_true(mini_event_seen(m, MON_EVENT_BAD_IDENT, ""));
	}
	/* Without an end it is not waited for. */
	mini_start(m, NULL);
	mini_raw(m, big, 5000);
	assert_int_equal(mini_wait(m), EXIT_PEER);
}

static void
test_peer_closes(void **state)
{
	(void)state;
	mini_start(m, NULL);
	assert_int_equal(mini_end(m), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_NO_IDENT, ""));
	mini_start(m, NULL);
	mini_raw(m, "SSH-2.0-h", 9);
	assert_int_equal(mini_end(m), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_NO_IDENT, ""));
	mini_start(m, NULL);
	mini_ident(m);
	assert_int_equal(mini_end(m), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_PEER_CLOSED, ""));
}

/* A connection has one end, and the log one line about it. */
static void
expect_one_end(enum mon_event_kind kind)
{
	int ends = 0;

	/* It has hung up before net can say goodbye. */
	fd_close(&m->peer);
	assert_int_equal(kill(m->pid, SIGCONT), 0);
	assert_int_equal(mini_wait(m), EXIT_PEER);
	for (size_t i = 0; i < m->event_count; i++)
		if (m->events[i].kind != MON_EVENT_IDENT)
			ends++;
	assert_int_equal(ends, 1);
	assert_true(mini_event_seen(m, kind, ""));
}

static void
test_one_end(void **state)
{
	(void)state;
	mini_start(m, NULL);
	assert_int_equal(kill(m->pid, SIGSTOP), 0);
	mini_raw(m, "GET / HTTP/1.1\r\n", 16);
	expect_one_end(MON_EVENT_BAD_IDENT);
	mini_start(m, NULL);
	assert_int_equal(kill(m->pid, SIGSTOP), 0);
	mini_ident(m);
	mini_send_kexinit(m, "nobody-has-this", false);
	expect_one_end(MON_EVENT_NO_MATCH);
	mini_start(m, NULL);
	assert_int_equal(kill(m->pid, SIGSTOP), 0);
	mini_ident(m);
	mini_send_type(m, SSH_MSG_CHANNEL_DATA);
	expect_one_end(MON_EVENT_PROTOCOL);
	mini_start(m, NULL);
	mini_kex(m);
	assert_int_equal(kill(m->pid, SIGSTOP), 0);
	mini_raw(m, big, 5000);
	expect_one_end(MON_EVENT_BAD_PACKET);
}

/* --- key exchange --------------------------------------------------------- */

static void
test_first_exchange(void **state)
{
	static const char *const kex[] = { MINI_KEX, MINI_STRICT,
		MINI_KEX ",ext-info-c", "ext-info-c," MINI_STRICT };
	static const char *const ciphers[] = {
		"chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com",
		"aes128-ctr" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kex); i++) {
		for (size_t k = 0; k < ARRAY_LEN(ciphers); k++) {
			const struct mini_options o = {
				.cipher = ciphers[k],
				.confined = k == 1 };

			mini_start(m, &o);
			mini_ident(m);
			mini_send_kexinit(m, kex[i], false);
			mini_send_ecdh(m);
			mini_finish_kex(m);
			/* RFC 8308 2.4: right behind NEWKEYS, when wanted. */
			if (i >= 2)
				(void)mini_expect(m, SSH_MSG_EXT_INFO);
			mini_send_newkeys(m);
			mini_service(m);
			assert_int_equal(mini_end(m), EXIT_PEER);
		}
	}
}

static void
test_byte_by_byte(void **state)
{
	static const char ident[] = MINI_IDENT;
	static uint8_t all[8192];
	size_t len;

	(void)state;
	mini_start(m, NULL);
	for (size_t i = 0; i < sizeof ident - 1; i++)
		mini_raw(m, ident + i, 1);
	mini_raw(m, "\n", 1);	/* without CR: PuTTY's old ways */
	mini_send_kexinit(m, MINI_STRICT, false);
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_send_newkeys(m);
	len = mini_seal(m, all, sizeof all, BYTES("\2\0\0\0\3abc"));
	len += mini_seal(m, all + len, sizeof all - len,
	    BYTES("\5\0\0\0\x0cssh-userauth"));
	for (size_t i = 0; i < len; i++) {
		mini_raw(m, all + i, 1);
		usleep(100);
	}
	(void)mini_expect(m, SSH_MSG_SERVICE_ACCEPT);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_right_guess(void **state)
{
	(void)state;
	mini_start(m, NULL);
	mini_ident(m);
	mini_send_kexinit(m, MINI_STRICT, true);
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_send_newkeys(m);
	mini_service(m);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* A wrong guess is passed over once, whatever it is, and no more. */
static void
test_wrong_guess(void **state)
{
	static const uint8_t types[] = { 30, 2, 32, 34, 20, 21, 255 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (int times = 1; times < 3; times++) {
			mini_start(m, NULL);
			mini_ident(m);
			mini_send_kexinit(m, WRONG_GUESS
			    ",kex-strict-c-v00@openssh.com", true);
			for (int k = 0; k < times; k++)
				mini_send(m, span((uint8_t[]){ types[i], 0,
				    0, 0, 0 }, 5));
			if (times == 2) {
				(void)mini_expect(m, SSH_MSG_DISCONNECT);
				assert_int_equal(mini_end(m), EXIT_PEER);
				continue;
			}
			mini_send_ecdh(m);
			mini_finish_kex(m);
			mini_send_newkeys(m);
			mini_service(m);
			assert_int_equal(mini_end(m), EXIT_PEER);
		}
	}
}

static void
test_wrong_guess_when_rekeying(void **state)
{
	(void)state;
	mini_start(m, NULL);
	mini_login(m);
	for (int k = 0; k < 20; k++) {
		mini_send_kexinit(m, WRONG_GUESS, true);
		mini_send(m, BYTES("\x1e\0\0\0\0"));
		mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
		mini_send_ecdh(m);
		mini_finish_kex(m);
		mini_send_newkeys(m);
	}
	(void)mini_open(m, 1, 1);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* CVE-2023-48795: a packet before the KEXINIT, then strict. */
static void
test_strict_wants_kexinit_first(void **state)
{
	(void)state;
	for (int strict = 0; strict < 2; strict++) {
		mini_start(m, NULL);
		mini_ident(m);
		mini_send(m, BYTES("\2\0\0\0\0"));
		mini_send_kexinit(m, strict ? MINI_STRICT : MINI_KEX, false);
		if (strict) {
			assert_int_equal(mini_expect_disconnect(m,
			    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
			assert_true(mini_event_seen(m, MON_EVENT_PROTOCOL,
			    "strict KEX violation"));
			continue;
		}
		mini_send_ecdh(m);
		mini_finish_kex(m);
		mini_send_newkeys(m);
		mini_service(m);
		assert_int_equal(mini_end(m), EXIT_PEER);
	}
}

/* The sequence number of a strict peer that forgets to reset it is wrong. */
static void
test_strict_resets(void **state)
{
	/* Where the number is in the MAC alone: the length stays right. */
	const struct mini_options o = { .cipher = "aes128-ctr" };

	(void)state;
	mini_start(m, &o);
	mini_ident(m);
	mini_send_kexinit(m, MINI_STRICT, false);
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_send_newkeys(m);
	m->out.seq = 3;
	mini_send(m, BYTES("\5\0\0\0\x0cssh-userauth"));
	assert_int_equal(mini_expect_disconnect(m, SSH_DISCONNECT_MAC_ERROR),
	    EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_BAD_PACKET, ""));
}

/* Taken right behind the first NEWKEYS, and nowhere else. */
static void
test_ext_info_of_client(void **state)
{
	const struct span info = BYTES("\7\0\0\0\1\0\0\0\1x\0\0\0\1y");

	(void)state;
	for (int times = 1; times < 3; times++) {
		mini_start(m, NULL);
		mini_kex(m);
		for (int k = 0; k < times; k++)
			mini_send(m, info);
		if (times == 2)
			(void)mini_expect(m, SSH_MSG_UNIMPLEMENTED);
		mini_service(m);
		assert_int_equal(mini_end(m), EXIT_PEER);
	}
	mini_start(m, NULL);
	mini_kex(m);
	mini_send(m, BYTES("\7\0\0\0\2\0\0\0\1x\0\0\0\1y"));
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
}

static void
test_no_match(void **state)
{
	(void)state;
	mini_start(m, NULL);
	mini_ident(m);
	mini_send_kexinit(m, "nobody-has-this", false);
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_KEY_EXCHANGE_FAILED), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_NO_MATCH,
	    "nobody-has-this"));
}

static void
test_bad_public_values(void **state)
{
	static const size_t lengths[] = { 0, 1, 31, 32, 33, 64, 2000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct sink out = sink_of(big, sizeof big);

		memset(big, 0, sizeof big);
		sink_u8(&out, SSH_MSG_KEX_ECDH_INIT);
		sink_u32(&out, (uint32_t)lengths[i]);
		mini_start(m, NULL);
		mini_ident(m);
		mini_send_kexinit(m, MINI_STRICT, false);
		/* All zero is a point of low order as well. */
		mini_send(m, span(big, 5 + lengths[i]));
		assert_int_equal(mini_expect_disconnect(m,
		    SSH_DISCONNECT_KEY_EXCHANGE_FAILED), EXIT_PEER);
	}
}

static void
test_huge_kexinit(void **state)
{
	struct sink out = sink_of(big, sizeof big);

	(void)state;
	memset(big, 'x', sizeof big);
	big[0] = SSH_MSG_KEXINIT;
	out.len = 17;
	sink_u32(&out, 40000);
	out.len += 40000;
	for (int i = 0; i < 9; i++)
		sink_u32(&out, 0);
	sink_u8(&out, 0);
	sink_u32(&out, 0);
	mini_start(m, NULL);
	mini_ident(m);
	mini_send(m, sink_span(&out));
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
}

static void
test_flipped_bits(void **state)
{
	static const char *const ciphers[] = {
		"chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com",
		"aes128-ctr" };
	static uint8_t packet[512];

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(ciphers); c++) {
		const struct mini_options o = { .cipher = ciphers[c] };

		for (size_t at = 0; at < 60; at += 3) {
			size_t len;

			mini_start(m, &o);
			mini_kex(m);
			len = mini_seal(m, packet, sizeof packet,
			    BYTES("\5\0\0\0\x0cssh-userauth"));
			packet[at % len] ^= (uint8_t)(1u << at % 8);
			mini_raw(m, packet, len);
			/* A length that grew waits for what never comes. */
			mini_raw(m, big, sizeof big);
			shutdown(m->peer, SHUT_WR);
			for (;;) {
				struct span p = mini_recv(m);

				if (p.len == 0)
					break;
				assert_int_equal(p.p[0], SSH_MSG_DISCONNECT);
			}
			assert_int_equal(mini_end(m), EXIT_PEER);
		}
	}
}

/* --- authentication ------------------------------------------------------- */

static void
test_verdicts(void **state)
{
	struct ipc_frame frame;

	(void)state;
	mini_start(m, NULL);
	mini_kex(m);
	mini_service(m);
	for (int i = 0; i < 3; i++) {
		mini_send_none(m);
		assert_true(mini_asked(m, &frame));
		mini_answer_auth(m, MON_ANS_AUTH, MON_AUTH_FAILURE, NULL, 0);
		(void)mini_expect(m, SSH_MSG_USERAUTH_FAILURE);
	}
	mini_send_none(m);
	assert_true(mini_asked(m, &frame));
	mini_answer_auth(m, MON_ANS_AUTH, MON_AUTH_DISCONNECT, NULL, 0);
	assert_int_equal(mini_expect_disconnect(m, 2), EXIT_PEER);
}

/* A client up to the service, which says this of extensions. */
static void
up_with_extension(const char *kex, const char *name, const char *value)
{
	uint8_t info[128];
	struct sink out = sink_of(info, sizeof info);
	const struct wire_ext ext = { span_str(name), span_str(value) };

	wire_put_ext_info(&out, &ext, 1);
	mini_start(m, NULL);
	mini_ident(m);
	mini_send_kexinit(m, kex, false);
	mini_send_ecdh(m);
	mini_finish_kex(m);
	if (strstr(kex, "ext-info-c") != NULL)
		(void)mini_expect(m, SSH_MSG_EXT_INFO);
	mini_send_newkeys(m);
	mini_send(m, sink_span(&out));
	mini_service(m);
}

static void
order_sig_algs(const char *names)
{
	uint8_t frame[128];
	struct sink out = sink_of(frame, sizeof frame);

	mon_sig_algs_put(&out, span_str(names));
	mini_answer(m, sink_span(&out), NULL, 0);
}

/* ext-info-in-auth@openssh.com: once, with the user's algorithms. */
static void
test_second_ext_info(void **state)
{
	static const uint8_t want[] =
	    "\7\0\0\0\1\0\0\0\017server-sig-algs\0\0\0\016rsa-sha2-512,x";
	static const struct {
		const char *kex, *name, *value;
	} unasked[] = {
		{ MINI_KEX ",ext-info-c", "x", "0" },
		{ MINI_KEX ",ext-info-c", "ext-info-in-auth@openssh.com",
		    "1" },
		{ MINI_KEX, "ext-info-in-auth@openssh.com", "0" },
	};
	struct ipc_frame frame;
	struct span got;

	(void)state;
	up_with_extension(MINI_KEX ",ext-info-c",
	    "ext-info-in-auth@openssh.com", "0");
	for (int i = 0; i < 2; i++) {
		mini_send_none(m);
		assert_true(mini_asked(m, &frame));
		order_sig_algs("rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com"
		    ",x");
		mini_answer_auth(m, MON_ANS_AUTH, MON_AUTH_FAILURE, NULL, 0);
		if (i == 0) {
			got = mini_expect(m, SSH_MSG_EXT_INFO);
			assert_true(span_equal(got,
			    span(want, sizeof want - 1)));
		}
		(void)mini_expect(m, SSH_MSG_USERAUTH_FAILURE);
	}
	assert_int_equal(mini_end(m), EXIT_PEER);
	for (size_t i = 0; i < ARRAY_LEN(unasked); i++) {
		up_with_extension(unasked[i].kex, unasked[i].name,
		    unasked[i].value);
		mini_send_none(m);
		assert_true(mini_asked(m, &frame));
		order_sig_algs("x");
		mini_answer_auth(m, MON_ANS_AUTH, MON_AUTH_FAILURE, NULL, 0);
		(void)mini_expect(m, SSH_MSG_USERAUTH_FAILURE);
		assert_int_equal(mini_end(m), EXIT_PEER);
	}
}

/* Pipelined requests are asked one by one, and none after a success. */
static void
test_pipelined_requests(void **state)
{
	struct ipc_frame frame;
	uint32_t seq;

	(void)state;
	mini_start(m, NULL);
	mini_kex(m);
	mini_service(m);
	mini_send_none(m);
	seq = m->out.seq;
	mini_send_none(m);
	assert_true(mini_asked(m, &frame));
	mini_answer_success(m);
	(void)mini_expect(m, SSH_MSG_USERAUTH_SUCCESS);
	mini_expect_host_keys(m);
	assert_int_equal(cursor_u32(&(struct cursor){ mini_expect(m,
	    SSH_MSG_UNIMPLEMENTED).p + 1, 4, WIRE_OK }), seq);
	(void)mini_open(m, 1, 1);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* --- time ----------------------------------------------------------------- */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
test_login_grace(void **state)
{
	struct mini_options o = { .login_grace_sec = 1 };

	(void)state;
	for (int stage = 0; stage < 4; stage++) {
		int64_t start = now_ms();
		struct ipc_frame frame;

		/* What must be done before may take a while. */
		o.login_grace_sec = stage < 2 ? 1 : 2;
		mini_start(m, &o);
		if (stage == 1)
			mini_ident(m);
		if (stage >= 2)
			mini_kex(m), mini_service(m);
		if (stage == 3) {
			/* The monitor thinks for too long. */
			mini_send_none(m);
			assert_true(mini_asked(m, &frame));
		}
		assert_int_equal(mini_wait(m), EXIT_PEER);
		assert_in_range(now_ms() - start, 900, 30000);
		assert_true(mini_event_seen(m, MON_EVENT_GRACE, ""));
	}
	/* It ends with the login. */
	mini_start(m, &o);
	mini_login(m);
	usleep(2200 * 1000);
	(void)mini_open(m, 1, 1);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_keepalive(void **state)
{
	const struct mini_options o = { .alive_sec = 1, .alive_max = 1 };

	(void)state;
	mini_start(m, &o);
	mini_login(m);
	(void)mini_expect(m, SSH_MSG_GLOBAL_REQUEST);
	mini_send_type(m, SSH_MSG_REQUEST_FAILURE);
	(void)mini_expect(m, SSH_MSG_GLOBAL_REQUEST);
	assert_int_equal(mini_recv(m).len, 0);
	assert_int_equal(mini_wait(m), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_TIMEOUT, ""));
}

/* Match has others for the user than for the connection. */
static void
test_limits_of_the_user(void **state)
{
	const struct mini_options o = { .alive_sec = 3600, .alive_max = 1 };
	const struct mon_limits limits = { .client_alive_interval_sec = 1,
		.client_alive_count_max = 1, .tos_bulk = MON_TOS_KEEP };
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);

	(void)state;
	mon_limits_put(&out, &limits);
	mini_start(m, &o);
	mini_login(m);
	mini_answer(m, sink_span(&out), NULL, 0);
	(void)mini_expect(m, SSH_MSG_GLOBAL_REQUEST);
	assert_int_equal(mini_recv(m).len, 0);
	assert_int_equal(mini_wait(m), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_TIMEOUT, ""));

	/* Before there is a user it is nonsense, and so is half of it. */
	mini_start(m, &o);
	mini_kex(m);
	mini_answer(m, sink_span(&out), NULL, 0);
	assert_int_equal(mini_wait(m), EXIT_BUG);
	mini_start(m, &o);
	mini_login(m);
	out.len--;
	mini_answer(m, sink_span(&out), NULL, 0);
	assert_int_equal(mini_wait(m), EXIT_BUG);
}

static void
test_unused_connection(void **state)
{
	const struct mini_options o = { .unused_sec = 1 };
	struct mini_command c = { .peer_id = 42 };

	(void)state;
	mini_start(m, &o);
	mini_login(m);
	assert_int_equal(mini_recv(m).len, 0);
	assert_int_equal(mini_wait(m), EXIT_PEER);
	assert_true(mini_event_seen(m, MON_EVENT_UNUSED, ""));

	/* An open channel is use, however quiet it is. */
	mini_start(m, &o);
	mini_login(m);
	mini_command(m, &c, 1 << 20, false);
	assert_int_equal(mini_recv_ms(m, 1500).len, 0);
	mini_command_close(&c);
	assert_int_equal(mini_end(m), EXIT_PEER);
	assert_false(mini_event_seen(m, MON_EVENT_UNUSED, ""));
}

static void
test_rekey_by_time(void **state)
{
	const struct mini_options o = { .rekey_sec = 1 };

	(void)state;
	mini_start(m, &o);
	mini_login(m);
	for (int i = 0; i < 2; i++) {
		mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
		mini_send_kexinit(m, MINI_KEX, false);
		mini_send_ecdh(m);
		mini_finish_kex(m);
		mini_send_newkeys(m);
	}
	assert_int_equal(mini_end(m), EXIT_PEER);
}

/* RFC 4344 section 3.1: after 2^31 packets of either direction, at the latest. */
static void
test_keys_wear_out(void **state)
{
	static struct net n;
	struct {
		uint64_t *counter;
		uint64_t limit;
	} cases[] = {
		{ &n.in.packets, UINT64_C(1) << 31 },
		{ &n.out.packets, UINT64_C(1) << 31 },
		{ &n.in.bytes, 1000000 },
		{ &n.out.bytes, 1000000 },
	};

	(void)state;
	n.phase = NET_OPEN;
	n.kex.limit_in = n.kex.limit_out = 1000000;
	assert_false(net_kex_due(&n, 0));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		*cases[i].counter = cases[i].limit - 1;
		assert_false(net_kex_due(&n, INT64_MAX));
		*cases[i].counter = cases[i].limit;
		assert_true(net_kex_due(&n, 0));
		*cases[i].counter = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_identifications),
		cmocka_unit_test(test_long_identifications),
		cmocka_unit_test(test_peer_closes),
		cmocka_unit_test(test_one_end),
		cmocka_unit_test(test_first_exchange),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_right_guess),
		cmocka_unit_test(test_wrong_guess),
		cmocka_unit_test(test_wrong_guess_when_rekeying),
		cmocka_unit_test(test_strict_wants_kexinit_first),
		cmocka_unit_test(test_strict_resets),
		cmocka_unit_test(test_ext_info_of_client),
		cmocka_unit_test(test_no_match),
		cmocka_unit_test(test_bad_public_values),
		cmocka_unit_test(test_huge_kexinit),
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_second_ext_info),
		cmocka_unit_test(test_pipelined_requests),
		cmocka_unit_test(test_login_grace),
		cmocka_unit_test(test_keepalive),
		cmocka_unit_test(test_limits_of_the_user),
		cmocka_unit_test(test_unused_connection),
		cmocka_unit_test(test_rekey_by_time),
		cmocka_unit_test(test_keys_wear_out),
	};

	alarm(900);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_kex", tests, NULL, NULL);
}
