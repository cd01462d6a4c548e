/*
 * arena: a bump allocator.  Pure layer, any process that reads settings.
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/arena.h"

/* Debian's stock file with all that is made from it fits into the first. */
#define CHUNK_BYTES (16 * 1024)

struct arena_chunk {
	struct arena_chunk *older;
	alignas(max_align_t) char bytes[];
};

static bool
grow(struct arena *a, size_t n)
{
	size_t size = n > CHUNK_BYTES / 4 ? n + CHUNK_BYTES : CHUNK_BYTES;
	struct arena_chunk *chunk;

	if (n > SIZE_MAX - CHUNK_BYTES - sizeof(*chunk))
		return false;
	chunk = malloc(sizeof(*chunk) + size);
	if (chunk == NULL)
		return false;
	chunk->older = a->chunk;
	a->chunk = chunk;
	a->size = size;
	a->used = 0;
	return true;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	void *p;

	if (n > SIZE_MAX - align)
		goto fail;
	n = (n + align - 1) / align * align;
	if (n > a->size - a->used && !grow(a, n))
		goto fail;
	p = a->chunk->bytes + a->used;
	a->used += n;
	return memset(p, 0, n);
fail:
	a->failed = true;
	return NULL;
}

char *
arena_copy(struct arena *a, const char *s, size_t n)
{
	char *copy = n == SIZE_MAX ? NULL : arena_alloc(a, n + 1);

	if (copy != NULL && n > 0)
		memcpy(copy, s, n);
	return copy;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *s = NULL;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		a->failed = true;
	else
		s = arena_alloc(a, (size_t)n + 1);
	if (s != NULL)
		(void)vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void
arena_free(struct arena *a)
{
	while (a->chunk != NULL) {
		struct arena_chunk *older = a->chunk->older;

		free(a->chunk);
		a->chunk = older;
	}
	a->used = a->size = 0;
}
