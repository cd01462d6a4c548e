/*
 * cipher_gcm: aes128-gcm@openssh.com and aes256-gcm@openssh.com, which are
 * RFC 5647 but for the negotiation.  Pure layer, net only.
 *
 *	aad	packet_length, in the clear
 *	nonce	4 fixed bytes, 8 bytes that count packets (section 7.1)
 */
#include "base/secret.h"
#include "crypto/cipher_impl.h"

#define GCM_TAG_BYTES 16

static bool
gcm_set_key(struct packet_cipher *pc, const uint8_t *key, const uint8_t *iv)
{
	memcpy(pc->nonce, iv, sizeof(pc->nonce));
	return packet_aes_open(&pc->cipher, pc->alg->key_bytes,
	    GCRY_CIPHER_MODE_GCM, key);
}

/* Sets the nonce, steps it for the next packet, takes in packet_length. */
static bool
gcm_begin(struct packet_cipher *pc, const uint8_t *packet)
{
	if (gcry_cipher_setiv(pc->cipher, pc->nonce, sizeof(pc->nonce)) != 0)
		return false;
	for (size_t i = sizeof(pc->nonce); i-- > GCM_FIXED_BYTES;) {
		if (++pc->nonce[i] != 0)
			break;
	}
	return gcry_cipher_authenticate(pc->cipher, packet, LENGTH_BYTES) == 0;
}

static bool
gcm_seal(struct packet_cipher *pc, uint32_t seq UNUSED, uint8_t *packet,
    size_t len)
{
	return gcm_begin(pc, packet) &&
	    gcry_cipher_encrypt(pc->cipher, packet + LENGTH_BYTES,
	    len - LENGTH_BYTES, NULL, 0) == 0 &&
	    gcry_cipher_gettag(pc->cipher, packet + len, GCM_TAG_BYTES) == 0;
}

static bool
gcm_peek(struct packet_cipher *pc UNUSED, uint32_t seq UNUSED,
    uint8_t *packet, uint32_t *length)
{
	*length = packet_length_get(packet);
	return true;
}

/* One pass: on a wrong tag packet_open() wipes what was decrypted. */
static bool
gcm_open(struct packet_cipher *pc, uint32_t seq UNUSED, uint8_t *packet,
    size_t len)
{
	return gcm_begin(pc, packet) &&
	    gcry_cipher_decrypt(pc->cipher, packet + LENGTH_BYTES,
	    len - LENGTH_BYTES, NULL, 0) == 0 &&
	    gcry_cipher_checktag(pc->cipher, packet + len, GCM_TAG_BYTES) == 0;
}

const struct packet_ops packet_gcm_ops = {
	.set_key = gcm_set_key,
	.seal = gcm_seal,
	.peek = gcm_peek,
	.open = gcm_open,
};
