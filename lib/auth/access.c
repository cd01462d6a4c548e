/*
 * access: the lists, the shell, the shadow entry.  Monitor only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "auth/access.h"
#include "base/pattern.h"
#include "run/log.h"

#define SECONDS_A_DAY 86400

/* "ADDRESS/BITS": the number of leading bits; the rest must be alike. */
static bool
in_block(const char *host, char *address, const char *bits_text)
{
	uint8_t a[sizeof(struct in6_addr)], b[sizeof(struct in6_addr)];
	int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned long bits, max = family == AF_INET6 ? 128 : 32;
	char *end;

	bits = strtoul(bits_text, &end, 10);
	if (*bits_text < '0' || *bits_text > '9' || *end != '\0' ||
	    bits > max || inet_pton(family, address, b) != 1 ||
	    inet_pton(family, host, a) != 1)
		return false;
	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return bits % 8 == 0 ||
	    (a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8) == 0;
}

/*
 * Trust: the address is the kernel's, or the spawner's word for a pipe; only
 * an internet socket's may open a door, so the rest match nothing but "*".
 */
static bool
host_matches(const struct peer *peer, const char *pattern)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(pattern, '/');

	if (strcmp(pattern, "*") == 0)
		return true;
	if (peer->transport != PEER_INET && peer->transport != PEER_INET6)
		return false;
	if (slash == NULL)
		return pattern_list(span_str(peer->remote_host),
			   span_str(pattern), true) == PATTERN_YES;
	if (!span_copy_str(span(pattern, (size_t)(slash - pattern)), address,
		sizeof address))
		return false;
	return in_block(peer->remote_host, address, slash + 1);
}

bool
access_user_matches(const char *user, const struct peer *peer,
    const char *pattern)
{
	const char *at = strrchr(pattern, '@');

	if (at == NULL)
		return pattern_match(span_str(user), span_str(pattern));
	return pattern_match(span_str(user),
		   span(pattern, (size_t)(at - pattern))) &&
	    host_matches(peer, at + 1);
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
		log_line(LOG_LEVEL_INFO, false,
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
		log_line(LOG_LEVEL_INFO, false,
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
		log_line(LOG_LEVEL_INFO, false,
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
