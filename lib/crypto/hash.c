/*
 * hash: one-shot digests.  Pure layer; holds no handle and allocates nothing.
 */
#include <stdio.h>
#include <string.h>

#include <gcrypt.h>

#include "base/base64.h"
#include "crypto/hash.h"

/* An exchange hash has 22 pieces at most, more than any other caller. */
#define HASH_PIECES_COUNT 24

static const struct {
	int gcry;
	size_t bytes;
	const char *label;
} algs[HASH_COUNT] = {
	[HASH_SHA256] = { GCRY_MD_SHA256, 32, "SHA256" },
	[HASH_SHA384] = { GCRY_MD_SHA384, 48, "SHA384" },
	[HASH_SHA512] = { GCRY_MD_SHA512, 64, "SHA512" },
	[HASH_SHA1] = { GCRY_MD_SHA1, 20, "SHA1" },
	[HASH_MD5] = { GCRY_MD_MD5, 16, "MD5" },
};

size_t
hash_bytes(enum hash_alg alg)
{
	return (unsigned int)alg < HASH_COUNT ? algs[alg].bytes : 0;
}

bool
hash_spans(enum hash_alg alg, const struct span *pieces, size_t count,
    uint8_t out[static HASH_MAX_BYTES])
{
	gcry_buffer_t iov[HASH_PIECES_COUNT];

	memset(out, 0, HASH_MAX_BYTES);
	if ((unsigned int)alg >= HASH_COUNT || count > HASH_PIECES_COUNT)
		return false;
	for (size_t i = 0; i < count; i++) {
		iov[i] = (gcry_buffer_t){
			.len = pieces[i].len,
			.data = (void *)(uintptr_t)pieces[i].p,
		};
	}
	if (gcry_md_hash_buffers(algs[alg].gcry, 0, out, iov,
	    (int)count) != 0) {
		memset(out, 0, HASH_MAX_BYTES);
		return false;
	}
	return true;
}

/* "MD5:00:11:..", the old form, which is hexadecimal. */
static void
fingerprint_hex(const uint8_t *digest, size_t n,
    char out[static FINGERPRINT_MAX_BYTES])
{
	size_t at = (size_t)snprintf(out, FINGERPRINT_MAX_BYTES, "MD5");

	for (size_t i = 0; i < n; i++) {
		at += (size_t)snprintf(out + at, FINGERPRINT_MAX_BYTES - at,
		    ":%02x", digest[i]);
	}
}

bool
hash_fingerprint(enum hash_alg alg, struct span blob,
    char out[static FINGERPRINT_MAX_BYTES])
{
	uint8_t digest[HASH_MAX_BYTES];
	size_t at;

	out[0] = '\0';
	if (!hash_spans(alg, &blob, 1, digest))
		return false;
	if (alg == HASH_MD5) {
		fingerprint_hex(digest, hash_bytes(alg), out);
		return true;
	}
	at = (size_t)snprintf(out, FINGERPRINT_MAX_BYTES, "%s:",
	    algs[alg].label);
	if (!base64_encode(span(digest, hash_bytes(alg)), out + at,
	    FINGERPRINT_MAX_BYTES - at)) {
		out[0] = '\0';
		return false;
	}
	for (at = strlen(out); out[at - 1] == '='; at--)
		out[at - 1] = '\0';
	return true;
}
