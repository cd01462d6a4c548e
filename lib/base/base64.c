/*
 * base64: RFC 4648 section 4.  Pure layer, every process.
 */
#include "base/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool
base64_decode(struct span in, uint8_t *out, size_t size, size_t *len)
{
	uint32_t bits = 0;
	size_t digits = 0, pads = 0, n = 0;

	*len = 0;
	for (size_t i = 0; i < in.len; i++) {
		int v = value(in.p[i]);

		if (is_space(in.p[i]))
			continue;
		if (in.p[i] == '=' && digits % 4 >= 2 && pads < 2) {
			pads++;
			continue;
		}
		if (v < 0 || pads > 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (digits++ % 4 == 0)
			continue;
		if (n == size)
			return false;
		out[n++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	if (digits % 4 == 1 || (pads > 0 && (digits + pads) % 4 != 0))
		return false;
	/* What a last digit says beyond the last byte must be zero. */
	if (digits % 4 != 0 &&
	    (bits & ((1u << (8 - 2 * (digits % 4))) - 1)) != 0)
		return false;
	*len = n;
	return true;
}

bool
base64_encode(struct span in, char *out, size_t size)
{
	size_t at = 0;

	if (size == 0)
		return false;
	out[0] = '\0';
	if (in.len > (size - 1) / 4 * 3)
		return false;
	for (size_t i = 0; i < in.len; i += 3) {
		size_t n = in.len - i;
		uint32_t v = (uint32_t)in.p[i] << 16;

		if (n > 1)
			v |= (uint32_t)in.p[i + 1] << 8;
		if (n > 2)
			v |= in.p[i + 2];
		out[at++] = alphabet[v >> 18];
		out[at++] = alphabet[v >> 12 & 63];
		out[at++] = n > 1 ? alphabet[v >> 6 & 63] : '=';
		out[at++] = n > 2 ? alphabet[v & 63] : '=';
	}
	out[at] = '\0';
	return true;
}
