/*
 * keyfile_pem: private keys as OpenSSL and old versions of ssh-keygen write
 * them.  Monitor and keygen, and main for a key without a .pub.
 *
 *	RSA PRIVATE KEY		RFC 8017 A.1.2
 *	EC PRIVATE KEY		RFC 5915 3
 *	PRIVATE KEY		RFC 5208 5, RFC 5958 2, RFC 8410 7
 *
 * Must never take a key whose halves do not belong together, or leave the
 * decoded text behind.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/secret.h"
#include "crypto/der.h"
#include "crypto/privkey_impl.h"

#define DASHES "-----"
#define MARK_BEGIN DASHES "BEGIN "
#define MARK_END DASHES "END "

enum pem_kind { PEM_NONE, PEM_RSA, PEM_EC, PEM_PKCS8, PEM_ENCRYPTED };

static const struct {
	const char *name;
	enum pem_kind kind;
} labels[] = {
	{ "RSA PRIVATE KEY", PEM_RSA },
	{ "EC PRIVATE KEY", PEM_EC },
	{ "PRIVATE KEY", PEM_PKCS8 },
	{ "ENCRYPTED PRIVATE KEY", PEM_ENCRYPTED },
};

#define OID(s) { (const uint8_t *)(s), sizeof(s) - 1 }

/* The content of object identifiers: RFC 8017, 5480, 8410. */
static const struct span ec_public_key = OID("\x2a\x86\x48\xce\x3d\x02\x01");
static const struct {
	enum key_type type;
	struct span oid;
} algorithms[] = {
	{ KEY_RSA, OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") },
	{ KEY_ED25519, OID("\x2b\x65\x70") },
}, curves[] = {
	{ KEY_ECDSA_P256, OID("\x2a\x86\x48\xce\x3d\x03\x01\x07") },
	{ KEY_ECDSA_P384, OID("\x2b\x81\x04\x00\x22") },
	{ KEY_ECDSA_P521, OID("\x2b\x81\x04\x00\x23") },
};

static const struct key_kind *
curve_of(struct span oid)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		if (span_equal(oid, curves[i].oid))
			return key_kind_of(curves[i].type);
	}
	return NULL;
}

static const struct key_kind *
algorithm_of(struct span oid)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		if (span_equal(oid, algorithms[i].oid))
			return key_kind_of(algorithms[i].type);
	}
	return NULL;
}

/* --- the forms of a key -------------------------------------------------- */

/*
 * RSAPrivateKey: version, n, e, d, p, q, d mod p-1, d mod q-1, 1/q mod p
 */
static enum keyfile_err
read_rsa(struct cursor in, struct privkey **key)
{
	struct priv_parts parts = { .public.kind = key_kind_of(KEY_RSA) };
	struct cursor seq = der_enter(&in, DER_SEQUENCE);

	/* Version 1 has more than two primes. */
	if (der_integer(&seq).len != 0)
		cursor_fail(&seq, WIRE_BAD_VALUE);
	parts.public.n = der_integer(&seq);
	parts.public.e = der_integer(&seq);
	parts.d = der_integer(&seq);
	parts.p = der_integer(&seq);
	parts.q = der_integer(&seq);
	(void)der_integer(&seq);
	(void)der_integer(&seq);
	parts.iqmp = der_integer(&seq);
	if (cursor_end(&seq) != WIRE_OK || cursor_end(&in) != WIRE_OK ||
	    parts.d.len == 0 || parts.p.len == 0 || parts.q.len == 0 ||
	    parts.iqmp.len == 0)
		return KEYFILE_FORMAT;
	*key = privkey_from(&parts);
	return *key == NULL ? KEYFILE_FORMAT : KEYFILE_OK;
}

/*
 * ECPrivateKey: version 1, the scalar, [0] the curve, [1] the public point.
 * PKCS #8 has named the curve before; both have to agree.
 */
static enum keyfile_err
read_ec(struct cursor in, const struct key_kind *kind, struct privkey **key)
{
	struct priv_parts parts = { 0 };
	struct cursor seq = der_enter(&in, DER_SEQUENCE), inner;
	uint8_t point[POINT_MAX_BYTES] UNINITIALIZED;
	struct span oid = { 0 }, given = { 0 };

	if (!span_equal(der_integer(&seq), span("\x01", 1)))
		cursor_fail(&seq, WIRE_BAD_VALUE);
	parts.d = der_take(&seq, DER_OCTET_STRING);
	if (der_next_is(&seq, DER_CONTEXT_0)) {
		inner = der_enter(&seq, DER_CONTEXT_0);
		oid = der_take(&inner, DER_OID);
		if (cursor_end(&inner) != WIRE_OK)
			return KEYFILE_FORMAT;
	}
	if (der_next_is(&seq, DER_CONTEXT_1)) {
		inner = der_enter(&seq, DER_CONTEXT_1);
		given = der_bit_string(&inner);
		if (cursor_end(&inner) != WIRE_OK)
			return KEYFILE_FORMAT;
	}
	if (cursor_end(&seq) != WIRE_OK || cursor_end(&in) != WIRE_OK)
		return KEYFILE_FORMAT;
	parts.public.kind = kind == NULL ? curve_of(oid) : kind;
	if (parts.public.kind == NULL)
		return oid.len == 0 ? KEYFILE_FORMAT : KEYFILE_TYPE;
	if ((oid.len > 0 && curve_of(oid) != parts.public.kind) ||
	    parts.d.len > parts.public.kind->field_bytes ||
	    !ecdsa_derive(parts.public.kind, parts.d, point))
		return KEYFILE_FORMAT;
	parts.public.point = span(point,
	    1 + 2 * parts.public.kind->field_bytes);
	/* Signing under a key other than the one that was offered: never. */
	if (given.len > 0 && !span_equal(given, parts.public.point))
		return KEYFILE_FORMAT;
	*key = privkey_from(&parts);
	return *key == NULL ? KEYFILE_FORMAT : KEYFILE_OK;
}

/* CurvePrivateKey of RFC 8410: an OCTET STRING in the OCTET STRING. */
static enum keyfile_err
read_ed25519(struct cursor in, struct span given, struct privkey **key)
{
	struct priv_parts parts = { .public.kind = key_kind_of(KEY_ED25519) };
	uint8_t point[ED25519_BYTES] UNINITIALIZED;

	parts.seed = der_take(&in, DER_OCTET_STRING);
	if (cursor_end(&in) != WIRE_OK ||
	    !ed25519_derive(parts.seed, point))
		return KEYFILE_FORMAT;
	parts.public.point = span(point, sizeof(point));
	if (given.len > 0 && !span_equal(given, parts.public.point))
		return KEYFILE_FORMAT;
	*key = privkey_from(&parts);
	return *key == NULL ? KEYFILE_FORMAT : KEYFILE_OK;
}

/* AlgorithmIdentifier: which key the OCTET STRING holds. */
static enum keyfile_err
read_algorithm(struct cursor in, const struct key_kind **kind)
{
	struct span oid = der_take(&in, DER_OID);

	*kind = algorithm_of(oid);
	if (span_equal(oid, ec_public_key)) {
		/* Curves that are spelt out are not for us. */
		if (der_next_is(&in, DER_SEQUENCE))
			return KEYFILE_TYPE;
		*kind = curve_of(der_take(&in, DER_OID));
	} else if (*kind == NULL) {
		return in.err == WIRE_OK ? KEYFILE_TYPE : KEYFILE_FORMAT;
	} else if ((*kind)->type == KEY_RSA &&
	    der_take(&in, DER_NULL).len != 0) {
		return KEYFILE_FORMAT;
	}
	if (cursor_end(&in) != WIRE_OK)
		return KEYFILE_FORMAT;
	return *kind == NULL ? KEYFILE_TYPE : KEYFILE_OK;
}

/*
 * PrivateKeyInfo: version 0 or 1, algorithm, key, [0] attributes, [1] public
 */
static enum keyfile_err
read_pkcs8(struct cursor in, struct privkey **key)
{
	struct cursor seq = der_enter(&in, DER_SEQUENCE), inner, algorithm;
	struct span version = der_integer(&seq), given = { 0 };
	const struct key_kind *kind;
	enum keyfile_err err;

	algorithm = der_enter(&seq, DER_SEQUENCE);
	inner = cursor_of(der_take(&seq, DER_OCTET_STRING));
	if (der_next_is(&seq, DER_CONTEXT_0))
		(void)der_take(&seq, DER_CONTEXT_0);
	if (der_next_is(&seq, DER_CONTEXT_1_PRIMITIVE)) {
		given = der_take(&seq, DER_CONTEXT_1_PRIMITIVE);
		/* A BIT STRING under another tag: its count of spare bits. */
		if (given.len < 2 || given.p[0] != 0)
			return KEYFILE_FORMAT;
		given = span(given.p + 1, given.len - 1);
	}
	if (cursor_end(&seq) != WIRE_OK || cursor_end(&in) != WIRE_OK ||
	    (version.len != 0 && !span_equal(version, span("\x01", 1))))
		return KEYFILE_FORMAT;
	err = read_algorithm(algorithm, &kind);
	if (err != KEYFILE_OK)
		return err;
	switch (kind->type) {
	case KEY_RSA:
		return read_rsa(inner, key);
	case KEY_ED25519:
		return read_ed25519(inner, given, key);
	default:
		return read_ec(inner, kind, key);
	}
}

/* --- the text ------------------------------------------------------------- */

static bool
skip(struct span *text, const char *what)
{
	size_t len = strlen(what);

	if (text->len < len || memcmp(text->p, what, len) != 0)
		return false;
	text->p += len;
	text->len -= len;
	return true;
}

/* A marker's label, dashes and line end.  PEM_NONE: none that we know. */
static enum pem_kind
take_label(struct span *text)
{
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		struct span at = *text;

		if (!skip(&at, labels[i].name) || !skip(&at, DASHES))
			continue;
		(void)skip(&at, "\r");
		if (!skip(&at, "\n"))
			continue;
		*text = at;
		return labels[i].kind;
	}
	return PEM_NONE;
}

bool
pem_begins(struct span head)
{
	enum pem_kind kind;

	if (!skip(&head, MARK_BEGIN))
		return false;
	kind = take_label(&head);
	/* A SEQUENCE of over 31 bytes, and no header ("Proc-Type:"). */
	return (kind == PEM_RSA || kind == PEM_EC || kind == PEM_PKCS8) &&
	    head.len > 0 && head.p[0] == 'M';
}

/*
 * The first block of a kind that we know, behind whatever else there is:
 * "openssl ecparam -genkey" puts the curve's parameters in front.
 */
static enum pem_kind
find_block(struct span text, struct span *body)
{
	const size_t begin = sizeof(MARK_BEGIN) - 1;
	enum pem_kind kind = PEM_NONE;
	const uint8_t *at;

	*body = span(NULL, 0);
	while (kind == PEM_NONE && (at = memmem(text.p, text.len, MARK_BEGIN,
	    begin)) != NULL) {
		text.len -= (size_t)(at - text.p) + begin;
		text.p = at + begin;
		kind = take_label(&text);
	}
	at = kind == PEM_NONE ? NULL :
	    memmem(text.p, text.len, MARK_END, sizeof(MARK_END) - 1);
	if (at == NULL)
		return PEM_NONE;
	*body = span(text.p, (size_t)(at - text.p));
	return kind;
}

static enum keyfile_err
read_body(enum pem_kind kind, struct span raw, struct privkey **key)
{
	struct cursor in = cursor_of(raw);

	switch (kind) {
	case PEM_RSA:
		return read_rsa(in, key);
	case PEM_EC:
		return read_ec(in, NULL, key);
	case PEM_PKCS8:
		return read_pkcs8(in, key);
	default:
		return KEYFILE_FORMAT;
	}
}

enum keyfile_err
pem_parse(struct span text, struct privkey **key)
{
	static const char encrypted[] = "Proc-Type: 4,ENCRYPTED";
	enum keyfile_err err = KEYFILE_FORMAT;
	struct span body;
	enum pem_kind kind;
	uint8_t *raw;
	size_t len;

	*key = NULL;
	if (text.len > KEYFILE_MAX_BYTES)
		return KEYFILE_FORMAT;
	kind = find_block(text, &body);
	if (kind == PEM_NONE)
		return KEYFILE_FORMAT;
	if (kind == PEM_ENCRYPTED || skip(&body, encrypted))
		return KEYFILE_ENCRYPTED;
	raw = malloc(KEYFILE_MAX_BYTES);
	if (raw == NULL)
		return KEYFILE_SYSTEM;
	if (base64_decode(body, raw, KEYFILE_MAX_BYTES, &len))
		err = read_body(kind, span(raw, len), key);
	secret_wipe(raw, KEYFILE_MAX_BYTES);
	free(raw);
	return err;
}
