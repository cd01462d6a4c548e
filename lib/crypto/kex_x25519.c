/*
 * kex_x25519: curve25519-sha256, RFC 8731 and RFC 7748.  Pure layer, net.
 *
 * Must never agree on the all-zero value.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/kex_impl.h"

/* libgcrypt clamps the scalar itself; a NULL point is the base point. */
static bool
x25519(uint8_t out[static X25519_BYTES],
    const uint8_t scalar[static X25519_BYTES], const uint8_t *point)
{
	return gcry_ecc_mul_point(GCRY_ECC_CURVE25519, out, scalar, point) ==
	    0;
}

bool
kex_x25519_new(struct kex_key *key, const struct gex_group *group UNUSED)
{
	if (!random_bytes(key->scalar, sizeof(key->scalar)))
		return false;
	key->public_len = X25519_BYTES;
	return x25519(key->public, key->scalar, NULL);
}

bool
kex_x25519_agree(const struct kex_key *key, struct span theirs, uint8_t *out,
    size_t *len)
{
	static const uint8_t zero[X25519_BYTES];

	if (theirs.len != X25519_BYTES ||
	    !x25519(out, key->scalar, theirs.p))
		return false;
	*len = X25519_BYTES;
	/* RFC 8731 section 3: a point of small order gives K away. */
	return !secret_equal(out, zero, X25519_BYTES);
}
