/*
 * Tests of transport/negotiate: RFC 4253 section 7.1, a row a case.
 */
#include <string.h>

#include "crypto/init.h"
#include "transport/negotiate.h"
#include "unit.h"

#define KEX25519	"curve25519-sha256"
#define KEX256		"ecdh-sha2-nistp256"
#define STRICT_C	"kex-strict-c-v00@openssh.com"
#define STRICT_S	"kex-strict-s-v00@openssh.com"
#define CHACHA		"chacha20-poly1305@openssh.com"
#define GCM		"aes128-gcm@openssh.com"
#define ETM		"hmac-sha2-256-etm@openssh.com"
#define ZLIB		"zlib@openssh.com"

struct offer {
	const char *kex, *host_key, *cipher[2], *mac[2], *comp[2];
	bool follows;
};

static const struct offer server = {
	.kex = KEX25519 "," KEX256 ",ext-info-s," STRICT_S,
	.host_key = "ssh-ed25519,rsa-sha2-512",
	.cipher = { GCM "," CHACHA ",aes128-ctr",
	    GCM "," CHACHA ",aes128-ctr" },
	.mac = { ETM ",hmac-sha2-512", ETM ",hmac-sha2-512" },
	.comp = { "none," ZLIB, "none," ZLIB },
};

static const struct offer modest = {
	.kex = KEX25519, .host_key = "ssh-ed25519",
	.cipher = { CHACHA, CHACHA }, .mac = { "", "" },
	.comp = { "none", "none" },
};

static struct wire_kexinit
kexinit(const struct offer *o)
{
	return (struct wire_kexinit){
		.kex = S(o->kex), .host_key = S(o->host_key),
		.cipher_c2s = S(o->cipher[C2S]),
		.cipher_s2c = S(o->cipher[S2C]),
		.mac_c2s = S(o->mac[C2S]), .mac_s2c = S(o->mac[S2C]),
		.comp_c2s = S(o->comp[C2S]), .comp_s2c = S(o->comp[S2C]),
		.first_kex_follows = o->follows,
	};
}

static bool
agree(const struct offer *o, struct negotiated *out, struct no_match *why)
{
	struct wire_kexinit theirs = kexinit(o), ours = kexinit(&server);

	return negotiate(&theirs, &ours, out, why);
}

/* The client's order decides, in each direction for itself. */
static void
test_clients_order(void **state)
{
	struct offer o = {
		.kex = "x,ext-info-c," KEX256 "," KEX25519 "," STRICT_C,
		.host_key = "y,rsa-sha2-512,ssh-ed25519",
		.cipher = { "aes128-ctr," GCM, CHACHA "," GCM },
		.mac = { "z,hmac-sha2-512," ETM, "nobody-has-this" },
		.comp = { ZLIB ",none", "zlib,none" },
	};
	struct negotiated got;
	struct no_match why;

	(void)state;
	assert_true(agree(&o, &got, &why));
	assert_string_equal(got.kex->name, KEX256);
	assert_string_equal(got.sig_name, "rsa-sha2-512");
	assert_string_equal(got.cipher[C2S]->name, "aes128-ctr");
	assert_string_equal(got.mac[C2S]->name, "hmac-sha2-512");
	assert_string_equal(got.cipher[S2C]->name, CHACHA);
	assert_null(got.mac[S2C]);	/* an AEAD cipher needs none */
	assert_true(got.compress[C2S]);
	assert_false(got.compress[S2C]);
	assert_true(got.client_strict);
	assert_true(got.client_ext_info);
	assert_false(got.guess_wrong);
}

static void
test_no_match(void **state)
{
	static const struct {
		const char *kind;
		size_t field;	/* of struct offer */
	} cases[] = {
		{ "key exchange method", offsetof(struct offer, kex) },
		{ "host key type", offsetof(struct offer, host_key) },
		{ "cipher", offsetof(struct offer, cipher[C2S]) },
		{ "cipher", offsetof(struct offer, cipher[S2C]) },
		{ "MAC", offsetof(struct offer, mac[C2S]) },
		{ "MAC", offsetof(struct offer, mac[S2C]) },
		{ "compression", offsetof(struct offer, comp[C2S]) },
		{ "compression", offsetof(struct offer, comp[S2C]) },
	};
	static const char *const offers[] = { "", ",", "no,never,,", "none-",
		"curve25519-sha25", "curve25519-sha2566", "ssh-ed2551", "zlib",
		"hmac-sha2-25" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t k = 0; k < ARRAY_LEN(offers); k++) {
			struct offer o = modest;
			struct negotiated got;
			struct no_match why;

			o.cipher[C2S] = o.cipher[S2C] = "aes128-ctr";
			o.mac[C2S] = o.mac[S2C] = ETM;
			assert_true(agree(&o, &got, &why));
			memcpy((char *)&o + cases[i].field, &offers[k],
			    sizeof offers[k]);
			assert_false(agree(&o, &got, &why));
			assert_string_equal(why.kind, cases[i].kind);
			assert_true(span_is(why.offer, offers[k]));
		}
	}
}

/* Markers are in both lists' place, and no method. */
static void
test_markers_are_no_methods(void **state)
{
	static const char *const lists[] = { STRICT_C, "ext-info-c",
		STRICT_S, "ext-info-s", STRICT_S "," STRICT_C,
		"ext-info-c,ext-info-s" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct offer o = modest;
		struct negotiated got;
		struct no_match why;

		o.kex = lists[i];
		assert_false(agree(&o, &got, &why));
		assert_null(got.kex);
		assert_string_equal(why.kind, "key exchange method");
	}
}

static void
test_markers_are_seen(void **state)
{
	static const struct {
		const char *kex;
		bool strict, ext_info;
	} cases[] = {
		{ KEX25519, false, false },
		{ KEX25519 "," STRICT_C, true, false },
		{ STRICT_C "," KEX25519, true, false },
		{ "ext-info-c," KEX25519, false, true },
		{ KEX25519 "," STRICT_S ",ext-info-s", false, false },
		{ KEX25519 ",kex-strict-c-v00@openssh.co", false, false },
		{ KEX25519 ",ext-info-c2,xext-info-c", false, false },
		{ KEX25519 ",ext-info-c," STRICT_C, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct offer o = modest;
		struct negotiated got;
		struct no_match why;

		o.kex = cases[i].kex;
		assert_true(agree(&o, &got, &why));
		assert_string_equal(got.kex->name, KEX25519);
		assert_int_equal(got.client_strict, cases[i].strict);
		assert_int_equal(got.client_ext_info, cases[i].ext_info);
	}
}

/* A guess is right when both first names are the same on both sides. */
static void
test_guess(void **state)
{
	static const struct {
		const char *kex, *host_key;
		bool wrong;
	} cases[] = {
		{ KEX25519, "ssh-ed25519", false },
		{ KEX25519 "," KEX256, "ssh-ed25519,rsa-sha2-512", false },
		{ KEX256 "," KEX25519, "ssh-ed25519", true },
		{ "x," KEX25519, "ssh-ed25519", true },
		{ KEX25519, "rsa-sha2-512,ssh-ed25519", true },
		{ KEX25519, "x,ssh-ed25519", true },
		{ "ext-info-c," KEX25519, "ssh-ed25519", true },
		{ KEX25519 "," STRICT_C, "ssh-ed25519", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct offer o = modest;
		struct negotiated got;
		struct no_match why;

		o.kex = cases[i].kex;
		o.host_key = cases[i].host_key;
		assert_true(agree(&o, &got, &why));
		assert_false(got.guess_wrong);	/* none was made */
		o.follows = true;
		assert_true(agree(&o, &got, &why));
		assert_int_equal(got.guess_wrong, cases[i].wrong);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients_order),
		cmocka_unit_test(test_no_match),
		cmocka_unit_test(test_markers_are_no_methods),
		cmocka_unit_test(test_markers_are_seen),
		cmocka_unit_test(test_guess),
	};

	if (!crypto_init())
		return 1;
	return cmocka_run_group_tests_name("negotiate", tests, NULL, NULL);
}
