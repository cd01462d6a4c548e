/*
 * children: the lives and deaths of net and user.  Monitor.
 */
#ifndef SSHD_CONN_MONITOR_CHILDREN_H
#define SSHD_CONN_MONITOR_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/sysdef.h"

struct monitor;

/* Is there anybody left to wait for or to listen to? */
bool children_left(const struct monitor *m);

/*
 * children_reap - collect who has ended, without waiting
 *
 * Decides the exit status: net that died of a signal, or either that ended
 * with a status of its own, is logged and passed on.  What they had sent
 * before is still in their sockets.
 */
void children_reap(struct monitor *m);

/*
 * children_check - after all frames are served: close the edge of who has
 * ended, give the other a moment, kill who is late
 */
void children_check(struct monitor *m);

/*
 * children_watch - a descriptor that can be read once this child has ended
 *
 * -1 where there is none to be had: then only the end is noticed later.
 */
int children_watch(pid_t pid) MUST_USE;

/* From now on whoever is left has this long; an earlier deadline stays. */
void children_set_deadline(struct monitor *m, int64_t ms);

/* Kills and reaps who is left, and closes the edges. */
void children_kill(struct monitor *m);

#endif
