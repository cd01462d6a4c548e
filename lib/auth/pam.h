/*
 * pam: authentication, account, credentials and session by PAM.  Monitor,
 * root only.
 *
 * pam.c is the only file that knows libpam.  One transaction serves the
 * whole login: what a module kept from authentication is there for the
 * session.
 */
#ifndef SSHD_CONN_AUTH_PAM_H
#define SSHD_CONN_AUTH_PAM_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"
#include "run/peer.h"

struct pam_login;

/*
 * What answers a module's question.  text is what modules had to say since
 * the last one, lines or ""; prompt NULL: there is nothing else.  Returns the
 * answer, for modules to wipe and free, "" to a text alone, or NULL: nobody
 * is there to answer, and no more questions are passed on.
 */
struct pam_asker {
	char *(*ask)(void *ctx, const char *text, const char *prompt,
	    bool echo);
	void *ctx;
};

enum pam_account {
	PAM_ACCOUNT_DENIED,
	PAM_ACCOUNT_ADMITTED,
	PAM_ACCOUNT_NEW_PASSWORD, /* it may, with a new password */
};

void pam_env_free(char **env);

#ifdef HAVE_PAM

/* Was this program built with PAM? */
bool pam_built(void);

/* Opens libpam, while nobody waits; pam_login_new() would do it too. */
void pam_warm_up(void);

/*
 * pam_login_new - a PAM transaction for this user of this service
 *
 * PAM_RHOST is the peer's name or address, PAM_TTY "ssh".  NULL, with the
 * reason logged, when libpam or memory is not there.
 *
 * Trust: user may be nobody's name, as the peer wrote it; the caller sees to
 * it that it is no path.
 */
struct pam_login *pam_login_new(const char *service, const char *user,
    const struct peer *peer) MUST_USE;

/*
 * pam_login_authenticate - let the modules ask until they know
 *
 * True only for PAM_SUCCESS and a user who is still the same.  Nothing is
 * logged: see pam_login_error().  empty_ok: an empty password may be enough.
 */
bool pam_login_authenticate(struct pam_login *pam,
    const struct pam_asker *asker, bool empty_ok) MUST_USE;

/* pam_strerror() of the last call, "" without a transaction. */
const char *pam_login_error(const struct pam_login *pam);

/* May the account be used now?  A user who was changed may not. */
enum pam_account pam_login_account(struct pam_login *pam) MUST_USE;

/* Has an expired password changed, in a conversation like the above. */
bool pam_login_change_password(struct pam_login *pam,
    const struct pam_asker *asker) MUST_USE;

/* For the modules that follow.  False: no memory. */
bool pam_login_put_env(struct pam_login *pam, const char *name,
    const char *value) MUST_USE;

/*
 * pam_login_open - credentials and session, as root, before the user's
 * process is made
 *
 * *session: has it been opened?  Without one sshd lets the user in and runs
 * nothing.  False: not this user, or the credentials of one whom PAM has
 * authenticated cannot be had.
 */
bool pam_login_open(struct pam_login *pam, bool *session) MUST_USE;

/*
 * pam_login_child - in the user's process, still root, groups already set:
 * credentials again (a module may add groups), then forget the transaction,
 * which stays the parent's to close
 */
bool pam_login_child(struct pam_login *pam) MUST_USE;

/*
 * pam_login_text - what modules had to say and nobody was shown: lines
 *
 * Valid until the next call of anything here, which forgets it.
 */
const char *pam_login_text(struct pam_login *pam);

/* NAME=VALUE strings, a NULL at the end; NULL without memory. */
char **pam_login_env(struct pam_login *pam) MUST_USE;

/* Closes what was opened, and the transaction.  NULL is fine. */
void pam_login_free(struct pam_login *pam);

#else /* Nothing of it is ever reached: pam_built() says no. */

#define PAM_ABSENT(type, name, what, ...) \
	static inline type name(__VA_ARGS__) { return what; }
PAM_ABSENT(bool, pam_built, false, void)
PAM_ABSENT(void, pam_warm_up, (void)0, void)
PAM_ABSENT(struct pam_login *, pam_login_new, NULL,
    const char *service UNUSED, const char *user UNUSED,
    const struct peer *peer UNUSED)
PAM_ABSENT(bool, pam_login_authenticate, false, struct pam_login *pam UNUSED,
    const struct pam_asker *asker UNUSED, bool empty_ok UNUSED)
PAM_ABSENT(const char *, pam_login_error, "",
    const struct pam_login *pam UNUSED)
PAM_ABSENT(enum pam_account, pam_login_account, PAM_ACCOUNT_DENIED,
    struct pam_login *pam UNUSED)
PAM_ABSENT(bool, pam_login_change_password, false,
    struct pam_login *pam UNUSED, const struct pam_asker *asker UNUSED)
PAM_ABSENT(bool, pam_login_put_env, false, struct pam_login *pam UNUSED,
    const char *name UNUSED, const char *value UNUSED)
PAM_ABSENT(bool, pam_login_open, false, struct pam_login *pam UNUSED,
    bool *session UNUSED)
PAM_ABSENT(bool, pam_login_child, false, struct pam_login *pam UNUSED)
PAM_ABSENT(const char *, pam_login_text, "", struct pam_login *pam UNUSED)
PAM_ABSENT(char **, pam_login_env, NULL, struct pam_login *pam UNUSED)
PAM_ABSENT(void, pam_login_free, (void)0, struct pam_login *pam UNUSED)

#endif

#endif
