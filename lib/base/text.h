/*
 * text: a C string that grows.  Pure layer.
 */
#ifndef SSHD_CONN_BASE_TEXT_H
#define SSHD_CONN_BASE_TEXT_H

#include <stdbool.h>

#include "base/sysdef.h"

/*
 * text_add - append to *text, which is NULL at first and the caller's to free
 *
 * False without memory, and what was there stays.
 */
bool text_add(char **text, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
