/*
 * privkey: private keys in memory, and new ones.  Pure layer, monitor and
 * keygen only.
 *
 * Must never leave a copy of a secret number behind.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/number.h"
#include "crypto/privkey_impl.h"

static void
ed25519_split(struct cursor *in, struct priv_parts *parts)
{
	struct span secret;

	parts->public.point = cursor_string(in);
	secret = cursor_string(in);
	/* The second half repeats the public key. */
	if (parts->public.point.len != ED25519_BYTES ||
	    secret.len != 2 * ED25519_BYTES ||
	    !span_equal(span(secret.p + ED25519_BYTES, ED25519_BYTES),
	    parts->public.point)) {
		cursor_fail(in, WIRE_BAD_VALUE);
		return;
	}
	parts->seed = span(secret.p, ED25519_BYTES);
}

bool
priv_split(struct cursor *in, struct priv_parts *parts, bool *known)
{
	const struct key_kind *kind = key_kind_find(cursor_name(in));

	*parts = (struct priv_parts){ .public.kind = kind };
	/* Of a security key there is nothing to sign with. */
	*known = kind != NULL && kind->type == kind->base;
	if (!*known)
		return false;
	switch (kind->type) {
	case KEY_ED25519:
		ed25519_split(in, parts);
		break;
	case KEY_RSA:
		parts->public.n = cursor_mpint(in);
		parts->public.e = cursor_mpint(in);
		parts->d = cursor_mpint(in);
		parts->iqmp = cursor_mpint(in);
		parts->p = cursor_mpint(in);
		parts->q = cursor_mpint(in);
		break;
	default:
		if (!span_is(cursor_string(in), kind->ssh_curve))
			cursor_fail(in, WIRE_BAD_VALUE);
		parts->public.point = cursor_string(in);
		parts->d = cursor_mpint(in);
		break;
	}
	return in->err == WIRE_OK;
}

void
priv_join(struct sink *out, const struct priv_parts *parts)
{
	const struct key_kind *kind = parts->public.kind;
	size_t mark;

	sink_cstring(out, kind->key_name);
	switch (kind->type) {
	case KEY_ED25519:
		sink_string(out, parts->public.point);
		mark = sink_string_begin(out);
		sink_bytes(out, parts->seed);
		sink_bytes(out, parts->public.point);
		sink_string_end(out, mark);
		break;
	case KEY_RSA:
		sink_mpint(out, parts->public.n);
		sink_mpint(out, parts->public.e);
		sink_mpint(out, parts->d);
		sink_mpint(out, parts->iqmp);
		sink_mpint(out, parts->p);
		sink_mpint(out, parts->q);
		break;
	default:
		sink_cstring(out, kind->ssh_curve);
		sink_string(out, parts->public.point);
		sink_mpint(out, parts->d);
		break;
	}
}

struct privkey *
privkey_from(const struct priv_parts *parts)
{
	struct privkey *key = calloc(1, sizeof(*key));
	struct pubkey_info info;
	struct sink out;

	if (key == NULL)
		return NULL;
	key->kind = parts->public.kind;
	out = sink_of(key->public, sizeof(key->public));
	key_join(&out, &parts->public);
	key->public_len = sink_span(&out).len;
	out = sink_of(key->fields, sizeof(key->fields));
	priv_join(&out, parts);
	key->fields_len = sink_span(&out).len;
	if (key->public_len == 0 || key->fields_len == 0 ||
	    !pubkey_parse(privkey_public(key), &info)) {
		privkey_free(key);
		return NULL;
	}
	return key;
}

void
privkey_free(struct privkey *key)
{
	if (key == NULL)
		return;
	secret_wipe(key, sizeof(*key));
	free(key);
}

struct span
privkey_public(const struct privkey *key)
{
	return span(key->public, key->public_len);
}

/* RFC 8032 section 5.1.5; libgcrypt works out the public half. */
static struct privkey *
generate_ed25519(void)
{
	struct priv_parts parts = { .public.kind = key_kind_of(KEY_ED25519) };
	uint8_t seed[ED25519_BYTES];
	gcry_sexp_t secret = NULL;
	gcry_ctx_t curve = NULL;
	gcry_mpi_t q = NULL;
	struct privkey *key = NULL;
	unsigned int bits = 0;

	if (!random_bytes(seed, sizeof(seed)) ||
	    gcry_sexp_build(&secret, NULL, "(private-key(ecc(curve Ed25519)"
	    "(flags eddsa)(d %b)))", (int)sizeof(seed), seed) != 0 ||
	    gcry_mpi_ec_new(&curve, secret, NULL) != 0)
		goto out;
	q = gcry_mpi_ec_get_mpi("q@eddsa", curve, 1);
	if (q == NULL || !gcry_mpi_get_flag(q, GCRYMPI_FLAG_OPAQUE))
		goto out;
	parts.seed = span(seed, sizeof(seed));
	parts.public.point.p = gcry_mpi_get_opaque(q, &bits);
	parts.public.point.len = (bits + 7) / 8;
	key = privkey_from(&parts);
out:
	secret_wipe(seed, sizeof(seed));
	gcry_mpi_release(q);
	gcry_ctx_release(curve);
	gcry_sexp_release(secret);
	return key;
}

static struct privkey *
generate_ecdsa(void)
{
	struct priv_parts parts = {
		.public.kind = key_kind_of(KEY_ECDSA_P256),
	};
	size_t field = parts.public.kind->field_bytes, len = FIELD_MAX_BYTES;
	uint8_t point[POINT_MAX_BYTES], scalar[FIELD_MAX_BYTES];
	gcry_ctx_t curve = NULL;
	gcry_mpi_t d = NULL;
	gcry_mpi_point_t g = NULL, q = gcry_mpi_point_new(0);
	struct privkey *key = NULL;

	if (gcry_mpi_ec_new(&curve, NULL, parts.public.kind->gcry_curve) != 0)
		goto out;
	d = scalar_new(curve);
	g = gcry_mpi_ec_get_point("g", curve, 1);
	if (d == NULL || g == NULL)
		goto out;
	gcry_mpi_ec_mul(q, d, g, curve);
	if (!point_to(curve, field, q, point) ||
	    !number_to_minimal(d, scalar, &len))
		goto out;
	parts.public.point = span(point, 1 + 2 * field);
	parts.d = span(scalar, len);
	key = privkey_from(&parts);
out:
	secret_wipe(scalar, sizeof(scalar));
	gcry_mpi_release(d);
	gcry_mpi_point_release(g);
	gcry_mpi_point_release(q);
	gcry_ctx_release(curve);
	return key;
}

/* One number of an RSA key, by its name; it borrows from the expression. */
static bool
rsa_number(gcry_sexp_t key, const char *name, struct span *out,
    gcry_sexp_t *holder)
{
	size_t n = 0;

	*holder = gcry_sexp_find_token(key, name, 0);
	if (*holder == NULL)
		return false;
	out->p = (const uint8_t *)gcry_sexp_nth_data(*holder, 1, &n);
	out->len = n;
	return out->p != NULL;
}

static struct privkey *
generate_rsa(unsigned int bits)
{
	struct priv_parts parts = { .public.kind = key_kind_of(KEY_RSA) };
	/* libgcrypt's u is 1/p mod q, the file's iqmp 1/q mod p. */
	const struct {
		const char *name;
		struct span *to;
	} numbers[] = {
		{ "n", &parts.public.n }, { "e", &parts.public.e },
		{ "d", &parts.d }, { "p", &parts.q }, { "q", &parts.p },
		{ "u", &parts.iqmp },
	};
	gcry_sexp_t holders[ARRAY_LEN(numbers)] = { NULL };
	gcry_sexp_t request = NULL, made = NULL, secret = NULL;
	struct privkey *key = NULL;
	bool good = true;

	if (gcry_sexp_build(&request, NULL, "(genkey(rsa(nbits %u)"
	    "(rsa-use-e 5:65537)))", bits) != 0 ||
	    gcry_pk_genkey(&made, request) != 0)
		goto out;
	secret = gcry_sexp_find_token(made, "private-key", 0);
	for (size_t i = 0; secret != NULL && i < ARRAY_LEN(numbers); i++)
		good = rsa_number(secret, numbers[i].name, numbers[i].to,
		    &holders[i]) && good;
	if (secret != NULL && good)
		key = privkey_from(&parts);
out:
	for (size_t i = 0; i < ARRAY_LEN(holders); i++)
		gcry_sexp_release(holders[i]);
	gcry_sexp_release(request);
	gcry_sexp_release(made);
	gcry_sexp_release(secret);
	return key;
}

struct privkey *
privkey_generate(enum privkey_kind kind, unsigned int bits)
{
	switch (kind) {
	case PRIVKEY_ED25519:
		return generate_ed25519();
	case PRIVKEY_ECDSA_P256:
		return generate_ecdsa();
	case PRIVKEY_RSA:
		return generate_rsa(bits);
	}
	return NULL;
}
