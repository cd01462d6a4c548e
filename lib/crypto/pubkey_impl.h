/*
 * pubkey_impl: what verifying, signing and the key files share.  Inside
 * crypto/ only.
 */
#ifndef SSHD_CONN_CRYPTO_PUBKEY_IMPL_H
#define SSHD_CONN_CRYPTO_PUBKEY_IMPL_H

#include <gcrypt.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"

#define ED25519_BYTES 32		/* key, seed, R and S alike */

struct key_kind {
	enum key_type type;
	const char *key_name, *log_name;
	unsigned int bits;		/* 0: the modulus says */
	const char *ssh_curve;		/* RFC 5656: in the blob */
	const char *gcry_curve;
	size_t field_bytes;
	enum hash_alg hash;		/* ECDSA: RFC 5656 section 6.2.1 */
	const char *gcry_hash;
};

const struct key_kind *key_kind_of(enum key_type type);
const struct key_kind *key_kind_find(struct span key_name);

/* A public key, taken apart.  The spans borrow from the blob. */
struct key_parts {
	const struct key_kind *kind;
	struct span point;		/* Ed25519: A; ECDSA: Q */
	struct span n, e;		/* RSA */
};

/*
 * key_split - take a blob apart and judge all that needs no curve arithmetic
 *
 * Trust: blob is hostile.
 */
bool key_split(struct span blob, struct key_parts *parts) MUST_USE;

/*
 * Is the point of this key, which is not RSA, on its curve, and one that
 * libgcrypt can be given?
 */
bool key_on_curve(const struct key_parts *parts) MUST_USE;

/* The same parts as a blob. */
void key_join(struct sink *out, const struct key_parts *parts);

/* Number of significant bits of big-endian bytes. */
unsigned int key_bits(struct span number);

/*
 * The S-expression of what is signed, for a key of this kind and a signature
 * algorithm of this name: made alike for signing and verifying.  NULL on
 * failure.
 */
gcry_sexp_t key_data_sexp(const struct key_kind *kind, struct span alg,
    struct span data) MUST_USE;

#endif
