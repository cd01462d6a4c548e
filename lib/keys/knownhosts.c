/*
 * knownhosts: who has which host key.  Keys role; pure, no log.
 */
#include <string.h>

#include "base/base64.h"
#include "base/cursor.h"
#include "base/pattern.h"
#include "base/secret.h"
#include "base/sink.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "keys/knownhosts.h"
#include "keys/line.h"

#define HASH_MAGIC	"|1|"
#define SALT_BYTES	20	/* as long as the digest: SHA-1's */
#define BLOCK_BYTES	64

static struct span
next_word(struct span *in)
{
	struct span word;

	key_line_skip_blanks(in);
	for (word = span(in->p, 0); word.len < in->len &&
	    strchr(" \t\r", in->p[word.len]) == NULL;)
		word.len++;
	in->p += word.len;
	in->len -= word.len;
	return word;
}

/* HMAC-SHA1 of the name under the salt. */
static bool
hash_name(const uint8_t salt[static SALT_BYTES], struct span name,
    uint8_t out[static HASH_MAX_BYTES])
{
	uint8_t inner[BLOCK_BYTES], outer[BLOCK_BYTES], digest[HASH_MAX_BYTES];
	struct span first[] = { { inner, sizeof inner }, name };
	struct span second[] = { { outer, sizeof outer },
		{ digest, SALT_BYTES } };

	memset(inner, 0x36, sizeof inner);
	memset(outer, 0x5c, sizeof outer);
	for (size_t i = 0; i < SALT_BYTES; i++) {
		inner[i] ^= salt[i];
		outer[i] ^= salt[i];
	}
	return hash_spans(HASH_SHA1, first, ARRAY_LEN(first), digest) &&
	    hash_spans(HASH_SHA1, second, ARRAY_LEN(second), out);
}

/* "SALT|HASH", both base64. */
static bool
is_hash_of(struct span text, struct span name)
{
	const uint8_t *bar = text.len == 0 ? NULL
					   : memchr(text.p, '|', text.len);
	uint8_t salt[SALT_BYTES], want[SALT_BYTES], have[HASH_MAX_BYTES];
	size_t at, n;

	if (bar == NULL)
		return false;
	at = (size_t)(bar - text.p);
	return base64_decode(span(text.p, at), salt, sizeof salt, &n) &&
	    n == sizeof salt &&
	    base64_decode(span(bar + 1, text.len - at - 1), want, sizeof want,
		&n) && n == sizeof want && hash_name(salt, name, have) &&
	    secret_equal(want, have, sizeof want);
}

static bool
names_host(struct span hosts, struct span name)
{
	size_t magic = strlen(HASH_MAGIC);

	if (hosts.len > magic && memcmp(hosts.p, HASH_MAGIC, magic) == 0)
		return is_hash_of(span(hosts.p + magic, hosts.len - magic),
		    name);
	return pattern_list(name, hosts, true) == PATTERN_YES;
}

/* The blob behind "key-type"; false if it is not a key of that type. */
static bool
parse_key(struct span type, struct span base64, uint8_t *buf, size_t size,
    struct span *blob)
{
	struct pubkey_info info;
	size_t len;

	if (base64.len == 0 || !base64_decode(base64, buf, size, &len))
		return false;
	*blob = span(buf, len);
	return pubkey_describe(*blob, &info) && span_is(type, info.key_name);
}

enum known_host
known_host_line(struct span line, const struct known_host_want *want)
{
	bool certificate = want->ca.len > 0, authority, revoked;
	uint8_t buf[KEY_BLOB_MAX_BYTES] UNINITIALIZED;
	struct span word = next_word(&line), type, blob;

	authority = span_is(word, "@cert-authority");
	revoked = span_is(word, "@revoked");
	if (authority || revoked)
		word = next_word(&line);
	if (word.len == 0 || word.p[0] == '#' || word.p[0] == '@' ||
	    !names_host(word, want->host))
		return KNOWN_HOST_NOTHING;
	type = next_word(&line);
	if (!parse_key(type, next_word(&line), buf, sizeof buf, &blob))
		return KNOWN_HOST_NOTHING;
	if (revoked)
		return span_equal(blob, want->key) ||
		    (certificate && span_equal(blob, want->ca))
		    ? KNOWN_HOST_REVOKED : KNOWN_HOST_NOTHING;
	if (authority != certificate)
		return KNOWN_HOST_NOTHING;
	if (span_equal(blob, certificate ? want->ca : want->key))
		return KNOWN_HOST_SAME;
	return certificate ? KNOWN_HOST_NOTHING : KNOWN_HOST_OTHER;
}
