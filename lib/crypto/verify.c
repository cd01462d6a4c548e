/*
 * verify: signatures of RFC 4253 6.6, RFC 8332, RFC 5656 3.1.2, RFC 8709 6.
 * Pure layer; the monitor, and keys for certificates.
 *
 * Must never answer true because something failed.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/number.h"
#include "crypto/pubkey_impl.h"

static const struct {
	const char *name;
	enum key_type type;
	enum hash_alg rsa_hash;
	bool webauthn;
} algs[] = {
	{ "ssh-ed25519", KEY_ED25519, HASH_COUNT, false },
	{ "ecdsa-sha2-nistp256", KEY_ECDSA_P256, HASH_COUNT, false },
	{ "ecdsa-sha2-nistp384", KEY_ECDSA_P384, HASH_COUNT, false },
	{ "ecdsa-sha2-nistp521", KEY_ECDSA_P521, HASH_COUNT, false },
	{ "rsa-sha2-512", KEY_RSA, HASH_SHA512, false },
	{ "rsa-sha2-256", KEY_RSA, HASH_SHA256, false },
	/* Broken since 2020, and only for who asks for it by its name. */
	{ "ssh-rsa", KEY_RSA, HASH_SHA1, false },
	{ "sk-ssh-ed25519@openssh.com", KEY_ED25519_SK, HASH_COUNT, false },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", KEY_ECDSA_SK, HASH_COUNT,
	    false },
	{ "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", KEY_ECDSA_SK,
	    HASH_COUNT, true },
};

/* A certificate's algorithm, without "-cert-v01@openssh.com". */
static const struct {
	const char *cert, *plain;
} cert_algs[] = {
	{ "ssh-ed25519", "ssh-ed25519" },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" },
	{ "rsa-sha2-512", "rsa-sha2-512" },
	{ "rsa-sha2-256", "rsa-sha2-256" },
	{ "ssh-rsa", "ssh-rsa" },
	{ "sk-ssh-ed25519", "sk-ssh-ed25519@openssh.com" },
	{ "sk-ecdsa-sha2-nistp256", "sk-ecdsa-sha2-nistp256@openssh.com" },
	{ "webauthn-sk-ecdsa-sha2-nistp256",
	    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" },
};

#define CERT_SUFFIX "-cert-v01@openssh.com"

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

struct span
sig_alg_of_cert(struct span alg)
{
	const struct span suffix = span_str(CERT_SUFFIX);
	struct span stem = alg;

	if (alg.len <= suffix.len)
		return span(NULL, 0);
	stem.len -= suffix.len;
	if (!span_equal(span(stem.p + stem.len, suffix.len), suffix))
		return span(NULL, 0);
	for (size_t i = 0; i < ARRAY_LEN(cert_algs); i++) {
		if (span_is(stem, cert_algs[i].cert))
			return span_str(cert_algs[i].plain);
	}
	return span(NULL, 0);
}

#define PLAIN_NAMES "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384," \
	"ecdsa-sha2-nistp521"
#define RSA_NAMES "rsa-sha2-512,rsa-sha2-256"
#define SK_NAMES "sk-ssh-ed25519@openssh.com," \
	"sk-ecdsa-sha2-nistp256@openssh.com"
#define CERT_NAMES "ssh-ed25519" CERT_SUFFIX \
	",ecdsa-sha2-nistp256" CERT_SUFFIX \
	",ecdsa-sha2-nistp384" CERT_SUFFIX \
	",ecdsa-sha2-nistp521" CERT_SUFFIX \
	",sk-ssh-ed25519" CERT_SUFFIX \
	",sk-ecdsa-sha2-nistp256" CERT_SUFFIX
#define RSA_CERT_NAMES "rsa-sha2-512" CERT_SUFFIX \
	",rsa-sha2-256" CERT_SUFFIX
#define WEBAUTHN "webauthn-sk-ecdsa-sha2-nistp256"

const char *
sig_alg_default_names(void)
{
	return PLAIN_NAMES "," RSA_NAMES;
}

const char *
sig_alg_host_names(void)
{
	return CERT_NAMES "," RSA_CERT_NAMES "," PLAIN_NAMES "," SK_NAMES ","
	    RSA_NAMES;
}

const char *
sig_alg_host_all_names(void)
{
	return CERT_NAMES "," RSA_CERT_NAMES "," PLAIN_NAMES "," SK_NAMES ","
	    RSA_NAMES ",ssh-rsa,ssh-rsa" CERT_SUFFIX;
}

const char *
sig_alg_user_names(void)
{
	return CERT_NAMES "," WEBAUTHN CERT_SUFFIX "," RSA_CERT_NAMES ","
	    PLAIN_NAMES "," SK_NAMES "," WEBAUTHN "@openssh.com," RSA_NAMES;
}

const char *
sig_alg_user_all_names(void)
{
	return CERT_NAMES "," WEBAUTHN CERT_SUFFIX "," RSA_CERT_NAMES ","
	    PLAIN_NAMES "," SK_NAMES "," WEBAUTHN "@openssh.com," RSA_NAMES
	    ",ssh-rsa,ssh-rsa" CERT_SUFFIX;
}

const char *
sig_alg_ca_all_names(void)
{
	return PLAIN_NAMES "," SK_NAMES "," WEBAUTHN "@openssh.com,"
	    RSA_NAMES ",ssh-rsa";
}

const char *
sig_alg_ca_names(void)
{
	return PLAIN_NAMES "," SK_NAMES "," WEBAUTHN "@openssh.com,"
	    RSA_NAMES;
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
	if (kind->base == KEY_ED25519) {
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
	    hash == HASH_SHA256 ? "sha256" : hash == HASH_SHA1 ? "sha1" :
	    "sha512",
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

	switch (parts->kind->base) {
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
sig_sexp(const struct key_parts *parts, struct span raw)
{
	switch (parts->kind->base) {
	case KEY_RSA:
		return rsa_sig_sexp(parts, raw);
	case KEY_ED25519:
		return ed25519_sig_sexp(raw);
	default:
		return ecdsa_sig_sexp(parts, raw);
	}
}

/* The arithmetic: does raw, a signature without any frame, hold for data? */
static bool
holds(const struct key_parts *parts, struct span alg, struct span data,
    struct span raw)
{
	gcry_sexp_t public = NULL, value = NULL, sig = sig_sexp(parts, raw);
	bool good = false;

	if (sig == NULL)
		goto out;
	value = key_data_sexp(parts->kind, alg, data);
	public = key_sexp(parts);
	if (value == NULL || public == NULL)
		goto out;
	good = gcry_pk_verify(sig, value, public) == 0;
out:
	gcry_sexp_release(sig);
	gcry_sexp_release(value);
	gcry_sexp_release(public);
	return good;
}

/* A security key did not sign data, but what sk_signed_data() makes of it. */
static bool
sk_holds(const struct key_parts *parts, struct span alg, struct span data,
    struct span raw, struct cursor *in, struct sig_details *details)
{
	size_t size = SK_SIGNED_BYTES + in->left;
	uint8_t *bytes = malloc(size);
	struct sink message = sink_of(bytes, size);
	bool good = bytes != NULL && sk_signed_data(parts,
	    algs[alg_index(alg)].webauthn, in, data, &message, details) &&
	    holds(parts, alg, sink_span(&message), raw);

	free(bytes);
	return good;
}

static bool
verify(const struct key_parts *parts, struct span alg, struct span data,
    struct span signature, struct sig_details *details)
{
	struct cursor in = cursor_of(signature);
	struct span name = cursor_name(&in), raw = cursor_string(&in);
	size_t i = alg_index(alg);

	if (i == ARRAY_LEN(algs) || algs[i].type != parts->kind->type ||
	    signature.len > (algs[i].webauthn ?
	    WEBAUTHN_SIGNATURE_MAX_BYTES : SIGNATURE_MAX_BYTES) ||
	    in.err != WIRE_OK || !span_equal(name, alg))
		return false;
	if (parts->kind->type != parts->kind->base)
		return sk_holds(parts, alg, data, raw, &in, details);
	return cursor_end(&in) == WIRE_OK && holds(parts, alg, data, raw);
}

bool
pubkey_verify_details(struct span alg, struct span key, struct span data,
    struct span signature, struct sig_details *details)
{
	struct sig_details found = { .sk = false };
	struct key_parts parts;

	*details = found;
	if (!key_split(key, &parts) ||
	    (parts.kind->type != KEY_RSA && !key_on_curve(&parts)) ||
	    !verify(&parts, alg, data, signature, &found))
		return false;
	*details = found;
	return true;
}

bool
pubkey_verify(struct span alg, struct span key, struct span data,
    struct span signature)
{
	struct sig_details details;

	return pubkey_verify_details(alg, key, data, signature, &details) &&
	    !details.sk;
}
