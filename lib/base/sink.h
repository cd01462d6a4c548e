/*
 * sink: write RFC 4251 section 5 data types into a buffer of fixed size.
 *
 * Pure layer, every process.  The error is sticky like a cursor's: what does
 * not fit sets overflow and writes nothing, then or later, and the caller
 * tests once with sink_ok().  A sink never allocates: a length from outside
 * cannot size anything.
 */
#ifndef SSHD_CONN_BASE_SINK_H
#define SSHD_CONN_BASE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

struct sink {
	uint8_t *p;
	size_t len;	/* bytes written */
	size_t cap;	/* bytes that fit */
	bool overflow;
};

static inline struct sink
sink_of(void *p, size_t cap)
{
	return (struct sink){ p, 0, cap, false };
}

static inline bool
sink_ok(const struct sink *s)
{
	return !s->overflow;
}

static inline struct span
sink_span(const struct sink *s)
{
	return (struct span){ s->p, s->overflow ? 0 : s->len };
}

void sink_u8(struct sink *s, uint8_t v);
void sink_bool(struct sink *s, bool v);
void sink_u32(struct sink *s, uint32_t v);
void sink_u64(struct sink *s, uint64_t v);
void sink_bytes(struct sink *s, struct span v);
void sink_string(struct sink *s, struct span v);
void sink_cstring(struct sink *s, const char *v);

/* v: big-endian, unsigned, leading zeros allowed; written minimally. */
void sink_mpint(struct sink *s, struct span v);

/*
 * sink_string_begin, sink_string_end - a string whose length is known later
 *
 * begin returns a mark for end, which fills in the length.
 */
size_t sink_string_begin(struct sink *s) MUST_USE;
void sink_string_end(struct sink *s, size_t mark);

#endif
