/*
 * der: elements of ASN.1's distinguished encoding (X.690 sections 8 and 10).
 * Pure layer, monitor and keygen only; must never believe a length.
 */
#include "crypto/der.h"

#define LENGTH_IS_LONG	0x80
#define LENGTH_MAX_BYTES 3	/* of a length; a key file is far under 2^24 */

bool
der_next_is(const struct cursor *c, enum der_tag tag)
{
	return c->err == WIRE_OK && c->left > 0 && c->p[0] == (uint8_t)tag;
}

static size_t
take_length(struct cursor *c)
{
	uint8_t first = cursor_u8(c), count;
	size_t len = 0;

	if (!(first & LENGTH_IS_LONG))
		return first;
	count = first & (uint8_t)~LENGTH_IS_LONG;
	/* 0 would be the indefinite form. */
	if (count == 0 || count > LENGTH_MAX_BYTES) {
		cursor_fail(c, WIRE_BAD_VALUE);
		return 0;
	}
	for (uint8_t i = 0; i < count; i++)
		len = len << 8 | cursor_u8(c);
	if (len < LENGTH_IS_LONG || len >> (8 * (count - 1u)) == 0)
		cursor_fail(c, WIRE_BAD_VALUE);
	return len;
}

struct span
der_take(struct cursor *c, enum der_tag tag)
{
	size_t len;

	if (cursor_u8(c) != (uint8_t)tag)
		cursor_fail(c, WIRE_BAD_VALUE);
	len = take_length(c);
	return cursor_bytes(c, len);
}

struct cursor
der_enter(struct cursor *c, enum der_tag tag)
{
	struct cursor inner = cursor_of(der_take(c, tag));

	if (c->err != WIRE_OK)
		cursor_fail(&inner, c->err);
	return inner;
}

struct span
der_integer(struct cursor *c)
{
	struct span v = der_take(c, DER_INTEGER);

	if (c->err != WIRE_OK)
		return span(NULL, 0);
	/* Empty, negative, or a zero that no sign bit asks for. */
	if (v.len == 0 || (v.p[0] & 0x80) ||
	    (v.p[0] == 0 && v.len > 1 && !(v.p[1] & 0x80))) {
		cursor_fail(c, WIRE_BAD_VALUE);
		return span(NULL, 0);
	}
	if (v.p[0] == 0)
		return span(v.p + 1, v.len - 1);
	return v;
}

struct span
der_bit_string(struct cursor *c)
{
	struct span v = der_take(c, DER_BIT_STRING);

	if (c->err != WIRE_OK)
		return span(NULL, 0);
	/* The first byte says how many bits of the last one do not count. */
	if (v.len == 0 || v.p[0] != 0) {
		cursor_fail(c, WIRE_BAD_VALUE);
		return span(NULL, 0);
	}
	return span(v.p + 1, v.len - 1);
}
