/*
 * login: what a user sees and what runs between login and command: last
 * login, motd, nologin, sshrc.  User process, mostly in the forked child.
 */
#ifndef SSHD_CONN_USER_LOGIN_H
#define SSHD_CONN_USER_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

enum login_rc {
	LOGIN_RC_NONE,
	LOGIN_RC_USER,		/* ~/.ssh/rc */
	LOGIN_RC_SYSTEM,	/* /etc/ssh/sshrc */
};

/* Why nothing of what was asked for runs. */
enum login_stop {
	LOGIN_GOES_ON,
	LOGIN_PASSWORD_EXPIRED,	/* passwd(1) runs, if there is a terminal */
	LOGIN_CLOSED,		/* /etc/nologin is there and counts */
	LOGIN_NO_SESSION,	/* PAM would not have one */
};

struct login {
	bool greets;		/* any of the next three */
	struct span text;	/* PAM's; may be empty */
	bool motd;
	bool last;
	uint64_t last_sec;	/* 0: never before */
	const char *last_host;	/* may be empty; as the monitor sent it */
	enum login_stop stop;
	bool home_may_miss;	/* in a chroot: no word about it */
	enum login_rc rc;
};

/* Is there a ~/.hushlogin? */
bool login_is_quiet(const char *home);

/* Is there an /etc/nologin that stops this uid? */
bool login_is_closed(uint32_t uid);

/* Which sshrc is to run?  user_allowed: the user's own may. */
enum login_rc login_find_rc(const char *home, bool user_allowed);

/* In the child: what PAM said, "Last login: ..." and /etc/motd. */
void login_greet(const struct login *l);

/* In the child: what happens instead of all that l->stop keeps out. */
NORETURN void login_stop(const struct login *l, bool tty, char **envp);

/*
 * login_rc - in the child, in the home directory: run it and wait for it
 *
 * Its standard input is at its end at once; what it writes goes where the
 * command's output goes.  How it ends does not matter.
 */
void login_rc(enum login_rc rc, const char *shell, char **envp);

#endif
