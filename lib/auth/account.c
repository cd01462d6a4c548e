/*
 * account: passwd and group lookups.  Monitor only; neither logs nor exits.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/account.h"
#include "base/pattern.h"

#define GROUPS_MAX_COUNT 65536
#define NOBODY_ID	 65534
#define STAND_IN_NAME	 "nouser"
#define STAND_IN_HOME	 "/nonexistent"
#define DEFAULT_SHELL	 "/bin/sh"

static bool
fill(struct account *out, const char *home, const char *shell)
{
	if (shell == NULL || shell[0] == '\0')
		shell = DEFAULT_SHELL;
	out->home = strdup(home);
	out->shell = strdup(shell);
	return out->home != NULL && out->shell != NULL;
}

/* Leads nowhere: no such home, no such keys, and access_admit() says no. */
static bool
stand_in(struct account *out)
{
	strcpy(out->name, STAND_IN_NAME);
	out->uid = NOBODY_ID;
	out->gid = NOBODY_ID;
	return fill(out, STAND_IN_HOME, DEFAULT_SHELL);
}

/* A name that the password file cannot hold in full is nobody's. */
static bool
from_passwd(struct account *out, const struct passwd *pw)
{
	if (!span_copy_str(span_str(pw->pw_name), out->name,
		sizeof out->name))
		return stand_in(out);
	out->known = true;
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	return fill(out, pw->pw_dir, pw->pw_shell);
}

/* Does the name mean a uid that no passwd entry has: ours? */
static bool
is_own_name(const char *name)
{
	char number[16];

	for (size_t i = 0; i < 2; i++) {
		const char *own = getenv(i == 0 ? "LOGNAME" : "USER");

		if (own != NULL && own[0] != '\0')
			return strcmp(name, own) == 0;
	}
	snprintf(number, sizeof number, "%lu", (unsigned long)getuid());
	return strcmp(name, number) == 0;
}

/* Single-user mode: a container's arbitrary uid has no passwd entry. */
static bool
from_environment(struct account *out, const char *name)
{
	const char *home = getenv("HOME");

	if (getpwuid(getuid()) != NULL || !is_own_name(name))
		return stand_in(out);
	strcpy(out->name, name);
	out->known = true;
	out->uid = getuid();
	out->gid = getgid();
	return fill(out, home == NULL ? "/" : home, getenv("SHELL"));
}

bool
account_lookup(struct account *out, struct span name, bool root)
{
	char text[ACCOUNT_NAME_MAX_BYTES];
	const struct passwd *pw;

	*out = (struct account){ 0 };
	/* A name that C would read shorter than it is means nobody. */
	if (name.len == 0 || !span_copy_str(name, text, sizeof text))
		return stand_in(out);
	pw = getpwnam(text);
	if (root)
		return pw == NULL ? stand_in(out) : from_passwd(out, pw);
	if (pw == NULL)
		return from_environment(out, text);
	if (pw->pw_uid != getuid())
		return stand_in(out);
	if (!from_passwd(out, pw))
		return false;
	if (out->known)
		out->gid = getgid();	/* it cannot be changed */
	return true;
}

static void
free_groups(struct account *account)
{
	for (size_t i = 0; i < account->group_count; i++)
		free(account->groups[i]);
	free(account->groups);
	account->groups = NULL;
	account->group_count = 0;
}

void
account_free(struct account *account)
{
	free(account->home);
	free(account->shell);
	free(account->gids);
	free(account->warning);
	free_groups(account);
	*account = (struct account){ 0 };
}

/* All gids of a name, or NULL. */
static gid_t *
look_up_gids(const char *name, gid_t gid, int *count)
{
	gid_t *ids = NULL;

	for (int want = 64; want <= GROUPS_MAX_COUNT; want *= 4) {
		gid_t *more = reallocarray(ids, (size_t)want, sizeof *ids);

		if (more == NULL)
			break;
		ids = more;
		*count = want;
		if (getgrouplist(name, gid, ids, count) >= 0)
			return ids;
	}
	free(ids);
	*count = 0;
	return NULL;
}

bool
account_gids(struct account *account, const gid_t **gids, size_t *count)
{
	int n = 0;

	if (!account->gids_known) {
		account->gids = look_up_gids(account->name, account->gid, &n);
		account->gid_count = (size_t)n;
		account->gids_known = account->gids != NULL;
	}
	*gids = account->gids;
	*count = account->gid_count;
	return account->gids_known;
}

void
account_warm_up(void)
{
	gid_t gid;
	int count = 1;

	/* Not a name: the services are loaded, but need not look for it. */
	(void)getgrouplist(".", NOBODY_ID, &gid, &count);
}

static void
load_groups(struct account *account)
{
	const gid_t *ids;
	size_t count;

	account->groups_known = true;
	if (!account_gids(account, &ids, &count))
		return;
	account->groups = calloc(count + 1, sizeof *account->groups);
	for (size_t i = 0; account->groups != NULL && i < count; i++) {
		const struct group *gr = getgrgid(ids[i]);
		char *name = gr == NULL ? NULL : strdup(gr->gr_name);

		if (name != NULL)
			account->groups[account->group_count++] = name;
	}
}

size_t
account_groups(struct account *account, char *const **names)
{
	if (!account->groups_known)
		load_groups(account);
	*names = account->groups;
	return account->group_count;
}

bool
account_in_groups(struct account *account, const char *patterns)
{
	char *const *names;
	size_t count = account_groups(account, &names);
	bool found = false;

	if (!account->known)
		return false;
	for (size_t i = 0; i < count; i++) {
		switch (pattern_list(span_str(names[i]), span_str(patterns),
		    false)) {
		case PATTERN_DENIED:
			return false;
		case PATTERN_YES:
			found = true;
			break;
		case PATTERN_NONE:
			break;
		}
	}
	return found;
}
