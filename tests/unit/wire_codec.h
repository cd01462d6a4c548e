/*
 * wire_codec: make a struct codec of a parser of wire/ and of a putter that
 * the test wrote itself, field by field as the RFC lists them.  The server
 * has no putter for most of what it parses.  Test programs only.
 */
#ifndef SSHD_CONN_TESTS_UNIT_WIRE_CODEC_H
#define SSHD_CONN_TESTS_UNIT_WIRE_CODEC_H

#include "unit.h"

/* A message of nothing but one string, or one number. */
static inline void
string_put(struct sink *out, const void *m)
{
	sink_u8(out, 0);
	sink_string(out, *(const struct span *)m);
}

static inline void
u32_put(struct sink *out, const void *m)
{
	sink_u8(out, 0);
	sink_u32(out, *(const uint32_t *)m);
}

/* X of wire_parse_X(); type: its struct, or the one thing that it gives. */
#define WIRE_CODEC(X, type, is_open)					\
static enum wire_err							\
X##_parse(struct cursor in, void *out)					\
{									\
	return wire_parse_##X(in, out);					\
}									\
static const struct codec X##_codec = {					\
	#X, sizeof(type), X##_parse, X##_put, is_open,			\
}

#endif
