/*
 * number: integers, points and bytes.  Pure layer, inside crypto/.
 *
 * Must never accept a point that it has not checked against its curve.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/number.h"

/* Chances that 128 draws of a P-256 scalar all miss: under 2^-4000. */
#define SCALAR_DRAWS_COUNT 128

gcry_mpi_t
number_from(struct span in)
{
	gcry_mpi_t v = NULL;

	if (in.len == 0)
		return gcry_mpi_set_ui(NULL, 0);
	if (gcry_mpi_scan(&v, GCRYMPI_FMT_USG, in.p, in.len, NULL) != 0)
		return NULL;
	return v;
}

gcry_mpi_t
number_from_secret(struct span in)
{
	gcry_mpi_t v = number_from(in);

	if (v != NULL)
		gcry_mpi_set_flag(v, GCRYMPI_FLAG_SECURE);
	return v;
}

bool
number_to_minimal(gcry_mpi_t v, uint8_t *out, size_t *len)
{
	size_t room = *len;

	*len = 0;
	return gcry_mpi_print(GCRYMPI_FMT_USG, out, room, len, v) == 0;
}

bool
number_to(gcry_mpi_t v, uint8_t *out, size_t n)
{
	size_t have = n;

	memset(out, 0, n);
	if (!number_to_minimal(v, out, &have)) {
		memset(out, 0, n);
		return false;
	}
	memmove(out + n - have, out, have);
	memset(out, 0, n - have);
	return true;
}

/* A coordinate below the field's prime, or NULL. */
static gcry_mpi_t
coordinate_from(gcry_ctx_t curve, struct span in)
{
	gcry_mpi_t v = number_from(in);
	gcry_mpi_t p = gcry_mpi_ec_get_mpi("p", curve, 0);
	bool good = v != NULL && p != NULL && gcry_mpi_cmp(v, p) < 0;

	gcry_mpi_release(p);
	if (good)
		return v;
	gcry_mpi_release(v);
	return NULL;
}

gcry_mpi_point_t
point_from(gcry_ctx_t curve, size_t field_bytes, struct span in)
{
	gcry_mpi_t x = NULL, y = NULL;
	gcry_mpi_point_t point;

	if (in.len != 1 + 2 * field_bytes || in.p[0] != 0x04)
		return NULL;
	point = gcry_mpi_point_new(0);
	x = coordinate_from(curve, span(in.p + 1, field_bytes));
	y = coordinate_from(curve, span(in.p + 1 + field_bytes, field_bytes));
	if (x == NULL || y == NULL)
		goto bad;
	gcry_mpi_point_set(point, x, y, GCRYMPI_CONST_ONE);
	if (!gcry_mpi_ec_curve_point(point, curve))
		goto bad;
	gcry_mpi_release(x);
	gcry_mpi_release(y);
	return point;
bad:
	gcry_mpi_release(x);
	gcry_mpi_release(y);
	gcry_mpi_point_release(point);
	return NULL;
}

bool
point_to(gcry_ctx_t curve, size_t field_bytes, gcry_mpi_point_t point,
    uint8_t *out)
{
	gcry_mpi_t x = gcry_mpi_new(0), y = gcry_mpi_new(0);
	bool good;

	/* Non-zero: the point at infinity, which has no coordinates. */
	good = gcry_mpi_ec_get_affine(x, y, point, curve) == 0 &&
	    number_to(x, out + 1, field_bytes) &&
	    number_to(y, out + 1 + field_bytes, field_bytes);
	out[0] = 0x04;
	gcry_mpi_release(x);
	gcry_mpi_release(y);
	return good;
}

gcry_mpi_t
scalar_new(gcry_ctx_t curve)
{
	gcry_mpi_t n = gcry_mpi_ec_get_mpi("n", curve, 0), k = NULL;
	uint8_t raw[FIELD_MAX_BYTES];
	unsigned int bits = n == NULL ? 0 : gcry_mpi_get_nbits(n);
	size_t bytes = (bits + 7) / 8;

	if (bits == 0 || bytes > sizeof(raw))
		goto out;
	/* Drawn again, not reduced: a reduced scalar is not uniform. */
	for (int i = 0; i < SCALAR_DRAWS_COUNT && k == NULL; i++) {
		if (!random_bytes(raw, bytes))
			break;
		if (bits % 8 != 0)
			raw[0] &= (uint8_t)((1u << (bits % 8)) - 1);
		k = number_from_secret(span(raw, bytes));
		if (k != NULL && (gcry_mpi_cmp_ui(k, 0) == 0 ||
		    gcry_mpi_cmp(k, n) >= 0)) {
			gcry_mpi_release(k);
			k = NULL;
		}
	}
out:
	secret_wipe(raw, sizeof(raw));
	gcry_mpi_release(n);
	return k;
}
