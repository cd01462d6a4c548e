/*
 * kex: key agreement, the exchange hash and the keys that follow from it.
 * Pure layer; net computes with it, the monitor hashes with it.
 */
#ifndef SSHD_CONN_CRYPTO_KEX_H
#define SSHD_CONN_CRYPTO_KEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sink.h"
#include "base/span.h"
#include "crypto/hash.h"
#include "crypto/moduli.h"

enum kex_kind {
	KEX_X25519,		/* RFC 8731 */
	KEX_ECDH,		/* RFC 5656 section 4, NIST curves */
	KEX_DH,			/* RFC 4253 section 8, RFC 8268 groups */
	KEX_GEX,		/* RFC 4419: the server names the group */
};

struct kex_alg {
	const char *name;
	enum kex_kind kind;
	enum hash_alg hash;
	const char *param;	/* libgcrypt's curve, the group's name, or NULL */
};

/* NULL when it is not built in. */
const struct kex_alg *kex_find(struct span name);

/* The built-in names, comma separated, in the default order (features 6;
   finite fields are built in but not in kex_default_names()). */
const char *kex_all_names(void);
const char *kex_default_names(void);

struct kex_key;			/* our ephemeral key pair */

#define KEX_PUBLIC_MAX_BYTES 1056	/* a group18 value and change */
#define KEX_SHARED_MAX_BYTES 1056

/*
 * A fresh pair; NULL when libgcrypt or memory fails.  group is for KEX_GEX
 * alone, as moduli_pick() gave it, and NULL for the others.
 */
struct kex_key *kex_key_new(const struct kex_alg *alg,
    const struct gex_group *group) MUST_USE;
void kex_key_free(struct kex_key *key);	/* wipes; NULL is fine */

/*
 * kex_key_public - our public value: Q_S as the wire's string holds it for
 * X25519 and ECDH, f as unsigned big-endian bytes for DH.  Borrows from key.
 */
struct span kex_key_public(const struct kex_key *key);

/*
 * kex_key_agree - K from the peer's public value (same form as ours)
 *
 * K is unsigned big-endian without leading zeros (for X25519: RFC 8731
 * section 3.1, the 32 bytes read as such a number).
 *
 * Trust: theirs is hostile.  Refused: wrong length, a point that is not on
 * the curve or is infinity or compressed, an all-zero X25519 result (RFC
 * 8731 section 3), DH values outside 2..p-2 (RFC 4253 section 8 says 1..p-1;
 * the ends give K away).  False then, with shared empty.
 */
bool kex_key_agree(const struct kex_key *key, struct span theirs,
    struct sink *shared) MUST_USE;

/* What the exchange hash covers; spans as in ipc/mon.h's struct mon_sign. */
struct kex_transcript {
	struct span client_ident, server_ident;
	struct span client_kexinit, server_kexinit;
	struct span host_key;
	struct span client_public, server_public;
	struct span shared;
	/* KEX_GEX only, RFC 4419 section 3. */
	struct gex_want gex_want;	/* as the peer wrote it */
	struct span gex_prime, gex_generator;
};

/*
 * kex_exchange_hash - H, hash_bytes(alg->hash) bytes
 *
 * Public values go in as strings for X25519 and ECDH, as mpints for DH; the
 * shared secret as an mpint.  A group exchange has its numbers in front of
 * the public values.
 */
bool kex_exchange_hash(const struct kex_alg *alg,
    const struct kex_transcript *t, uint8_t out[static HASH_MAX_BYTES])
    MUST_USE;

/*
 * kex_derive - RFC 4253 section 7.2: HASH(K || H || letter || session_id)
 * and its extension, n bytes
 */
bool kex_derive(const struct kex_alg *alg, struct span shared,
    struct span exchange_hash, struct span session_id, char letter,
    uint8_t *out, size_t n) MUST_USE;

#endif
