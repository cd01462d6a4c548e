/*
 * list: look for a key in a list of keys.  Keys role; pure.
 *
 * Must never answer KEY_LIST_WITHOUT of a text that it did not understand.
 */
#include <string.h>

#include "base/base64.h"
#include "base/cursor.h"
#include "crypto/cert.h"
#include "keys/list.h"

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span
take_word(struct span *in)
{
	struct span word;

	while (in->len > 0 && is_blank(in->p[0])) {
		in->p++;
		in->len--;
	}
	word = span(in->p, 0);
	while (in->len > 0 && !is_blank(in->p[0])) {
		word.len++;
		in->p++;
		in->len--;
	}
	return word;
}

static struct span
take_line(struct span *in)
{
	const uint8_t *end = memchr(in->p, '\n', in->len);
	struct span line = span(in->p,
	    end == NULL ? in->len : (size_t)(end - in->p));
	size_t used = line.len + (end != NULL);

	in->p += used;
	in->len -= used;
	return line;
}

static bool
is_one_of(struct span blob, const struct span *blobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (blob.len > 0 && span_equal(blob, blobs[i]))
			return true;
	}
	return false;
}

static enum key_list_verdict
judge(struct span line, const struct span *blobs, size_t count,
    bool with_certs)
{
	uint8_t bytes[CERT_BLOB_MAX_BYTES] UNINITIALIZED;
	struct span type = take_word(&line), digits = take_word(&line);
	struct cert cert;
	struct cursor in;
	size_t len;

	if (type.len == 0 || type.p[0] == '#')
		return KEY_LIST_WITHOUT;
	if (!base64_decode(digits, bytes, sizeof bytes, &len))
		return KEY_LIST_BAD;
	in = cursor_of(span(bytes, len));
	if (!span_equal(cursor_name(&in), type) || in.err != WIRE_OK)
		return KEY_LIST_BAD;
	if (is_one_of(span(bytes, len), blobs, count))
		return KEY_LIST_HAS;
	if (!with_certs || !cert_is(span(bytes, len)))
		return KEY_LIST_WITHOUT;
	if (!cert_parse(span(bytes, len), &cert))
		return KEY_LIST_BAD;
	return is_one_of(cert_plain(&cert), blobs, count) ? KEY_LIST_HAS :
	    KEY_LIST_WITHOUT;
}

enum key_list_verdict
key_list_find(struct span text, const struct span *blobs, size_t count,
    bool with_certs, unsigned int *line)
{
	*line = 0;
	while (text.len > 0) {
		enum key_list_verdict verdict;

		++*line;
		verdict = judge(take_line(&text), blobs, count, with_certs);
		if (verdict != KEY_LIST_WITHOUT)
			return verdict;
	}
	return KEY_LIST_WITHOUT;
}

/* Cut at its comment and split at the last blank. */
struct span
key_list_principal(struct span line, struct span *options)
{
	const uint8_t *hash = line.len == 0 ? NULL :
	    memchr(line.p, '#', line.len);
	size_t at;

	if (hash != NULL)
		line.len = (size_t)(hash - line.p);
	while (line.len > 0 && is_blank(line.p[0])) {
		line.p++;
		line.len--;
	}
	while (line.len > 0 && is_blank(line.p[line.len - 1]))
		line.len--;
	at = line.len;
	while (at > 0 && !is_blank(line.p[at - 1]))
		at--;
	*options = span(line.p, at);
	while (options->len > 0 && is_blank(options->p[options->len - 1]))
		options->len--;
	return span(at == 0 ? line.p : line.p + at, line.len - at);
}
