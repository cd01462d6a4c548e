/*
 * keyfile_derive: the public half of a private number, for the files that do
 * not hold it.  Monitor and keygen only.
 *
 * Runs in main too, before the fork of net: must never leave a copy of the
 * secret behind, so none goes through an S-expression, which libgcrypt frees
 * without wiping it (its integers it wipes).
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/number.h"
#include "crypto/privkey_impl.h"

bool
ecdsa_derive(const struct key_kind *kind, struct span d,
    uint8_t point[static POINT_MAX_BYTES])
{
	gcry_ctx_t curve = NULL;
	gcry_mpi_t k = NULL, n = NULL;
	gcry_mpi_point_t g = NULL, q = NULL;
	bool good = false;

	if (gcry_mpi_ec_new(&curve, NULL, kind->gcry_curve) != 0)
		return false;
	k = number_from_secret(d);
	n = gcry_mpi_ec_get_mpi("n", curve, 0);
	g = gcry_mpi_ec_get_point("g", curve, 1);
	q = gcry_mpi_point_new(0);
	if (k == NULL || n == NULL || g == NULL || q == NULL ||
	    gcry_mpi_cmp_ui(k, 0) == 0 || gcry_mpi_cmp(k, n) >= 0)
		goto out;
	gcry_mpi_ec_mul(q, k, g, curve);
	good = point_to(curve, kind->field_bytes, q, point);
out:
	gcry_mpi_release(k);
	gcry_mpi_release(n);
	gcry_mpi_point_release(g);
	gcry_mpi_point_release(q);
	gcry_ctx_release(curve);
	return good;
}

/* RFC 8032 section 5.1.5: the scalar of a seed, big-endian. */
static gcry_mpi_t
ed25519_scalar(struct span seed)
{
	uint8_t hash[HASH_MAX_BYTES], scalar[ED25519_BYTES];
	gcry_mpi_t a = NULL;

	if (hash_spans(HASH_SHA512, &seed, 1, hash)) {
		hash[0] &= 0xf8;
		hash[ED25519_BYTES - 1] &= 0x7f;
		hash[ED25519_BYTES - 1] |= 0x40;
		for (size_t i = 0; i < ED25519_BYTES; i++)
			scalar[i] = hash[ED25519_BYTES - 1 - i];
		a = number_from_secret(span(scalar, sizeof(scalar)));
	}
	secret_wipe(hash, sizeof(hash));
	secret_wipe(scalar, sizeof(scalar));
	return a;
}

bool
ed25519_derive(struct span seed, uint8_t public[static ED25519_BYTES])
{
	gcry_ctx_t curve = NULL;
	gcry_mpi_t a = NULL, encoded = NULL;
	gcry_mpi_point_t g = NULL, q = NULL;
	unsigned int bits = 0;
	const void *p;
	bool good = false;

	if (seed.len != ED25519_BYTES ||
	    gcry_mpi_ec_new(&curve, NULL, "Ed25519") != 0)
		return false;
	a = ed25519_scalar(seed);
	g = gcry_mpi_ec_get_point("g", curve, 1);
	q = gcry_mpi_point_new(0);
	if (a == NULL || g == NULL || q == NULL)
		goto out;
	gcry_mpi_ec_mul(q, a, g, curve);
	if (gcry_mpi_ec_set_point("q", q, curve) != 0)
		goto out;
	encoded = gcry_mpi_ec_get_mpi("q@eddsa", curve, 1);
	if (encoded == NULL || !gcry_mpi_get_flag(encoded,
	    GCRYMPI_FLAG_OPAQUE))
		goto out;
	p = gcry_mpi_get_opaque(encoded, &bits);
	good = p != NULL && (bits + 7) / 8 == ED25519_BYTES;
	if (good)
		memcpy(public, p, ED25519_BYTES);
out:
	gcry_mpi_release(a);
	gcry_mpi_release(encoded);
	gcry_mpi_point_release(g);
	gcry_mpi_point_release(q);
	gcry_ctx_release(curve);
	return good;
}
