/*
 * vis: make somebody else's text fit for one log line.  Pure layer.
 */
#ifndef SSHD_CONN_BASE_VIS_H
#define SSHD_CONN_BASE_VIS_H

#include <stddef.h>

#include "base/span.h"

/*
 * vis_text - printable US-ASCII and spaces as they are, all else escaped
 *
 * Control characters, 8-bit bytes and the backslash become \ooo, \n, \t, \r
 * or \\, so the result is one line that no terminal obeys.  At most
 * size - 1 bytes and the NUL are written; an escape is never cut in half.
 * size must be at least 1.  Returns out.
 *
 * Trust: in is hostile; out is safe for syslog and a terminal.
 */
char *vis_text(struct span in, char *out, size_t size);

/*
 * vis_again - the same for text whose writer was to escape it already
 *
 * Backslashes stay as they are, so what was escaped is not escaped twice; of
 * a writer that did not, the result is one harmless line all the same.
 */
char *vis_again(struct span in, char *out, size_t size);

#endif
