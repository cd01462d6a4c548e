/*
 * text: see text.h.  Pure.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool
text_add(char **text, const char *fmt, ...)
{
	char *more = NULL, *both = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&more, fmt, ap);
	va_end(ap);
	if (n < 0)
		return false;
	if (*text == NULL) {
		*text = more;
		return true;
	}
	n = asprintf(&both, "%s%s", *text, more);
	free(more);
	if (n < 0)
		return false;
	free(*text);
	*text = both;
	return true;
}
