/*
 * record: what a line of utmp, wtmp, btmp or lastlog looks like, and of the
 * methods that a login has passed.
 *
 * Pure layer: no file, no log, no exit; the monitor writes them.
 */
#ifndef SSHD_CONN_RULES_RECORD_H
#define SSHD_CONN_RULES_RECORD_H

#include <lastlog.h>
#include <stdbool.h>
#include <utmpx.h>

#include "base/span.h"
#include "base/sysdef.h"
#include "run/peer.h"

/*
 * record_utmp - one record; what is too long for its field is cut
 *
 * line is "pts/3" or any other name of a place; user is NULL for the end of
 * a login.
 */
struct utmpx record_utmp(const struct peer *peer, short type,
    const char *line, pid_t pid, const char *user);

/* A login now, as lastlog has it. */
struct lastlog record_lastlog(const struct peer *peer, const char *line);

/* "pts/" and a number, not too long, and nothing else. */
bool record_is_tty(const char *name);

/*
 * record_method - one more line of ExposeAuthInfo: the method, and the key as
 * authorized_keys would have it; key is empty for methods that have none
 *
 * *lines is what there is so far, or NULL, and the caller's to free in the
 * end.  False without memory, and nothing has changed.
 */
bool record_method(char **lines, const char *method, struct span key)
    MUST_USE;

#endif
