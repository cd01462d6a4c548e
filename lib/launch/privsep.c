/*
 * privsep: find net's user.  Runs in main, as root.
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "launch/privsep.h"

#define PASSWD_FILE	"/etc/passwd"

bool
privsep_find(const char *name, uid_t *uid, gid_t *gid)
{
	FILE *file = fopen(PASSWD_FILE, "re");
	struct passwd *pw = NULL;

	while (file != NULL && (pw = fgetpwent(file)) != NULL) {
		if (strcmp(pw->pw_name, name) == 0)
			break;
	}
	if (pw == NULL)
		pw = getpwnam(name);
	if (pw != NULL) {
		*uid = pw->pw_uid;
		*gid = pw->pw_gid;
	}
	if (file != NULL)
		fclose(file);
	return pw != NULL;
}
