/*
 * Tests of crypto/pubkey.h and privkey_sign(): the RFCs' vectors, and keys
 * and signatures made to be accepted by a careless verifier (threats,
 * row 40).
 */
#include "test_crypto_hex.h"
#include "test_crypto_made.h"

#include "base/names.h"
#include "crypto/init.h"
#include "crypto/privkey_impl.h"

#define ED_SEED \
	"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"
#define ED_PUBLIC \
	"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
#define ED_SIGNATURE \
	"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" \
	"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
#define EC_SECRET \
	"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define EC_POINT "04" \
	"60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" \
	"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define EC_R "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define EC_S "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
#define EC_N "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
/* L, and p, little-endian. */
#define ED_L "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
#define ED_P "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"

static struct bytes
from_hex(const char *text)
{
	struct bytes v = { .len = 0 };

	v.len = hex(text, v.b, sizeof(v.b)).len;
	return v;
}

static struct bytes
ed_key(struct span point)
{
	struct bytes v;
	struct sink s = sink_of(v.b, sizeof(v.b));

	sink_cstring(&s, "ssh-ed25519");
	sink_string(&s, point);
	v.len = s.len;
	return v;
}

static struct bytes
ec_key(const char *name, const char *curve, struct span point)
{
	struct bytes v;
	struct sink s = sink_of(v.b, sizeof(v.b));

	sink_cstring(&s, name);
	sink_cstring(&s, curve);
	sink_string(&s, point);
	v.len = s.len;
	return v;
}

static struct bytes
rsa_key(struct span e, struct span n)
{
	struct bytes v;
	struct sink s = sink_of(v.b, sizeof(v.b));

	sink_cstring(&s, "ssh-rsa");
	sink_mpint(&s, e);
	sink_mpint(&s, n);
	assert_true(sink_ok(&s));
	v.len = s.len;
	return v;
}

static struct bytes
raw_sig(const char *alg, struct span raw)
{
	struct bytes v;
	struct sink s = sink_of(v.b, sizeof(v.b));

	sink_cstring(&s, alg);
	sink_string(&s, raw);
	v.len = s.len;
	return v;
}

static struct bytes
ec_sig(const char *r, const char *s)
{
	uint8_t raw[200];
	struct sink out = sink_of(raw, sizeof(raw));
	struct bytes rb = from_hex(r), sb = from_hex(s);

	sink_mpint(&out, view(&rb));
	sink_mpint(&out, view(&sb));
	return raw_sig("ecdsa-sha2-nistp256", sink_span(&out));
}

static bool
parses(const struct bytes *key)
{
	struct pubkey_info info;
	bool good = pubkey_parse(view(key), &info);

	assert_int_equal(good, info.type != KEY_NONE);
	return good;
}

static void
names(void **state)
{
	(void)state;
	assert_true(sig_alg_known(S("rsa-sha2-256")));
	assert_false(sig_alg_known(S("ssh-dss")));
	assert_false(sig_alg_known(S("")));
	assert_int_equal(sig_alg_key_type(S("rsa-sha2-512")), KEY_RSA);
	/* SHA-1: there for who configures it, and in no default. */
	assert_int_equal(sig_alg_key_type(S("ssh-rsa")), KEY_RSA);
	assert_false(names_contain(S(sig_alg_default_names()), S("ssh-rsa")));
	assert_false(names_contain(S(sig_alg_host_names()), S("ssh-rsa")));
	assert_false(names_contain(S(sig_alg_user_names()), S("ssh-rsa")));
	assert_false(names_contain(S(sig_alg_ca_names()), S("ssh-rsa")));
	assert_true(names_contain(S(sig_alg_user_all_names()),
	    S("ssh-rsa-cert-v01@openssh.com")));
	assert_true(names_contain(S(sig_alg_host_all_names()), S("ssh-rsa")));
	assert_int_equal(sig_alg_key_type(S("ecdsa-sha2-nistp521")),
	    KEY_ECDSA_P521);
	assert_string_equal(sig_alg_default_names(),
	    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	    "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256");
}

/* RFC 8032 section 7.1, TEST 3. */
static void
ed25519_vector(void **state)
{
	struct bytes seed = from_hex(ED_SEED), point = from_hex(ED_PUBLIC);
	struct bytes text = from_hex("af82"), sig = from_hex(ED_SIGNATURE);
	struct priv_parts parts = {
		.public = { .kind = key_kind_of(KEY_ED25519),
		    .point = view(&point) },
		.seed = view(&seed),
	};
	struct privkey *key = privkey_from(&parts);
	struct bytes want = raw_sig("ssh-ed25519", view(&sig));
	uint8_t raw[SIGNATURE_MAX_BYTES];
	struct sink out = sink_of(raw, sizeof(raw));

	(void)state;
	assert_non_null(key);
	assert_true(privkey_sign(key, S("ssh-ed25519"), view(&text), &out));
	assert_true(span_equal(sink_span(&out), view(&want)));
	assert_true(pubkey_verify(S("ssh-ed25519"), privkey_public(key),
	    view(&text), view(&want)));
	privkey_free(key);
}

/* RFC 6979 appendix A.2.5, SHA-256, "sample". */
static void
ecdsa_vector(void **state)
{
	struct bytes d = from_hex(EC_SECRET), point = from_hex(EC_POINT);
	struct bytes want = ec_sig(EC_R, EC_S);
	struct priv_parts parts = {
		.public = { .kind = key_kind_of(KEY_ECDSA_P256),
		    .point = view(&point) },
		.d = view(&d),
	};
	struct privkey *key = privkey_from(&parts);
	uint8_t raw[SIGNATURE_MAX_BYTES];
	struct sink out = sink_of(raw, sizeof(raw));

	(void)state;
	assert_non_null(key);
	assert_true(privkey_sign(key, S("ecdsa-sha2-nistp256"), S("sample"),
	    &out));
	assert_true(span_equal(sink_span(&out), view(&want)));
	assert_false(pubkey_verify(S("ecdsa-sha2-nistp256"),
	    privkey_public(key), S("simple"), sink_span(&out)));
	/* The sink is as before when another key's algorithm is asked for. */
	out.len = 1;
	assert_false(privkey_sign(key, S("ssh-ed25519"), S("sample"), &out));
	assert_false(privkey_sign(key, S("ecdsa-sha2-nistp384"), S("sample"),
	    &out));
	assert_int_equal(out.len, 1);
	privkey_free(key);
}

/* A key whose halves do not belong together signs nothing. */
static void
mismatched_halves_sign_nothing(void **state)
{
	struct bytes seed = from_hex(ED_SEED), point = from_hex(ED_PUBLIC);
	struct priv_parts parts = {
		.public = { .kind = key_kind_of(KEY_ED25519),
		    .point = view(&point) },
		.seed = view(&seed),
	};
	struct privkey *key;
	uint8_t raw[SIGNATURE_MAX_BYTES] = { 0 }, zero[sizeof(raw)] = { 0 };
	struct sink out = sink_of(raw, sizeof(raw));

	(void)state;
	seed.b[0] ^= 1;
	key = privkey_from(&parts);
	assert_non_null(key);
	assert_false(privkey_sign(key, S("ssh-ed25519"), S("x"), &out));
	assert_int_equal(out.len, 0);
	assert_memory_equal(raw, zero, sizeof(raw));
	privkey_free(key);
}

static void
ed25519_forged(void **state)
{
	struct bytes point = from_hex(ED_PUBLIC), text = from_hex("af82");
	struct bytes key = ed_key(view(&point)), raw = from_hex(ED_SIGNATURE);
	struct bytes sig = raw_sig("ssh-ed25519", view(&raw));
	struct bytes l = from_hex(ED_L), bad;
	unsigned int carry = 0;

	(void)state;
	assert_true(pubkey_verify(S("ssh-ed25519"), view(&key), view(&text),
	    view(&sig)));
	assert_false(pubkey_verify(S("rsa-sha2-256"), view(&key), view(&text),
	    view(&sig)));
	bad = raw_sig("ssh-ed448", view(&raw));
	assert_false(pubkey_verify(S("ssh-ed25519"), view(&key), view(&text),
	    view(&bad)));
	/* The same signature with S + L: RFC 8032 5.1.7 forbids it. */
	for (size_t i = 0; i < 32; i++) {
		carry += (unsigned int)raw.b[32 + i] + l.b[i];
		raw.b[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	bad = raw_sig("ssh-ed25519", view(&raw));
	assert_false(pubkey_verify(S("ssh-ed25519"), view(&key), view(&text),
	    view(&bad)));
	/* Lengths, and bytes behind. */
	for (size_t n = 0; n < sig.len; n++)
		assert_false(pubkey_verify(S("ssh-ed25519"), view(&key),
		    view(&text), span(sig.b, n)));
	bad = raw_sig("ssh-ed25519", span(raw.b, 63));
	assert_false(pubkey_verify(S("ssh-ed25519"), view(&key), view(&text),
	    view(&bad)));
	sig.b[sig.len++] = 0;
	assert_false(pubkey_verify(S("ssh-ed25519"), view(&key), view(&text),
	    view(&sig)));
}

/* Under a key of small order, R = A, S = 0 would sign one text in eight. */
static void
ed25519_small_order(void **state)
{
	static const char *const small[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		/* and y not below p */
		ED_P,
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		/* y or x so short that libgcrypt would abort() */
		"0200000000000000000000000000000000000000000000000000000000000000",
		"0300000000000000000000000000000000000000000000000000000000000000",
		"ffffffffffffffffffffffffffffffffffffffffffffffff0000000000000000",
		"3126711e11ef574692935381d2cd2bbab5dd113c4010f91fd7c4dd7b12bf431a",
		"aa9239e819ad147f9f634c535d82d85717a872ef0ae6c71c72571510cc4ba362",
		"eb8ffce7fc33540e34909731cab7f7301c7e7d9bea739584e82fa3e0c8f1f7c9",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(small); i++) {
		struct bytes point = from_hex(small[i]);
		struct bytes key = ed_key(view(&point)), sig;
		uint8_t raw[64] = { 0 };

		assert_false(parses(&key));
		memcpy(raw, point.b, 32);
		sig = raw_sig("ssh-ed25519", span(raw, sizeof(raw)));
		for (uint8_t k = 0; k < 16; k++)
			assert_false(pubkey_verify(S("ssh-ed25519"),
			    view(&key), span(&k, 1), view(&sig)));
	}
}

static void
ecdsa_forged(void **state)
{
	static const struct {
		const char *r, *s;
	} bad[] = { { "", "" }, { "", EC_S }, { EC_R, "" }, { "01", "01" },
		{ EC_N, EC_S }, { EC_R, EC_N }, { EC_N, EC_N },
		{ "01" EC_R, EC_S }, { EC_S, EC_R } };
	struct bytes point = from_hex(EC_POINT);
	struct bytes key = ec_key("ecdsa-sha2-nistp256", "nistp256",
	    view(&point));
	struct bytes sig = ec_sig(EC_R, EC_S);
	struct span alg = S("ecdsa-sha2-nistp256");
	uint8_t raw[] = { 0, 0, 0, 1, 0x80, 0, 0, 0, 1, 0x80 };

	(void)state;
	assert_true(pubkey_verify(alg, view(&key), S("sample"), view(&sig)));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		sig = ec_sig(bad[i].r, bad[i].s);
		assert_false(pubkey_verify(alg, view(&key), S("sample"),
		    view(&sig)));
	}
	/* A good key with x = 0. */
	point = from_hex("04"
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4");
	key = ec_key("ecdsa-sha2-nistp256", "nistp256", view(&point));
	assert_true(parses(&key));
	sig = ec_sig(EC_R, EC_S);
	assert_false(pubkey_verify(alg, view(&key), S("sample"), view(&sig)));
	sig = ec_sig("01", "01");
	assert_false(pubkey_verify(alg, view(&key), S("sample"), view(&sig)));
	/* Negative numbers. */
	sig = raw_sig("ecdsa-sha2-nistp256", span(raw, sizeof(raw)));
	assert_false(pubkey_verify(alg, view(&key), S("sample"), view(&sig)));
}

static void
ecdsa_keys(void **state)
{
	struct bytes point = from_hex(EC_POINT), key;
	const char *name = "ecdsa-sha2-nistp256";

	(void)state;
	key = ec_key(name, "nistp256", view(&point));
	assert_true(parses(&key));
	key.b[key.len] = 0;
	key.len++;
	assert_false(parses(&key));
	key.len -= 2;
	assert_false(parses(&key));
	key = ec_key(name, "nistp384", view(&point));
	assert_false(parses(&key));
	key = ec_key("ecdsa-sha2-nistp384", "nistp384", view(&point));
	assert_false(parses(&key));
	key = ec_key(name, "nistp256", span(point.b, point.len - 1));
	assert_false(parses(&key));
	key = ec_key(name, "nistp256", span(NULL, 0));
	assert_false(parses(&key));
	key = ec_key(name, "nistp256", span("", 1));	/* infinity */
	assert_false(parses(&key));
	point.b[0] = 3;
	key = ec_key(name, "nistp256", span(point.b, 33));
	assert_false(parses(&key));
	point.b[0] = 4;
	point.b[20] ^= 4;
	key = ec_key(name, "nistp256", view(&point));
	assert_false(parses(&key));
}

/* A modulus of bits bits, odd. */
static struct bytes
modulus(unsigned int bits)
{
	struct bytes n = { .len = (bits + 7) / 8 };

	memset(n.b, 0xa5, n.len);
	n.b[0] = (uint8_t)(1 << (bits + 7) % 8);
	return n;
}

static void
rsa_keys(void **state)
{
	static const struct {
		unsigned int bits;
		const char *e;
		bool good;
	} keys[] = {
		{ 1024, "010001", true }, { 2047, "03", true },
		{ 16384, "23", true }, { 4096, "ffffffffffffffff", true },
		{ 1023, "010001", false }, { 512, "010001", false },
		{ 16385, "010001", false }, { 2048, "01", false },
		{ 2048, "", false }, { 2048, "010000", false },
		{ 2048, "02", false }, { 2048, "01ffffffffffffffff", false },
	};
	struct bytes e = from_hex("010001"), n = modulus(2048), key;

	(void)state;
	key = rsa_key(view(&e), view(&n));
	assert_true(parses(&key));
	n.b[n.len - 1] ^= 1;
	key = rsa_key(view(&e), view(&n));
	assert_false(parses(&key));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct pubkey_info info;

		e = from_hex(keys[i].e);
		n = modulus(keys[i].bits);
		key = rsa_key(view(&e), view(&n));
		assert_int_equal(pubkey_parse(view(&key), &info),
		    keys[i].good);
		assert_int_equal(info.bits, keys[i].good ? keys[i].bits : 0);
	}
}

static void
rsa_forged(void **state)
{
	struct bytes e = from_hex("03"), n = modulus(2048);
	struct bytes key = rsa_key(view(&e), view(&n)), sig, raw = n;
	struct span alg = S("rsa-sha2-256");

	(void)state;
	/* s = n, s = 0, s = 1, no s, s with a byte too many. */
	sig = raw_sig("rsa-sha2-256", view(&n));
	assert_false(pubkey_verify(alg, view(&key), S("x"), view(&sig)));
	memset(raw.b, 0, raw.len);
	sig = raw_sig("rsa-sha2-256", view(&raw));
	assert_false(pubkey_verify(alg, view(&key), S("x"), view(&sig)));
	raw.b[raw.len - 1] = 1;
	sig = raw_sig("rsa-sha2-256", view(&raw));
	assert_false(pubkey_verify(alg, view(&key), S("x"), view(&sig)));
	sig = raw_sig("rsa-sha2-256", span(NULL, 0));
	assert_false(pubkey_verify(alg, view(&key), S("x"), view(&sig)));
	raw.len++;
	sig = raw_sig("rsa-sha2-256", view(&raw));
	assert_false(pubkey_verify(alg, view(&key), S("x"), view(&sig)));
	/* SHA-1. */
	sig = raw_sig("ssh-rsa", view(&n));
	assert_false(pubkey_verify(S("ssh-rsa"), view(&key), S("x"),
	    view(&sig)));
}

static void
blobs_of_nonsense(void **state)
{
	struct bytes key = { .len = sizeof(key.b) };
	struct pubkey_info info;

	(void)state;
	memset(key.b, 0, sizeof(key.b));
	for (size_t n = 0; n < 64; n++)
		assert_false(pubkey_parse(span(key.b, n), &info));
	assert_false(pubkey_parse(span(NULL, 0), &info));
	key.b[3] = 7;
	memcpy(key.b + 4, "ssh-rsa", 7);
	assert_false(pubkey_parse(view(&key), &info));
	key.len = 11;
	assert_false(pubkey_parse(view(&key), &info));
	assert_null(info.key_name);
}

static int
start(void **state)
{
	(void)state;
	return crypto_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(ed25519_vector),
		cmocka_unit_test(ecdsa_vector),
		cmocka_unit_test(mismatched_halves_sign_nothing),
		cmocka_unit_test(ed25519_forged),
		cmocka_unit_test(ed25519_small_order),
		cmocka_unit_test(ecdsa_forged),
		cmocka_unit_test(ecdsa_keys),
		cmocka_unit_test(rsa_keys),
		cmocka_unit_test(rsa_forged),
		cmocka_unit_test(blobs_of_nonsense),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
