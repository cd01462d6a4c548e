/*
 * privkey_impl: the inside of a private key, for signing and for the files.
 * Inside crypto/ only.
 */
#ifndef SSHD_CONN_CRYPTO_PRIVKEY_IMPL_H
#define SSHD_CONN_CRYPTO_PRIVKEY_IMPL_H

#include "crypto/pubkey_impl.h"
#include "crypto/sign.h"

/* RSA of 16384 bits: n and d whole, p, q and iqmp half as long. */
#define PRIVKEY_FIELDS_MAX_BYTES 8192

/*
 * A key is kept as the fields of the file's private section, from the type's
 * name up to the comment; they are small, and sign, write and compare all
 * start from them.  Allocated by itself, so that the wiping is one call.
 */
struct privkey {
	const struct key_kind *kind;
	uint8_t public[KEY_BLOB_MAX_BYTES];
	size_t public_len;
	uint8_t fields[PRIVKEY_FIELDS_MAX_BYTES];
	size_t fields_len;
};

/* The fields, taken apart.  Spans borrow from the section. */
struct priv_parts {
	struct key_parts public;
	struct span seed;		/* Ed25519 */
	struct span d;			/* ECDSA's scalar, RSA's exponent */
	struct span p, q, iqmp;		/* RSA: iqmp is 1/q mod p */
};

/*
 * priv_split - read the fields of one key off a private section
 *
 * False when its form is wrong, or *known false: a type that we do not have.
 */
bool priv_split(struct cursor *in, struct priv_parts *parts, bool *known)
    MUST_USE;
void priv_join(struct sink *out, const struct priv_parts *parts);

/* A key of these parts; NULL without memory, or if they do not fit. */
struct privkey *privkey_from(const struct priv_parts *parts) MUST_USE;

#define KEYFILE_MAGIC "openssh-key-v1"	/* and its NUL */
#define KEYFILE_BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"
#define KEYFILE_END "-----END OPENSSH PRIVATE KEY-----"

#endif
