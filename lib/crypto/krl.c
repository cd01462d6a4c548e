/*
 * krl: look one key up in a revocation list.  Pure layer.
 *
 * Must never answer KRL_CLEAN of a list that it did not read to its end.
 */
#include <string.h>

#include "base/cursor.h"
#include "crypto/hash.h"
#include "crypto/krl.h"

#define KRL_MAGIC "SSHKRL\n"		/* and a NUL: eight bytes */
#define KRL_FORMAT 1

enum section {
	SECTION_CERTIFICATES = 1,
	SECTION_KEYS = 2,
	SECTION_SHA1 = 3,
	SECTION_SIGNATURE = 4,
	SECTION_SHA256 = 5,
	SECTION_EXTENSION = 255,
};

enum cert_section {
	CERT_SERIAL_LIST = 0x20,
	CERT_SERIAL_RANGE = 0x21,
	CERT_SERIAL_BITMAP = 0x22,
	CERT_KEY_ID = 0x23,
	CERT_EXTENSION = 0x39,
};

/* The key and its CA's, each with what a list may know it by. */
struct wanted {
	const struct krl_key *key;
	struct {
		struct span blob;
		uint8_t sha1[HASH_MAX_BYTES], sha256[HASH_MAX_BYTES];
	} blobs[2];
	size_t blob_count;
	bool hit;
};

static bool
want_blob(struct wanted *w, struct span blob)
{
	size_t i = w->blob_count++;

	w->blobs[i].blob = blob;
	return hash_spans(HASH_SHA1, &blob, 1, w->blobs[i].sha1) &&
	    hash_spans(HASH_SHA256, &blob, 1, w->blobs[i].sha256);
}

/* Keys, or hashes of them: one string after the other. */
static void
read_blobs(struct cursor *in, enum section section, struct wanted *w)
{
	while (in->left > 0) {
		struct span one = cursor_string(in);
		size_t want = section == SECTION_SHA1 ?
		    hash_bytes(HASH_SHA1) : hash_bytes(HASH_SHA256);

		if (section != SECTION_KEYS && one.len != want)
			cursor_fail(in, WIRE_BAD_VALUE);
		if (in->err != WIRE_OK)
			return;
		for (size_t i = 0; i < w->blob_count; i++) {
			struct span mine = section == SECTION_KEYS ?
			    w->blobs[i].blob : section == SECTION_SHA1 ?
			    span(w->blobs[i].sha1, want) :
			    span(w->blobs[i].sha256, want);

			w->hit = w->hit || span_equal(one, mine);
		}
	}
}

/*
 * A bit for each serial from first on; the last byte's lowest bit is the
 * first's.  Bits that would pass the end of the numbers are a fault.
 */
static bool
bitmap_has(struct cursor *in, uint64_t first, uint64_t serial)
{
	struct span map = cursor_mpint(in);
	uint64_t bits = (uint64_t)map.len * 8, at = serial - first;

	if (map.len > 0 && bits - 1 > UINT64_MAX - first) {
		/* Only as far as bits are set: the top byte is not zero. */
		bits -= 8;
		for (unsigned int top = map.p[0]; top != 0; top >>= 1)
			bits++;
		if (bits - 1 > UINT64_MAX - first)
			cursor_fail(in, WIRE_BAD_VALUE);
	}
	if (in->err != WIRE_OK || serial < first || at / 8 >= map.len)
		return false;
	return (map.p[map.len - 1 - at / 8] >> at % 8 & 1) != 0;
}

/* An extension that has to be understood is not. */
static void
read_extension(struct cursor *in)
{
	cursor_string(in);
	if (cursor_bool(in))
		cursor_fail(in, WIRE_BAD_VALUE);
	cursor_string(in);
}

/* One subsection; is what it names this certificate? */
static bool
read_cert_part(struct cursor *in, uint8_t type, const struct krl_key *key)
{
	uint64_t from, to;
	bool hit = false;

	switch (type) {
	case CERT_SERIAL_LIST:
		while (in->left > 0)
			hit = (cursor_u64(in) == key->serial) || hit;
		return hit && key->serial != 0;
	case CERT_SERIAL_RANGE:
		from = cursor_u64(in);
		to = cursor_u64(in);
		if (from > to)
			cursor_fail(in, WIRE_BAD_VALUE);
		return key->serial != 0 && from <= key->serial &&
		    key->serial <= to;
	case CERT_SERIAL_BITMAP:
		from = cursor_u64(in);
		hit = bitmap_has(in, from, key->serial);
		return hit && key->serial != 0;
	case CERT_KEY_ID:
		while (in->left > 0)
			hit = span_equal(cursor_string(in), key->key_id) ||
			    hit;
		return hit;
	case CERT_EXTENSION:
		read_extension(in);
		return false;
	default:
		cursor_fail(in, WIRE_BAD_VALUE);
		return false;
	}
}

/* What one CA revokes, or every CA where its key is the empty string. */
static void
read_certificates(struct cursor *in, struct wanted *w)
{
	struct span ca = cursor_string(in);
	bool ours = w->key->ca.len > 0 &&
	    (ca.len == 0 || span_equal(ca, w->key->ca));

	cursor_string(in);		/* reserved */
	while (in->left > 0) {
		uint8_t type = cursor_u8(in);
		struct cursor part = cursor_of(cursor_string(in));
		bool hit;

		if (in->err != WIRE_OK)
			return;
		hit = read_cert_part(&part, type, w->key);
		if (cursor_end(&part) != WIRE_OK)
			cursor_fail(in, part.err);
		w->hit = w->hit || (ours && hit);
	}
}

static void
read_section(struct cursor *in, struct wanted *w)
{
	uint8_t type = cursor_u8(in);
	struct cursor part = cursor_of(cursor_string(in));

	if (in->err != WIRE_OK)
		return;
	switch (type) {
	case SECTION_CERTIFICATES:
		read_certificates(&part, w);
		break;
	case SECTION_KEYS:
	case SECTION_SHA1:
	case SECTION_SHA256:
		read_blobs(&part, type, w);
		break;
	case SECTION_SIGNATURE:
		/* The key was this section; the signature is one more. */
		cursor_rest(&part);
		cursor_string(in);
		break;
	case SECTION_EXTENSION:
		read_extension(&part);
		break;
	default:
		cursor_fail(in, WIRE_BAD_VALUE);
		return;
	}
	if (cursor_end(&part) != WIRE_OK)
		cursor_fail(in, part.err);
}

enum krl_verdict
krl_check(struct span file, const struct krl_key *key)
{
	struct cursor in = cursor_of(file);
	struct wanted w = { .key = key };

	if (!span_equal(cursor_bytes(&in, sizeof KRL_MAGIC),
	    span(KRL_MAGIC, sizeof KRL_MAGIC)))
		return KRL_NO_LIST;
	if (!want_blob(&w, key->plain) ||
	    (key->ca.len > 0 && !want_blob(&w, key->ca)) ||
	    cursor_u32(&in) != KRL_FORMAT)
		return KRL_BROKEN;
	cursor_u64(&in);		/* its version */
	cursor_u64(&in);		/* when it was made */
	cursor_u64(&in);		/* flags: none is defined */
	cursor_string(&in);		/* reserved */
	cursor_string(&in);		/* comment */
	while (in.left > 0)
		read_section(&in, &w);
	if (in.err != WIRE_OK)
		return KRL_BROKEN;
	return w.hit ? KRL_REVOKED : KRL_CLEAN;
}
