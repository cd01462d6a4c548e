/*
 * monitor: the role that stays root, from the fork of net to the end.
 *
 * It holds the host keys, the account, the login records and the log.  It
 * must never parse a byte that the peer wrote in SSH's encoding: it gets
 * typed fields over ipc/mon.h and builds what must be hashed or verified
 * itself.
 */
#ifndef SSHD_CONN_MONITOR_MONITOR_H
#define SSHD_CONN_MONITOR_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/span.h"
#include "config/config.h"
#include "image/image.h"
#include "ipc/keys.h"
#include "ipc/limits.h"
#include "run/peer.h"

/* A host key that was offered; its secret is read when it is needed. */
struct monitor_host_key {
	const char *path;	/* of the private key file */
	struct span blob;	/* public key blob */
	struct span cert;	/* its certificate; empty: it has none */
};

struct monitor_params {
	struct config *config;		/* to resolve Match for the user */
	const struct settings *settings; /* in force before that */
	const struct image *image;	/* for files; NULL: read them */
	const struct image *timing_image; /* for its secret; NULL: none */
	struct peer *peer;		/* remote_name: the monitor fills it */
	const struct monitor_host_key *host_keys;
	size_t host_key_count;
	const char *host_key_agent;	/* its socket; NULL: none */
	const char *key_credential;	/* keys of every user; NULL: none */
	const char *server_sig_algs;	/* that net has announced */
	const char *server_ident;	/* V_S that was sent, without CR LF */
	int net_fd;			/* the edge to net, ours */
	pid_t net_pid;
	bool root;			/* euid 0: ids change, records written */
	/* root: who is nobody, and may ask a name server. */
	uid_t nobody_uid;
	gid_t nobody_gid;
	/*
	 * Runs the user role in the process that the monitor forked for it,
	 * after it became the user; returns its exit status.  Passed in, for
	 * monitor/ may not include user/.
	 */
	int (*user_role)(int net_fd, int monitor_fd);
	/* Judges a key in its own process, as the job's user, likewise. */
	int (*keys_role)(struct keys_job *job);
	/* What of the settings is net's to keep. */
	struct mon_limits (*limits_of)(const struct settings *s);
	/* Tells the service manager, if one listens, in a line what is up. */
	void (*tell_manager)(const char *notify_socket, const char *text);
	const char *notify_socket;	/* NULL: none listens */
};

/*
 * monitor_run - serve net, and later user, until the connection ends
 *
 * Logging is open already; fds 0 and 1 are no longer the connection.
 * Returns the exit status of the whole server (run/exits.h), with net and
 * user reaped and the closing lines logged.
 */
int monitor_run(const struct monitor_params *params);

#endif
