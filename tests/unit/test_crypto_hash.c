/*
 * Tests of crypto/hash.h, of the HMACs, and of the exchange hash and the key
 * derivation of crypto/kex.h.
 *
 * The SSH vectors were computed with Python's hashlib from RFC 4253 sections
 * 7.2 and 8, RFC 5656 section 4 and RFC 4419 section 3, by code that shares
 * nothing with ours.
 */
#include "test_crypto_hex.h"

#include "crypto/cipher_impl.h"
#include "crypto/init.h"
#include "crypto/kex.h"

static void
digests(void **state)
{
	static const struct {
		enum hash_alg alg;
		const char *want;	/* of "a", "bc": FIPS 180's "abc" */
	} vectors[] = {
		{ HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007"
		    "272c32ab0eded1631a8b605a43ff5bed"
		    "8086072ba1e7cc2358baeca134c825a7" },
		{ HASH_SHA512, "ddaf35a193617abacc417349ae204131"
		    "12e6fa4e89a97ea20a9eeee64b55d39a"
		    "2192992a274fc1a836ba3c23a3feebbd"
		    "454d4423643ce80e2a9ac94fa54ca49f" },
		{ HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ HASH_MD5, "900150983cd24fb0d6963f7d28e17f72" },
	};
	const struct span pieces[] = { S("a"), span(NULL, 0), S("bc") };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		uint8_t out[HASH_MAX_BYTES];

		assert_true(hash_spans(vectors[i].alg, pieces,
		    ARRAY_LEN(pieces), out));
		assert_hex(span(out, hash_bytes(vectors[i].alg)),
		    vectors[i].want);
	}
}

static void
digest_of_nothing_and_of_nonsense(void **state)
{
	uint8_t out[HASH_MAX_BYTES], zero[HASH_MAX_BYTES] = { 0 };
	struct span many[100] = { { NULL, 0 } };

	(void)state;
	assert_true(hash_spans(HASH_SHA256, NULL, 0, out));
	assert_hex(span(out, 32), "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	assert_false(hash_spans(HASH_COUNT, NULL, 0, out));
	assert_memory_equal(out, zero, sizeof(out));
	assert_false(hash_spans(HASH_SHA256, many, ARRAY_LEN(many), out));
	assert_int_equal(hash_bytes(HASH_COUNT), 0);
}

static void
fingerprints(void **state)
{
	char out[FINGERPRINT_MAX_BYTES];

	(void)state;
	assert_true(hash_fingerprint(HASH_SHA256, S("abc"), out));
	assert_string_equal(out,
	    "SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
	assert_true(hash_fingerprint(HASH_SHA1, S("abc"), out));
	assert_string_equal(out, "SHA1:qZk+NkcGgWq6PiVxeFDCbJzQ2J0");
	assert_true(hash_fingerprint(HASH_MD5, S("abc"), out));
	assert_string_equal(out,
	    "MD5:90:01:50:98:3c:d2:4f:b0:d6:96:3f:7d:28:e1:7f:72");
	assert_true(hash_fingerprint(HASH_SHA512, S("abc"), out));
	assert_int_equal(strlen(out), 7 + 86);
	assert_false(hash_fingerprint(HASH_COUNT, S("abc"), out));
	assert_string_equal(out, "");
}

/*
 * RFC 4231.  A packet's MAC starts with the sequence number, so the text's
 * first four bytes are given as one; a short key with zeros behind it is the
 * same key.
 */
static void
hmac_vectors(void **state)
{
	static const struct {
		const char *mac, *key, *text, *want;
	} vectors[] = {
		{ "hmac-sha2-256", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		    "Hi There", "b0344c61d8db38535ca8afceaf0bf12b"
		    "881dc200c9833da726e9376c2e32cff7" },
		{ "hmac-sha2-512", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		    "Hi There", "87aa7cdea5ef619d4ff0b4241a1d6cb0"
		    "2379f4e2ce4ec2787ad0b30545e17cde"
		    "daa833b7d6b8a702038b274eaea3f4e4"
		    "be9d914eeb61f1702e696c203a126854" },
		{ "hmac-sha2-256-etm@openssh.com", "4a656665",
		    "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c7"
		    "5a003f089d2739839dec58b964ec3843" },
		{ "hmac-sha2-512-etm@openssh.com", "4a656665",
		    "what do ya want for nothing?",
		    "164b7a7bfcf819e2e395fbe73b56e0a3"
		    "87bd64222e831fd610270cd7ea250554"
		    "9758bf75c05a994a6d034f65f8f0e6fd"
		    "caeab1a34d4a6b4b636e070a38bce737" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		const struct mac_alg *alg = mac_find(S(vectors[i].mac));
		uint8_t key[64] = { 0 }, out[HASH_MAX_BYTES];
		struct span text = S(vectors[i].text);
		struct packet_mac mac;

		assert_non_null(alg);
		hex(vectors[i].key, key, sizeof(key));
		assert_true(packet_mac_set_key(&mac, alg, key));
		assert_true(packet_mac_compute(&mac, packet_length_get(text.p),
		    span(text.p + 4, text.len - 4), out));
		assert_hex(span(out, alg->tag_bytes), vectors[i].want);
	}
}

static const struct {
	const char *kex, *hash, *keys;
} ssh_vectors[] = {
	{ "curve25519-sha256", "8d5c389504125f4dea5eeb2960d1522b"
	    "16a1bca4345a865b0c9aae5a87838c2f",
	    "34d46f6cfe01b4ba90ed1c7303c6272d1cf30d86721226e9329497aad4c070d6"
	    "8af5ee98f1cf31a69efedfe8b4a85d72594bafaec68f0b0b430804c74410744b"
	    "c4f002584b06b4212ef09d0a4bd30c46fb1458a58821c692f622a233271f4bb5"
	    "bb13365c3e53cbed6ead9f7a495fc604580f38a0111c2d8ddd611b5b68f1e6fc"
	    "f95b2517e42db58c307de98eb233cdc69c6c85155c90" },
	{ "diffie-hellman-group16-sha512",
	    "5fddf3ad0a77ff3b8570ea2484c61ab6521d1f4725e384eb3d455acbf78a305d"
	    "5ad21d568bdfa472ba5ac40372ee13dc756dbaf5a3e5dc0cc5d06bee0e1fbb11",
	    "75beb0b263a19048cc737b74dac67c160a0fca6eb6a24a2235c8c7a86b7ef56d"
	    "af94f9b5036b48a38d100fc159e2dc3c5312343c1cdb7816befed4b76214be6d"
	    "b115e0a6429457c16bf837dfa1c4d09c0b7f775f7074a8067bbc9e70361020a1"
	    "59dc4fae74c4c46254db21c26376f6e05c098037072e6d8d8d743136d36580a0"
	    "2b5bc488e67cb7da18de387a61cb6fedde701c85780b" },
	{ "diffie-hellman-group-exchange-sha256",
	    "549bcc868ab45e88fe85e45c30eb1580069f1bde0a792ca9946a723ff52c66fa",
	    "5df64af54c00c5d6f2ca829b80d9f27b910d4924a15fcceccf4664ac3123a5f3"
	    "0dde560765988b09860167c384f07d94ffa6e4f5905e62f76a3f6b52de1c4dfa"
	    "687b867a4df333ece68af3001bc9f7190f9ceba4ac06f0d3c8d46e5ce9318d78"
	    "d72610093334f722da1f249760efa230e3f8184366590702c9ebe0c9b0298fbf"
	    "d9c273431cde62100395f689c1ad5b0a93e8863f5639" },
	{ "diffie-hellman-group-exchange-sha1",
	    "6dfd7364afdfdfb3488cb482304628b70805e3e7",
	    "6382b06deeb697caff7b7e250a3188deb06ae9d1dc11aee8421a3eb146655d54"
	    "37b7c2ebb743045bb3a6801222381106c5bbc852d145acc284fa2347afea51e8"
	    "4499fbd72d6ee60dc3a409f1f3cdbf4403081aeaa040d64796b82f53bb80e62e"
	    "c145c7710ed0891ec1d503a40845943aa6f55caf5ec57d6752beb686ee6bc468"
	    "a7f0eb19d897ee35463429d95b2c155d76373d392122" },
};

/* The same fields for each method: only the public values' form differs. */
static void
exchange_hash_and_keys(void **state)
{
	uint8_t init[41], host[51], client[32], server[32], k[33], sid[32];
	uint8_t prime[32];
	struct kex_transcript t = {
		.client_ident = S("SSH-2.0-client"),
		.server_ident = S("SSH-2.0-server"),
		.client_kexinit = { init, 40 }, .server_kexinit = { init, 41 },
		.host_key = { host, sizeof(host) },
		.client_public = { client, sizeof(client) },
		.server_public = { server, sizeof(server) },
		.shared = { k, sizeof(k) },
		/* Without a part in the hash but for a group exchange. */
		.gex_want = { 2048, 3072, 8192 },
		.gex_prime = { prime, sizeof(prime) },
		.gex_generator = S("\2"),
	};

	(void)state;
	memset(init, 0x14, sizeof(init));
	memset(host, 0x0b, sizeof(host));
	memset(client, 1, sizeof(client));
	client[0] = 0x80;
	memset(server, 0xff, sizeof(server));
	memset(k, 0x22, sizeof(k));
	k[0] = 0;	/* stripped: an mpint is minimal */
	k[1] = 0x90;
	memset(sid, 5, sizeof(sid));
	memset(prime, 7, sizeof(prime));
	prime[0] = 0x80;
	for (size_t i = 0; i < ARRAY_LEN(ssh_vectors); i++) {
		const struct kex_alg *alg = kex_find(S(ssh_vectors[i].kex));
		uint8_t h[HASH_MAX_BYTES], out[150], first[7];
		struct span hash;

		assert_non_null(alg);
		assert_true(kex_exchange_hash(alg, &t, h));
		hash = span(h, hash_bytes(alg->hash));
		assert_hex(hash, ssh_vectors[i].hash);
		assert_true(kex_derive(alg, t.shared, hash,
		    span(sid, sizeof(sid)), 'C', out, sizeof(out)));
		assert_hex(span(out, sizeof(out)), ssh_vectors[i].keys);
		assert_true(kex_derive(alg, t.shared, hash,
		    span(sid, sizeof(sid)), 'C', first, sizeof(first)));
		assert_memory_equal(first, out, sizeof(first));
		assert_true(kex_derive(alg, t.shared, hash,
		    span(sid, sizeof(sid)), 'D', first, sizeof(first)));
		assert_memory_not_equal(first, out, sizeof(first));
	}
}

static int
start(void **state)
{
	(void)state;
	return crypto_init() && crypto_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(digest_of_nothing_and_of_nonsense),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(hmac_vectors),
		cmocka_unit_test(exchange_hash_and_keys),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
