/*
 * cipher: seal and open SSH packets in place (RFC 4253 section 6, RFC 5647,
 * the -etm MACs and chacha20-poly1305@openssh.com).  Pure layer, net only.
 *
 * A packet is, in one buffer:
 *
 *	uint32	packet_length		4 bytes
 *	byte	padding_length
 *	....	payload, padding
 *	....	MAC or tag		packet_tag_bytes()
 */
#ifndef SSHD_CONN_CRYPTO_CIPHER_H
#define SSHD_CONN_CRYPTO_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

struct cipher_alg {
	const char *name;
	size_t key_bytes, iv_bytes, block_bytes;
	size_t tag_bytes;	/* AEAD ciphers; 0: a MAC is negotiated */
	uint64_t rekey_bytes;	/* RFC 4344 3.2 and the like: the default
				   volume after which keys must change */
	int id;			/* crypto's own */
};

struct mac_alg {
	const char *name;
	size_t key_bytes, tag_bytes;
	bool etm;
	int id;
};

const struct cipher_alg *cipher_find(struct span name);
const struct mac_alg *mac_find(struct span name);
/* What is offered, our order; and all that is built in, old ones last. */
const char *cipher_default_names(void);
const char *cipher_all_names(void);
const char *mac_default_names(void);
const char *mac_all_names(void);

struct packet_cipher;		/* one direction's keys and state */

enum packet_direction { PACKET_SEAL, PACKET_OPEN };

/*
 * packet_cipher_new - keys as kex_derive() made them
 *
 * mac is NULL for an AEAD cipher; key, iv, mac_key hold the bytes that the
 * algorithms name.  They are copied.  NULL on failure.
 */
struct packet_cipher *packet_cipher_new(const struct cipher_alg *cipher,
    const struct mac_alg *mac, enum packet_direction direction,
    const uint8_t *key, const uint8_t *iv, const uint8_t *mac_key) MUST_USE;
void packet_cipher_free(struct packet_cipher *pc);	/* wipes; NULL fine */

/*
 * What padding has to make a multiple of packet_align(): the whole of
 * packet_length, padding_length, payload and padding, or without the
 * packet_length where packet_aad() is 4 (AEAD, etm: it is not encrypted with
 * the rest).
 */
size_t packet_align(const struct packet_cipher *pc);
size_t packet_aad(const struct packet_cipher *pc);
size_t packet_tag_bytes(const struct packet_cipher *pc);

/*
 * packet_hides_errors - has a wrong MAC to look like a wrong length?
 *
 * CBC whose MAC covers the plain text: who sees at which byte a connection
 * ends learns what a block decrypts to (CVE-2008-5161).
 */
bool packet_hides_errors(const struct packet_cipher *pc);

/*
 * packet_seal - encrypt and authenticate in place
 *
 * packet holds len = 4 + packet_length plain bytes, and room for the tag
 * behind them.  False when libgcrypt fails, with the packet wiped: nothing
 * of it may be sent.
 */
bool packet_seal(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    size_t len) MUST_USE;

/* How many bytes packet_peek() needs: 4, or a cipher block. */
size_t packet_peek_bytes(const struct packet_cipher *pc);

/*
 * packet_peek - learn packet_length from the first packet_peek_bytes()
 *
 * Once per packet, before packet_open().  Decrypts nothing in place but,
 * for a cipher with a plain MAC, the first block (packet_open() goes on from
 * there).  *length is unauthenticated: the caller bounds it before it waits
 * for that much.
 */
bool packet_peek(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    uint32_t *length) MUST_USE;

/*
 * packet_open - verify and decrypt in place
 *
 * packet holds len = 4 + packet_length bytes, and the tag behind them.  On
 * success all but packet_length itself is plain text.  False: the tag is
 * wrong (compared in constant time) or libgcrypt failed; whatever was
 * decrypted is wiped, and the caller reads none of it.
 *
 * Trust: every byte is the peer's until this returned true.
 */
bool packet_open(struct packet_cipher *pc, uint32_t seq, uint8_t *packet,
    size_t len) MUST_USE;

#endif
