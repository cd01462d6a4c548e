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
	enum key_type base;		/* the same without "in a FIDO ..." */
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
	struct span application;	/* security keys */
};

/*
 * key_read - the fields of a key of a known kind, parts->kind, as a blob has
 * them behind its name and a certificate behind its nonce
 *
 * Judges all that needs no curve arithmetic.
 * Trust: what in reads is hostile.
 */
bool key_read(struct cursor *in, struct key_parts *parts) MUST_USE;

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

/*
 * sk_signed_data - what a security key signed, of a message that it was
 * asked to sign
 *
 *	SHA-256 of the application
 *	byte	flags
 *	uint32	counter
 *	....	extensions, WebAuthn only
 *	SHA-256 of the message, or of WebAuthn's client data
 *
 * in stands behind the signature proper and is read to its end: flags and
 * counter, and for WebAuthn also origin, client data and extensions, which
 * are checked against the message.  False when they do not fit.
 *
 * Trust: in and data are hostile; out takes SK_SIGNED_BYTES besides the
 * extensions.
 */
#define SK_SIGNED_BYTES (2 * 32 + 1 + 4)
bool sk_signed_data(const struct key_parts *parts, bool webauthn,
    struct cursor *in, struct span data, struct sink *out,
    struct sig_details *details) MUST_USE;

#endif
