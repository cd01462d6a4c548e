/*
 * title: the command line that ps(1) shows.
 *
 * The kernel reads it from where execve(2) has put the arguments, and when
 * they do not end in a NUL any more, on into the environment behind them:
 * that is meant for this, see proc(5).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/title.h"

#define TITLE_PREFIX	"sshd: "
#define TITLE_MAX_BYTES	2048	/* the kernel shows no more than a page */

/* Like the log's, one for a process: there is one command line. */
static struct {
	char *p;
	size_t size;
	size_t used;		/* bytes that may be other than NUL */
} room;

/* How far the strings lie one behind the other, from end on. */
static char *
end_of_strings(char *const *strings, char *end)
{
	for (; *strings != NULL && (end == NULL || *strings == end); strings++)
		end = *strings + strlen(*strings) + 1;
	return end;
}

static void
move(char **strings, const char *from, const char *to, char *copy)
{
	for (; *strings != NULL; strings++) {
		if (*strings >= from && *strings < to)
			*strings = copy + (*strings - from);
	}
}

void
title_init(int argc, char **argv)
{
	char *end = end_of_strings(argv, NULL), *copy;
	size_t size;

	if (argc < 1 || end == NULL)
		return;
	if (environ != NULL)
		end = end_of_strings(environ, end);
	size = (size_t)(end - argv[0]);
	copy = malloc(size);	/* stays until the end */
	if (copy == NULL)
		return;
	room.p = argv[0];
	room.size = room.used = size;
	memcpy(copy, room.p, size);
	if (environ != NULL)
		move(environ, room.p, end, copy);
	move(argv, room.p, end, copy);
	/* libc has pointers of its own to the first. */
	program_invocation_name = argv[0];
	program_invocation_short_name = strrchr(argv[0], '/') == NULL
	    ? argv[0] : strrchr(argv[0], '/') + 1;
}

void
title_set(const char *fmt, ...)
{
	char text[TITLE_MAX_BYTES];
	va_list ap;

	if (room.p == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	memset(room.p, 0, room.used);
	snprintf(room.p, room.size, TITLE_PREFIX "%s", text);
	room.used = strlen(room.p);
}
