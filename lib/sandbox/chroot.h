/*
 * chroot: sshd_config(5)'s ChrootDirectory.  A process that is still root
 * and about to become a user.
 */
#ifndef SSHD_CONN_SANDBOX_CHROOT_H
#define SSHD_CONN_SANDBOX_CHROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/sysdef.h"

#define CHROOT_WHY_BYTES 512

/*
 * chroot_enter - make the directory this process's root, for good
 *
 * Each component of path must be a directory of root's that nobody else may
 * write, or a user could put a setuid program's files into place; where
 * symbolic links are on the way, so must be what they lead to.
 *
 * Returns false with a line for the log in why; the caller must exit then,
 * for its working directory may be another.
 */
bool chroot_enter(const char *path, char why[static CHROOT_WHY_BYTES])
    MUST_USE;

/*
 * chroot_enter_for - the same with a pattern: %h, %u and %U are the user's
 *
 * said gets the line for the log in either case.  Without root it fails.
 */
bool chroot_enter_for(const char *pattern, const char *home,
    const char *user, uid_t uid, char said[static CHROOT_WHY_BYTES])
    MUST_USE;

#endif
