/*
 * cursor: getters for RFC 4251 data types.  Pure layer, every process.
 */
#include "base/cursor.h"

void
cursor_fail(struct cursor *c, enum wire_err err)
{
	if (c->err == WIRE_OK)
		c->err = err;
	c->p = NULL;
	c->left = 0;
}

struct span
cursor_bytes(struct cursor *c, size_t n)
{
	struct span s = { c->p, n };

	if (n > c->left) {
		cursor_fail(c, WIRE_SHORT);
		return (struct span){ NULL, 0 };
	}
	if (n > 0)
		c->p += n;
	c->left -= n;
	return s;
}

uint8_t
cursor_u8(struct cursor *c)
{
	struct span s = cursor_bytes(c, 1);

	return s.len == 1 ? s.p[0] : 0;
}

bool
cursor_bool(struct cursor *c)
{
	/* RFC 4251 section 5: all non-zero values MUST be read as TRUE. */
	return cursor_u8(c) != 0;
}

/* Big-endian, up to eight bytes. */
static uint64_t
cursor_be(struct cursor *c, size_t n)
{
	struct span s = cursor_bytes(c, n);
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | s.p[i];
	return v;
}

uint32_t
cursor_u32(struct cursor *c)
{
	return (uint32_t)cursor_be(c, 4);
}

uint64_t
cursor_u64(struct cursor *c)
{
	return cursor_be(c, 8);
}

struct span
cursor_string(struct cursor *c)
{
	uint32_t n = cursor_u32(c);

	return cursor_bytes(c, n);
}

struct span
cursor_name(struct cursor *c)
{
	struct span s = cursor_string(c);

	if (c->err != WIRE_OK)
		return s;
	if (s.len == 0 || s.len > SSH_NAME_MAX_BYTES)
		goto bad;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == ',')
			goto bad;
	}
	return s;
bad:
	cursor_fail(c, WIRE_BAD_NAME);
	return (struct span){ NULL, 0 };
}

struct span
cursor_mpint(struct cursor *c)
{
	struct span s = cursor_string(c);

	if (s.len == 0)
		return s;
	if (s.p[0] & 0x80)
		goto bad;
	if (s.p[0] == 0) {
		/* A leading zero is there only to keep the sign positive. */
		if (s.len == 1 || !(s.p[1] & 0x80))
			goto bad;
		return span(s.p + 1, s.len - 1);
	}
	return s;
bad:
	cursor_fail(c, WIRE_BAD_VALUE);
	return (struct span){ NULL, 0 };
}

struct span
cursor_rest(struct cursor *c)
{
	return cursor_bytes(c, c->left);
}

enum wire_err
cursor_end(struct cursor *c)
{
	if (c->err == WIRE_OK && c->left > 0)
		cursor_fail(c, WIRE_LONG);
	return c->err;
}
