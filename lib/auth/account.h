/*
 * account: who a user name is, or a stand-in that leads nowhere.  Monitor.
 */
#ifndef SSHD_CONN_AUTH_ACCOUNT_H
#define SSHD_CONN_AUTH_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/span.h"
#include "base/sysdef.h"

#define ACCOUNT_NAME_MAX_BYTES 256

struct account {
	/*
	 * known: there is such an account.  valid: it may log in; nothing
	 * but account_admit() (access.h) sets it.
	 */
	bool known;
	bool valid;
	char name[ACCOUNT_NAME_MAX_BYTES]; /* never a name that is not known */
	uid_t uid;
	gid_t gid;
	char *home;
	char *shell;
	/* Made when something first asks for them. */
	gid_t *gids;			/* the primary one too */
	size_t gid_count;
	char **groups;			/* names */
	size_t group_count;
	bool gids_known, groups_known;
	/* Of the shadow file, where there is no PAM. */
	char *warning;			/* lines for the user; or NULL */
	bool aging_asked, aged;		/* the password has to be changed */
};

/*
 * account_lookup - the account of this name
 *
 * root: any account; else only the invoking uid's own, which is made from
 * HOME, SHELL and LOGNAME or USER if no passwd entry has that uid.
 *
 * For a name that is nobody's, the account is a stand-in: not known, uid and
 * gid 65534, a home that does not exist; so that the rest of the path, and
 * its time, is the same.  False only without memory; account_free() in any
 * case.
 *
 * Trust: name is the peer's.  It goes to getpwnam(3) and, unless an account
 * has it, nowhere else: no path is ever made of it.
 */
bool account_lookup(struct account *out, struct span name, bool root)
    MUST_USE;
void account_free(struct account *account);

/*
 * account_in_groups - is the user in a group that the comma-separated
 * patterns match, and in none that they deny ("!name")?
 */
bool account_in_groups(struct account *account, const char *patterns);

/* The group names, in *names, NULL when there is none. */
size_t account_groups(struct account *account, char *const **names);

/*
 * account_gids - the gids of initgroups(3), looked up once
 *
 * False without memory; a stand-in has its own gid and no other.
 */
bool account_gids(struct account *account, const gid_t **gids, size_t *count)
    MUST_USE;

/*
 * account_warm_up - let the name service load what it needs
 *
 * While the monitor waits for the peer: no login waits for it then, and the
 * first name that is asked about takes no longer for being nobody's.
 */
void account_warm_up(void);

#endif
