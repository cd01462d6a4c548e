/*
 * arena: one owner for all that a struct config points to.
 *
 * Pure layer.  Pieces are never freed one by one: parsing a file makes a few
 * chunks, config_free() gives them back.
 */
#ifndef SSHD_CONN_CONFIG_ARENA_H
#define SSHD_CONN_CONFIG_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk;
	size_t used, size;	/* bytes of the newest chunk */
	bool failed;		/* sticky: some allocation got nothing */
};

/*
 * arena_alloc - n zeroed bytes, aligned for any type
 *
 * NULL without memory, and a->failed stays set, so that a parser may go on
 * and its caller test once.
 */
void *arena_alloc(struct arena *a, size_t n) MUST_USE;

/* A copy of n bytes with a NUL after it. */
char *arena_copy(struct arena *a, const char *s, size_t n) MUST_USE;

char *arena_printf(struct arena *a, const char *fmt, ...)
    PRINTF_LIKE(2, 3) MUST_USE;
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    PRINTF_LIKE(2, 0) MUST_USE;

void arena_free(struct arena *a);

#endif
