/*
 * banner: the text that is shown before authentication, RFC 4252 5.4.
 * Monitor.
 */
#ifndef SSHD_CONN_MONITOR_BANNER_H
#define SSHD_CONN_MONITOR_BANNER_H

#include <stddef.h>

#include "base/span.h"
#include "base/sysdef.h"
#include "image/image.h"

struct monitor;

/*
 * banner_read - the file's text, free() it; NULL if there is none
 *
 * image may be NULL, path too, or "none".  One that cannot be read, is no
 * regular file or is over IMAGE_BANNER_MAX_BYTES (what net has room for at
 * once) is logged and left out: it keeps nobody out.
 */
char *banner_read(const struct image *image, const char *path, size_t *len)
    MUST_USE;

/*
 * banner_ahead - sends all of text but its last piece, which is returned for
 * the verdict.  Cut behind a line where there is one.
 */
struct span banner_ahead(struct monitor *m, struct span text) MUST_USE;

#endif
