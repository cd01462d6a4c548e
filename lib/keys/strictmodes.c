/*
 * strictmodes: the walk from a file to the home.  Keys role; no log.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/strictmodes.h"

static bool
is_safe(const struct stat *st, uid_t uid)
{
	return (st->st_uid == 0 || st->st_uid == uid) &&
	    (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* "/a/b" to "/a", "/a" to "/"; false when there is nothing above. */
static bool
to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || path[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

bool
strictmodes_check(const char *path, const struct stat *st, uid_t uid,
    const char *home, char why[static STRICTMODES_WHY_BYTES])
{
	char at[PATH_MAX] UNINITIALIZED, top[PATH_MAX] UNINITIALIZED;
	struct stat above;
	bool has_home = home != NULL && realpath(home, top) != NULL;

	why[0] = '\0';
	if (realpath(path, at) == NULL) {
		snprintf(why, STRICTMODES_WHY_BYTES, "realpath %s failed: %s",
		    path, strerror(errno));
		return false;
	}
	if (!is_safe(st, uid)) {
		snprintf(why, STRICTMODES_WHY_BYTES,
		    "bad ownership or modes for file %s", at);
		return false;
	}
	while (to_parent(at)) {
		if (stat(at, &above) < 0 || !is_safe(&above, uid)) {
			snprintf(why, STRICTMODES_WHY_BYTES,
			    "bad ownership or modes for directory %s", at);
			return false;
		}
		if (has_home && strcmp(at, top) == 0)
			break;
	}
	return true;
}
