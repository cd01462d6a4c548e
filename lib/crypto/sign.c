/*
 * sign: signatures with a private key.  Pure layer, monitor and keygen only.
 *
 * Must never give out a signature that does not verify.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/number.h"
#include "crypto/privkey_impl.h"

static gcry_sexp_t
rsa_secret_sexp(const struct priv_parts *parts)
{
	/* libgcrypt's u is 1/p mod q, ours 1/q mod p: its p is our q. */
	const struct span numbers[] = { parts->public.n, parts->public.e,
		parts->d, parts->q, parts->p, parts->iqmp };
	gcry_mpi_t m[ARRAY_LEN(numbers)] = { NULL };
	gcry_sexp_t out = NULL;
	bool good = true;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		m[i] = number_from_secret(numbers[i]);
		good = good && m[i] != NULL && numbers[i].len > 0;
	}
	if (!good || gcry_sexp_build(&out, NULL, "(private-key(rsa(n %m)"
	    "(e %m)(d %m)(p %m)(q %m)(u %m)))", m[0], m[1], m[2], m[3], m[4],
	    m[5]) != 0)
		out = NULL;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		gcry_mpi_release(m[i]);
	return out;
}

static gcry_sexp_t
secret_sexp(const struct priv_parts *parts)
{
	const struct key_kind *kind = parts->public.kind;
	gcry_mpi_t d;
	gcry_sexp_t out = NULL;

	switch (kind->type) {
	case KEY_RSA:
		return rsa_secret_sexp(parts);
	case KEY_ED25519:
		if (gcry_sexp_build(&out, NULL, "(private-key(ecc"
		    "(curve Ed25519)(flags eddsa)(q %b)(d %b)))",
		    (int)parts->public.point.len, parts->public.point.p,
		    (int)parts->seed.len, parts->seed.p) != 0)
			return NULL;
		return out;
	default:
		d = number_from_secret(parts->d);
		if (d == NULL || gcry_sexp_build(&out, NULL,
		    "(private-key(ecc(curve %s)(q %b)(d %m)))",
		    kind->gcry_curve, (int)parts->public.point.len,
		    parts->public.point.p, d) != 0)
			out = NULL;
		gcry_mpi_release(d);
		return out;
	}
}

/* One number of the result, exactly size bytes, or less in front of zeros. */
static bool
sig_number(gcry_sexp_t sig, const char *name, uint8_t *out, size_t size)
{
	gcry_sexp_t holder = gcry_sexp_find_token(sig, name, 0);
	const char *p;
	size_t n = 0;
	bool good = false;

	if (holder == NULL)
		return false;
	p = gcry_sexp_nth_data(holder, 1, &n);
	while (p != NULL && n > size && *p == 0) {
		p++;
		n--;
	}
	if (p != NULL && n <= size) {
		memset(out, 0, size);
		memcpy(out + size - n, p, n);
		good = true;
	}
	gcry_sexp_release(holder);
	return good;
}

/* The blob: the algorithm's name, then its own string (RFC 4253 6.6). */
static bool
put_signature(const struct key_parts *key, struct span alg, gcry_sexp_t sig,
    struct sink *out)
{
	uint8_t raw[KEY_BLOB_MAX_BYTES];
	size_t n = key->kind->type == KEY_RSA ? key->n.len :
	    key->kind->field_bytes;
	size_t mark;

	if (2 * n > sizeof(raw))
		return false;
	sink_string(out, alg);
	mark = sink_string_begin(out);
	if (key->kind->type == KEY_RSA) {
		if (!sig_number(sig, "s", raw, n))
			return false;
		sink_bytes(out, span(raw, n));
	} else {
		if (!sig_number(sig, "r", raw, n) ||
		    !sig_number(sig, "s", raw + n, n))
			return false;
		if (key->kind->type == KEY_ED25519) {
			sink_bytes(out, span(raw, 2 * n));
		} else {
			sink_mpint(out, span(raw, n));
			sink_mpint(out, span(raw + n, n));
		}
	}
	sink_string_end(out, mark);
	return sink_ok(out);
}

bool
privkey_sign(const struct privkey *key, struct span alg, struct span data,
    struct sink *signature)
{
	struct cursor in = cursor_of(span(key->fields, key->fields_len));
	gcry_sexp_t secret = NULL, value = NULL, sig = NULL;
	size_t before = signature->len;
	struct priv_parts parts;
	bool known, good = false;

	if (!sink_ok(signature) ||
	    !priv_split(&in, &parts, &known))
		return false;
	value = key_data_sexp(key->kind, alg, data);
	secret = secret_sexp(&parts);
	if (value == NULL || secret == NULL ||
	    gcry_pk_sign(&sig, value, secret) != 0)
		goto out;
	/* A faulty signature would give the key away: look at it first. */
	good = put_signature(&parts.public, alg, sig, signature) &&
	    pubkey_verify(alg, privkey_public(key), data,
	    span(signature->p + before, signature->len - before));
	if (!good) {
		secret_wipe(signature->p + before, signature->len - before);
		signature->len = before;
	}
out:
	gcry_sexp_release(sig);
	gcry_sexp_release(value);
	gcry_sexp_release(secret);
	return good;
}
