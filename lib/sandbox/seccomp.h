/*
 * seccomp: the system calls that net may make, and why; and what others may
 * not.
 */
#ifndef SSHD_CONN_SANDBOX_SECCOMP_H
#define SSHD_CONN_SANDBOX_SECCOMP_H

#include <stdbool.h>

#include "base/sysdef.h"

/*
 * seccomp_net - install net's filter in the calling process
 *
 * no_new_privs must be set.  Whatever is not in the table kills the process
 * with SIGSYS, which the monitor logs; a few calls that libraries try on
 * their own fail with EACCES instead.  False: errno says.
 */
bool seccomp_net(void) MUST_USE;

/*
 * seccomp_alone - no signal to, no look into and no hold on any process, also
 * none of the same user; all else as before
 *
 * no_new_privs must be set.  The calls fail with EACCES.  False: errno says.
 */
bool seccomp_alone(void) MUST_USE;

#endif
