/*
 * access: DenyUsers, AllowUsers, DenyGroups, AllowGroups, PermitRootLogin.
 *
 * Pure layer: settings and names in, a reason out.
 */
#ifndef SSHD_CONN_CONFIG_ACCESS_H
#define SSHD_CONN_CONFIG_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"
#include "config/settings.h"

/*
 * config_user_matches - does pattern, USER or USER@HOST, match?
 *
 * HOST is what match.h's match_user() takes: a list of wildcards and
 * ADDRESS/BITS; host is the peer's name, or the address again.  address NULL,
 * for a peer that has none, matches no HOST but "*".  That is for what lets
 * somebody in; DenyUsers compares host all the same.
 *
 * Trust: the address is the kernel's, or the spawner's word; the name led
 * back to it.
 */
bool config_user_matches(const char *user, const char *host,
    const char *address, const char *pattern);

/*
 * config_refuses_user, config_refuses_groups - why the lists keep this user
 * out, NULL if they do not
 *
 * The users' lists come first, and in each pair the one that denies:
 * sshd_config(5)'s order.  The reason is the end of the log contract's
 * "... not allowed because".  config_asks_for_groups(): is there any list of
 * groups?  Looking up a user's is dear.
 */
const char *config_refuses_user(const struct settings *settings,
    const char *user, const char *host, const char *address);
bool config_asks_for_groups(const struct settings *settings);
const char *config_refuses_groups(const struct settings *settings,
    char *const *names, size_t count);

/*
 * config_lets_root_in - PermitRootLogin, when a method has succeeded
 *
 * forced: the key, or its certificate, has a command of its own.
 */
bool config_lets_root_in(const struct settings *settings, const char *method,
    bool forced) MUST_USE;

#endif
