/*
 * strictmodes: could anybody else have written this file?  Keys role, with the
 * user's ids.
 */
#ifndef SSHD_CONN_KEYS_STRICTMODES_H
#define SSHD_CONN_KEYS_STRICTMODES_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/sysdef.h"

#define STRICTMODES_WHY_BYTES (PATH_MAX + 64)

/*
 * strictmodes_check - owner and mode of a file and the directories above it
 *
 * Each must be root's or the user's and writable by nobody else, from the
 * file (st is of the descriptor that is open already) up to the user's home,
 * or to "/" for a file outside of it, or if home is NULL.  Symbolic links are resolved first.
 * On false, why says "bad ownership or modes for file PATH" and the like.
 */
bool strictmodes_check(const char *path, const struct stat *st, uid_t uid,
    const char *home, char why[static STRICTMODES_WHY_BYTES]) MUST_USE;

#endif
