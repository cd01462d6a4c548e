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
	struct span key_env;		/* list NAME=VALUE: the key's; only
					   what user_environment matches */
	struct span session_env;	/* list NAME=VALUE: PAM's; beats the
					   defaults */
	struct span set_env;		/* list NAME=VALUE: SetEnv, beats all
					   but the SSH_* variables */
	struct span accept_env;		/* list of patterns */
	struct span default_path;	/* PATH for this uid */

	bool forced;			/* whatever is asked for, run... */
	struct span forced_command;	/* ...this; may be empty */
	bool forced_by_key;		/* it is a key's, not ForceCommand */
	struct span subsystems;		/* list: name, command, name, ... */
	uint32_t max_sessions;
	bool permit_tty;
	bool permit_user_rc;
	/* PermitUserEnvironment: comma-separated patterns of names, "*" for
	   all, empty for none; of key_env and of ~/.ssh/environment. */
	struct span user_environment;
	bool in_chroot;			/* ChrootDirectory is our root */
	bool password_expired;		/* passwd(1) is all that may run */
	bool session_refused;		/* by PAM: nothing may run */
	struct span login_text;		/* PAM's, for the first terminal */
	struct span auth_info;		/* ExposeAuthInfo's file, or empty */
	bool print_motd;
	bool print_last_log;
	bool use_pam;			/* then PAM prints motd and mail */
	bool check_nologin;		/* /etc/nologin is user's to check */
	bool login_records;		/* ask the monitor for them */
	bool debug;			/* debug events are wanted */

	/*
	 * Forwarding: what the settings and the key permit, both asked
	 * already; DisableForwarding and "restrict" leave nothing here.
	 */
	uint32_t tcp_forwarding;	/* set of enum policy_forward */
	uint32_t streamlocal_forwarding; /* likewise */
	bool agent_forwarding;
	bool x11_forwarding;
	uint32_t tunnel_modes;		/* PermitTunnel: 1 point-to-point,
					   2 ethernet */
	uint32_t tunnel_device;		/* the key's, or POLICY_TUNNEL_ANY */
	uint32_t gateway_ports;		/* enum policy_gateway */
	uint32_t address_family;	/* enum policy_family: TCP's */
	uint32_t stream_bind_mask;	/* StreamLocalBindMask */
	bool stream_bind_unlink;	/* StreamLocalBindUnlink */
	/*
	 * A place must be in both lists of its kind.  An entry is HOST:PORT
	 * or [HOST]:PORT as sshd_config(5) has it, "*" for any host or port;
	 * an empty list permits nothing, and "any" has come as "*:*".
	 */
	struct span permit_open, key_permit_open;
	struct span permit_listen, key_permit_listen;
};

enum policy_forward {
	POLICY_FORWARD_LOCAL = 1,	/* the client dials through us */
	POLICY_FORWARD_REMOTE = 2,	/* we listen for the client */
};

enum policy_gateway {
	POLICY_GATEWAY_NO,
	POLICY_GATEWAY_YES,
	POLICY_GATEWAY_CLIENT,		/* clientspecified */
};

enum policy_family {
	POLICY_FAMILY_ANY,
	POLICY_FAMILY_INET,
	POLICY_FAMILY_INET6,
};

#define POLICY_TUNNEL_ANY	0x7fffffff

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
