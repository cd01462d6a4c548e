/*
 * policy: what settings, an account and a key's options add up to for the
 * user role.
 *
 * Pure layer: no file, no log, no exit; the monitor gives it the facts.
 */
#ifndef SSHD_CONN_RULES_POLICY_H
#define SSHD_CONN_RULES_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sink.h"
#include "config/settings.h"
#include "ipc/keys.h"
#include "ipc/policy.h"
#include "run/peer.h"

/* All borrowed. */
struct policy_facts {
	const struct settings *settings;	/* in force for the user */
	const struct keys_options *key;		/* of all that were proven */
	const struct peer *peer;
	const char *user, *home, *shell;
	uint32_t uid, gid;
	char *const *pam_env;		/* NAME=VALUE up to a NULL; or NULL */
	const char *login_text;		/* PAM's, for the terminal; or NULL */
	const char *auth_info;		/* methods passed; or NULL */
	bool password_expired, session_refused;
	bool login_records;		/* the monitor writes them */
	bool debug;
};

/*
 * policy_of - the whole policy
 *
 * Borrows from the facts and from lists, into which it writes; one that was
 * too small is for the caller to see with sink_ok().
 */
struct user_policy policy_of(const struct policy_facts *facts,
    struct sink *lists);

#endif
