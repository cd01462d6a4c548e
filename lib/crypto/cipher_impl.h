/*
 * cipher_impl: what cipher.c and its three constructions share.  Inside
 * crypto/ only.
 */
#ifndef SSHD_CONN_CRYPTO_CIPHER_IMPL_H
#define SSHD_CONN_CRYPTO_CIPHER_IMPL_H

#include <gcrypt.h>

#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/umac.h"

#define LENGTH_BYTES 4
#define TAG_MAX_BYTES 64
#define AES_BLOCK_BYTES 16
#define DES_BLOCK_BYTES 8
#define GCM_NONCE_BYTES 12
#define GCM_FIXED_BYTES 4
#define HMAC_BLOCK_MAX_BYTES 128

/*
 * RFC 2104: the key, as it is hashed before the text (ipad) and around it
 * (opad), each one block of the hash.  Or a UMAC.
 */
struct packet_mac {
	enum hash_alg hash;
	size_t block_bytes;
	uint8_t inner[HMAC_BLOCK_MAX_BYTES];
	uint8_t outer[HMAC_BLOCK_MAX_BYTES];
	struct umac *umac;	/* NULL: an HMAC */
};

struct packet_ops {
	bool (*set_key)(struct packet_cipher *pc, const uint8_t *key,
	    const uint8_t *iv);
	bool (*seal)(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
	    size_t len);
	bool (*peek)(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
	    uint32_t *length);
	bool (*open)(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
	    size_t len);
};

struct packet_cipher {
	const struct packet_ops *ops;
	const struct cipher_alg *alg;
	const struct mac_alg *mac_alg;	/* NULL: the cipher has its own tag */
	size_t tag_bytes, aad, peek_bytes;
	enum packet_direction direction;
	gcry_cipher_hd_t cipher;
	gcry_cipher_hd_t header;	/* chacha20: for packet_length */
	gcry_mac_hd_t poly;		/* chacha20: poly1305 */
	uint8_t nonce[GCM_NONCE_BYTES];
	struct packet_mac mac;
	bool peeked;			/* plain MAC: block 0 is decrypted */
};

extern const struct packet_ops packet_gcm_ops;
extern const struct packet_ops packet_chacha_ops;
extern const struct packet_ops packet_ctr_ops;
extern const struct packet_ops packet_cbc_ops;

/* cipher_find()'s ids. */
enum cipher_id { CIPHER_CHACHA, CIPHER_GCM, CIPHER_CTR, CIPHER_CBC };

/* packet_length as it stands there. */
uint32_t packet_length_get(const uint8_t *packet);

/* An AES handle with its key; *out is NULL on failure. */
bool packet_aes_open(gcry_cipher_hd_t *out, size_t key_bytes, int mode,
    const uint8_t *key) MUST_USE;

/* mac.c */
bool packet_mac_set_key(struct packet_mac *mac, const struct mac_alg *alg,
    const uint8_t *key) MUST_USE;
void packet_mac_clear(struct packet_mac *mac);	/* wipes */

/*
 * HMAC(key, sequence number || data), RFC 4253 section 6.4, or UMAC(key,
 * sequence number, data).
 */
bool packet_mac_compute(const struct packet_mac *mac, uint32_t seq,
    struct span data, uint8_t out[static HASH_MAX_BYTES]) MUST_USE;

#endif
