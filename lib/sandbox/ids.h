/*
 * ids: give up privileges, once and for good, or for a moment.
 *
 * Used by launch (net's uid), and by the monitor (the user's).  Each function
 * reads back what it has set; one that fails leaves no way to go on, and the
 * caller exits.
 */
#ifndef SSHD_CONN_SANDBOX_IDS_H
#define SSHD_CONN_SANDBOX_IDS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/sysdef.h"

/*
 * ids_drop_forever - real, effective and saved ids, and the groups
 *
 * groups: name's supplementary groups by initgroups(3), or none when name is
 * NULL.  Root must not be reachable again: that is tried, and must fail.
 */
bool ids_drop_forever(uid_t uid, gid_t gid, const char *name) MUST_USE;

/* The same with the groups as they are now: PAM may have added some. */
bool ids_drop_keeping_groups(uid_t uid, gid_t gid) MUST_USE;

/*
 * ids_enter, ids_leave - the effective ids and groups of the user, to open
 * the user's files as the user does, and back
 *
 * ids_leave() failing is EXIT_ENV at once: nobody may go on half root.
 * Without root both do nothing and succeed.
 */
struct ids_saved {
	uid_t uid;
	gid_t gid;
	int group_count;
	gid_t groups[256];
	bool active;
};
bool ids_enter(struct ids_saved *saved, uid_t uid, gid_t gid,
    const char *name) MUST_USE;
bool ids_leave(struct ids_saved *saved) MUST_USE;

#endif
