/*
 * hash: one-shot digests over several pieces.  Pure layer.
 */
#ifndef SSHD_CONN_CRYPTO_HASH_H
#define SSHD_CONN_CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

enum hash_alg {
	HASH_SHA256,
	HASH_SHA384,
	HASH_SHA512,
	HASH_SHA1,	/* fingerprints and old peers only */
	HASH_MD5,	/* fingerprints only */
	HASH_COUNT
};

#define HASH_MAX_BYTES 64

size_t hash_bytes(enum hash_alg alg);

/*
 * hash_spans - digest of the pieces, one after the other
 *
 * Writes hash_bytes(alg) bytes.  False, with out zeroed, when libgcrypt
 * fails: the caller must not go on (CVE-2023-6918).
 */
bool hash_spans(enum hash_alg alg, const struct span *pieces, size_t count,
    uint8_t out[static HASH_MAX_BYTES]) MUST_USE;

/* "SHA256:base64 without padding" of a public key blob, for logs. */
#define FINGERPRINT_MAX_BYTES 96
bool hash_fingerprint(enum hash_alg alg, struct span blob,
    char out[static FINGERPRINT_MAX_BYTES]) MUST_USE;

#endif
