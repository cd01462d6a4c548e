/*
 * vis: escape hostile text for logs.  Pure layer, every process.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/vis.h"

#define ESCAPE_MAX_BYTES sizeof("\\000")

static size_t
escape(uint8_t c, bool again, char *out)
{
	static const char from[] = "\n\t\r\\", to[] = "ntr\\";
	const char *at = c == 0 ? NULL : strchr(from, c);

	if (at != NULL && !(again && c == '\\')) {
		out[0] = '\\';
		out[1] = to[at - from];
		return 2;
	}
	if (c >= ' ' && c < 0x7f) {
		out[0] = (char)c;
		return 1;
	}
	return (size_t)snprintf(out, ESCAPE_MAX_BYTES, "\\%03o", c);
}

static char *
visible(struct span in, bool again, char *out, size_t size)
{
	char one[ESCAPE_MAX_BYTES];
	size_t at = 0;

	for (size_t i = 0; i < in.len; i++) {
		size_t n = escape(in.p[i], again, one);

		if (n >= size - at)
			break;
		memcpy(out + at, one, n);
		at += n;
	}
	out[at] = '\0';
	return out;
}

char *
vis_text(struct span in, char *out, size_t size)
{
	return visible(in, false, out, size);
}

char *
vis_again(struct span in, char *out, size_t size)
{
	return visible(in, true, out, size);
}
