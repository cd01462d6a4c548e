/*
 * kex: the table of key agreement methods, and the way to each.  Pure layer,
 * net (all of it) and the monitor (the table).
 *
 * Must never hand out a shared secret that a method did not vouch for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/kex_impl.h"

#define X25519_NAMES "curve25519-sha256,curve25519-sha256@libssh.org"
#define ECDH_NAMES "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"
#define DH_NAMES "diffie-hellman-group16-sha512," \
	"diffie-hellman-group18-sha512,diffie-hellman-group14-sha256," \
	"diffie-hellman-group-exchange-sha256"
/* SHA-1, and a group of 1024 bits: for who has nothing better. */
#define OLD_NAMES "diffie-hellman-group-exchange-sha1," \
	"diffie-hellman-group14-sha1,diffie-hellman-group1-sha1"

static const struct kex_alg algs[] = {
	{ "curve25519-sha256", KEX_X25519, HASH_SHA256, "Curve25519" },
	{ "curve25519-sha256@libssh.org", KEX_X25519, HASH_SHA256,
	    "Curve25519" },
	{ "ecdh-sha2-nistp256", KEX_ECDH, HASH_SHA256, "NIST P-256" },
	{ "ecdh-sha2-nistp384", KEX_ECDH, HASH_SHA384, "NIST P-384" },
	{ "ecdh-sha2-nistp521", KEX_ECDH, HASH_SHA512, "NIST P-521" },
	{ "diffie-hellman-group14-sha256", KEX_DH, HASH_SHA256, "group14" },
	{ "diffie-hellman-group16-sha512", KEX_DH, HASH_SHA512, "group16" },
	{ "diffie-hellman-group18-sha512", KEX_DH, HASH_SHA512, "group18" },
	{ "diffie-hellman-group-exchange-sha256", KEX_GEX, HASH_SHA256, NULL },
	{ "diffie-hellman-group-exchange-sha1", KEX_GEX, HASH_SHA1, NULL },
	{ "diffie-hellman-group14-sha1", KEX_DH, HASH_SHA1, "group14" },
	{ "diffie-hellman-group1-sha1", KEX_DH, HASH_SHA1, "group1" },
};

static const struct {
	bool (*new)(struct kex_key *key, const struct gex_group *group);
	bool (*agree)(const struct kex_key *key, struct span theirs,
	    uint8_t *out, size_t *len);
} methods[] = {
	[KEX_X25519] = { kex_x25519_new, kex_x25519_agree },
	[KEX_ECDH] = { kex_ecdh_new, kex_ecdh_agree },
	[KEX_DH] = { kex_dh_new, kex_dh_agree },
	[KEX_GEX] = { kex_gex_new, kex_dh_agree },
};

const struct kex_alg *
kex_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		if (span_is(name, algs[i].name))
			return &algs[i];
	}
	return NULL;
}

const char *
kex_all_names(void)
{
	return X25519_NAMES "," ECDH_NAMES "," DH_NAMES "," OLD_NAMES;
}

const char *
kex_default_names(void)
{
	return X25519_NAMES "," ECDH_NAMES;
}

struct kex_key *
kex_key_new(const struct kex_alg *alg, const struct gex_group *group)
{
	struct kex_key *key = calloc(1, sizeof(*key));

	if (key == NULL)
		return NULL;
	key->alg = alg;
	if (!methods[alg->kind].new(key, group)) {
		kex_key_free(key);
		return NULL;
	}
	return key;
}

void
kex_key_free(struct kex_key *key)
{
	if (key == NULL)
		return;
	gcry_mpi_release(key->secret);
	gcry_mpi_release(key->p);
	gcry_ctx_release(key->curve);
	secret_wipe(key, sizeof(*key));
	free(key);
}

struct span
kex_key_public(const struct kex_key *key)
{
	return span(key->public, key->public_len);
}

bool
kex_key_agree(const struct kex_key *key, struct span theirs,
    struct sink *shared)
{
	uint8_t k[KEX_SHARED_MAX_BYTES];
	size_t len = 0, zeros = 0, before = shared->len;
	bool good;

	good = methods[key->alg->kind].agree(key, theirs, k, &len);
	if (good) {
		while (zeros < len && k[zeros] == 0)
			zeros++;
		sink_bytes(shared, span(k + zeros, len - zeros));
		good = sink_ok(shared);
	}
	if (!good && sink_ok(shared))
		shared->len = before;
	secret_wipe(k, sizeof(k));
	return good;
}
