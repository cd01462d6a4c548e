/*
 * kex_ecdh: ecdh-sha2-nistp256, 384 and 521, RFC 5656 section 4.
 * Pure layer, net.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/kex_impl.h"

static size_t
curve_field_bytes(gcry_ctx_t curve)
{
	gcry_mpi_t p = gcry_mpi_ec_get_mpi("p", curve, 0);
	size_t n = p == NULL ? 0 : (gcry_mpi_get_nbits(p) + 7) / 8;

	gcry_mpi_release(p);
	return n;
}

bool
kex_ecdh_new(struct kex_key *key, const struct gex_group *group UNUSED)
{
	gcry_mpi_point_t g = NULL, q = NULL;
	bool good = false;

	if (gcry_mpi_ec_new(&key->curve, NULL, key->alg->param) != 0)
		return false;
	key->field_bytes = curve_field_bytes(key->curve);
	if (key->field_bytes == 0 || key->field_bytes > FIELD_MAX_BYTES)
		return false;
	key->secret = scalar_new(key->curve);
	g = gcry_mpi_ec_get_point("g", key->curve, 1);
	q = gcry_mpi_point_new(0);
	if (key->secret == NULL || g == NULL)
		goto out;
	gcry_mpi_ec_mul(q, key->secret, g, key->curve);
	good = point_to(key->curve, key->field_bytes, q, key->public);
	key->public_len = 1 + 2 * key->field_bytes;
out:
	gcry_mpi_point_release(g);
	gcry_mpi_point_release(q);
	return good;
}

bool
kex_ecdh_agree(const struct kex_key *key, struct span theirs, uint8_t *out,
    size_t *len)
{
	gcry_mpi_point_t q, shared;
	uint8_t point[POINT_MAX_BYTES];
	bool good;

	q = point_from(key->curve, key->field_bytes, theirs);
	if (q == NULL)
		return false;
	shared = gcry_mpi_point_new(0);
	gcry_mpi_ec_mul(shared, key->secret, q, key->curve);
	/* RFC 5656 section 4: K is the x coordinate. */
	good = point_to(key->curve, key->field_bytes, shared, point);
	memcpy(out, point + 1, key->field_bytes);
	*len = key->field_bytes;
	secret_wipe(point, sizeof(point));
	gcry_mpi_point_release(q);
	gcry_mpi_point_release(shared);
	return good;
}
