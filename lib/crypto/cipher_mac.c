/*
 * cipher_mac: AES in counter mode (RFC 4344 section 4), and AES and 3DES in
 * CBC (RFC 4253 section 6.3), with a MAC, either over the plain packet (RFC
 * 4253 section 6.4) or, -etm, over the encrypted one with its length in the
 * clear.  Pure layer, net only.
 *
 * The counter, or the last block, runs on over the packets of a direction:
 * each byte is fed to the handle once, in order.
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
cbc_set_key(struct packet_cipher *pc, const uint8_t *key, const uint8_t *iv)
{
	bool good = pc->alg->block_bytes == DES_BLOCK_BYTES
	    ? gcry_cipher_open(&pc->cipher, GCRY_CIPHER_3DES,
		GCRY_CIPHER_MODE_CBC, 0) == 0 &&
		gcry_cipher_setkey(pc->cipher, key, pc->alg->key_bytes) == 0
	    : packet_aes_open(&pc->cipher, pc->alg->key_bytes,
		GCRY_CIPHER_MODE_CBC, key);

	return good &&
	    gcry_cipher_setiv(pc->cipher, iv, pc->alg->block_bytes) == 0;
}

static bool
mac_crypt(struct packet_cipher *pc, uint8_t *p, size_t n)
{
	if (n == 0)
		return true;
	return pc->direction == PACKET_OPEN
	    ? gcry_cipher_decrypt(pc->cipher, p, n, NULL, 0) == 0
	    : gcry_cipher_encrypt(pc->cipher, p, n, NULL, 0) == 0;
}

static bool
mac_tag(const struct packet_cipher *pc, uint32_t seq, const uint8_t *packet,
    size_t len, uint8_t tag[static HASH_MAX_BYTES])
{
	return packet_mac_compute(&pc->mac, seq, span(packet, len), tag);
}

static bool
mac_seal(struct packet_cipher *pc, uint32_t seq, uint8_t *packet, size_t len)
{
	uint8_t tag[HASH_MAX_BYTES];

	if (!pc->mac_alg->etm && !mac_tag(pc, seq, packet, len, tag))
		return false;
	if (!mac_crypt(pc, packet + pc->aad, len - pc->aad))
		return false;
	if (pc->mac_alg->etm && !mac_tag(pc, seq, packet, len, tag))
		return false;
	memcpy(packet + len, tag, pc->tag_bytes);
	return true;
}

static bool
mac_peek(struct packet_cipher *pc, uint32_t seq UNUSED, uint8_t *packet,
    uint32_t *length)
{
	if (!pc->mac_alg->etm && !pc->peeked) {
		if (!mac_crypt(pc, packet, pc->peek_bytes))
			return false;
		pc->peeked = true;
	}
	*length = packet_length_get(packet);
	return true;
}

static bool
mac_open(struct packet_cipher *pc, uint32_t seq, uint8_t *packet, size_t len)
{
	uint8_t tag[HASH_MAX_BYTES];
	size_t plain = pc->peeked ? pc->peek_bytes : pc->aad;
	bool good;

	pc->peeked = false;
	if (pc->mac_alg->etm)
		return mac_tag(pc, seq, packet, len, tag) &&
		    secret_equal(tag, packet + len, pc->tag_bytes) &&
		    mac_crypt(pc, packet + plain, len - plain);
	good = mac_crypt(pc, packet + plain, len - plain) &&
	    mac_tag(pc, seq, packet, len, tag) &&
	    secret_equal(tag, packet + len, pc->tag_bytes);
	secret_wipe(tag, sizeof(tag));
	return good;
}

const struct packet_ops packet_ctr_ops = {
	.set_key = ctr_set_key,
	.seal = mac_seal,
	.peek = mac_peek,
	.open = mac_open,
};

const struct packet_ops packet_cbc_ops = {
	.set_key = cbc_set_key,
	.seal = mac_seal,
	.peek = mac_peek,
	.open = mac_open,
};
