/*
 * spawn: from a decided command to a running one.  User process; policy was
 * applied before, in requests.c: this file starts what it is given.
 */
#ifndef SSHD_CONN_USER_SPAWN_H
#define SSHD_CONN_USER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "user/login.h"

struct spawn {
	const char *shell;	/* path */
	const char *command;	/* for shell -c; NULL: a login shell */
	char **envp;
	const char *home;
	const char *complaint;	/* for its standard error; NULL: none */
	bool tty;		/* fds[0] is to be the controlling terminal */
	int fds[3];		/* to be 0, 1, 2; the caller's to close */
	struct login login;	/* what happens before the command */
};

/*
 * spawn_start - fork and execute
 *
 * The command gets its own session (and so its own process group, both
 * named by the returned pid), descriptors 0 to 2 and no other, default
 * signals, an empty mask, and the home directory.  What goes wrong after the
 * fork is said on the command's standard error, and its exit status is 1.
 * Returns -1 if there is no process to be had; errno says.
 */
pid_t spawn_start(const struct spawn *s) MUST_USE;

/* A command's three pipes: both ends close-on-exec. */
struct spawn_pipes {
	int ours[3];		/* non-blocking: write, read, read */
	int theirs[3];
};

/* False, with nothing open, if there are none to be had; errno says. */
bool spawn_pipes_open(struct spawn_pipes *p) MUST_USE;
void spawn_pipes_close(struct spawn_pipes *p);

#endif
