/*
 * pubkey: public key blobs and signature verification (RFC 4253 6.6,
 * RFC 8332, RFC 5656 3, RFC 8709).  Pure layer.
 */
#ifndef SSHD_CONN_CRYPTO_PUBKEY_H
#define SSHD_CONN_CRYPTO_PUBKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

enum key_type {
	KEY_NONE,
	KEY_ED25519,
	KEY_ECDSA_P256,
	KEY_ECDSA_P384,
	KEY_ECDSA_P521,
	KEY_RSA,
	KEY_COUNT
};

/* An RSA public key over this cannot be a user's: a 16384 bit one fits. */
#define KEY_BLOB_MAX_BYTES 8192
#define SIGNATURE_MAX_BYTES 4096

struct pubkey_info {
	enum key_type type;
	unsigned int bits;
	const char *log_name;	/* "ED25519", "ECDSA", "RSA": log contract */
	const char *key_name;	/* "ssh-ed25519", ...: in the blob */
};

/*
 * pubkey_parse - is this blob a well-formed public key of a kind we know?
 *
 * Checks lengths, that the point is on its curve, that an RSA exponent is
 * odd and over 1 and the modulus odd and from 1024 to 16384 bits.  False,
 * with *info zero, otherwise.
 *
 * Trust: blob is hostile; time is bounded by KEY_BLOB_MAX_BYTES.
 */
bool pubkey_parse(struct span blob, struct pubkey_info *info) MUST_USE;

/*
 * pubkey_describe - the same without the arithmetic that tells whether a
 * point is on its curve
 *
 * For keys of our own files, for keys that pubkey_parse() has let through,
 * and for a log line's words; never to decide about a peer's key.
 */
bool pubkey_describe(struct span blob, struct pubkey_info *info) MUST_USE;

/*
 * Signature algorithm names: "rsa-sha2-256" and "rsa-sha2-512" go with
 * KEY_RSA ("ssh-rsa", SHA-1, is not accepted); else it is the key's name.
 */
bool sig_alg_known(struct span alg);
enum key_type sig_alg_key_type(struct span alg);
const char *sig_alg_default_names(void);	/* server-sig-algs */

/*
 * pubkey_verify - does signature (a whole signature blob, with its algorithm
 * name, which must be alg) hold for data under the key?
 *
 * False in every other case, an internal failure included (CVE-2023-2283).
 *
 * Trust: key, signature and data are hostile.
 */
bool pubkey_verify(struct span alg, struct span key, struct span data,
    struct span signature) MUST_USE;

#endif
