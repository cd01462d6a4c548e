/*
 * cipher_chacha: chacha20-poly1305@openssh.com.  Pure layer, net only.
 *
 * Not RFC 8439's construction.  Two keys: the first 32 bytes for the packet,
 * the second for packet_length alone, so that reading the length tells
 * nothing about the packet's key stream.  The nonce of both is the sequence
 * number as 8 bytes, with a block counter of 64 bits.  Block 0 of the first
 * gives Poly1305's one-time key, the packet starts with block 1.  The tag
 * covers encrypted length and encrypted packet, and nothing else.
 */
#include "base/secret.h"
#include "crypto/cipher_impl.h"

#define CHACHA_KEY_BYTES 32
#define CHACHA_NONCE_BYTES 8
#define CHACHA_BLOCK_BYTES 64
#define POLY_KEY_BYTES 32
#define POLY_TAG_BYTES 16

static bool
chacha_open_one(gcry_cipher_hd_t *out, const uint8_t *key)
{
	if (gcry_cipher_open(out, GCRY_CIPHER_CHACHA20,
	    GCRY_CIPHER_MODE_STREAM, 0) != 0) {
		*out = NULL;
		return false;
	}
	return gcry_cipher_setkey(*out, key, CHACHA_KEY_BYTES) == 0;
}

static bool
chacha_set_key(struct packet_cipher *pc, const uint8_t *key,
    const uint8_t *iv UNUSED)
{
	if (!chacha_open_one(&pc->cipher, key) ||
	    !chacha_open_one(&pc->header, key + CHACHA_KEY_BYTES))
		return false;
	if (gcry_mac_open(&pc->poly, GCRY_MAC_POLY1305, 0, NULL) != 0) {
		pc->poly = NULL;
		return false;
	}
	return true;
}

/* An 8 byte nonce also puts libgcrypt's block counter to 0. */
static bool
chacha_set_nonce(gcry_cipher_hd_t handle, uint32_t seq)
{
	uint8_t nonce[CHACHA_NONCE_BYTES] = { 0, 0, 0, 0,
		(uint8_t)(seq >> 24), (uint8_t)(seq >> 16),
		(uint8_t)(seq >> 8), (uint8_t)seq };

	return gcry_cipher_setiv(handle, nonce, sizeof(nonce)) == 0;
}

/* Block 0: keys Poly1305, and leaves the stream at block 1. */
static bool
chacha_begin(struct packet_cipher *pc, uint32_t seq)
{
	uint8_t block[CHACHA_BLOCK_BYTES] = { 0 };
	bool good;

	good = chacha_set_nonce(pc->cipher, seq) &&
	    gcry_cipher_encrypt(pc->cipher, block, sizeof(block), NULL, 0) ==
	    0 && gcry_mac_setkey(pc->poly, block, POLY_KEY_BYTES) == 0;
	secret_wipe(block, sizeof(block));
	return good;
}

static bool
chacha_tag(struct packet_cipher *pc, const uint8_t *packet, size_t len,
    uint8_t tag[static POLY_TAG_BYTES])
{
	size_t n = POLY_TAG_BYTES;

	return gcry_mac_write(pc->poly, packet, len) == 0 &&
	    gcry_mac_read(pc->poly, tag, &n) == 0 && n == POLY_TAG_BYTES;
}

static bool
chacha_seal(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    size_t len)
{
	return chacha_set_nonce(pc->header, seq) &&
	    gcry_cipher_encrypt(pc->header, packet, LENGTH_BYTES, NULL, 0) ==
	    0 && chacha_begin(pc, seq) &&
	    gcry_cipher_encrypt(pc->cipher, packet + LENGTH_BYTES,
	    len - LENGTH_BYTES, NULL, 0) == 0 &&
	    chacha_tag(pc, packet, len, packet + len);
}

static bool
chacha_peek(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    uint32_t *length)
{
	uint8_t plain[LENGTH_BYTES];

	if (!chacha_set_nonce(pc->header, seq) ||
	    gcry_cipher_decrypt(pc->header, plain, sizeof(plain), packet,
	    LENGTH_BYTES) != 0)
		return false;
	*length = packet_length_get(plain);
	return true;
}

/* The tag first: nothing is decrypted that does not verify. */
static bool
chacha_open(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    size_t len)
{
	uint8_t tag[POLY_TAG_BYTES];

	return chacha_begin(pc, seq) && chacha_tag(pc, packet, len, tag) &&
	    secret_equal(tag, packet + len, sizeof(tag)) &&
	    gcry_cipher_decrypt(pc->cipher, packet + LENGTH_BYTES,
	    len - LENGTH_BYTES, NULL, 0) == 0;
}

const struct packet_ops packet_chacha_ops = {
	.set_key = chacha_set_key,
	.seal = chacha_seal,
	.peek = chacha_peek,
	.open = chacha_open,
};
