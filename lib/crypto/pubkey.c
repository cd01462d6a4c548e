/*
 * pubkey: public key blobs.  Pure layer; net judges form with it, the monitor
 * all the rest.
 *
 * Must never let through a key that a correct library could be fooled with.
 */
#include <string.h>

#include "crypto/number.h"
#include "crypto/pubkey_impl.h"

#define RSA_MIN_BITS 1024
#define RSA_MAX_BITS 16384
/*
 * No tool makes exponents over 64 bits, and the time of a verification grows
 * with them: 16384 bits would take seconds.
 */
#define RSA_EXPONENT_MAX_BYTES 8

static const struct key_kind kinds[] = {
	{ KEY_ED25519, KEY_ED25519, "ssh-ed25519", "ED25519", 256, NULL,
	    "Ed25519", ED25519_BYTES, HASH_SHA512, "sha512" },
	{ KEY_ECDSA_P256, KEY_ECDSA_P256, "ecdsa-sha2-nistp256", "ECDSA", 256,
	    "nistp256", "NIST P-256", 32, HASH_SHA256, "sha256" },
	{ KEY_ECDSA_P384, KEY_ECDSA_P384, "ecdsa-sha2-nistp384", "ECDSA", 384,
	    "nistp384", "NIST P-384", 48, HASH_SHA384, "sha384" },
	{ KEY_ECDSA_P521, KEY_ECDSA_P521, "ecdsa-sha2-nistp521", "ECDSA", 521,
	    "nistp521", "NIST P-521", 66, HASH_SHA512, "sha512" },
	{ .type = KEY_RSA, .base = KEY_RSA, .key_name = "ssh-rsa",
	    .log_name = "RSA" },
	{ KEY_ED25519_SK, KEY_ED25519, "sk-ssh-ed25519@openssh.com",
	    "ED25519-SK", 256, NULL, "Ed25519", ED25519_BYTES, HASH_SHA512,
	    "sha512" },
	{ KEY_ECDSA_SK, KEY_ECDSA_P256, "sk-ecdsa-sha2-nistp256@openssh.com",
	    "ECDSA-SK", 256, "nistp256", "NIST P-256", 32, HASH_SHA256,
	    "sha256" },
};

const struct key_kind *
key_kind_of(enum key_type type)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].type == type)
			return &kinds[i];
	}
	return NULL;
}

const struct key_kind *
key_kind_find(struct span key_name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (span_is(key_name, kinds[i].key_name))
			return &kinds[i];
	}
	return NULL;
}

unsigned int
key_bits(struct span number)
{
	unsigned int bits;

	while (number.len > 0 && number.p[0] == 0) {
		number.p++;
		number.len--;
	}
	if (number.len == 0 || number.len > RSA_MAX_BITS)
		return 0;
	bits = (unsigned int)number.len * 8;
	for (unsigned int top = number.p[0]; !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

static bool
rsa_sane(struct span n, struct span e)
{
	unsigned int bits = key_bits(n);

	return bits >= RSA_MIN_BITS && bits <= RSA_MAX_BITS &&
	    (n.p[n.len - 1] & 1) && e.len > 0 &&
	    e.len <= RSA_EXPONENT_MAX_BYTES && (e.p[e.len - 1] & 1) &&
	    key_bits(e) > 1;
}

/*
 * RFC 8032 section 5.1.3: y, little-endian, has to be below p; and it may not
 * be one of the eight points of small order, under which signatures hold for
 * any message.  Those have these five y; the top bit is the sign of x.
 */
static bool
ed25519_sane(struct span point)
{
	static const uint8_t small[][ED25519_BYTES] = {
		{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 },
		{ 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 },
		{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0,
		    0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
		    0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
		{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f,
		    0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		    0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
		    0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
		{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	};
	uint8_t y[ED25519_BYTES];
	bool below;

	if (point.len != ED25519_BYTES)
		return false;
	memcpy(y, point.p, sizeof(y));
	y[ED25519_BYTES - 1] &= 0x7f;
	for (size_t i = 0; i < ARRAY_LEN(small); i++) {
		if (memcmp(y, small[i], sizeof(y)) == 0)
			return false;
	}
	/* p is ed ff .. ff 7f. */
	below = y[0] < 0xed || y[ED25519_BYTES - 1] != 0x7f;
	for (size_t i = 1; i < ED25519_BYTES - 1; i++)
		below = below || y[i] != 0xff;
	return below;
}

/* Of a security key: what the key was made for, "ssh:" and so on. */
#define APPLICATION_MAX_BYTES 1024

static bool
application_sane(struct span name)
{
	return name.len <= APPLICATION_MAX_BYTES &&
	    (name.len == 0 || memchr(name.p, 0, name.len) == NULL);
}

bool
key_read(struct cursor *in, struct key_parts *parts)
{
	const struct key_kind *kind = parts->kind;
	bool sane;

	switch (kind->base) {
	case KEY_RSA:
		parts->e = cursor_mpint(in);
		parts->n = cursor_mpint(in);
		sane = in->err == WIRE_OK && rsa_sane(parts->n, parts->e);
		break;
	case KEY_ED25519:
		parts->point = cursor_string(in);
		sane = ed25519_sane(parts->point);
		break;
	default:
		/* RFC 5656 section 3.1: the curve is named twice. */
		sane = span_is(cursor_string(in), kind->ssh_curve);
		parts->point = cursor_string(in);
		sane = sane && parts->point.len ==
		    1 + 2 * kind->field_bytes && parts->point.p[0] == 0x04;
		break;
	}
	if (kind->type != kind->base) {
		parts->application = cursor_string(in);
		sane = sane && application_sane(parts->application);
	}
	return sane && in->err == WIRE_OK;
}

bool
key_split(struct span blob, struct key_parts *parts)
{
	struct key_parts found = { .kind = NULL };
	struct cursor in = cursor_of(blob);

	*parts = found;
	if (blob.len > KEY_BLOB_MAX_BYTES)
		return false;
	found.kind = key_kind_find(cursor_name(&in));
	if (found.kind == NULL || !key_read(&in, &found) ||
	    cursor_end(&in) != WIRE_OK)
		return false;
	*parts = found;
	return true;
}

void
key_join(struct sink *out, const struct key_parts *parts)
{
	sink_cstring(out, parts->kind->key_name);
	if (parts->kind->base == KEY_RSA) {
		sink_mpint(out, parts->e);
		sink_mpint(out, parts->n);
		return;
	}
	if (parts->kind->ssh_curve != NULL)
		sink_cstring(out, parts->kind->ssh_curve);
	sink_string(out, parts->point);
	if (parts->kind->type != parts->kind->base)
		sink_string(out, parts->application);
}

/*
 * libgcrypt to 1.10 calls abort() for an Ed25519 point with a coordinate of
 * less than four limbs, and anybody can make such a key.  An honest one is
 * of that kind once in 2^62.
 */
#define ED25519_COORDINATE_MIN_BITS 193

static bool
coordinates_full(gcry_mpi_point_t point)
{
	gcry_mpi_t x = gcry_mpi_new(0), y = gcry_mpi_new(0);
	bool full;

	/* As decoded, z is 1, so these are the affine ones. */
	gcry_mpi_point_get(x, y, NULL, point);
	full = gcry_mpi_get_nbits(x) >= ED25519_COORDINATE_MIN_BITS &&
	    gcry_mpi_get_nbits(y) >= ED25519_COORDINATE_MIN_BITS;
	gcry_mpi_release(x);
	gcry_mpi_release(y);
	return full;
}

bool
key_on_curve(const struct key_parts *parts)
{
	gcry_ctx_t curve = NULL;
	gcry_mpi_point_t point = NULL;
	gcry_mpi_t raw = NULL;
	bool good = false;

	if (gcry_mpi_ec_new(&curve, NULL, parts->kind->gcry_curve) != 0)
		return false;
	if (parts->kind->base != KEY_ED25519) {
		point = point_from(curve, parts->kind->field_bytes,
		    parts->point);
		good = point != NULL;
		goto out;
	}
	raw = gcry_mpi_set_opaque_copy(NULL, parts->point.p,
	    (unsigned int)parts->point.len * 8);
	point = gcry_mpi_point_new(0);
	/* Decoding takes a root: what has one is on the curve. */
	good = raw != NULL &&
	    gcry_mpi_ec_decode_point(point, raw, curve) == 0 &&
	    coordinates_full(point) && gcry_mpi_ec_curve_point(point, curve);
out:
	gcry_mpi_release(raw);
	gcry_mpi_point_release(point);
	gcry_ctx_release(curve);
	return good;
}

static void
describe(const struct key_parts *parts, struct pubkey_info *info)
{
	info->type = parts->kind->type;
	info->sk = parts->kind->type != parts->kind->base;
	info->bits = parts->kind->type == KEY_RSA ? key_bits(parts->n) :
	    parts->kind->bits;
	info->log_name = parts->kind->log_name;
	info->key_name = parts->kind->key_name;
}

bool
pubkey_describe(struct span blob, struct pubkey_info *info)
{
	struct key_parts parts;

	*info = (struct pubkey_info){ .type = KEY_NONE };
	if (!key_split(blob, &parts))
		return false;
	describe(&parts, info);
	return true;
}

bool
pubkey_parse(struct span blob, struct pubkey_info *info)
{
	struct key_parts parts;

	*info = (struct pubkey_info){ .type = KEY_NONE };
	if (!key_split(blob, &parts))
		return false;
	if (parts.kind->type != KEY_RSA && !key_on_curve(&parts))
		return false;
	describe(&parts, info);
	return true;
}
