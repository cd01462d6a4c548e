/*
 * env: the environment of a command, from nothing.  User process; must never
 * copy the role's own environment, which is the spawner's.
 */
#ifndef SSHD_CONN_USER_ENV_H
#define SSHD_CONN_USER_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/sysdef.h"

struct user;
struct channel;

struct env {
	char **vars;		/* NULL-terminated once something is in it */
	size_t count, cap;
	bool failed;		/* no memory: sticky, test once at the end */
	char *complaint;	/* lines for the command's standard error, on
				   the user's file; NULL: none */
	unsigned int bad_count;
};

/* NAME=VALUE; a later one of the same name replaces an earlier one. */
void env_put(struct env *env, const char *name, struct span value);
void env_put_pair(struct env *env, struct span pair);
void env_free(struct env *env);

/*
 * env_build - all that features section 7 lists, in its order
 *
 * original: what the client asked for when a forced command runs instead,
 * else NULL.  *env is the caller's to free, also on failure (no memory).
 */
bool env_build(const struct user *u, const struct channel *ch,
    const struct span *original, struct env *env) MUST_USE;

#endif
