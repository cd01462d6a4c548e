/*
 * form: encoder and decoder of the image, side by side.  Pure layer; keygen,
 * and main of every connection.
 */
#include "config.h"

#include <string.h>

#include "image/checksum.h"
#include "image/form.h"

static const uint8_t magic[8] = "sshdimg\n";

#define HEAD_BYTES (sizeof(magic) + 4 + 8 + 8)

const char *
image_strerror(enum image_err err)
{
	switch (err) {
	case IMAGE_OK:
		return "fine";
	case IMAGE_MISSING:
		return "there is none";
	case IMAGE_SYSTEM:
		return "cannot be read";
	case IMAGE_UNSAFE:
		return "somebody else may write it";
	case IMAGE_DAMAGED:
		return "damaged";
	case IMAGE_OTHER_VERSION:
		return "made by another version of the program";
	case IMAGE_OTHER_FILE:
		return "of another configuration";
	}
	return "?";
}

/* With its NUL: readers use it where it lies. */
static void
put_text(struct sink *out, const char *s)
{
	sink_string(out, span(s, strlen(s) + 1));
}

static const char *
get_text(struct cursor *c)
{
	struct span s = cursor_string(c);

	if (c->err == WIRE_OK && (s.len == 0 ||
	    memchr(s.p, '\0', s.len) != s.p + s.len - 1))
		cursor_fail(c, WIRE_BAD_VALUE);
	return c->err == WIRE_OK ? (const char *)s.p : "";
}

static void
put_stamp(struct sink *out, const struct stamped *one)
{
	put_text(out, one->path);
	sink_bool(out, one->stamp.present);
	sink_u64(out, one->stamp.device);
	sink_u64(out, one->stamp.inode);
	sink_u64(out, one->stamp.bytes);
	sink_u64(out, (uint64_t)one->stamp.mtime_ns);
	sink_u64(out, (uint64_t)one->stamp.ctime_ns);
}

bool
image_next_stamp(struct cursor *c, const char **path, struct stamp *stamp)
{
	if (c->left == 0)
		return false;
	*path = get_text(c);
	stamp->present = cursor_bool(c);
	stamp->device = cursor_u64(c);
	stamp->inode = cursor_u64(c);
	stamp->bytes = cursor_u64(c);
	stamp->mtime_ns = (int64_t)cursor_u64(c);
	stamp->ctime_ns = (int64_t)cursor_u64(c);
	return c->err == WIRE_OK;
}

static void
put_file(struct sink *out, const struct image_file *file)
{
	put_text(out, file->path);
	sink_string(out, file->bytes);
}

bool
image_next_file(struct cursor *c, struct image_file *file)
{
	if (c->left == 0)
		return false;
	file->path = get_text(c);
	file->bytes = cursor_string(c);
	return c->err == WIRE_OK;
}

/* --- the body --------------------------------------------------------------- */

static void
put_zeroes(struct sink *out, size_t start, size_t page_bytes)
{
	static const uint8_t zeroes[256];
	size_t over = (out->len - start) % page_bytes;
	size_t n = over == 0 ? 0 : page_bytes - over;

	while (n > 0 && sink_ok(out)) {
		size_t some = MIN(n, sizeof(zeroes));

		sink_bytes(out, span(zeroes, some));
		n -= some;
	}
}

/* Length and checksum are known when the rest is there. */
static void
finish(struct sink *out, size_t start)
{
	uint8_t *body = out->p + start;
	size_t len = out->len - start;
	struct sink head = sink_of(body, HEAD_BYTES);

	sink_bytes(&head, span(magic, sizeof(magic)));
	sink_u32(&head, IMAGE_LAYOUT_VERSION);
	sink_u64(&head, len);
	sink_u64(&head, image_checksum(span(body + HEAD_BYTES,
	    len - HEAD_BYTES)));
}

void
image_put(const struct image_content *content, int64_t made_ns,
    size_t page_bytes, struct sink *out)
{
	static const uint8_t head[HEAD_BYTES];
	size_t i, start = out->len;

	sink_bytes(out, span(head, sizeof(head)));
	sink_u64(out, content->tag);
	sink_u64(out, (uint64_t)made_ns);
	put_text(out, PACKAGE_VERSION);
	put_text(out, content->config_path);
	put_text(out, content->directory == NULL ? "" : content->directory);
	sink_u32(out, (uint32_t)content->stamps->n);
	for (i = 0; i < content->stamps->n; i++)
		put_stamp(out, &content->stamps->v[i]);
	sink_u32(out, (uint32_t)content->file_count);
	for (i = 0; i < content->file_count; i++)
		put_file(out, &content->files[i]);
	sink_string(out, content->config);
	put_zeroes(out, start, page_bytes);
	if (sink_ok(out))
		finish(out, start);
}

static struct cursor
between(const uint8_t *from, const struct cursor *c)
{
	return cursor_of(span(from, (size_t)(c->p - from)));
}

static void
get_stamps(struct cursor *c, struct image_parts *out)
{
	const uint8_t *from;
	const char *path;
	struct stamp stamp;
	uint32_t i;

	out->stamp_count = cursor_u32(c);
	from = c->p;
	for (i = 0; i < out->stamp_count; i++) {
		if (!image_next_stamp(c, &path, &stamp)) {
			cursor_fail(c, WIRE_SHORT);
			return;
		}
	}
	if (c->err == WIRE_OK)
		out->stamps = between(from, c);
}

static void
get_files(struct cursor *c, struct image_parts *out)
{
	const uint8_t *from;
	struct image_file file;
	uint32_t i;

	out->file_count = cursor_u32(c);
	from = c->p;
	for (i = 0; i < out->file_count; i++) {
		if (!image_next_file(c, &file)) {
			cursor_fail(c, WIRE_SHORT);
			return;
		}
	}
	if (c->err == WIRE_OK)
		out->files = between(from, c);
}

static enum image_err
check_head(struct cursor *c, size_t body_bytes)
{
	struct span start = cursor_bytes(c, sizeof(magic));
	uint32_t layout = cursor_u32(c);
	uint64_t length = cursor_u64(c), checksum = cursor_u64(c);

	if (c->err != WIRE_OK ||
	    memcmp(start.p, magic, sizeof(magic)) != 0)
		return IMAGE_DAMAGED;
	/* Before the checksum: another layout may sum up differently. */
	if (layout != IMAGE_LAYOUT_VERSION)
		return IMAGE_OTHER_VERSION;
	return length == body_bytes &&
	    checksum == image_checksum(span(c->p, c->left)) ? IMAGE_OK :
	    IMAGE_DAMAGED;
}

enum image_err
image_get(struct span body, struct image_parts *out)
{
	struct image_parts parts = { .tag = 0 };
	struct cursor c = cursor_of(body);
	enum image_err err = check_head(&c, body.len);

	*out = (struct image_parts){ .tag = 0 };
	if (err != IMAGE_OK)
		return err;
	parts.tag = cursor_u64(&c);
	parts.made_ns = (int64_t)cursor_u64(&c);
	parts.program = get_text(&c);
	parts.config_path = get_text(&c);
	parts.directory = get_text(&c);
	if (parts.directory[0] == '\0')
		parts.directory = NULL;
	get_stamps(&c, &parts);
	get_files(&c, &parts);
	parts.config = cursor_string(&c);
	if (c.err != WIRE_OK)
		return IMAGE_DAMAGED;
	*out = parts;
	return IMAGE_OK;
}
