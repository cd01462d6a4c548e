/*
 * compress: zlib streams.  net only; pure; the one file that sees zlib.h.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transport/compress.h"
#include "transport/packet.h"

#ifdef HAVE_ZLIB
#include <zlib.h>

struct compress {
	z_stream stream;
	bool deflates;
	uint8_t *buf;
	size_t cap;
};

bool
compress_available(void)
{
	return true;
}

static struct compress *
new_stream(bool deflates)
{
	struct compress *c = calloc(1, sizeof *c);
	int rc;

	if (c == NULL)
		return NULL;
	c->deflates = deflates;
	rc = deflates ? deflateInit(&c->stream, Z_DEFAULT_COMPRESSION)
		      : inflateInit(&c->stream);
	if (rc != Z_OK) {
		free(c);
		return NULL;
	}
	return c;
}

struct compress *
compress_new_deflate(void)
{
	return new_stream(true);
}

struct compress *
compress_new_inflate(void)
{
	return new_stream(false);
}

void
compress_free(struct compress *c)
{
	if (c == NULL)
		return;
	if (c->deflates)
		deflateEnd(&c->stream);
	else
		inflateEnd(&c->stream);
	free(c->buf);
	free(c);
}

static bool
grow(struct compress *c, size_t cap)
{
	uint8_t *p;

	if (c->cap >= cap)
		return true;
	p = realloc(c->buf, cap);
	if (p == NULL)
		return false;
	c->buf = p;
	c->cap = cap;
	return true;
}

bool
compress_deflate(struct compress *c, uint8_t *p, size_t *len, size_t size)
{
	size_t cap = *len + COMPRESS_GROWTH_MAX_BYTES(*len), n;

	if (!grow(c, cap))
		return false;
	c->stream.next_in = p;
	c->stream.avail_in = (uInt)*len;
	c->stream.next_out = c->buf;
	c->stream.avail_out = (uInt)cap;
	if (deflate(&c->stream, Z_PARTIAL_FLUSH) != Z_OK ||
	    c->stream.avail_in != 0 || c->stream.avail_out == 0)
		return false;
	n = cap - c->stream.avail_out;
	if (n > size)
		return false;
	memcpy(p, c->buf, n);
	*len = n;
	return true;
}

bool
compress_inflate(struct compress *c, struct span *payload)
{
	size_t n = 0;
	int rc = Z_OK;

	c->stream.next_in = (Bytef *)(uintptr_t)payload->p;
	c->stream.avail_in = (uInt)payload->len;
	*payload = span(NULL, 0);
	while (rc == Z_OK) {
		if (n == c->cap) {
			if (c->cap >= PACKET_LENGTH_MAX_BYTES ||
			    !grow(c, c->cap == 0 ? 8192 : c->cap * 2))
				return false;
		}
		c->stream.next_out = c->buf + n;
		c->stream.avail_out = (uInt)(c->cap - n);
		rc = inflate(&c->stream, Z_PARTIAL_FLUSH);
		n = c->cap - c->stream.avail_out;
		/* All read, and zlib had room for more: it holds nothing back. */
		if (rc == Z_OK && c->stream.avail_in == 0 &&
		    c->stream.avail_out > 0)
			break;
	}
	/* Z_BUF_ERROR: no progress was possible, so all was given out. */
	if ((rc != Z_OK && rc != Z_BUF_ERROR) || n == 0)
		return false;
	*payload = span(c->buf, n);
	return true;
}

#else

bool
compress_available(void)
{
	return false;
}

struct compress *
compress_new_deflate(void)
{
	return NULL;
}

struct compress *
compress_new_inflate(void)
{
	return NULL;
}

void
compress_free(struct compress *c)
{
	(void)c;
}

bool
compress_deflate(struct compress *c, uint8_t *p, size_t *len, size_t size)
{
	(void)c, (void)p, (void)len, (void)size;
	return false;
}

bool
compress_inflate(struct compress *c, struct span *payload)
{
	(void)c, (void)payload;
	return false;
}

#endif
