/*
 * mac: the HMACs of RFC 4253 section 6.4 and RFC 6668.  Pure layer, net.
 *
 * HMAC is composed here of two plain hashes, because libgcrypt's own
 * allocates for every packet; this way nothing does.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/cipher_impl.h"

#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

enum mac_id { MAC_SHA256, MAC_SHA512 };

static const struct mac_alg algs[] = {
	{ "hmac-sha2-256-etm@openssh.com", 32, 32, true, MAC_SHA256 },
	{ "hmac-sha2-512-etm@openssh.com", 64, 64, true, MAC_SHA512 },
	{ "hmac-sha2-256", 32, 32, false, MAC_SHA256 },
	{ "hmac-sha2-512", 64, 64, false, MAC_SHA512 },
};

const struct mac_alg *
mac_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		if (span_is(name, algs[i].name))
			return &algs[i];
	}
	return NULL;
}

const char *
mac_default_names(void)
{
	return "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	    "hmac-sha2-256,hmac-sha2-512";
}

void
packet_mac_set_key(struct packet_mac *mac, const struct mac_alg *alg,
    const uint8_t *key)
{
	mac->hash = alg->id == MAC_SHA256 ? HASH_SHA256 : HASH_SHA512;
	mac->block_bytes = alg->id == MAC_SHA256 ? 64 : 128;
	memset(mac->inner, INNER_PAD, sizeof(mac->inner));
	memset(mac->outer, OUTER_PAD, sizeof(mac->outer));
	/* No key of ours is longer than a block. */
	for (size_t i = 0; i < alg->key_bytes; i++) {
		mac->inner[i] ^= key[i];
		mac->outer[i] ^= key[i];
	}
}

bool
packet_mac_compute(const struct packet_mac *mac, uint32_t seq,
    struct span data, uint8_t out[static HASH_MAX_BYTES])
{
	uint8_t number[sizeof(seq)] = { (uint8_t)(seq >> 24),
		(uint8_t)(seq >> 16), (uint8_t)(seq >> 8), (uint8_t)seq };
	uint8_t digest[HASH_MAX_BYTES];
	struct span inner[] = { { mac->inner, mac->block_bytes },
		{ number, sizeof(number) }, data };
	struct span outer[] = { { mac->outer, mac->block_bytes },
		{ digest, hash_bytes(mac->hash) } };

	return hash_spans(mac->hash, inner, ARRAY_LEN(inner), digest) &&
	    hash_spans(mac->hash, outer, ARRAY_LEN(outer), out);
}
