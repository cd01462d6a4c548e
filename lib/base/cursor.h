/*
 * cursor: read RFC 4251 section 5 data types from bytes that somebody else
 * wrote.
 *
 * Pure layer, every process.  The error is sticky: a getter that fails, and
 * every getter after it, yields zero or the empty span and leaves nothing to
 * read, so that a parser reads straight down in the RFC's order and tests
 * once, at the end.
 *
 * Trust: built for hostile input.  Lengths are compared with what is left,
 * never added to a pointer first.
 */
#ifndef SSHD_CONN_BASE_CURSOR_H
#define SSHD_CONN_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

enum wire_err {
	WIRE_OK = 0,
	WIRE_SHORT,	/* a field runs past the end */
	WIRE_LONG,	/* bytes are left after the last field */
	WIRE_BAD_NAME,	/* not an RFC 4251 section 6 name */
	WIRE_BAD_VALUE,	/* well framed, but outside what the field allows */
};

struct cursor {
	const uint8_t *p;
	size_t left;
	enum wire_err err;
};

/* Longest algorithm, method, service or channel type name: RFC 4251 6. */
#define SSH_NAME_MAX_BYTES 64

static inline struct cursor
cursor_of(struct span in)
{
	return (struct cursor){ in.p, in.len, WIRE_OK };
}

void cursor_fail(struct cursor *c, enum wire_err err);

uint8_t cursor_u8(struct cursor *c);
bool cursor_bool(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);

/* The next n bytes, without a length before them. */
struct span cursor_bytes(struct cursor *c, size_t n);

/* uint32 length, then that many bytes. */
struct span cursor_string(struct cursor *c);

/*
 * A string that is a name: 1 to SSH_NAME_MAX_BYTES of printable US-ASCII
 * without a comma or a space, else WIRE_BAD_NAME.
 */
struct span cursor_name(struct cursor *c);

/*
 * A non-negative mpint (RFC 4251 section 5) as its minimal big-endian bytes,
 * without the sign byte; zero is the empty span.  Negative or non-minimal
 * encodings are WIRE_BAD_VALUE.
 */
struct span cursor_mpint(struct cursor *c);

/* All that is left, without an error. */
struct span cursor_rest(struct cursor *c);

/*
 * cursor_end - the one test at the end of a parser
 *
 * Returns WIRE_OK if nothing failed and nothing is left over.
 */
enum wire_err cursor_end(struct cursor *c) MUST_USE;

#endif
