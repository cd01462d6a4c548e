/*
 * privkey_impl: the inside of a private key, for signing and for the files.
 * Inside crypto/ only.
 */
#ifndef SSHD_CONN_CRYPTO_PRIVKEY_IMPL_H
#define SSHD_CONN_CRYPTO_PRIVKEY_IMPL_H

#include "crypto/number.h"
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

#define KEYFILE_MAX_BYTES (32 * 1024)	/* of a file of either kind */

/*
 * pem_parse - a key of PKCS #1, SEC 1 (RFC 5915) or PKCS #8 (RFC 5208, 5958)
 *
 * KEYFILE_ENCRYPTED for one with a passphrase, whatever its encryption.
 */
enum keyfile_err pem_parse(struct span text, struct privkey **key) MUST_USE;

/*
 * Do these, a file's first bytes, begin such a key, unencrypted?  They have
 * to reach past the marker line by one byte.
 */
bool pem_begins(struct span head) MUST_USE;

/* The blob of a ".pub" file: "TYPE BASE64 COMMENT".  False: not one. */
bool keyfile_read_pub(const char *path, uint8_t *blob, size_t *len) MUST_USE;
/* The same of any type, a certificate's too; *len may be what there was. */
bool keyfile_read_line(const char *path, uint8_t *blob, size_t *len) MUST_USE;

/* The public half; false when the number is none of this kind's. */
bool ecdsa_derive(const struct key_kind *kind, struct span d,
    uint8_t point[static POINT_MAX_BYTES]) MUST_USE;
bool ed25519_derive(struct span seed, uint8_t public[static ED25519_BYTES])
    MUST_USE;

#endif
