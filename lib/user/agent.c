/*
 * agent: the way back to the client's agent: a socket that only the user can
 * reach, in a directory of its own.  User process; must leave neither behind.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/forward.h"

static bool
make_path(struct user *u)
{
	char dir[] = "/tmp/ssh-XXXXXXXXXX";

	if (mkdtemp(dir) == NULL)
		return false;
	if (asprintf(&u->agent_path, "%s/agent.%ld", dir, (long)getpid()) >=
	    0)
		return true;
	u->agent_path = NULL;
	(void)rmdir(dir);
	return false;
}

static void
remove_path(struct user *u)
{
	(void)unlink(u->agent_path);
	*strrchr(u->agent_path, '/') = '\0';
	(void)rmdir(u->agent_path);
	free(u->agent_path);
	u->agent_path = NULL;
}

bool
agent_open(struct user *u)
{
	int fd, errnum;

	if (!u->policy.agent_forwarding || u->agent_path != NULL)
		return false;
	if (!make_path(u)) {
		user_event(u, SESS_EVENT_ERROR, 0,
		    "mkdtemp: private socket dir: %s", strerror(errno));
		return false;
	}
	fd = listen_unix_at(u->agent_path, 0177);
	errnum = errno;
	if (fd >= 0 && listen_add(u, USER_SOCKET_AGENT, span(NULL, 0), 0, fd))
		return true;
	user_event(u, SESS_EVENT_ERROR, 0, "agent socket: %s",
	    strerror(fd < 0 ? errnum : EMFILE));
	remove_path(u);
	return false;
}

void
agent_end(struct user *u)
{
	if (u->agent_path != NULL)
		remove_path(u);
}
