/*
 * sign: private keys.  Monitor and keygen only: net and user never compile
 * against this file.
 */
#ifndef SSHD_CONN_CRYPTO_SIGN_H
#define SSHD_CONN_CRYPTO_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sink.h"
#include "base/span.h"
#include "crypto/pubkey.h"

struct privkey;

enum keyfile_err {
	KEYFILE_OK,
	KEYFILE_SYSTEM,		/* errno says */
	KEYFILE_FORMAT,		/* not a private key file */
	KEYFILE_ENCRYPTED,	/* with a passphrase: useless to a server */
	KEYFILE_TYPE,		/* a key of a kind that we do not have */
	KEYFILE_MODE,		/* others may read it */
};
const char *keyfile_strerror(enum keyfile_err err);

/*
 * keyfile_public - the public key blob of a private key file
 *
 * OpenSSH's format ("openssh-key-v1") has the public blob in front: not a
 * byte of the secret behind it is read.  Of a PEM or PKCS #8 file the blob
 * is what the file PATH.pub holds; without a good one the private file is
 * read as keyfile_load() does, and every copy of it wiped again.  That the
 * halves belong together is then for whoever loads the key to see.
 *
 * blob has room for KEY_BLOB_MAX_BYTES.  The mode is checked as OpenSSH
 * does: a file of ours that group or others may access is KEYFILE_MODE.
 */
enum keyfile_err keyfile_public(const char *path, uint8_t *blob, size_t *len)
    MUST_USE;

/*
 * keyfile_public_alone - a public key whose private half is an agent's
 *
 * path is the .pub file itself, or what it would be beside.  blob as above.
 */
bool keyfile_public_alone(const char *path, uint8_t *blob, size_t *len)
    MUST_USE;

/*
 * The whole key: OpenSSH's format, PEM (RSA, EC) or PKCS #8 (RSA, EC,
 * Ed25519), none of them encrypted.  *key is NULL unless KEYFILE_OK;
 * privkey_free() wipes.
 */
enum keyfile_err keyfile_load(const char *path, struct privkey **key)
    MUST_USE;
/* The same from memory, for tests and fuzzing. */
enum keyfile_err keyfile_parse(struct span text, struct privkey **key)
    MUST_USE;

/*
 * keyfile_find - the paths of dir's files whose names begin with prefix, but
 * for their .pub, in the order of their names
 *
 * Returns how many, at most max; none when dir is NULL or cannot be read.
 * free() each.
 */
size_t keyfile_find(const char *dir, const char *prefix, char **paths,
    size_t max);

void privkey_free(struct privkey *key);
struct span privkey_public(const struct privkey *key);	/* borrows */

/*
 * privkey_sign - a signature blob over data with the named algorithm, and a
 * check of it with the public key before it is given out (a faulty RSA or
 * EdDSA computation gives the private key away)
 */
bool privkey_sign(const struct privkey *key, struct span alg,
    struct span data, struct sink *signature) MUST_USE;

enum privkey_kind { PRIVKEY_ED25519, PRIVKEY_ECDSA_P256, PRIVKEY_RSA };

/* bits: RSA only.  NULL on failure. */
struct privkey *privkey_generate(enum privkey_kind kind, unsigned int bits)
    MUST_USE;

/*
 * keyfile_format - the key as the text of an unencrypted OpenSSH private key
 * file; keyfile_format_public - "TYPE BASE64 COMMENT\n"
 *
 * False when size is too small; 16 KiB is enough for RSA of 8192 bits.
 */
bool keyfile_format(const struct privkey *key, const char *comment,
    char *out, size_t size) MUST_USE;
bool keyfile_format_public(const struct privkey *key, const char *comment,
    char *out, size_t size) MUST_USE;
/* The same from a public key blob, for a file whose .pub is missing. */
bool keyfile_format_blob(struct span blob, const char *comment, char *out,
    size_t size) MUST_USE;

#endif
