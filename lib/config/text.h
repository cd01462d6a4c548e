/*
 * text: a string that grows.  Pure layer, internal to lib/config.
 */
#ifndef SSHD_CONN_CONFIG_TEXT_H
#define SSHD_CONN_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"

/* Starts as zeroes; s is from malloc(3).  failed is sticky: no memory. */
struct text {
	char *s;
	size_t n, room;
	bool failed;
};

struct settings;

void text_put(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The string, which is the caller's, or NULL without memory. */
char *text_done(struct text *t) MUST_USE;

/*
 * A line for each address and port to listen on, after prefix; what is no
 * number becomes a comment unless names is set.  Returns whether one was
 * IPv6.
 */
bool put_listen_addresses(struct text *t, const struct settings *s,
    const char *prefix, bool names);

#endif
