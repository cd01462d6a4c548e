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
#include "base/pattern.h"
#include "config/match.h"
#include "run/log.h"

#define SECONDS_A_DAY 86400

/*
 * Trust: the address is the kernel's, or the spawner's word for a pipe; only
 * an internet socket's may open a door, so the rest match nothing but "*".
 */
bool
access_user_matches(const char *user, const struct peer *peer,
    const char *pattern)
{
	bool inet = peer->transport == PEER_INET ||
	    peer->transport == PEER_INET6;

	if (strchr(pattern, '@') != NULL && !inet) {
		const char *at = strrchr(pattern, '@');

		return strcmp(at, "@*") == 0 && pattern_match(span_str(user),
		    span(pattern, (size_t)(at - pattern)));
	}
	return match_user(user, peer->remote_host, peer->remote_host,
	    pattern) == MATCH_YES;
}

static bool
user_listed(const struct account *account, const struct peer *peer,
    const struct strlist *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (access_user_matches(account->name, peer, list->v[i]))
			return true;
	}
	return false;
}

static bool
group_listed(struct account *account, const struct strlist *list)
{
	char *const *names;
	size_t count = account_groups(account, &names);

	for (size_t g = 0; g < count; g++) {
		for (size_t i = 0; i < list->n; i++) {
			if (pattern_match(span_str(names[g]),
				span_str(list->v[i])))
				return true;
		}
	}
	return false;
}

/* A stand-in's reasons are nobody's business: it has had its log line. */
static bool
refuse(const struct account *account, const struct peer *peer,
    const char *why)
{
	if (account->known)
		log_event(LOG_EVENT(LOG_EVENT_DENIED), LOG_LEVEL_INFO, false,
		    "User %.100s from %s not allowed because %s",
		    account->name, peer->remote_host, why);
	return false;
}

/* sshd_config(5)'s order: DenyUsers, AllowUsers, DenyGroups, AllowGroups. */
static bool
lists_allow(struct account *account, const struct settings *settings,
    const struct peer *peer)
{
	char *const *names;

	if (user_listed(account, peer, &settings->deny_users))
		return refuse(account, peer, "listed in DenyUsers");
	if (settings->allow_users.n > 0 &&
	    !user_listed(account, peer, &settings->allow_users))
		return refuse(account, peer, "not listed in AllowUsers");
	if (settings->deny_groups.n == 0 && settings->allow_groups.n == 0)
		return true;
	if (account_groups(account, &names) == 0)
		return refuse(account, peer, "not in any group");
	if (group_listed(account, &settings->deny_groups))
		return refuse(account, peer,
		    "a group is listed in DenyGroups");
	if (settings->allow_groups.n > 0 &&
	    !group_listed(account, &settings->allow_groups))
		return refuse(account, peer,
		    "none of user's groups are listed in AllowGroups");
	return true;
}

/* Locked is what passwd -l writes: a '!' before the hash. */
static bool
shadow_allows(const struct account *account)
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

bool
access_root_login(const struct account *account,
    const struct settings *settings, const char *method, bool forced)
{
	if (account->uid != 0)
		return true;
	switch (settings->permit_root_login) {
	case ROOT_YES:
		return true;
	case ROOT_PROHIBIT_PASSWORD:
		return strcmp(method, "publickey") == 0;
	case ROOT_FORCED_COMMANDS_ONLY:
		return forced;
	case ROOT_NO:
		break;
	}
	return false;
}
