/*
 * verify: signatures of RFC 4253 6.6, RFC 8332, RFC 5656 3.1.2, RFC 8709 6.
 * Pure layer, the monitor.
 *
 * Must never answer true because something failed.
 */
#include <limits.h>
#include <string.h>

#include "crypto/number.h"
#include "crypto/pubkey_impl.h"

static const struct {
	const char *name;
	enum key_type type;
	enum hash_alg rsa_hash;
} algs[] = {
	{ "ssh-ed25519", KEY_ED25519, HASH_COUNT },
	{ "ecdsa-sha2-nistp256", KEY_ECDSA_P256, HASH_COUNT },
	{ "ecdsa-sha2-nistp384", KEY_ECDSA_P384, HASH_COUNT },
	{ "ecdsa-sha2-nistp521", KEY_ECDSA_P521, HASH_COUNT },
	{ "rsa-sha2-512", KEY_RSA, HASH_SHA512 },
	{ "rsa-sha2-256", KEY_RSA, HASH_SHA256 },
};

static size_t
alg_index(struct span alg)
{
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		if (span_is(alg, algs[i].name))
			return i;
	}
	return ARRAY_LEN(algs);
}

bool
sig_alg_known(struct span alg)
{
	return alg_index(alg) < ARRAY_LEN(algs);
}

enum key_type
sig_alg_key_type(struct span alg)
{
	size_t i = alg_index(alg);

	return i < ARRAY_LEN(algs) ? algs[i].type : KEY_NONE;
}

const char *
sig_alg_default_names(void)
{
	return "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	    "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";
}

gcry_sexp_t
key_data_sexp(const struct key_kind *kind, struct span alg, struct span data)
{
	size_t i = alg_index(alg);
	uint8_t digest[HASH_MAX_BYTES];
	enum hash_alg hash = kind->hash;
	gcry_sexp_t out = NULL;

	if (i == ARRAY_LEN(algs) || algs[i].type != kind->type ||
	    data.len > INT_MAX)
		return NULL;
	if (kind->type == KEY_ED25519) {
		if (gcry_sexp_build(&out, NULL, "(data(flags eddsa)"
		    "(hash-algo sha512)(value %b))", (int)data.len,
		    data.p) != 0)
			return NULL;
		return out;
	}
	if (kind->type == KEY_RSA)
		hash = algs[i].rsa_hash;
	if (!hash_spans(hash, &data, 1, digest))
		return NULL;
	/* rfc6979: no random number, so none that could repeat. */
	if (gcry_sexp_build(&out, NULL, kind->type == KEY_RSA ?
	    "(data(flags pkcs1)(hash %s %b))" :
	    "(data(flags rfc6979)(hash %s %b))",
	    kind->type != KEY_RSA ? kind->gcry_hash :
	    hash == HASH_SHA256 ? "sha256" : "sha512",
	    (int)hash_bytes(hash), digest) != 0)
		return NULL;
	return out;
}

static gcry_sexp_t
key_sexp(const struct key_parts *parts)
{
	gcry_mpi_t n = NULL, e = NULL;
	gcry_sexp_t out = NULL;
	gcry_error_t err = GPG_ERR_GENERAL;

	switch (parts->kind->type) {
	case KEY_RSA:
		n = number_from(parts->n);
		e = number_from(parts->e);
		if (n != NULL && e != NULL)
			err = gcry_sexp_build(&out, NULL,
			    "(public-key(rsa(n %m)(e %m)))", n, e);
		break;
	case KEY_ED25519:
		err = gcry_sexp_build(&out, NULL, "(public-key(ecc"
		    "(curve Ed25519)(flags eddsa)(q %b)))",
		    (int)parts->point.len, parts->point.p);
		break;
	default:
		err = gcry_sexp_build(&out, NULL,
		    "(public-key(ecc(curve %s)(q %b)))",
		    parts->kind->gcry_curve, (int)parts->point.len,
		    parts->point.p);
		break;
	}
	gcry_mpi_release(n);
	gcry_mpi_release(e);
	return err == 0 ? out : NULL;
}

/* RFC 8332 section 3: a number below n, in no more bytes than n has. */
static gcry_sexp_t
rsa_sig_sexp(const struct key_parts *parts, struct span raw)
{
	gcry_mpi_t n = number_from(parts->n), s = NULL;
	gcry_sexp_t out = NULL;

	if (raw.len > 0 && raw.len <= parts->n.len)
		s = number_from(raw);
	if (n == NULL || s == NULL || gcry_mpi_cmp(s, n) >= 0 ||
	    gcry_sexp_build(&out, NULL, "(sig-val(rsa(s %m)))", s) != 0)
		out = NULL;
	gcry_mpi_release(n);
	gcry_mpi_release(s);
	return out;
}

/*
 * RFC 8032 section 5.1.7: S below the group's order L, or there would be a
 * second signature for everything.
 */
static bool
ed25519_scalar_sane(const uint8_t s[static ED25519_BYTES])
{
	static const uint8_t order[ED25519_BYTES] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 };

	for (size_t i = ED25519_BYTES; i-- > 0;) {
		if (s[i] != order[i])
			return s[i] < order[i];
	}
	return false;
}

static gcry_sexp_t
ed25519_sig_sexp(struct span raw)
{
	gcry_sexp_t out = NULL;

	if (raw.len != 2 * ED25519_BYTES ||
	    !ed25519_scalar_sane(raw.p + ED25519_BYTES))
		return NULL;
	if (gcry_sexp_build(&out, NULL, "(sig-val(eddsa(r %b)(s %b)))",
	    ED25519_BYTES, raw.p, ED25519_BYTES, raw.p + ED25519_BYTES) != 0)
		return NULL;
	return out;
}

/* RFC 5656 section 3.1.2: two mpints; libgcrypt wants both in 1..n-1. */
static gcry_sexp_t
ecdsa_sig_sexp(const struct key_parts *parts, struct span raw)
{
	struct cursor in = cursor_of(raw);
	struct span r = cursor_mpint(&in), s = cursor_mpint(&in);
	gcry_mpi_t rn = NULL, sn = NULL;
	gcry_sexp_t out = NULL;

	if (cursor_end(&in) != WIRE_OK || r.len == 0 || s.len == 0 ||
	    r.len > parts->kind->field_bytes ||
	    s.len > parts->kind->field_bytes)
		return NULL;
	rn = number_from(r);
	sn = number_from(s);
	if (rn == NULL || sn == NULL || gcry_sexp_build(&out, NULL,
	    "(sig-val(ecdsa(r %m)(s %m)))", rn, sn) != 0)
		out = NULL;
	gcry_mpi_release(rn);
	gcry_mpi_release(sn);
	return out;
}

static gcry_sexp_t
sig_sexp(const struct key_parts *parts, struct span alg, struct span blob)
{
	struct cursor in = cursor_of(blob);
	struct span name = cursor_name(&in), raw = cursor_string(&in);

	if (blob.len > SIGNATURE_MAX_BYTES || cursor_end(&in) != WIRE_OK ||
	    !span_equal(name, alg))
		return NULL;
	switch (parts->kind->type) {
	case KEY_RSA:
		return rsa_sig_sexp(parts, raw);
	case KEY_ED25519:
		return ed25519_sig_sexp(raw);
	default:
		return ecdsa_sig_sexp(parts, raw);
	}
}

bool
pubkey_verify(struct span alg, struct span key, struct span data,
    struct span signature)
{
	gcry_sexp_t public = NULL, value = NULL, sig = NULL;
	struct key_parts parts;
	bool holds = false;

	if (!key_split(key, &parts) ||
	    (parts.kind->type != KEY_RSA && !key_on_curve(&parts)))
		return false;
	sig = sig_sexp(&parts, alg, signature);
	if (sig == NULL)
		goto out;
	value = key_data_sexp(parts.kind, alg, data);
	public = key_sexp(&parts);
	if (value == NULL || public == NULL)
		goto out;
	holds = gcry_pk_verify(sig, value, public) == 0;
out:
	gcry_sexp_release(sig);
	gcry_sexp_release(value);
	gcry_sexp_release(public);
	return holds;
}
