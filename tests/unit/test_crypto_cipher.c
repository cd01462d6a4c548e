/*
 * Tests of crypto/cipher.h: every cipher with every MAC against packets that
 * OpenSSL sealed, and against peers that change one bit (threats, rows 13
 * and 15).
 */
#include "test_crypto_hex.h"

#include <stdlib.h>

#include "crypto/cipher.h"
#include "crypto/umac.h"
#include "crypto/hash.h"
#include "crypto/init.h"

#define PACKET_MAX_BYTES (4 + 32768)
#define TAG_ROOM_BYTES 64

#define CHACHA "chacha20-poly1305@openssh.com"
#define GCM128 "aes128-gcm@openssh.com"
#define GCM256 "aes256-gcm@openssh.com"
#define ETM256 "hmac-sha2-256-etm@openssh.com"
#define ETM512 "hmac-sha2-512-etm@openssh.com"

/*
 * SHA-256 of three packets sealed one after the other (see fill(), sizes and
 * sequence numbers below), computed in Python with OpenSSL's primitives: for
 * chacha20-poly1305 two ChaCha20 streams and Poly1305 put together after
 * OpenSSH's PROTOCOL.chacha20poly1305.
 */
static const struct suite {
	const char *cipher, *mac, *want;
} suites[] = {
	{ CHACHA, NULL,
	    "8bff7ac81d6ea7012a677be79550015d03317c43198483cb6422e8b5e2ccb946" },
	{ GCM128, NULL,
	    "52157b87abd01647239df5f0039ddd4dbefc8cde6c19b8294adc832ed04613cc" },
	{ GCM256, NULL,
	    "b816d78434d1715565b4b76bac23573032f3a3a50a9133b4d5d15173a53b4380" },
	{ "aes128-ctr", ETM256,
	    "e57658e80bb565b44e14bb0e70f3dfa33ccaf612ed8122ff71ccc2d926683ab9" },
	{ "aes128-ctr", "hmac-sha2-256",
	    "7c203525be2622d0c66b11ba47ae5962fe94b6580fcfb725f3f0b74d6fa12059" },
	{ "aes128-ctr", ETM512,
	    "262a07896ba84cd41044eaac44dd3ff30b13d91341d5aa28a521087c5e3ac72f" },
	{ "aes128-ctr", "hmac-sha2-512",
	    "678cfd7fc09fd7773416c6cdc649ed0a56385b7d5460f5a899c319eec39ee5ad" },
	{ "aes192-ctr", ETM256,
	    "fdd6d69065941906b3e843b4a4fe30b8aa6b9488d899de0405f868e356c2cdb4" },
	{ "aes192-ctr", "hmac-sha2-256",
	    "7d8dbad249699f42095421349b7fdb0b4f8c327c47eb48e2a2fd48e5b7536cc0" },
	{ "aes192-ctr", ETM512,
	    "24c06d56785f62821e6d1915b3b2f7e1fdb8e5b3fbf81a0750d27b85c03150e4" },
	{ "aes192-ctr", "hmac-sha2-512",
	    "2a5e4b020d681e3dc7b19f362e6ccce0d08eefba23eff375dd472e666bb3f87d" },
	{ "aes256-ctr", ETM256,
	    "7670e4b0ef81985c09f22843da1321290939c46e1c501560ce7c4bcfc4f9196c" },
	{ "aes256-ctr", "hmac-sha2-256",
	    "952aa11869623ebdfd5c0e9d720f96719e657af0d5d41b72cbbea41f834923f4" },
	{ "aes256-ctr", ETM512,
	    "deaca68cd96223783aa344c8efb91a24e5aca41934fce764d3f5dba8dd77a1c2" },
	{ "aes256-ctr", "hmac-sha2-512",
	    "d586a5c432852ad51736143459fec97cac159fc499644706da04551b7fa66aa8" },
	{ "aes128-ctr", "hmac-sha1",
	    "3ec0d39363995ad14027287be3ceea3be4737c09a9d48f824e6066a160f8049c" },
	{ "aes128-ctr", "hmac-sha1-etm@openssh.com",
	    "0179f3270d9ffab7f950461a6e105960dd7f95ed5ec6281fd3ce6736a4d2f0e0" },
	{ "aes128-ctr", "hmac-sha1-96",
	    "9b0e8287afbc7108acf3b9d21ddec1cd09323ccd15df79c586fb79ff515cb5ed" },
	{ "aes128-ctr", "hmac-sha1-96-etm@openssh.com",
	    "66488a08a4d94a8b97d21b5e4b907af9b9fb0e32cf74ecc90105594d9b566c92" },
	{ "aes128-ctr", "hmac-md5",
	    "777a408d296a1628eca101333609c4ed7dc77ec23f112b4da39c29d6471f3db5" },
	{ "aes128-ctr", "hmac-md5-etm@openssh.com",
	    "9f18c989e0f2ca7da22e94ba699345b358681ce2e3486cc9aa256fefb8f90269" },
	{ "aes128-ctr", "hmac-md5-96",
	    "8374635bcf4f59ccb764860ce98f194051b55f4727b3fb23bb9dce731494dcfc" },
	{ "aes128-ctr", "hmac-md5-96-etm@openssh.com",
	    "481667fb66d531e5b7b0f7f611a93ae073ce4e2667d197615e1a9c124d63cc8c" },
	{ "aes128-cbc", "hmac-sha2-256",
	    "658c5b2d8efea13910c9acd11401023f1dddfd8a5ef0100898c30805ac9c69b3" },
	{ "aes128-cbc", ETM256,
	    "a41a14ffd825fdf8d4281ed82f3ea32f40444a53fad78d3c0955c6afa066b513" },
	{ "aes128-cbc", "hmac-sha1",
	    "e32ce7ec7a1d727022381ea3ea9a3c84a63379a2754a3bb343615d6373361899" },
	{ "aes192-cbc", "hmac-sha2-256",
	    "779eebe72a20cedaa9a28f3116fd6f994f654b95dc0cdd5c38eed54ee0a91d43" },
	{ "aes192-cbc", ETM256,
	    "a12b47fa2205a33fd1d469f08c9d257d9ba443dc51dfb7cdd8c3e7012f082d8e" },
	{ "aes192-cbc", "hmac-sha1",
	    "ec8d0472dd20bad9d952c1ae9b86b04ed9c2b5eecab56e8a62a086f4600397e8" },
	{ "aes256-cbc", "hmac-sha2-256",
	    "df6be4935b764f0c8b3c1b29af1619c28ab323fc7e3df16e4e6f00e6e6f9ef36" },
	{ "aes256-cbc", ETM256,
	    "10eb65f16e9d10ff31e07281e35b27edf50a602dc464e2e4ca4b9c7761f906d6" },
	{ "aes256-cbc", "hmac-sha1",
	    "54da7df3bd523db5f0b965cf961821c2a829cbb445791fbb450e9fa2b5b9afa6" },
	{ "3des-cbc", "hmac-sha2-256",
	    "ae72fc2f4bc3693f6808adc58289bca845f3e171c02fc25971cdfb1362205a38" },
	{ "3des-cbc", ETM256,
	    "ebb46bb707afbf0cc5bba756350ba3152d50b24097975a3e56e14526806614cc" },
	{ "3des-cbc", "hmac-sha1",
	    "ef226a51d6cc941f1fcc94c9e76a69431b1dce30121c98d33ff6b701d7dba084" },
	/* OpenSSL has no UMAC: its own vectors are below. */
	{ "aes128-ctr", "umac-64@openssh.com", NULL },
	{ "aes128-ctr", "umac-64-etm@openssh.com", NULL },
	{ "aes128-ctr", "umac-128@openssh.com", NULL },
	{ "aes128-ctr", "umac-128-etm@openssh.com", NULL },
	{ "3des-cbc", "umac-64@openssh.com", NULL },
};

/* Of what packet_align() counts. */
static const size_t sizes[] = { 32, 4096, 32768 };
static const uint32_t sequence[] = { 0, 1, 0xfffffffe };

static struct packet_cipher *
cipher_new(const struct suite *suite, enum packet_direction direction)
{
	uint8_t key[64], iv[16], mac_key[64];
	const struct cipher_alg *cipher = cipher_find(S(suite->cipher));
	const struct mac_alg *mac = NULL;
	struct packet_cipher *pc;

	for (uint8_t i = 0; i < 64; i++) {
		key[i] = i;
		iv[i % 16] = (uint8_t)(0xf0 + i % 16);
		mac_key[i] = (uint8_t)(0x80 + i);
	}
	if (suite->mac != NULL) {
		mac = mac_find(S(suite->mac));
		assert_non_null(mac);
	}
	assert_non_null(cipher);
	pc = packet_cipher_new(cipher, mac, direction, key, iv, mac_key);
	assert_non_null(pc);
	return pc;
}

/* A packet of which size bytes are aligned; returns its whole length. */
static size_t
fill(const struct packet_cipher *pc, uint8_t *packet, size_t size)
{
	size_t len = packet_aad(pc) + size;
	struct sink s = sink_of(packet, 4);

	sink_u32(&s, (uint32_t)len - 4);
	for (size_t i = 0; i < len - 4; i++)
		packet[4 + i] = (uint8_t)(i * 7 + 3);
	return len;
}

static void
sealed_as_openssl_does(void **state)
{
	static uint8_t all[3 * (PACKET_MAX_BYTES + TAG_ROOM_BYTES)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		struct packet_cipher *pc = cipher_new(&suites[i], PACKET_SEAL);
		uint8_t digest[HASH_MAX_BYTES];
		struct span whole;
		size_t at = 0;

		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			size_t len = fill(pc, all + at, sizes[k]);

			assert_true(packet_seal(pc, sequence[k], all + at,
			    len));
			at += len + packet_tag_bytes(pc);
		}
		whole = span(all, at);
		assert_true(hash_spans(HASH_SHA256, &whole, 1, digest));
		if (suites[i].want != NULL)
			assert_hex(span(digest, 32), suites[i].want);
		packet_cipher_free(pc);
	}
	packet_cipher_free(NULL);
}

/* The small ones in full, so that a failure can be read. */
static void
small_packets(void **state)
{
	struct packet_cipher *pc = cipher_new(&suites[0], PACKET_SEAL);
	uint8_t packet[64];
	size_t len = fill(pc, packet, 8);

	(void)state;
	assert_true(packet_seal(pc, 7, packet, len));
	assert_hex(span(packet, len + 16),
	    "a39afca22b4c045b51a5076a4a5c66e5f1a5f3e278ba39aa0fa5944a");
	packet_cipher_free(pc);
	pc = cipher_new(&suites[1], PACKET_SEAL);
	len = fill(pc, packet, 16);
	assert_true(packet_seal(pc, 7, packet, len));
	assert_hex(span(packet, len + 16), "000000101210f76b25fe484008be76e0"
	    "805ec81bf40563649999495871d067f32c52c4a1");
	packet_cipher_free(pc);
}

/* NIST SP 800-38A, F.5.1: the encrypted part is the vector. */
static void
ctr_vector(void **state)
{
	uint8_t key[16], iv[16], packet[64 + 32], mac_key[32] = { 0 };
	struct packet_cipher *pc;

	(void)state;
	hex("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof(key));
	hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", iv, sizeof(iv));
	hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	    packet, sizeof(packet));
	pc = packet_cipher_new(cipher_find(S("aes128-ctr")),
	    mac_find(S("hmac-sha2-256")), PACKET_SEAL, key, iv, mac_key);
	assert_non_null(pc);
	assert_true(packet_seal(pc, 0, packet, 64));
	assert_hex(span(packet, 64),
	    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
	    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
	packet_cipher_free(pc);
}

/* Peek and open in buffers of the exact size, for AddressSanitizer. */
static bool
open_copy(struct packet_cipher *pc, uint32_t seq, const uint8_t *sealed,
    size_t len, uint8_t *plain)
{
	size_t whole = len + packet_tag_bytes(pc);
	uint8_t *copy = malloc(whole);
	uint32_t length;
	bool good;

	assert_non_null(copy);
	memcpy(copy, sealed, whole);
	good = packet_peek(pc, seq, copy, &length);
	if (good && plain != NULL)
		assert_int_equal(length, len - 4);
	good = packet_open(pc, seq, copy, len) && good;
	if (good && plain != NULL)
		memcpy(plain, copy, len);
	for (size_t i = 0; !good && i < whole; i++)
		assert_int_equal(copy[i], 0);
	free(copy);
	return good;
}

static void
opened_again(void **state)
{
	static uint8_t packet[PACKET_MAX_BYTES + TAG_ROOM_BYTES];
	static uint8_t want[PACKET_MAX_BYTES], plain[PACKET_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		struct packet_cipher *out = cipher_new(&suites[i], PACKET_SEAL);
		struct packet_cipher *in = cipher_new(&suites[i], PACKET_OPEN);

		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			size_t len = fill(out, packet, sizes[k]);

			memcpy(want, packet, len);
			assert_true(packet_seal(out, sequence[k], packet,
			    len));
			assert_memory_not_equal(packet + 4, want + 4, 16);
			assert_true(open_copy(in, sequence[k], packet, len,
			    plain));
			assert_memory_equal(plain + 4, want + 4, len - 4);
		}
		packet_cipher_free(out);
		packet_cipher_free(in);
	}
}

/* Each bit of length, text, padding and tag; each in a fresh connection. */
static void
no_bit_may_change(void **state)
{
	uint8_t packet[4 + 32 + TAG_ROOM_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		struct packet_cipher *pc = cipher_new(&suites[i], PACKET_SEAL);
		size_t len = fill(pc, packet, 32);
		size_t whole = len + packet_tag_bytes(pc);

		assert_true(packet_seal(pc, 5, packet, len));
		packet_cipher_free(pc);
		for (size_t bit = 0; bit < 8 * whole; bit++) {
			pc = cipher_new(&suites[i], PACKET_OPEN);
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(open_copy(pc, 5, packet, len, NULL));
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
			packet_cipher_free(pc);
		}
		pc = cipher_new(&suites[i], PACKET_OPEN);
		assert_true(open_copy(pc, 5, packet, len, NULL));
		packet_cipher_free(pc);
	}
}

/* Replayed, out of order, or cut short: never. */
static void
no_replay(void **state)
{
	uint8_t first[4 + 48 + TAG_ROOM_BYTES], second[sizeof(first)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		struct packet_cipher *out = cipher_new(&suites[i], PACKET_SEAL);
		struct packet_cipher *in = cipher_new(&suites[i], PACKET_OPEN);
		size_t len = fill(out, first, 48);

		fill(out, second, 48);
		assert_true(packet_seal(out, 0, first, len));
		assert_true(packet_seal(out, 1, second, len));
		assert_memory_not_equal(first + 4, second + 4, len - 4);
		assert_true(open_copy(in, 0, first, len, NULL));
		assert_false(open_copy(in, 1, first, len, NULL));
		packet_cipher_free(in);
		in = cipher_new(&suites[i], PACKET_OPEN);
		assert_false(open_copy(in, 0, second, len, NULL));
		packet_cipher_free(in);
		in = cipher_new(&suites[i], PACKET_OPEN);
		assert_false(open_copy(in, 0, first, len - 16, NULL));
		packet_cipher_free(in);
		packet_cipher_free(out);
	}
}

/* Lengths that no packet has: refused, and nothing beyond is touched. */
static void
odd_lengths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		for (size_t len = 0; len < 4 + 40; len++) {
			struct packet_cipher *pc = cipher_new(&suites[i],
			    PACKET_OPEN);
			size_t tag = packet_tag_bytes(pc);
			uint8_t *packet = calloc(1, len + tag);

			assert_non_null(packet);
			assert_false(packet_open(pc, 0, packet, len));
			free(packet);
			packet = calloc(1, len + tag);
			assert_non_null(packet);
			assert_int_equal(packet_seal(pc, 0, packet, len),
			    len >= 4 && len > packet_aad(pc) &&
			    (len - packet_aad(pc)) % packet_align(pc) == 0);
			free(packet);
			packet_cipher_free(pc);
		}
	}
}

/* RFC 5647 section 7.1: the low eight bytes of the nonce count, and wrap. */
static void
gcm_counter_wraps(void **state)
{
	uint8_t key[16] = { 0 }, iv[12], next[12] = { 1, 2, 3, 4 };
	const struct cipher_alg *alg = cipher_find(S(GCM128));
	struct packet_cipher *a, *b;
	uint8_t p1[4 + 16 + 16], p2[4 + 16 + 16];

	(void)state;
	memset(iv, 0xff, sizeof(iv));
	memcpy(iv, next, 4);
	a = packet_cipher_new(alg, NULL, PACKET_SEAL, key, iv, NULL);
	b = packet_cipher_new(alg, NULL, PACKET_SEAL, key, next, NULL);
	assert_true(a != NULL && b != NULL);
	fill(a, p1, 16);
	assert_true(packet_seal(a, 0, p1, 20));
	fill(a, p1, 16);
	assert_true(packet_seal(a, 1, p1, 20));
	fill(b, p2, 16);
	assert_true(packet_seal(b, 0, p2, 20));
	assert_memory_equal(p1, p2, sizeof(p1));
	packet_cipher_free(a);
	packet_cipher_free(b);
}

static void
every_name_is_there(const char *list, bool mac)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ",");
		struct span name = span(list, n);

		if (mac)
			assert_non_null(mac_find(name));
		else
			assert_non_null(cipher_find(name));
		list += n + (list[n] == ',');
	}
}

/*
 * RFC 4418, appendix: tags of 64 bits under the key "abcdefghijklmnop" and
 * the nonce "bcdefghi".
 */
static void
umac_vectors(void **state)
{
	static const struct {
		const char *piece;
		size_t times;
		const char *want;
	} vectors[] = {
		{ "", 0, "6e155fad26900be1" },
		{ "a", 3, "44b5cb542f220104" },
		{ "a", 1 << 10, "26bf2f5d60118bd9" },
		{ "a", 1 << 15, "27f8ef643b0d118d" },
		{ "a", 1 << 20, "a4477e87e9f55853" },
		{ "abc", 1, "d4d7b9f6bd4fbfcf" },
		{ "abc", 500, "d4cf26ddefd5c01a" },
	};
	static uint8_t text[1 << 20];
	struct umac *umac = umac_new((const uint8_t *)"abcdefghijklmnop", 8);
	uint8_t tag[8];

	(void)state;
	assert_non_null(umac);
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		size_t n = strlen(vectors[i].piece);

		for (size_t k = 0; k < vectors[i].times; k++)
			memcpy(text + k * n, vectors[i].piece, n);
		assert_true(umac_compute(umac, 0x6263646566676869,
		    span(text, n * vectors[i].times), tag));
		assert_hex(span(tag, 8), vectors[i].want);
	}
	assert_false(umac_compute(umac, 0,
	    span(text, UMAC_TEXT_MAX_BYTES + 1), tag));
	umac_free(umac);
	umac_free(NULL);
	assert_null(umac_new((const uint8_t *)"abcdefghijklmnop", 12));
}

static void
names_and_shapes(void **state)
{
	const struct cipher_alg *gcm = cipher_find(S(GCM256));
	const struct cipher_alg *ctr = cipher_find(S("aes192-ctr"));
	uint8_t zero[64] = { 0 };
	struct packet_cipher *pc;

	(void)state;
	assert_null(cipher_find(S("none")));
	assert_null(cipher_find(S("arcfour")));
	assert_null(mac_find(S("hmac-ripemd160")));
	assert_null(mac_find(S("")));
	assert_int_equal(ctr->key_bytes, 24);
	assert_int_equal(gcm->iv_bytes, 12);
	assert_string_equal(mac_default_names(),
	    ETM256 "," ETM512 ",umac-128-etm@openssh.com,"
	    "umac-64-etm@openssh.com,hmac-sha1-etm@openssh.com,"
	    "hmac-sha2-256,hmac-sha2-512,umac-128@openssh.com,"
	    "umac-64@openssh.com,hmac-sha1");
	every_name_is_there(cipher_all_names(), false);
	every_name_is_there(mac_all_names(), true);
	/* A MAC where one belongs, and none where none does. */
	assert_null(packet_cipher_new(ctr, NULL, PACKET_SEAL, zero, zero,
	    zero));
	assert_null(packet_cipher_new(gcm, mac_find(S(ETM256)), PACKET_SEAL,
	    zero, zero, zero));
	pc = cipher_new(&suites[4], PACKET_OPEN);
	assert_int_equal(packet_aad(pc), 0);
	assert_int_equal(packet_peek_bytes(pc), 16);
	packet_cipher_free(pc);
	pc = cipher_new(&suites[0], PACKET_OPEN);
	assert_int_equal(packet_aad(pc), 4);
	assert_int_equal(packet_align(pc), 8);
	assert_int_equal(packet_peek_bytes(pc), 4);
	packet_cipher_free(pc);
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
		cmocka_unit_test(names_and_shapes),
		cmocka_unit_test(small_packets),
		cmocka_unit_test(ctr_vector),
		cmocka_unit_test(umac_vectors),
		cmocka_unit_test(sealed_as_openssl_does),
		cmocka_unit_test(opened_again),
		cmocka_unit_test(no_bit_may_change),
		cmocka_unit_test(no_replay),
		cmocka_unit_test(odd_lengths),
		cmocka_unit_test(gcm_counter_wraps),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
