/*
 * banner: the text that is shown before authentication, RFC 4252 5.4.
 * Monitor.
 */
#ifndef SSHD_CONN_MONITOR_BANNER_H
#define SSHD_CONN_MONITOR_BANNER_H

#include <stddef.h>

#include "base/sysdef.h"

/*
 * banner_read - the file's text, free() it; NULL if there is none
 *
 * path may be NULL or "none".  One that cannot be read, is no regular file or
 * is over what a frame holds is logged and left out: it keeps nobody out.
 */
char *banner_read(const char *path, size_t *len) MUST_USE;

#endif
