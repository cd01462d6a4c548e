/*
 * keyfile_write: a key as the text of OpenSSH's files.  Keygen only; no file
 * is touched here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/secret.h"
#include "crypto/privkey_impl.h"

#define COLUMNS 70
#define PAD_BLOCK_BYTES 8
#define RAW_MAX_BYTES (PRIVKEY_FIELDS_MAX_BYTES + KEY_BLOB_MAX_BYTES + 4096)

/* The file's bytes before base64: keyfile_read.c has the layout. */
static bool
put_file(const struct privkey *key, const char *comment, struct sink *out)
{
	uint32_t check;
	size_t mark, from;

	if (!random_bytes(&check, sizeof(check)))
		return false;
	sink_bytes(out, span(KEYFILE_MAGIC, sizeof(KEYFILE_MAGIC)));
	sink_cstring(out, "none");
	sink_cstring(out, "none");
	sink_cstring(out, "");
	sink_u32(out, 1);
	sink_string(out, privkey_public(key));
	mark = sink_string_begin(out);
	from = out->len;
	sink_u32(out, check);
	sink_u32(out, check);
	sink_bytes(out, span(key->fields, key->fields_len));
	sink_cstring(out, comment);
	for (uint8_t i = 1; (out->len - from) % PAD_BLOCK_BYTES != 0 &&
	    sink_ok(out); i++)
		sink_u8(out, i);
	sink_string_end(out, mark);
	return sink_ok(out);
}

/* Marker lines around lines of COLUMNS digits. */
static bool
wrap(const char *digits, char *out, size_t size)
{
	struct sink text = sink_of(out, size);
	size_t left = strlen(digits);

	sink_bytes(&text, span_str(KEYFILE_BEGIN "\n"));
	while (left > 0) {
		size_t n = MIN(left, COLUMNS);

		sink_bytes(&text, span(digits, n));
		sink_u8(&text, '\n');
		digits += n;
		left -= n;
	}
	sink_bytes(&text, span_str(KEYFILE_END "\n"));
	sink_u8(&text, 0);
	return sink_ok(&text);
}

bool
keyfile_format(const struct privkey *key, const char *comment, char *out,
    size_t size)
{
	const size_t digits_bytes = RAW_MAX_BYTES / 3 * 4 + 8;
	uint8_t *raw = malloc(RAW_MAX_BYTES);
	char *digits = malloc(digits_bytes);
	struct sink body = sink_of(raw, RAW_MAX_BYTES);
	bool good;

	good = raw != NULL && digits != NULL &&
	    put_file(key, comment, &body) &&
	    base64_encode(sink_span(&body), digits, digits_bytes) &&
	    wrap(digits, out, size);
	if (!good && size > 0)
		secret_wipe(out, size);
	if (raw != NULL)
		secret_wipe(raw, RAW_MAX_BYTES);
	if (digits != NULL)
		secret_wipe(digits, digits_bytes);
	free(raw);
	free(digits);
	return good;
}

bool
keyfile_format_blob(struct span blob, const char *comment, char *out,
    size_t size)
{
	char digits[KEY_BLOB_MAX_BYTES / 3 * 4 + 8];
	struct key_parts parts;
	int n;

	if (size == 0)
		return false;
	out[0] = '\0';
	if (!key_split(blob, &parts) ||
	    !base64_encode(blob, digits, sizeof(digits)))
		return false;
	n = snprintf(out, size, "%s %s %s\n", parts.kind->key_name, digits,
	    comment);
	if (n < 0 || (size_t)n >= size) {
		out[0] = '\0';
		return false;
	}
	return true;
}

bool
keyfile_format_public(const struct privkey *key, const char *comment,
    char *out, size_t size)
{
	return keyfile_format_blob(privkey_public(key), comment, out, size);
}
