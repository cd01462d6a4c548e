/*
 * pam: account, credentials and session by PAM.  Monitor, root only.
 *
 * pam.c is the only file that knows libpam, and it opens the library at the
 * first login that needs it.
 */
#ifndef SSHD_CONN_AUTH_PAM_H
#define SSHD_CONN_AUTH_PAM_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "run/peer.h"

struct pam_login;

/* Was this program built with PAM? */
bool pam_built(void);

/*
 * pam_login_new - a PAM transaction for a user who is authenticated
 *
 * PAM_RHOST is the peer's address, PAM_TTY "ssh".  NULL, with the reason
 * logged, when libpam or memory is not there.
 */
struct pam_login *pam_login_new(const char *service, const char *user,
    const struct peer *peer) MUST_USE;

/*
 * pam_login_account - may the account be used now?
 *
 * False, with the reason logged, in every case but PAM_SUCCESS; also when a
 * module changed who the user is.
 */
bool pam_login_account(struct pam_login *pam) MUST_USE;

/* Credentials and session, as root, before the user's process is made. */
bool pam_login_open(struct pam_login *pam) MUST_USE;

/*
 * pam_login_child - in the user's process, still root, groups already set:
 * credentials again (a module may add groups), then forget the transaction,
 * which stays the parent's to close
 */
bool pam_login_child(struct pam_login *pam) MUST_USE;

/* What modules had to say so far: lines, "" if nothing. */
const char *pam_login_text(const struct pam_login *pam);

/* NAME=VALUE strings, a NULL at the end; NULL without memory. */
char **pam_login_env(struct pam_login *pam) MUST_USE;
void pam_env_free(char **env);

/* Closes what was opened, and the transaction.  NULL is fine. */
void pam_login_free(struct pam_login *pam);

#endif
