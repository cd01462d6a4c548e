/*
 * mac: the HMACs of RFC 4253 section 6.4 and RFC 6668, and UMAC.  Pure
 * layer, net.
 *
 * HMAC is composed here of two plain hashes, because libgcrypt's own
 * allocates for every packet; this way nothing does.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/cipher_impl.h"

#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

enum mac_id { MAC_SHA256, MAC_SHA512, MAC_SHA1, MAC_MD5, MAC_UMAC };

/* An HMAC's hash, and the block that it works on. */
static const struct {
	enum hash_alg hash;
	size_t block_bytes;
} hashes[] = {
	[MAC_SHA256] = { HASH_SHA256, 64 },
	[MAC_SHA512] = { HASH_SHA512, 128 },
	[MAC_SHA1] = { HASH_SHA1, 64 },
	[MAC_MD5] = { HASH_MD5, 64 },
};

static const struct mac_alg algs[] = {
	{ "hmac-sha2-256-etm@openssh.com", 32, 32, true, MAC_SHA256 },
	{ "hmac-sha2-512-etm@openssh.com", 64, 64, true, MAC_SHA512 },
	{ "umac-128-etm@openssh.com", 16, 16, true, MAC_UMAC },
	{ "umac-64-etm@openssh.com", 16, 8, true, MAC_UMAC },
	{ "hmac-sha1-etm@openssh.com", 20, 20, true, MAC_SHA1 },
	{ "hmac-sha2-256", 32, 32, false, MAC_SHA256 },
	{ "hmac-sha2-512", 64, 64, false, MAC_SHA512 },
	{ "umac-128@openssh.com", 16, 16, false, MAC_UMAC },
	{ "umac-64@openssh.com", 16, 8, false, MAC_UMAC },
	{ "hmac-sha1", 20, 20, false, MAC_SHA1 },
	{ "hmac-sha1-96-etm@openssh.com", 20, 12, true, MAC_SHA1 },
	{ "hmac-md5-etm@openssh.com", 16, 16, true, MAC_MD5 },
	{ "hmac-md5-96-etm@openssh.com", 16, 12, true, MAC_MD5 },
	{ "hmac-sha1-96", 20, 12, false, MAC_SHA1 },
	{ "hmac-md5", 16, 16, false, MAC_MD5 },
	{ "hmac-md5-96", 16, 12, false, MAC_MD5 },
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

#define DEFAULT_NAMES \
	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com," \
	"umac-128-etm@openssh.com,umac-64-etm@openssh.com," \
	"hmac-sha1-etm@openssh.com,hmac-sha2-256,hmac-sha2-512," \
	"umac-128@openssh.com,umac-64@openssh.com,hmac-sha1"
#define OLD_NAMES \
	"hmac-sha1-96-etm@openssh.com,hmac-md5-etm@openssh.com," \
	"hmac-md5-96-etm@openssh.com,hmac-sha1-96,hmac-md5,hmac-md5-96"

const char *
mac_default_names(void)
{
	return DEFAULT_NAMES;
}

const char *
mac_all_names(void)
{
	return DEFAULT_NAMES "," OLD_NAMES;
}

bool
packet_mac_set_key(struct packet_mac *mac, const struct mac_alg *alg,
    const uint8_t *key)
{
	*mac = (struct packet_mac){ .umac = NULL };
	if (alg->id == MAC_UMAC) {
		mac->umac = umac_new(key, alg->tag_bytes);
		return mac->umac != NULL;
	}
	mac->hash = hashes[alg->id].hash;
	mac->block_bytes = hashes[alg->id].block_bytes;
	memset(mac->inner, INNER_PAD, sizeof(mac->inner));
	memset(mac->outer, OUTER_PAD, sizeof(mac->outer));
	/* No key of ours is longer than a block. */
	for (size_t i = 0; i < alg->key_bytes; i++) {
		mac->inner[i] ^= key[i];
		mac->outer[i] ^= key[i];
	}
	return true;
}

void
packet_mac_clear(struct packet_mac *mac)
{
	umac_free(mac->umac);
	secret_wipe(mac, sizeof(*mac));
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

	if (mac->umac != NULL)
		return umac_compute(mac->umac, seq, data, out);
	return hash_spans(mac->hash, inner, ARRAY_LEN(inner), digest) &&
	    hash_spans(mac->hash, outer, ARRAY_LEN(outer), out);
}
