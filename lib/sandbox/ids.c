/*
 * ids: become somebody else.  Launch and monitor.
 *
 * Nothing here may return true without having read back what it set.
 */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/ids.h"

static bool
all_ids_are(uid_t uid, gid_t gid)
{
	uid_t ru, eu, su;
	gid_t rg, eg, sg;

	if (getresuid(&ru, &eu, &su) < 0 || getresgid(&rg, &eg, &sg) < 0)
		return false;
	return ru == uid && eu == uid && su == uid && rg == gid &&
	    eg == gid && sg == gid;
}

static bool
set_groups(gid_t gid, const char *name)
{
	return name == NULL ? setgroups(0, NULL) == 0
			    : initgroups(name, gid) == 0;
}

/* Who can still become root has not dropped anything. */
static bool
root_is_out_of_reach(uid_t uid)
{
	if (uid == 0)
		return true;
	return setresuid((uid_t)-1, 0, (uid_t)-1) < 0 && setuid(0) < 0 &&
	    seteuid(0) < 0;
}

bool
ids_drop_keeping_groups(uid_t uid, gid_t gid)
{
	if (geteuid() == 0 && (setresgid(gid, gid, gid) < 0 ||
				  setresuid(uid, uid, uid) < 0))
		return false;
	if (all_ids_are(uid, gid) && root_is_out_of_reach(uid))
		return true;
	errno = EPERM;
	return false;
}

bool
ids_drop_forever(uid_t uid, gid_t gid, const char *name)
{
	/* Only root may set groups; who is not root keeps the inherited. */
	if (geteuid() == 0 && !set_groups(gid, name))
		return false;
	return ids_drop_keeping_groups(uid, gid);
}

bool
ids_enter(struct ids_saved *saved, uid_t uid, gid_t gid, const char *name)
{
	memset(saved, 0, sizeof *saved);
	saved->uid = geteuid();
	saved->gid = getegid();
	if (saved->uid != 0)
		return true;
	saved->group_count = getgroups((int)ARRAY_LEN(saved->groups),
	    saved->groups);
	if (saved->group_count < 0)
		return false;
	saved->active = true;
	if (!set_groups(gid, name) || setegid(gid) < 0 || seteuid(uid) < 0)
		return false;
	return geteuid() == uid && getegid() == gid;
}

bool
ids_leave(struct ids_saved *saved)
{
	if (!saved->active)
		return true;
	if (seteuid(saved->uid) < 0 || setegid(saved->gid) < 0 ||
	    setgroups((size_t)saved->group_count, saved->groups) < 0)
		return false;
	saved->active = false;
	return geteuid() == saved->uid && getegid() == saved->gid;
}
