/*
 * privsep: the ids of net's user.  Runs in main, before the fork.
 */
#ifndef SSHD_CONN_LAUNCH_PRIVSEP_H
#define SSHD_CONN_LAUNCH_PRIVSEP_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/sysdef.h"

/*
 * privsep_find - look the system user up
 *
 * In /etc/passwd first, where system users are: going through NSS means its
 * configuration, its modules and a search for nscd, on every connection.
 * Only a user who is not there is asked for in the ordinary way.
 */
bool privsep_find(const char *name, uid_t *uid, gid_t *gid) MUST_USE;

#endif
