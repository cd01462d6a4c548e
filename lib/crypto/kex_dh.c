/*
 * kex_dh: Diffie-Hellman over the MODP groups, RFC 4253 section 8 and
 * RFC 8268, and over groups from a file, RFC 4419.  Pure layer, net.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/kex_impl.h"

#define EXPONENT_MAX_BYTES 80

/* A private exponent with its top bit set, so that it is long enough. */
static gcry_mpi_t
exponent_new(size_t bytes)
{
	uint8_t raw[EXPONENT_MAX_BYTES];
	gcry_mpi_t x = NULL;

	if (bytes <= sizeof(raw) && random_bytes(raw, bytes)) {
		raw[0] |= 0x80;
		x = number_from_secret(span(raw, bytes));
	}
	secret_wipe(raw, sizeof(raw));
	return x;
}

static bool
pair_new(struct kex_key *key, struct span prime, struct span generator,
    size_t exponent_bytes)
{
	gcry_mpi_t f = gcry_mpi_new(0), g = number_from(generator);
	bool good = false;

	key->p = number_from(prime);
	key->secret = exponent_new(exponent_bytes);
	if (g != NULL && key->p != NULL && key->secret != NULL) {
		gcry_mpi_powm(f, g, key->secret, key->p);
		key->public_len = sizeof(key->public);
		good = number_to_minimal(f, key->public, &key->public_len);
	}
	gcry_mpi_release(f);
	gcry_mpi_release(g);
	return good;
}

bool
kex_dh_new(struct kex_key *key, const struct gex_group *unused UNUSED)
{
	static const uint8_t two[] = { 2 };
	const struct kex_group *group = kex_group_find(key->alg->param);

	return group != NULL && pair_new(key, group->prime,
	    span(two, sizeof(two)), group->exponent_bytes);
}

/* The list's primes are safe ones: RFC 4419 section 6.2 lets them be short. */
bool
kex_gex_new(struct kex_key *key, const struct gex_group *group)
{
	return group != NULL && pair_new(key, group->prime, group->generator,
	    group->bits <= 4096 ? 64 : EXPONENT_MAX_BYTES);
}

bool
kex_dh_agree(const struct kex_key *key, struct span theirs, uint8_t *out,
    size_t *len)
{
	gcry_mpi_t e = NULL, last = gcry_mpi_new(0), k = gcry_mpi_new(0);
	bool good = false;

	/* Longer than p it cannot be good, and would only cost time. */
	if (theirs.len > 0 && theirs.len <= KEX_PUBLIC_MAX_BYTES)
		e = number_from(theirs);
	gcry_mpi_sub_ui(last, key->p, 1);
	if (e == NULL || gcry_mpi_cmp_ui(e, 1) <= 0 ||
	    gcry_mpi_cmp(e, last) >= 0)
		goto out;
	gcry_mpi_powm(k, e, key->secret, key->p);
	*len = KEX_SHARED_MAX_BYTES;
	/* 1 is what a generator of a tiny subgroup could bring about. */
	good = gcry_mpi_cmp_ui(k, 1) > 0 && gcry_mpi_cmp(k, last) < 0 &&
	    number_to_minimal(k, out, len);
out:
	gcry_mpi_release(e);
	gcry_mpi_release(last);
	gcry_mpi_release(k);
	return good;
}
