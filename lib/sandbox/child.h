/*
 * child: what a process of the monitor's does on its way to being somebody
 * else: the user role's, and the keys role's.
 */
#ifndef SSHD_CONN_SANDBOX_CHILD_H
#define SSHD_CONN_SANDBOX_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/sysdef.h"

#define CHILD_FIRST_FD	3	/* 0 to 2 stay as they are */

/* Every signal to its default, and none blocked. */
void child_reset_signals(void);

/*
 * child_keep_only - move fds[i] to CHILD_FIRST_FD + i, close all above them
 *
 * The log's descriptor is among those that go: nothing may be logged then.
 */
bool child_keep_only(int *fds, size_t count) MUST_USE;

/*
 * child_become - these ids for good, with the groups as they are; not
 * dumpable, and dead with its parent
 *
 * False also when the parent is gone already.
 */
bool child_become(uid_t uid, gid_t gid, pid_t parent) MUST_USE;

/*
 * child_confine_keys - bounds for the keys role, which has become its user
 *
 * No core file and an end to its processor time, by a soft limit that is
 * lifted for a command; where there is none (command is false) neither new
 * processes nor new files nor new privileges.
 */
bool child_confine_keys(bool command) MUST_USE;

#endif
