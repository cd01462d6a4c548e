/*
 * fuzz_image: the image that a connection maps, and what is packed in it.
 *
 * The first byte picks what the others are:
 *
 *	0	the body of an image
 *	1	the same without its head, which is made to fit here, or no
 *		fuzzer would ever guess a checksum
 *	2	a packed configuration
 *	3	a count, so many changes of what is packed (uint16 where, byte
 *		what), and the text to pack: without changes it must mean the
 *		same once it is unpacked
 */
#include <stdlib.h>
#include <string.h>

#include "config/algorithms.h"
#include "config/dump.h"
#include "config/pack.h"
#include "config/source.h"
#include "fuzz.h"
#include "image/checksum.h"
#include "image/form.h"

#define ROOM_BYTES	((size_t)1 << 20)
#define HEAD_BYTES	28

static int
load(void *ctx, const char *path, char **text, size_t *n)
{
	(void)ctx;
	(void)path;
	*text = NULL;
	*n = 0;
	return 2;	/* ENOENT */
}

static bool
find(void *ctx, const char *pattern,
    bool (*found)(void *arg, const char *path), void *arg)
{
	(void)ctx;
	(void)pattern;
	(void)found;
	(void)arg;
	return true;
}

static bool
exists(void *ctx, const char *path)
{
	(void)ctx;
	(void)path;
	return true;
}

static bool
in_group(void *ctx, const char *patterns)
{
	(void)ctx;
	return strchr(patterns, 'a') != NULL;
}

static const struct config_spec specs[] = {
	{ .user = NULL },
	{ .user = "alice", .host = "h.example.com", .addr = "192.0.2.7",
	    .laddr = "::1", .lport = 22, .in_group = in_group },
};

/* Whatever was unpacked can be asked. */
static void
ask(struct span packed)
{
	/* A copy of its exact size, for AddressSanitizer. */
	uint8_t *copy = malloc(packed.len);
	struct config *config;
	size_t i;

	if (copy == NULL)
		return;
	if (packed.len > 0)
		memcpy(copy, packed.p, packed.len);
	config = config_unpack(span(copy, packed.len));
	for (i = 0; config != NULL && i < ARRAY_LEN(specs); i++)
		free(config_dump(config, &specs[i]));
	config_free(config);
	free(copy);
}

static void
take_image(struct span body)
{
	struct image_parts parts;
	struct stamp stamp;
	struct image_file file;
	const char *path;
	uint32_t n;

	if (image_get(body, &parts) != IMAGE_OK) {
		FUZZ_CHECK(parts.config.p == NULL && parts.program == NULL);
		return;
	}
	for (n = 0; image_next_stamp(&parts.stamps, &path, &stamp); n++)
		FUZZ_CHECK(strlen(path) < body.len);
	FUZZ_CHECK(n == parts.stamp_count);
	for (n = 0; image_next_file(&parts.files, &file); n++) {
		FUZZ_CHECK(strlen(file.path) < body.len);
		fuzz_inside(file.bytes, body.p, body.len);
	}
	FUZZ_CHECK(n == parts.file_count);
	fuzz_inside(parts.config, body.p, body.len);
	ask(parts.config);
}

static void
take_headless(struct span rest)
{
	size_t n = rest.len + HEAD_BYTES;
	uint8_t *body = malloc(n);
	struct sink head = sink_of(body, n);

	if (body == NULL)
		return;
	sink_bytes(&head, span("sshdimg\n", 8));
	sink_u32(&head, IMAGE_LAYOUT_VERSION);
	sink_u64(&head, n);
	sink_u64(&head, image_checksum(rest));
	sink_bytes(&head, rest);
	take_image(span(body, n));
	free(body);
}

static void
same(struct config *a, struct span packed)
{
	struct config *b = config_unpack(packed);
	size_t i;

	FUZZ_CHECK(b != NULL);
	for (i = 0; i < ARRAY_LEN(specs); i++) {
		char *text_a = config_dump(a, &specs[i]);
		char *text_b = config_dump(b, &specs[i]);

		FUZZ_CHECK(text_a != NULL && text_b != NULL);
		FUZZ_CHECK(strcmp(text_a, text_b) == 0);
		free(text_a);
		free(text_b);
	}
	config_free(b);
}

/* Big-endian, as corpora have it. */
static uint16_t
take_u16(struct cursor *c)
{
	uint16_t high = cursor_u8(c);

	return (uint16_t)(high << 8 | cursor_u8(c));
}

static void
take_text(struct cursor in)
{
	static const struct config_files files = {
		.load = load,
		.glob = find,
		.exists = exists,
	};
	uint8_t changes = cursor_u8(&in), *room = malloc(ROOM_BYTES);
	struct sink sink = sink_of(room, ROOM_BYTES);
	struct span rows = cursor_bytes(&in, (size_t)changes * 3);
	struct span text = cursor_rest(&in);
	struct cursor row = cursor_of(rows);
	struct config *config = config_read_text(&files, "input",
	    text.p == NULL ? "" : (const char *)text.p, text.len);

	if (room != NULL && config != NULL && config_valid(config) &&
	    config_pack(config, &sink) && sink_ok(&sink)) {
		if (changes == 0)
			same(config, sink_span(&sink));
		for (; row.left > 0; ) {
			uint16_t at = take_u16(&row);
			uint8_t what = cursor_u8(&row);

			room[at % sink.len] ^= what;
		}
		ask(sink_span(&sink));
	}
	config_free(config);
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config_algorithms algorithms = {
		.kex_all = "curve25519-sha256,ecdh-sha2-nistp256",
		.kex_default = "curve25519-sha256",
	};
	struct cursor in = cursor_of(span(data, size));

	config_set_algorithms(&algorithms);
	switch (cursor_u8(&in) % 4) {
	case 0:
		take_image(cursor_rest(&in));
		break;
	case 1:
		take_headless(cursor_rest(&in));
		break;
	case 2:
		ask(cursor_rest(&in));
		break;
	default:
		take_text(in);
		break;
	}
	return 0;
}
