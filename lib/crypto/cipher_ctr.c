/*
 * cipher_ctr: aes128-ctr, aes192-ctr and aes256-ctr (RFC 4344 section 4)
 * with a HMAC, either over the plain packet (RFC 4253 section 6.4) or, -etm,
 * over the encrypted one with its length in the clear.  Pure layer, net only.
 *
 * The counter runs on over the packets of a direction: each byte is fed to
 * the handle once, in order.
 */
#include "base/secret.h"
#include "crypto/cipher_impl.h"

static bool
ctr_set_key(struct packet_cipher *pc, const uint8_t *key, const uint8_t *iv)
{
	return packet_aes_open(&pc->cipher, pc->alg->key_bytes,
	    GCRY_CIPHER_MODE_CTR, key) &&
	    gcry_cipher_setctr(pc->cipher, iv, AES_BLOCK_BYTES) == 0;
}

static bool
ctr_crypt(struct packet_cipher *pc, uint8_t *p, size_t n)
{
	return n == 0 || gcry_cipher_encrypt(pc->cipher, p, n, NULL, 0) == 0;
}

static bool
ctr_mac(const struct packet_cipher *pc, uint32_t seq, const uint8_t *packet,
    size_t len, uint8_t tag[static HASH_MAX_BYTES])
{
	return packet_mac_compute(&pc->mac, seq, span(packet, len), tag);
}

static bool
ctr_seal(struct packet_cipher *pc, uint32_t seq, uint8_t *packet, size_t len)
{
	uint8_t tag[HASH_MAX_BYTES];

	if (!pc->mac_alg->etm && !ctr_mac(pc, seq, packet, len, tag))
		return false;
	if (!ctr_crypt(pc, packet + pc->aad, len - pc->aad))
		return false;
	if (pc->mac_alg->etm && !ctr_mac(pc, seq, packet, len, tag))
		return false;
	memcpy(packet + len, tag, pc->tag_bytes);
	return true;
}

static bool
ctr_peek(struct packet_cipher *pc, uint32_t seq UNUSED, uint8_t *packet,
    uint32_t *length)
{
	if (!pc->mac_alg->etm && !pc->peeked) {
		if (!ctr_crypt(pc, packet, pc->peek_bytes))
			return false;
		pc->peeked = true;
	}
	*length = packet_length_get(packet);
	return true;
}

static bool
ctr_open(struct packet_cipher *pc, uint32_t seq, uint8_t *packet, size_t len)
{
	uint8_t tag[HASH_MAX_BYTES];
	size_t plain = pc->peeked ? pc->peek_bytes : pc->aad;
	bool good;

	pc->peeked = false;
	if (pc->mac_alg->etm)
		return ctr_mac(pc, seq, packet, len, tag) &&
		    secret_equal(tag, packet + len, pc->tag_bytes) &&
		    ctr_crypt(pc, packet + plain, len - plain);
	good = ctr_crypt(pc, packet + plain, len - plain) &&
	    ctr_mac(pc, seq, packet, len, tag) &&
	    secret_equal(tag, packet + len, pc->tag_bytes);
	secret_wipe(tag, sizeof(tag));
	return good;
}

const struct packet_ops packet_ctr_ops = {
	.set_key = ctr_set_key,
	.seal = ctr_seal,
	.peek = ctr_peek,
	.open = ctr_open,
};
