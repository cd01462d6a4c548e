/*
 * kex_impl: what kex.c and its three methods share.  Inside crypto/ only.
 */
#ifndef SSHD_CONN_CRYPTO_KEX_IMPL_H
#define SSHD_CONN_CRYPTO_KEX_IMPL_H

#include "crypto/kex.h"
#include "crypto/number.h"

#define X25519_BYTES 32

struct kex_key {
	const struct kex_alg *alg;
	uint8_t public[KEX_PUBLIC_MAX_BYTES];
	size_t public_len;
	uint8_t scalar[X25519_BYTES];	/* X25519 */
	gcry_ctx_t curve;		/* ECDH */
	size_t field_bytes;
	gcry_mpi_t p;			/* DH */
	gcry_mpi_t secret;		/* ECDH's scalar or DH's exponent */
};

/*
 * Each method makes a pair (public, and its part of the struct; in the group,
 * which is NULL but for a group exchange), and agrees:
 * K to out, which has KEX_SHARED_MAX_BYTES, its length to *len, leading
 * zeros allowed.  False leaves the rest to kex.c.
 */
bool kex_x25519_new(struct kex_key *key, const struct gex_group *group)
    MUST_USE;
bool kex_x25519_agree(const struct kex_key *key, struct span theirs,
    uint8_t *out, size_t *len) MUST_USE;
bool kex_ecdh_new(struct kex_key *key, const struct gex_group *group)
    MUST_USE;
bool kex_ecdh_agree(const struct kex_key *key, struct span theirs,
    uint8_t *out, size_t *len) MUST_USE;
bool kex_dh_new(struct kex_key *key, const struct gex_group *group) MUST_USE;
bool kex_gex_new(struct kex_key *key, const struct gex_group *group) MUST_USE;
bool kex_dh_agree(const struct kex_key *key, struct span theirs,
    uint8_t *out, size_t *len) MUST_USE;

/*
 * RFC 3526, and RFC 2409's second for group1: the prime as big-endian bytes;
 * the generator is 2 in all.
 */
struct kex_group {
	const char *name;
	struct span prime;
	size_t exponent_bytes;
};
const struct kex_group *kex_group_find(const char *name);

#endif
