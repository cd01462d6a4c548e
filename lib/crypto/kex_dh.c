/*
 * kex_dh: Diffie-Hellman over the MODP groups, RFC 4253 section 8 and
 * RFC 8268.  Pure layer, net.
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

bool
kex_dh_new(struct kex_key *key)
{
	const struct kex_group *group = kex_group_find(key->alg->param);
	gcry_mpi_t f;
	bool good;

	if (group == NULL)
		return false;
	key->p = number_from(group->prime);
	key->secret = exponent_new(group->exponent_bytes);
	if (key->p == NULL || key->secret == NULL)
		return false;
	f = gcry_mpi_new(0);
	gcry_mpi_powm(f, GCRYMPI_CONST_TWO, key->secret, key->p);
	key->public_len = sizeof(key->public);
	good = number_to_minimal(f, key->public, &key->public_len);
	gcry_mpi_release(f);
	return good;
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
