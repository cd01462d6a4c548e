/*
 * cipher: the table of ciphers, and the way to each.  Pure layer, net only.
 *
 * Must never give out bytes that failed: what could not be sealed or did not
 * verify is overwritten here, whatever the construction left.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/cipher_impl.h"

/*
 * RFC 4344 section 3.2 would let AES go on for 64 GiB; but agreeing anew is
 * a millisecond, so all keep to RFC 4253 section 9's gigabyte.
 */
#define REKEY_BYTES (UINT64_C(1) << 30)

/* Blocks of 8 bytes repeat by chance from 32 GiB on: long before that. */
#define DES_REKEY_BYTES (UINT64_C(1) << 27)

#define CHACHA_KEY_BYTES 64
#define CHACHA_BLOCK_BYTES 8	/* what a packet is a multiple of, at least */
#define AEAD_TAG_BYTES 16

static const struct cipher_alg algs[] = {
	{ "chacha20-poly1305@openssh.com", CHACHA_KEY_BYTES, 0,
	    CHACHA_BLOCK_BYTES, AEAD_TAG_BYTES, REKEY_BYTES, CIPHER_CHACHA },
	{ "aes128-gcm@openssh.com", 16, GCM_NONCE_BYTES, AES_BLOCK_BYTES,
	    AEAD_TAG_BYTES, REKEY_BYTES, CIPHER_GCM },
	{ "aes256-gcm@openssh.com", 32, GCM_NONCE_BYTES, AES_BLOCK_BYTES,
	    AEAD_TAG_BYTES, REKEY_BYTES, CIPHER_GCM },
	{ "aes128-ctr", 16, AES_BLOCK_BYTES, AES_BLOCK_BYTES, 0, REKEY_BYTES,
	    CIPHER_CTR },
	{ "aes192-ctr", 24, AES_BLOCK_BYTES, AES_BLOCK_BYTES, 0, REKEY_BYTES,
	    CIPHER_CTR },
	{ "aes256-ctr", 32, AES_BLOCK_BYTES, AES_BLOCK_BYTES, 0, REKEY_BYTES,
	    CIPHER_CTR },
	{ "aes128-cbc", 16, AES_BLOCK_BYTES, AES_BLOCK_BYTES, 0, REKEY_BYTES,
	    CIPHER_CBC },
	{ "aes192-cbc", 24, AES_BLOCK_BYTES, AES_BLOCK_BYTES, 0, REKEY_BYTES,
	    CIPHER_CBC },
	{ "aes256-cbc", 32, AES_BLOCK_BYTES, AES_BLOCK_BYTES, 0, REKEY_BYTES,
	    CIPHER_CBC },
	{ "3des-cbc", 24, DES_BLOCK_BYTES, DES_BLOCK_BYTES, 0,
	    DES_REKEY_BYTES, CIPHER_CBC },
};

static const struct packet_ops *const ops[] = {
	[CIPHER_CHACHA] = &packet_chacha_ops,
	[CIPHER_GCM] = &packet_gcm_ops,
	[CIPHER_CTR] = &packet_ctr_ops,
	[CIPHER_CBC] = &packet_cbc_ops,
};

const struct cipher_alg *
cipher_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		if (span_is(name, algs[i].name))
			return &algs[i];
	}
	return NULL;
}

#define DEFAULT_NAMES \
	"chacha20-poly1305@openssh.com,aes128-gcm@openssh.com," \
	"aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr"

const char *
cipher_default_names(void)
{
	return DEFAULT_NAMES;
}

const char *
cipher_all_names(void)
{
	return DEFAULT_NAMES ",aes128-cbc,aes192-cbc,aes256-cbc,3des-cbc";
}

uint32_t
packet_length_get(const uint8_t *packet)
{
	return (uint32_t)packet[0] << 24 | (uint32_t)packet[1] << 16 |
	    (uint32_t)packet[2] << 8 | packet[3];
}

bool
packet_aes_open(gcry_cipher_hd_t *out, size_t key_bytes, int mode,
    const uint8_t *key)
{
	int algo = key_bytes == 16 ? GCRY_CIPHER_AES128 :
	    key_bytes == 24 ? GCRY_CIPHER_AES192 : GCRY_CIPHER_AES256;

	*out = NULL;
	if (gcry_cipher_open(out, algo, mode, 0) != 0) {
		*out = NULL;
		return false;
	}
	return gcry_cipher_setkey(*out, key, key_bytes) == 0;
}

struct packet_cipher *
packet_cipher_new(const struct cipher_alg *cipher, const struct mac_alg *mac,
    enum packet_direction direction, const uint8_t *key, const uint8_t *iv,
    const uint8_t *mac_key)
{
	struct packet_cipher *pc;

	if ((mac == NULL) != (cipher->tag_bytes != 0))
		return NULL;
	pc = calloc(1, sizeof(*pc));
	if (pc == NULL)
		return NULL;
	pc->alg = cipher;
	pc->direction = direction;
	pc->mac_alg = mac;
	pc->ops = ops[cipher->id];
	pc->aad = mac == NULL || mac->etm ? LENGTH_BYTES : 0;
	pc->peek_bytes = pc->aad != 0 ? LENGTH_BYTES : cipher->block_bytes;
	pc->tag_bytes = mac == NULL ? cipher->tag_bytes : mac->tag_bytes;
	if ((mac != NULL && !packet_mac_set_key(&pc->mac, mac, mac_key)) ||
	    !pc->ops->set_key(pc, key, iv)) {
		packet_cipher_free(pc);
		return NULL;
	}
	return pc;
}

void
packet_cipher_free(struct packet_cipher *pc)
{
	if (pc == NULL)
		return;
	gcry_cipher_close(pc->cipher);
	gcry_cipher_close(pc->header);
	gcry_mac_close(pc->poly);
	packet_mac_clear(&pc->mac);
	secret_wipe(pc, sizeof(*pc));
	free(pc);
}

size_t
packet_align(const struct packet_cipher *pc)
{
	return pc->alg->block_bytes;
}

size_t
packet_aad(const struct packet_cipher *pc)
{
	return pc->aad;
}

size_t
packet_tag_bytes(const struct packet_cipher *pc)
{
	return pc->tag_bytes;
}

bool
packet_hides_errors(const struct packet_cipher *pc)
{
	return pc->alg->id == CIPHER_CBC && pc->aad == 0;
}

size_t
packet_peek_bytes(const struct packet_cipher *pc)
{
	return pc->peek_bytes;
}

/*
 * What is encrypted starts behind the aad and is whole blocks.  A length
 * that is not would make libgcrypt fail half way, or keep key stream over.
 */
static bool
packet_well_formed(const struct packet_cipher *pc, size_t len)
{
	return len >= LENGTH_BYTES && len > pc->aad &&
	    (len - pc->aad) % pc->alg->block_bytes == 0;
}

bool
packet_seal(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    size_t len)
{
	if (packet_well_formed(pc, len) &&
	    pc->ops->seal(pc, seq, packet, len))
		return true;
	secret_wipe(packet, len + pc->tag_bytes);
	return false;
}

bool
packet_peek(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    uint32_t *length)
{
	*length = 0;
	return pc->ops->peek(pc, seq, packet, length);
}

bool
packet_open(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    size_t len)
{
	if (packet_well_formed(pc, len) &&
	    pc->ops->open(pc, seq, packet, len))
		return true;
	secret_wipe(packet, len + pc->tag_bytes);
	return false;
}
