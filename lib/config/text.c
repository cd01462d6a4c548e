/*
 * text: a string that grows.  Pure layer.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/text.h"

static bool
make_room(struct text *t, size_t more)
{
	size_t room = t->room == 0 ? 8192 : t->room;
	char *s;

	if (t->failed)
		return false;
	while (room - t->n <= more)
		room *= 2;
	if (room == t->room)
		return true;
	s = realloc(t->s, room);
	t->failed = s == NULL;
	if (s == NULL)
		return false;
	t->s = s;
	t->room = room;
	return true;
}

void
text_put(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0 && make_room(t, (size_t)n + 1)) {
		(void)vsnprintf(t->s + t->n, (size_t)n + 1, fmt, again);
		t->n += (size_t)n;
	}
	va_end(again);
	va_end(ap);
}

char *
text_done(struct text *t)
{
	if (!t->failed)
		return t->s;
	free(t->s);
	*t = (struct text){ 0 };
	return NULL;
}
