/*
 * policy: all that user has to know and to enforce, in one message.
 *
 * The monitor decides and sends it over user/monitor, which net cannot
 * write; user obeys it whatever net asks for.
 *
 * A list is spans one after the other: string, string, ...; policy_next()
 * walks it.
 *
 * Trust: made by the monitor from the configuration, the key's options and
 * the password database; user still parses it strictly.
 */
#ifndef SSHD_CONN_IPC_POLICY_H
#define SSHD_CONN_IPC_POLICY_H

#include "base/span.h"
#include "ipc/frame.h"

struct user_policy {
	struct span user;
	struct span home;
	struct span shell;
	uint32_t uid, gid;

	/* Environment: features section 7 says in which order these apply. */
	struct span remote_host;	/* address, or "UNKNOWN" */
	uint32_t remote_port;
	struct span local_host;
	uint32_t local_port;
	struct span session_env;	/* list NAME=VALUE: PAM's and the
					   key's; beats the defaults */
	struct span set_env;		/* list NAME=VALUE: SetEnv, beats all
					   but the SSH_* variables */
	struct span accept_env;		/* list of patterns */
	struct span default_path;	/* PATH for this uid */

	struct span forced_command;	/* empty: none */
	struct span subsystems;		/* list: name, command, name, ... */
	uint32_t max_sessions;
	bool permit_tty;
	bool permit_user_rc;
	bool permit_user_environment;	/* read ~/.ssh/environment */
	bool print_motd;
	bool print_last_log;
	bool use_pam;			/* then PAM prints motd and mail */
	bool check_nologin;		/* /etc/nologin is user's to check */
	bool login_records;		/* ask the monitor for them */
	bool debug;			/* debug events are wanted */
};

void policy_put(struct sink *out, const struct user_policy *m);
bool policy_get(struct cursor in, struct user_policy *m) MUST_USE;

/*
 * policy_next - take the first string off a list
 *
 * Returns false at its end, or where the list is malformed (policy_get()
 * has refused such a policy already).
 */
bool policy_next(struct span *list, struct span *item);

#endif
