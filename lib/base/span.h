/*
 * span: a borrowed run of bytes.
 *
 * Pure layer, every process.  A span owns nothing: it dies with the buffer
 * that it points into, and whoever keeps one longer copies it first.
 */
#ifndef SSHD_CONN_BASE_SPAN_H
#define SSHD_CONN_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const uint8_t *p;
	size_t len;
};

static inline struct span
span(const void *p, size_t len)
{
	return (struct span){ p, len };
}

static inline struct span
span_str(const char *s)
{
	return (struct span){ (const uint8_t *)s, s == NULL ? 0 : strlen(s) };
}

/* Not for secrets: see secret_equal(). */
static inline bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool
span_is(struct span a, const char *s)
{
	return span_equal(a, span_str(s));
}

/*
 * span_copy_str - copy to a C string of size bytes, NUL included
 *
 * Returns false, with *out the empty string, when the span does not fit or
 * holds a NUL byte: a name that C would read shorter than its sender wrote
 * it is a lie, not a name.
 */
static inline bool
span_copy_str(struct span in, char *out, size_t size)
{
	out[0] = '\0';
	if (in.len >= size || (in.len > 0 && memchr(in.p, 0, in.len) != NULL))
		return false;
	if (in.len > 0)
		memcpy(out, in.p, in.len);
	out[in.len] = '\0';
	return true;
}

#endif
