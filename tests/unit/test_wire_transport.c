/*
 * Tests of wire/transport.h, wire/kexinit.h and wire/kex.h.
 */
#include "wire/kex.h"
#include "wire/kexinit.h"
#include "wire/numbers.h"
#include "wire/transport.h"
#include "wire_codec.h"

#define ping_put string_put
#define ignore_put string_put
#define service_request_put string_put
#define kex_ecdh_init_put string_put
#define unimplemented_put u32_put
WIRE_CODEC(ping, struct span, false);
WIRE_CODEC(ignore, struct span, false);
WIRE_CODEC(service_request, struct span, false);
WIRE_CODEC(kex_ecdh_init, struct span, false);
WIRE_CODEC(unimplemented, uint32_t, false);

static void
kexdh_init_put(struct sink *out, const void *m)
{
	sink_u8(out, SSH_MSG_KEXDH_INIT);
	sink_mpint(out, *(const struct span *)m);
}
WIRE_CODEC(kexdh_init, struct span, false);

static void
gex_request_put(struct sink *out, const void *p)
{
	const struct wire_gex_request *m = p;

	sink_u8(out, SSH_MSG_KEX_DH_GEX_REQUEST);
	sink_u32(out, m->min);
	sink_u32(out, m->n);
	sink_u32(out, m->max);
}
WIRE_CODEC(gex_request, struct wire_gex_request, false);

static void
debug_put(struct sink *out, const void *p)
{
	const struct wire_debug *m = p;

	sink_u8(out, SSH_MSG_DEBUG);
	sink_bool(out, m->always_display);
	sink_string(out, m->text);
	sink_string(out, m->lang);
}
WIRE_CODEC(debug, struct wire_debug, false);

static void
kexinit_put(struct sink *out, const void *m)
{
	wire_put_kexinit(out, m);
}
WIRE_CODEC(kexinit, struct wire_kexinit, false);

static void
ext_info_put(struct sink *out, const void *p)
{
	struct wire_ext_info m = *(const struct wire_ext_info *)p;
	struct wire_ext ext;

	sink_u8(out, SSH_MSG_EXT_INFO);
	sink_u32(out, m.left);
	while (wire_next_ext(&m, &ext)) {
		sink_string(out, ext.name);
		sink_string(out, ext.value);
	}
}
WIRE_CODEC(ext_info, struct wire_ext_info, false);

static void
single_fields(void **state)
{
	struct span data = BYTES("a\0b"), name = S("ssh-userauth");
	struct span e = BYTES("\x80\x01\x00");
	uint32_t seq = 0x01020304;

	(void)state;
	codec_check(&ping_codec, &data);
	codec_check(&ignore_codec, &data);
	codec_check(&kex_ecdh_init_codec, &data);
	codec_check(&service_request_codec, &name);
	codec_check(&kexdh_init_codec, &e);
	codec_check(&unimplemented_codec, &seq);
	assert_int_equal(wire_parse_empty(cursor_of(S(""))), WIRE_OK);
	assert_int_equal(wire_parse_empty(cursor_of(S("x"))), WIRE_LONG);
}

static void
debug_messages(void **state)
{
	codec_check(&debug_codec, &(struct wire_debug){
	    true, S("some words"), S("en") });
	(void)state;
}

static const struct wire_kexinit offer = {
	.cookie = "0123456789abcde",
	.kex = { (const uint8_t *)"curve25519-sha256,ext-info-c", 28 },
	.host_key = { (const uint8_t *)"ssh-ed25519", 11 },
	.cipher_c2s = { (const uint8_t *)"aes128-gcm@openssh.com", 22 },
	.cipher_s2c = { (const uint8_t *)"aes128-ctr", 10 },
	.mac_c2s = { (const uint8_t *)"hmac-sha2-256", 13 },
	.mac_s2c = { (const uint8_t *)"hmac-sha2-512", 13 },
	.comp_c2s = { (const uint8_t *)"none", 4 },
	.comp_s2c = { (const uint8_t *)"zlib@openssh.com", 16 },
	.lang_c2s = { (const uint8_t *)"en", 2 },
	.lang_s2c = { (const uint8_t *)"de", 2 },
	.first_kex_follows = true,
	.reserved = 0x01020304,
};

static void
kexinit_messages(void **state)
{
	uint8_t buf[512];
	struct sink s = sink_of(buf, sizeof buf);
	struct wire_kexinit m;

	(void)state;
	codec_check(&kexinit_codec, &offer);
	wire_put_kexinit(&s, &offer);
	assert_int_equal(buf[0], SSH_MSG_KEXINIT);
	assert_int_equal(wire_parse_kexinit(cursor_of(span(buf + 1,
	    s.len - 1)), &m), WIRE_OK);
	assert_memory_equal(m.cookie, offer.cookie, sizeof m.cookie);
	assert_span(m.kex, "curve25519-sha256,ext-info-c");
	assert_span(m.mac_s2c, "hmac-sha2-512");
	assert_span(m.lang_s2c, "de");
	assert_true(m.first_kex_follows);
}

static void
name_lists_are_ascii(void **state)
{
	static const char bad[] = " \n\t\x7f\x80\xff";
	uint8_t buf[512], list[] = "a?b";
	struct wire_kexinit m = offer, got;

	(void)state;
	m.lang_s2c = span(list, 3);
	for (size_t i = 0; i < sizeof bad; i++) {	/* with its NUL */
		struct sink s = sink_of(buf, sizeof buf);

		list[1] = (uint8_t)bad[i];
		wire_put_kexinit(&s, &m);
		assert_int_equal(wire_parse_kexinit(cursor_of(span(buf + 1,
		    s.len - 1)), &got), WIRE_BAD_NAME);
		assert_int_equal(got.kex.len, 0);
	}
}

static void
key_exchange_replies(void **state)
{
	uint8_t buf[64];
	struct sink s = sink_of(buf, sizeof buf);
	struct wire_kex_reply m = { S("KS"), BYTES("\x80\x01"), false, false,
		S("SIG") };

	(void)state;
	wire_put_kex_reply(&s, &m);
	assert_span(sink_span(&s),
	    "\x1f\0\0\0\2KS\0\0\0\2\x80\x01\0\0\0\3SIG");
	s = sink_of(buf, sizeof buf);
	m.public_is_mpint = true;
	wire_put_kex_reply(&s, &m);
	assert_span(sink_span(&s),
	    "\x1f\0\0\0\2KS\0\0\0\3\0\x80\x01\0\0\0\3SIG");
	s = sink_of(buf, sizeof buf);
	m.group_exchange = true;
	wire_put_kex_reply(&s, &m);
	assert_span(sink_span(&s),
	    "\x21\0\0\0\2KS\0\0\0\3\0\x80\x01\0\0\0\3SIG");
}

static void
group_exchange_messages(void **state)
{
	uint8_t buf[64];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	codec_check(&gex_request_codec, &(struct wire_gex_request){
	    2048, 3072, UINT32_MAX });
	wire_put_gex_group(&s, BYTES("\x83\x01"), BYTES("\5"));
	assert_span(sink_span(&s),
	    "\x1f\0\0\0\3\0\x83\x01\0\0\0\1\5");
}

static void
negative_e_is_refused(void **state)
{
	struct span e;

	(void)state;
	assert_int_equal(wire_parse_kexdh_init(cursor_of(
	    BYTES("\0\0\0\1\x80")), &e), WIRE_BAD_VALUE);
	assert_int_equal(e.len, 0);
}

static void
disconnects_are_understood(void **state)
{
	uint8_t buf[64];
	struct sink s = sink_of(buf, sizeof buf);
	struct wire_disconnect m;

	(void)state;
	wire_put_disconnect(&s, SSH_DISCONNECT_BY_APPLICATION, S("bye"));
	assert_span(sink_span(&s), "\1\0\0\0\x0b\0\0\0\3bye\0\0\0\0");
	for (size_t n = 0; n < s.len; n++) {
		enum wire_err err;

		memset(&m, 0xa5, sizeof m);
		err = wire_parse_disconnect(cursor_of(span(buf + 1, n)), &m);
		/* All of it, or without the language, or a code alone. */
		assert_int_equal(err == WIRE_OK,
		    n == 4 || n == 11 || n == 15);
		assert_int_equal(m.reason, err == WIRE_OK ? 11 : 0);
		assert_int_equal(m.text.len, err == WIRE_OK && n > 4 ? 3 : 0);
	}
	buf[s.len] = 0;
	assert_int_equal(wire_parse_disconnect(cursor_of(span(buf + 1,
	    s.len)), &m), WIRE_LONG);
}

static void
extensions(void **state)
{
	const struct wire_ext ext[] = {
		{ S("server-sig-algs"), S("ssh-ed25519,rsa-sha2-512") },
		{ S("ping@openssh.com"), S("0") },
		{ S("empty@example.com"), BYTES("") },
	};
	uint8_t buf[256];
	struct sink s = sink_of(buf, sizeof buf);
	struct wire_ext_info m;
	struct wire_ext one;

	(void)state;
	wire_put_ext_info(&s, ext, ARRAY_LEN(ext));
	assert_int_equal(buf[0], SSH_MSG_EXT_INFO);
	assert_int_equal(wire_parse_ext_info(cursor_of(span(buf + 1,
	    s.len - 1)), &m), WIRE_OK);
	codec_check(&ext_info_codec, &m);
	for (size_t i = 0; i < ARRAY_LEN(ext); i++) {
		assert_true(wire_next_ext(&m, &one));
		assert_true(span_equal(one.name, ext[i].name));
		assert_true(span_equal(one.value, ext[i].value));
	}
	assert_false(wire_next_ext(&m, &one));
	assert_int_equal(one.name.len, 0);
	assert_false(wire_next_ext(&m, &one));
}

static void
extension_count_is_bounded(void **state)
{
	struct wire_ext_info m;

	(void)state;
	assert_int_equal(wire_parse_ext_info(cursor_of(
	    BYTES("\xff\xff\xff\xff")), &m), WIRE_BAD_VALUE);
	assert_int_equal(m.left, 0);
	assert_int_equal(wire_parse_ext_info(cursor_of(
	    BYTES("\0\0\0\1\0\0\0\0\0\0\0\0")), &m), WIRE_BAD_NAME);
}

static void
what_is_only_sent(void **state)
{
	uint8_t buf[128];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	wire_put_unimplemented(&s, 0xfffffffe);
	wire_put_ignore(&s, S("i"));
	wire_put_debug(&s, true, S("d"));
	wire_put_service_accept(&s, S("ssh-userauth"));
	wire_put_newkeys(&s);
	wire_put_ping(&s, S("p"));
	wire_put_pong(&s, S("q"));
	assert_span(sink_span(&s), "\3\xff\xff\xff\xfe" "\2\0\0\0\1i"
	    "\4\1\0\0\0\1d\0\0\0\0" "\6\0\0\0\x0cssh-userauth" "\x15"
	    "\xc0\0\0\0\1p" "\xc1\0\0\0\1q");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_fields),
		cmocka_unit_test(debug_messages),
		cmocka_unit_test(kexinit_messages),
		cmocka_unit_test(name_lists_are_ascii),
		cmocka_unit_test(key_exchange_replies),
		cmocka_unit_test(group_exchange_messages),
		cmocka_unit_test(negative_e_is_refused),
		cmocka_unit_test(disconnects_are_understood),
		cmocka_unit_test(extensions),
		cmocka_unit_test(extension_count_is_bounded),
		cmocka_unit_test(what_is_only_sent),
	};

	return cmocka_run_group_tests_name("wire_transport", tests, NULL,
	    NULL);
}
