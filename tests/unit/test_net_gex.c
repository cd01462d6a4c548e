/*
 * Tests of net's group exchange, RFC 4419: the messages, what the monitor is
 * asked to sign, and what does not get a group.
 */
#include <string.h>
#include <unistd.h>

#include "mini_client.h"
#include "run/exits.h"
#include "unit.h"
#include "wire/numbers.h"

static struct mini mini, *const m = &mini;

static void
ask_for(uint32_t min, uint32_t n, uint32_t max)
{
	uint8_t buf[16];
	struct sink out = sink_of(buf, sizeof buf);

	mini_start(m, NULL);
	mini_ident(m);
	mini_send_kexinit(m, MINI_GEX, false);
	sink_u8(&out, SSH_MSG_KEX_DH_GEX_REQUEST);
	sink_u32(&out, min);
	sink_u32(&out, n);
	sink_u32(&out, max);
	mini_send(m, sink_span(&out));
}

/* Our e; the group's spans point into the packet, which is there still. */
static void
send_public(const struct gex_group *group)
{
	uint8_t buf[KEX_PUBLIC_MAX_BYTES + 8];
	struct sink out = sink_of(buf, sizeof buf);

	m->key = kex_key_new(kex_find(S(MINI_GEX)), group);
	assert_non_null(m->key);
	sink_u8(&out, SSH_MSG_KEX_DH_GEX_INIT);
	sink_mpint(&out, kex_key_public(m->key));
	mini_send(m, sink_span(&out));
}

/* What the monitor is told is what the peer knows. */
static void
check_sign(const struct gex_group *group)
{
	uint8_t secret[KEX_SHARED_MAX_BYTES];
	struct sink shared = sink_of(secret, sizeof secret);
	struct ipc_frame frame;
	struct mon_sign sign;

	assert_true(mini_asked(m, &frame));
	assert_int_equal(frame.type, MON_REQ_SIGN);
	assert_true(mon_sign_get(frame.body, &sign));
	assert_true(span_is(sign.kex_name, MINI_GEX));
	assert_int_equal(sign.gex_min, 1024);
	assert_int_equal(sign.gex_n, 3000);
	assert_int_equal(sign.gex_max, 9000);
	assert_true(span_equal(sign.gex_prime, group->prime));
	assert_true(span_equal(sign.gex_generator, group->generator));
	assert_true(span_equal(sign.client_public, kex_key_public(m->key)));
	assert_true(kex_key_agree(m->key, sign.server_public, &shared));
	assert_true(span_equal(sign.shared, sink_span(&shared)));
}

static void
exchange(void **state)
{
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);
	struct gex_group group = { .bits = 4096 };
	struct span payload;
	struct cursor in;

	(void)state;
	ask_for(1024, 3000, 9000);
	payload = mini_expect(m, SSH_MSG_KEX_DH_GEX_GROUP);
	in = cursor_of(span(payload.p + 1, payload.len - 1));
	group.prime = cursor_mpint(&in);
	group.generator = cursor_mpint(&in);
	assert_int_equal(cursor_end(&in), WIRE_OK);
	assert_int_equal(group.prime.len, 512);
	assert_span(group.generator, "\2");
	send_public(&group);
	check_sign(&group);
	mon_signature_put(&out, S("signature"));
	mini_answer(m, sink_span(&out), NULL, 0);
	(void)mini_expect(m, SSH_MSG_KEX_DH_GEX_REPLY);
	(void)mini_expect(m, SSH_MSG_NEWKEYS);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
no_group(void **state)
{
	static const uint32_t wants[][3] = { { 512, 1024, 1024 },
		{ 8192, 4096, 2048 }, { 2048, 8192, 4096 }, { 0, 0, 0 },
		{ 16384, 16384, 16384 }, { 3000, 3000, 3000 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
		ask_for(wants[i][0], wants[i][1], wants[i][2]);
		assert_int_equal(mini_expect_disconnect(m,
		    SSH_DISCONNECT_KEY_EXCHANGE_FAILED), EXIT_PEER);
		assert_true(mini_event_seen(m, MON_EVENT_PROTOCOL,
		    "no matching DH grp found"));
	}
}

/* Values that give K away, or are none: as with the fixed groups. */
static void
bad_values(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint32_t reason;
	} cases[] = {
		{ "\x20\0\0\0\0", 5, SSH_DISCONNECT_KEY_EXCHANGE_FAILED },
		{ "\x20\0\0\0\1\1", 6, SSH_DISCONNECT_KEY_EXCHANGE_FAILED },
		{ "\x20\0\0\0\1\x80", 6, SSH_DISCONNECT_PROTOCOL_ERROR },
		{ "\x20\0\0\0\1", 5, SSH_DISCONNECT_PROTOCOL_ERROR },
		{ "\x20\0\0\0\1\2\0", 7, SSH_DISCONNECT_PROTOCOL_ERROR },
		{ "\x1e\0\0\0\1\2", 6, SSH_DISCONNECT_PROTOCOL_ERROR },
		{ "\x22\0\0\x08\0\0\0\x08\0\0\0\x08\0", 13,
		    SSH_DISCONNECT_PROTOCOL_ERROR },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ask_for(2048, 2048, 2048);
		(void)mini_expect(m, SSH_MSG_KEX_DH_GEX_GROUP);
		mini_send(m, span(cases[i].bytes, cases[i].len));
		assert_int_equal(mini_expect_disconnect(m, cases[i].reason),
		    EXIT_PEER);
	}
}

/* threats, row 17: what somebody who is nobody may cost. */
static void
rekeys_before_login(void **state)
{
	(void)state;
	mini_start(m, NULL);
	mini_kex(m);
	for (int i = 0; i < 8; i++) {
		mini_send_kexinit(m, MINI_KEX, false);
		mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
		mini_send_ecdh(m);
		mini_finish_kex(m);
		mini_send_newkeys(m);
	}
	mini_send_kexinit(m, MINI_KEX, false);
	assert_int_equal(mini_expect_disconnect(m,
	    SSH_DISCONNECT_PROTOCOL_ERROR), EXIT_PEER);
	/* Once in, there is no such end. */
	mini_start(m, NULL);
	mini_login(m);
	for (int i = 0; i < 20; i++) {
		mini_send_kexinit(m, MINI_KEX, false);
		mini_take_kexinit(m, mini_expect(m, SSH_MSG_KEXINIT));
		mini_send_ecdh(m);
		mini_finish_kex(m);
		mini_send_newkeys(m);
	}
	assert_int_equal(mini_end(m), EXIT_PEER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchange),
		cmocka_unit_test(no_group),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(rekeys_before_login),
	};

	alarm(900);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_gex", tests, NULL, NULL);
}
