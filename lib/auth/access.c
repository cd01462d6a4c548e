/*
 * access: the lists, the shell, the shadow entry.  Monitor only.
 */
#include <errno.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "auth/access.h"
#include "config/access.h"
#include "rules/password.h"
#include "run/log.h"

#define SECONDS_A_DAY 86400

/*
 * A stand-in's reasons are nobody's business: it has had its log line.  Only
 * an internet socket's address opens a door.
 */
static bool
lists_allow(struct account *account, const struct settings *settings,
    const struct peer *peer)
{
	bool inet = peer->transport == PEER_INET ||
	    peer->transport == PEER_INET6;
	const char *why = config_refuses_user(settings, account->name,
	    peer_name(peer), inet ? peer->remote_host : NULL);
	char *const *names;
	size_t count;

	if (why == NULL && config_asks_for_groups(settings)) {
		count = account_groups(account, &names);
		why = config_refuses_groups(settings, names, count);
	}
	if (why != NULL && account->known)
		log_line(LOG_LEVEL_INFO, false,
		    "User %.100s from %s not allowed because %s",
		    account->name, peer_name(peer), why);
	return why == NULL;
}

/* Locked is what passwd -l writes: a '!' before the hash. */
static bool
shadow_allows(struct account *account)
{
	const struct spwd *sp = getspnam(account->name);
	long today = (long)(time(NULL) / SECONDS_A_DAY);
	bool locked = sp != NULL && sp->sp_pwdp != NULL &&
	    sp->sp_pwdp[0] == '!';
	bool expired = sp != NULL && sp->sp_expire >= 0 &&
	    sp->sp_expire < today;

	if (account->known && locked)
		log_event(LOG_EVENT(LOG_EVENT_DENIED), LOG_LEVEL_INFO, false,
		    "User %.100s not allowed because account is locked",
		    account->name);
	else if (account->known && expired)
		log_line(LOG_LEVEL_INFO, false, "Account %.100s has expired",
		    account->name);
	else if (sp != NULL && account->known)
		account_warn(sp, today, &account->warning);
	endspent();
	return !locked && !expired;
}

/* Existence is all: /etc/shells is not asked, as sshd never did. */
static bool
shell_allows(const struct account *account)
{
	struct stat st;
	const char *why = NULL;

	if (stat(account->shell, &st) < 0)
		why = "does not exist";
	else if (!S_ISREG(st.st_mode) ||
	    (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		why = "is not executable";
	if (why != NULL && account->known)
		log_event(LOG_EVENT(LOG_EVENT_DENIED), LOG_LEVEL_INFO, false,
		    "User %.100s not allowed because shell %.100s %s",
		    account->name, account->shell, why);
	return why == NULL;
}

void
access_admit(struct account *account, const struct settings *settings,
    const struct peer *peer, bool root)
{
	bool ok = !root || settings->use_pam || shadow_allows(account);

	ok = ok && (settings->chroot_directory != NULL ||
		       shell_allows(account));
	ok = ok && lists_allow(account, settings, peer);
	account->valid = account->known && ok;
}
