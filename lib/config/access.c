/*
 * access: the lists of users and groups.  Pure.
 */
#include <string.h>

#include "base/pattern.h"
#include "config/access.h"
#include "config/match.h"

bool
config_user_matches(const char *user, const char *host,
    const char *address, const char *pattern)
{
	const char *at = strrchr(pattern, '@');

	if (at != NULL && address == NULL)
		return strcmp(at, "@*") == 0 && pattern_match(span_str(user),
		    span(pattern, (size_t)(at - pattern)));
	return match_user(user, host, address, pattern) == MATCH_YES;
}

/*
 * What opens a door has to know where the peer is; what closes one does not:
 * there a peer without an address has the name that it has in the log.
 */
static bool
user_denied(const char *user, const char *host, const char *address,
    const struct strlist *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (match_user(user, host, address, list->v[i]) == MATCH_YES)
			return true;
	}
	return false;
}

static bool
user_allowed(const char *user, const char *host, const char *address,
    const struct strlist *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (config_user_matches(user, host, address, list->v[i]))
			return true;
	}
	return false;
}

static bool
group_listed(char *const *names, size_t count, const struct strlist *list)
{
	for (size_t g = 0; g < count; g++) {
		for (size_t i = 0; i < list->n; i++) {
			if (pattern_match(span_str(names[g]),
				span_str(list->v[i])))
				return true;
		}
	}
	return false;
}

const char *
config_refuses_user(const struct settings *settings, const char *user,
    const char *host, const char *address)
{
	if (user_denied(user, host, address, &settings->deny_users))
		return "listed in DenyUsers";
	if (settings->allow_users.n > 0 &&
	    !user_allowed(user, host, address, &settings->allow_users))
		return "not listed in AllowUsers";
	return NULL;
}

bool
config_asks_for_groups(const struct settings *settings)
{
	return settings->deny_groups.n > 0 || settings->allow_groups.n > 0;
}

const char *
config_refuses_groups(const struct settings *settings, char *const *names,
    size_t count)
{
	if (!config_asks_for_groups(settings))
		return NULL;
	if (count == 0)
		return "not in any group";
	if (group_listed(names, count, &settings->deny_groups))
		return "a group is listed in DenyGroups";
	if (settings->allow_groups.n > 0 &&
	    !group_listed(names, count, &settings->allow_groups))
		return "none of user's groups are listed in AllowGroups";
	return NULL;
}

bool
config_lets_root_in(const struct settings *settings, const char *method,
    bool forced)
{
	switch (settings->permit_root_login) {
	case ROOT_YES:
		return true;
	case ROOT_PROHIBIT_PASSWORD:
		return strcmp(method, "publickey") == 0 ||
		    strcmp(method, "hostbased") == 0;
	case ROOT_FORCED_COMMANDS_ONLY:
		return forced;
	case ROOT_NO:
		break;
	}
	return false;
}
