/*
 * Tests of crypto/kex.h: each method against its RFC's or NIST's vectors,
 * and against peers that send what they must not (threats, row 18).
 */
#include "test_crypto_hex.h"

#include "crypto/init.h"
#include "crypto/kex_impl.h"

static const struct kex_alg *
alg(const char *name)
{
	const struct kex_alg *found = kex_find(S(name));

	assert_non_null(found);
	return found;
}

/* A key of ours whose secret is the vector's. */
static struct kex_key *
key_with(const char *name, const char *secret)
{
	struct kex_key *key = kex_key_new(alg(name), NULL);
	uint8_t raw[KEX_SHARED_MAX_BYTES];
	struct span s = hex(secret, raw, sizeof(raw));

	assert_non_null(key);
	if (key->alg->kind == KEX_X25519) {
		assert_int_equal(s.len, sizeof(key->scalar));
		memcpy(key->scalar, s.p, s.len);
		return key;
	}
	gcry_mpi_release(key->secret);
	key->secret = number_from_secret(s);
	assert_non_null(key->secret);
	return key;
}

static void
agrees(const struct kex_key *key, const char *theirs, const char *want)
{
	uint8_t raw[KEX_PUBLIC_MAX_BYTES], k[KEX_SHARED_MAX_BYTES];
	struct sink out = sink_of(k, sizeof(k));

	assert_true(kex_key_agree(key, hex(theirs, raw, sizeof(raw)), &out));
	assert_hex(sink_span(&out), want);
}

static bool
refuses(const struct kex_key *key, struct span theirs)
{
	uint8_t k[KEX_SHARED_MAX_BYTES] = { 'x' };
	struct sink out = sink_of(k, sizeof(k));
	bool agreed;

	sink_u8(&out, 'x');
	agreed = kex_key_agree(key, theirs, &out);
	/* Refused or not, what the sink held stays, and no more is in it. */
	return !agreed && out.len == 1 && k[0] == 'x';
}

static void
names(void **state)
{
	struct span list = S("curve25519-sha256,curve25519-sha256@libssh.org,"
	    "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521");

	(void)state;
	assert_true(span_is(list, kex_default_names()));
	assert_null(kex_find(S("diffie-hellman-group2-sha1")));
	assert_null(kex_find(S("")));
	assert_int_equal(alg("ecdh-sha2-nistp384")->hash, HASH_SHA384);
	assert_int_equal(alg("diffie-hellman-group14-sha256")->kind, KEX_DH);
}

static void
two_of_us_agree(void **state)
{
	static const char *const all[] = { "curve25519-sha256",
		"curve25519-sha256@libssh.org", "ecdh-sha2-nistp256",
		"ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
		"diffie-hellman-group14-sha256",
		"diffie-hellman-group16-sha512",
		"diffie-hellman-group18-sha512",
		"diffie-hellman-group14-sha1",
		"diffie-hellman-group1-sha1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct kex_key *a = kex_key_new(alg(all[i]), NULL);
		struct kex_key *b = kex_key_new(alg(all[i]), NULL);
		uint8_t k1[KEX_SHARED_MAX_BYTES], k2[KEX_SHARED_MAX_BYTES];
		struct sink s1 = sink_of(k1, sizeof(k1));
		struct sink s2 = sink_of(k2, sizeof(k2));
		struct sink small = sink_of(k2, 3);

		assert_true(kex_key_agree(a, kex_key_public(b), &s1));
		assert_true(kex_key_agree(b, kex_key_public(a), &s2));
		assert_true(span_equal(sink_span(&s1), sink_span(&s2)));
		assert_true(s1.len > 20 && k1[0] != 0);
		assert_false(span_equal(kex_key_public(a),
		    kex_key_public(b)));
		assert_false(kex_key_agree(a, kex_key_public(b), &small));
		kex_key_free(a);
		kex_key_free(b);
	}
	kex_key_free(NULL);
}

/* RFC 7748 section 6.1; K as RFC 8731 reads the 32 bytes. */
static void
x25519_vector(void **state)
{
	struct kex_key *key = key_with("curve25519-sha256",
	    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");

	(void)state;
	agrees(key,
	    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	kex_key_free(key);
}

static void
x25519_hostile(void **state)
{
	/* 0, 1, p-1, p, p+1 and the two of order 8: K would be zero. */
	static const char *const small[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		/* the same with the top bit, which is ignored */
		"0000000000000000000000000000000000000000000000000000000000000080",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	struct kex_key *key = kex_key_new(alg("curve25519-sha256"), NULL);
	uint8_t raw[64] = { 9 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(small); i++)
		assert_true(refuses(key, hex(small[i], raw, sizeof(raw))));
	raw[0] = 9;
	assert_true(refuses(key, span(raw, 31)));
	assert_true(refuses(key, span(raw, 33)));
	assert_true(refuses(key, span(raw, 0)));
	assert_true(refuses(key, span(NULL, 0)));
	kex_key_free(key);
}

/*
 * P-256 and P-384: CAVS 14.1, ECC CDH primitive, count 0.  P-521: computed
 * with OpenSSL; its K starts with a zero byte, which is not part of an mpint.
 */
static const struct {
	const char *name, *secret, *theirs, *shared;
} ecdh_vectors[] = {
	{ "ecdh-sha2-nistp256",
	    "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
	    "04"
	    "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
	    "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
	    "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"
	},
	{ "ecdh-sha2-nistp384",
	    "3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b1"
	    "5618b6818a661774ad463b205da88cf699ab4d43c9cf98a1",
	    "04a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe75132"
	    "72734466b400091adbf2d68c58e0c50066ac68f19f2e1cb879aed43a9969b91a"
	    "0839c4c38a49749b661efedf243451915ed0905a32b060992b468c64766fc843"
	    "7a",
	    "5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f4"
	    "0ba7fcead493b457e5621e766c40a2e3d4d6a04b25e533f1" },
	{ "ecdh-sha2-nistp521",
	    "3cda7f861239722ade99076120962534b5adbb810a5a2b5c59f5a7d9be41ca66"
	    "4113e3cf770a72ea4eaafcec6f6081f59bffd40552e3f979adab7495ac8325af",
	    "0400fcedcf35c57787afa1bc92225832ad74c6d16a61053451f4e3d2ec96d7ec"
	    "7505ca7b317a961796c37731857fc5c833bf82baa3cd537d0ddef14a9f4ee78c"
	    "49c4450075cd311e5249307d68550dca54dc5d999f8738b9a1ada9af1bf184be"
	    "af3ecfcb6915c35982a4e8512e70a42bfc07a4f27bb25812cf899b7d4f655666"
	    "e2a94c8f18",
	    "0cd81f1463e2edc4aa67debfb183e19f22145284513947f3a7a53b2c5f738e42"
	    "8aa26a6c7c6bd6818347b5ac54a6a706b81b0fb12350a8541d9d0121f1f5984e"
	    "3d" },
};

static void
ecdh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ecdh_vectors); i++) {
		struct kex_key *key = key_with(ecdh_vectors[i].name,
		    ecdh_vectors[i].secret);

		agrees(key, ecdh_vectors[i].theirs, ecdh_vectors[i].shared);
		kex_key_free(key);
	}
}

static void
ecdh_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ecdh_vectors); i++) {
		struct kex_key *key = kex_key_new(alg(ecdh_vectors[i].name), NULL);
		uint8_t raw[POINT_MAX_BYTES + 2] = { 0 };
		struct span good = hex(ecdh_vectors[i].theirs, raw,
		    sizeof(raw));
		size_t half = good.len / 2;

		assert_true(refuses(key, span(raw, good.len - 1)));
		assert_true(refuses(key, span(raw, good.len + 1)));
		assert_true(refuses(key, span(NULL, 0)));
		/* Compressed, hybrid, infinity. */
		raw[0] = (uint8_t)(2 + (raw[good.len - 1] & 1));
		assert_true(refuses(key, span(raw, 1 + half)));
		raw[0] = (uint8_t)(6 + (raw[good.len - 1] & 1));
		assert_true(refuses(key, good));
		raw[0] = 0;
		assert_true(refuses(key, span(raw, 1)));
		assert_true(refuses(key, good));
		raw[0] = 4;
		/* Not on the curve, in either coordinate; 0, 0; over p. */
		raw[good.len - 1] ^= 1;
		assert_true(refuses(key, good));
		raw[good.len - 1] ^= 1;
		raw[half] ^= 1;
		assert_true(refuses(key, good));
		memset(raw + 1, 0, 2 * half);
		assert_true(refuses(key, good));
		memset(raw + 1, 0xff, 2 * half);
		assert_true(refuses(key, good));
		/* Another curve's. */
		assert_true(refuses(key, hex(ecdh_vectors[(i + 1) %
		    ARRAY_LEN(ecdh_vectors)].theirs, raw, sizeof(raw))));
		kex_key_free(key);
	}
}

/*
 * Points whose x is 0, which are on their curves: as good as any other, and
 * nothing may stumble over a number that is so short.
 */
static void
ecdh_short_coordinate(void **state)
{
	static const struct {
		const char *name, *theirs;
	} points[] = {
		{ "ecdh-sha2-nistp256", "04"
		    "00000000000000000000000000000000"
		    "00000000000000000000000000000000"
		    "66485c780e2f83d72433bd5d84a06bb6"
		    "541c2af31dae871728bf856a174f93f4" },
		{ "ecdh-sha2-nistp384", "04"
		    "000000000000000000000000000000000000000000000000"
		    "000000000000000000000000000000000000000000000000"
		    "c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42d"
		    "ea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1" },
		{ "ecdh-sha2-nistp521", "04"
		    "00000000000000000000000000000000000000000000"
		    "00000000000000000000000000000000000000000000"
		    "00000000000000000000000000000000000000000000"
		    "012df13601594a883ef2d935e44bb90bf4d6619b74e5"
		    "2af7552f97769011c0719eb439cfab2a88d40fe59a2b"
		    "ed1f43557169a2d0a2ccd280c607b92bbf51ffe0b078" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		struct kex_key *key = kex_key_new(alg(points[i].name), NULL);
		uint8_t raw[POINT_MAX_BYTES];

		assert_non_null(key);
		assert_false(refuses(key, hex(points[i].theirs, raw,
		    sizeof(raw))));
		kex_key_free(key);
	}
}

/* 2^n as a number. */
static gcry_mpi_t
power_of_two(unsigned int n)
{
	gcry_mpi_t v = gcry_mpi_new(0);

	gcry_mpi_set_bit(v, n);
	return v;
}

/* floor(2^bits pi), by Machin's formula with guard bits. */
static gcry_mpi_t
scaled_pi(unsigned int bits)
{
	static const struct {
		unsigned int x, times;
		bool minus;
	} terms[] = { { 5, 16, false }, { 239, 4, true } };
	const unsigned int guard = 64;
	gcry_mpi_t pi = gcry_mpi_new(0), x2 = gcry_mpi_new(0);
	gcry_mpi_t part = gcry_mpi_new(0), divisor = gcry_mpi_new(0);

	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		gcry_mpi_t power = power_of_two(bits + guard);
		bool minus = terms[i].minus;

		gcry_mpi_mul_ui(power, power, terms[i].times);
		gcry_mpi_set_ui(divisor, terms[i].x);
		gcry_mpi_div(power, NULL, power, divisor, -1);
		gcry_mpi_set_ui(x2, terms[i].x * terms[i].x);
		for (unsigned int n = 1; gcry_mpi_cmp_ui(power, 0) > 0;
		    n += 2, minus = !minus) {
			gcry_mpi_set_ui(divisor, n);
			gcry_mpi_div(part, NULL, power, divisor, -1);
			if (minus)
				gcry_mpi_sub(pi, pi, part);
			else
				gcry_mpi_add(pi, pi, part);
			gcry_mpi_div(power, NULL, power, x2, -1);
		}
		gcry_mpi_release(power);
	}
	gcry_mpi_rshift(pi, pi, guard);
	gcry_mpi_release(x2);
	gcry_mpi_release(part);
	gcry_mpi_release(divisor);
	return pi;
}

/* RFC 3526's formula; the small ones are tested for primality as well. */
static void
dh_groups(void **state)
{
	static const struct {
		const char *name;
		unsigned int bits, k;
	} groups[] = { { "group1", 1024, 129093 }, { "group14", 2048, 124476 },
		{ "group16", 4096, 240904 }, { "group18", 8192, 4743158 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		unsigned int n = groups[i].bits;
		const struct kex_group *group = kex_group_find(groups[i].name);
		gcry_mpi_t p = scaled_pi(n - 130), t, have, q;

		assert_non_null(group);
		gcry_mpi_add_ui(p, p, groups[i].k);
		gcry_mpi_mul_2exp(p, p, 64);
		t = power_of_two(n);
		gcry_mpi_add(p, p, t);
		gcry_mpi_release(t);
		t = power_of_two(n - 64);
		gcry_mpi_sub(p, p, t);
		gcry_mpi_sub_ui(p, p, 1);
		have = number_from(group->prime);
		assert_int_equal(gcry_mpi_cmp(p, have), 0);
		if (i < 2) {
			assert_int_equal(gcry_prime_check(p, 0), 0);
			q = gcry_mpi_new(0);
			gcry_mpi_rshift(q, p, 1);
			assert_int_equal(gcry_prime_check(q, 0), 0);
			gcry_mpi_release(q);
		}
		gcry_mpi_release(t);
		gcry_mpi_release(have);
		gcry_mpi_release(p);
	}
	assert_null(kex_group_find("group2"));
}

static void
dh_hostile(void **state)
{
	struct kex_key *key = kex_key_new(alg("diffie-hellman-group14-sha256"), NULL);
	const struct kex_group *group = kex_group_find("group14");
	uint8_t raw[KEX_PUBLIC_MAX_BYTES + 1] = { 0 };
	size_t n = group->prime.len;

	(void)state;
	assert_true(refuses(key, span(NULL, 0)));
	assert_true(refuses(key, span(raw, 1)));	/* 0 */
	raw[0] = 1;
	assert_true(refuses(key, span(raw, 1)));
	memcpy(raw, group->prime.p, n);
	assert_true(refuses(key, span(raw, n)));	/* p */
	raw[n - 1] = (uint8_t)(raw[n - 1] - 1);
	assert_true(refuses(key, span(raw, n)));	/* p - 1 */
	raw[n - 1] = (uint8_t)(raw[n - 1] - 1);
	assert_false(refuses(key, span(raw, n)));	/* p - 2 */
	memset(raw, 0xff, sizeof(raw));
	assert_true(refuses(key, span(raw, n)));	/* over p */
	assert_true(refuses(key, span(raw, n + 1)));
	assert_true(refuses(key, span(raw, sizeof(raw))));
	raw[0] = 2;
	assert_false(refuses(key, span(raw, 1)));	/* 2 is in range */
	kex_key_free(key);
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
		cmocka_unit_test(two_of_us_agree),
		cmocka_unit_test(x25519_vector),
		cmocka_unit_test(x25519_hostile),
		cmocka_unit_test(ecdh),
		cmocka_unit_test(ecdh_hostile),
		cmocka_unit_test(ecdh_short_coordinate),
		cmocka_unit_test(dh_groups),
		cmocka_unit_test(dh_hostile),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
