/*
 * authinfo: ExposeAuthInfo's file, SSH_USER_AUTH in the environment.  User
 * process: the file is made and removed with the user's rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "user/role.h"

#define AUTHINFO_TEMPLATE	"/tmp/sshauth.XXXXXXXXXXXXXXX"

void
authinfo_make(struct user *u)
{
	struct span text = u->policy.auth_info;
	const char *what = "memory";
	int fd = -1;

	if (text.len == 0)
		return;
	u->auth_info = strdup(AUTHINFO_TEMPLATE);
	if (u->auth_info != NULL) {
		what = "mkstemp";
		fd = mkostemp(u->auth_info, O_CLOEXEC);
	}
	if (fd >= 0 && fd_write_all(fd, text.p, text.len)) {
		fd_close(&fd);
		return;
	}
	if (fd >= 0) {
		what = "write";
		(void)unlink(u->auth_info);
	}
	user_event(u, SESS_EVENT_ERROR, 0, "ExposeAuthInfo: %s: %s", what,
	    strerror(errno));
	fd_close(&fd);
	free(u->auth_info);
	u->auth_info = NULL;
}

void
authinfo_remove(struct user *u)
{
	if (u->auth_info != NULL)
		(void)unlink(u->auth_info);
	free(u->auth_info);
	u->auth_info = NULL;
}
