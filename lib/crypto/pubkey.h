/*
 * pubkey: public key blobs and signature verification (RFC 4253 6.6,
 * RFC 8332, RFC 5656 3, RFC 8709, and the security keys of OpenSSH's
 * PROTOCOL.u2f).  Pure layer.
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
	KEY_ED25519_SK,		/* in a FIDO authenticator */
	KEY_ECDSA_SK,
	KEY_COUNT
};

/* An RSA public key over this cannot be a user's: a 16384 bit one fits. */
#define KEY_BLOB_MAX_BYTES 8192
#define SIGNATURE_MAX_BYTES 4096
/* WebAuthn repeats what was signed, in base64 inside of JSON. */
#define WEBAUTHN_SIGNATURE_MAX_BYTES (48 * 1024)

struct pubkey_info {
	enum key_type type;
	unsigned int bits;
	bool sk;		/* a security key's: signatures have flags */
	const char *log_name;	/* "ED25519", "ECDSA-SK": log contract */
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
 * KEY_RSA, and "ssh-rsa", SHA-1, which is in no default; else it is the key's
 * name.
 */
bool sig_alg_known(struct span alg);
enum key_type sig_alg_key_type(struct span alg);
const char *sig_alg_default_names(void);	/* of host keys */

/*
 * sig_alg_of_cert - the signature algorithm of a certificate's algorithm
 *
 * "rsa-sha2-512" of "rsa-sha2-512-cert-v01@openssh.com", and so on: what a
 * signature made with that certificate's key names.  The empty span when alg
 * is no certificate's.
 */
struct span sig_alg_of_cert(struct span alg);

/*
 * HostKeyAlgorithms' default; what no host key of ours serves is not offered.
 */
const char *sig_alg_host_names(void);

/*
 * What users' keys and certificates may be, and what may sign certificates:
 * OpenSSH's defaults, in its order, and all that is built.
 */
const char *sig_alg_user_names(void);
const char *sig_alg_ca_names(void);
const char *sig_alg_host_all_names(void);
const char *sig_alg_user_all_names(void);
const char *sig_alg_ca_all_names(void);

/* What an authenticator says beside its signature. */
#define SK_USER_PRESENT 0x01		/* it was touched */
#define SK_USER_VERIFIED 0x04		/* a PIN or a finger was given */

struct sig_details {
	bool sk;
	uint8_t flags;
	uint32_t counter;		/* of signatures, if it counts */
};

/*
 * pubkey_verify_details - pubkey_verify(), for security keys too
 *
 * *details is all zero unless the signature holds and a security key made
 * it.  A signature made without a touch holds as well: the caller looks at
 * the flags and decides.
 */
bool pubkey_verify_details(struct span alg, struct span key,
    struct span data, struct span signature, struct sig_details *details)
    MUST_USE;

/*
 * sig_details_fault - what is missing of what is asked of a security key, in
 * OpenSSH's words; NULL if nothing is, or the key is no security key
 */
const char *sig_details_fault(const struct sig_details *details,
    bool need_touch, bool need_verify);

/*
 * pubkey_verify - does signature (a whole signature blob, with its algorithm
 * name, which must be alg) hold for data under the key?
 *
 * False in every other case, an internal failure included (CVE-2023-2283),
 * and for a security key, whose flags nobody would have looked at.
 *
 * Trust: key, signature and data are hostile.
 */
bool pubkey_verify(struct span alg, struct span key, struct span data,
    struct span signature) MUST_USE;

#endif
