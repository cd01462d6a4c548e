/*
 * keys: the edge between the monitor and the keys role, a short-lived
 * process that judges one key and ends.
 *
 * The question is no frame: the monitor forks, and the child has a struct
 * keys_job in its memory.  The child drops to the account's ids (or to those
 * of the user that a command runs as), forgets root's secrets, and reads
 * what users and peers wrote: key blobs, certificates, authorized_keys,
 * principals, known_hosts, what a command prints.  Its answer is some
 * KEYS_ANS_LOG and then one KEYS_ANS_GRANT, and it ends.
 *
 * Encoder and decoder of each message stand together in keys.c.  A decoder
 * returns false, with *out all zero, unless the body is exactly the message.
 * Spans borrow from the frame's buffer.
 *
 * Trust: the child parses hostile bytes with the rights of the user who logs
 * in; the monitor believes it about that user's keys and about nothing else.
 */
#ifndef SSHD_CONN_IPC_KEYS_H
#define SSHD_CONN_IPC_KEYS_H

#include <sys/types.h>

#include "base/span.h"
#include "ipc/frame.h"

struct settings;
struct peer;

enum keys_kind {
	KEYS_PUBLICKEY,		/* RFC 4252 section 7 */
	KEYS_HOSTBASED,		/* RFC 4252 section 9 */
	KEYS_PEER_NAME,		/* no key: UseDNS, the answer is a text */
};

/*
 * One process has the ids of one user, so a question may need several, one
 * after the other, each only if the one before it said no and named it.
 */
enum keys_stage {
	KEYS_STAGE_FILES,	/* as the account, with its primary group */
	KEYS_STAGE_GROUPS,	/* the same with all groups of the account */
	KEYS_STAGE_PRINCIPALS,	/* as AuthorizedPrincipalsCommandUser */
	KEYS_STAGE_COMMAND,	/* as AuthorizedKeysCommandUser */
	KEYS_STAGE_COUNT
};

/* RevokedKeys files that are looked into. */
#define KEYS_REVOKED_MAX_COUNT 16
/* hosts.equiv and its kin. */
#define KEYS_HOST_FILES_COUNT 4

/* All borrowed: the monitor's memory, of which the child has its copy. */
struct keys_job {
	enum keys_kind kind;
	enum keys_stage stage;
	const struct settings *settings; /* in force for the account */
	const struct peer *peer;
	/*
	 * The account, or the stand-in of one that does not exist: known is
	 * false, and the answer is no in the end, after the same steps.
	 */
	const char *user, *home;
	uint32_t uid, gid;
	bool known;
	/* Who a command runs as: name and home. */
	const char *runner, *runner_home;
	/* Who the process becomes in its first lines, and whose child it is. */
	bool root;		/* it can */
	uid_t as_uid;
	gid_t as_gid;
	const gid_t *gids;	/* all of them, as_gid too if it counts */
	size_t gid_count;
	pid_t parent;

	struct span algorithm;	/* as the request names it */
	struct span key;	/* its blob, which may be a certificate */
	struct span client_host, client_user;	/* KEYS_HOSTBASED */

	/* Looked into ahead of AuthorizedKeysFile, for every user; or NULL. */
	const char *credential;

	/* The child's, from when it was root; -1, with errno, if it fails. */
	int credential_fd;
	int ca_fd, ca_errno;			/* TrustedUserCAKeys */
	int revoked_fd[KEYS_REVOKED_MAX_COUNT];	/* RevokedKeys, in order */
	int revoked_errno[KEYS_REVOKED_MAX_COUNT];
	int host_fd[KEYS_HOST_FILES_COUNT];	/* KEYS_HOSTBASED: keys/'s */
	int host_errno[KEYS_HOST_FILES_COUNT];

	int edge;		/* where the answer goes */
};

/*
 * What a key may do, once all that was said about it is put together: a line
 * of authorized_keys or of a principals file, and a certificate.  All zero
 * permits nothing.
 */
struct keys_options {
	bool permit_pty;
	bool permit_user_rc;
	bool permit_port_forwarding;
	bool permit_agent_forwarding;
	bool permit_x11_forwarding;
	bool permit_tunnel;	/* false with "restrict" */
	bool need_touch;	/* sk: without it a signature is worth nothing */
	bool need_verify;	/* sk: likewise */
	bool has_command;	/* it may be empty */
	struct span command;
	struct span environment;	/* list NAME=VALUE, see policy_next() */
	bool has_permitopen;		/* false: any */
	struct span permitopen;		/* list HOST:PORT */
	bool has_permitlisten;
	struct span permitlisten;
	bool has_tunnel;
	uint32_t tunnel;		/* device, or KEYS_TUNNEL_ANY */
	uint64_t expires;		/* seconds since 1970; 0: never */
};

#define KEYS_TUNNEL_ANY 0x7fffffff

/* Far apart, and not 0 or 1: no flipped bit may let anybody in. */
enum keys_verdict {
	KEYS_DENIED = 0x1b5e93c4,
	KEYS_ALLOWED = 0x64a16c3b,
};

struct keys_grant {
	uint32_t verdict;		/* enum keys_verdict */
	/* KEYS_DENIED: a bit for each later enum keys_stage worth asking. */
	uint32_t more;
	/*
	 * ": ED25519 SHA256:..." for log lines, also with KEYS_DENIED; of
	 * KEYS_PEER_NAME, which is always denied, the peer's name.
	 */
	struct span text;

	/* Only with KEYS_ALLOWED; empty otherwise. */
	struct span signer;		/* plain public key that must have signed */
	struct span algorithm;		/* its signature's: no "-cert-v01" */
	struct span auth_info;		/* "ssh-ed25519 AAAA...": ExposeAuthInfo */
	struct keys_options options;
};

struct keys_log {
	uint32_t level;			/* enum log_level of run/log.h */
	struct span text;
};

#define KEYS_LOG_TEXT_MAX_BYTES	1024
#define KEYS_LOG_MAX_COUNT	64	/* lines of one process */
#define KEYS_TEXT_MAX_BYTES	2048	/* of a grant's text */

enum keys_ans {
	KEYS_ANS_NONE,
	KEYS_ANS_LOG,		/* struct keys_log */
	KEYS_ANS_GRANT,		/* struct keys_grant, last */
	KEYS_ANS_COUNT
};

void keys_log_put(struct sink *out, const struct keys_log *m);
bool keys_log_get(struct cursor in, struct keys_log *m) MUST_USE;

/*
 * The decoder refuses an unknown verdict, KEYS_DENIED with anything that
 * only KEYS_ALLOWED has, KEYS_ALLOWED without a signer, lists that are torn,
 * and a NUL in what becomes a C string.
 */
void keys_grant_put(struct sink *out, const struct keys_grant *m);
bool keys_grant_get(struct cursor in, struct keys_grant *m) MUST_USE;

/*
 * The strings of a question as bytes: to know one again, and to have them
 * where nobody wipes them.  The decoder lets the job borrow from there.
 */
void keys_question_put(struct sink *out, const struct keys_job *job);
bool keys_question_get(struct span in, struct keys_job *job) MUST_USE;

/* What a line without options, of a plain key, permits: all. */
struct keys_options keys_options_all(void);

/*
 * keys_options_merge - what both permit: a line and its certificate, or two
 * keys that AuthenticationMethods wanted
 *
 * AND of the permits, OR of touch and verify, the earliest expiry; a command
 * of either, and if both have one it must be the same: else false, with *out
 * permitting nothing.  Lists and the tunnel are a's, or else b's; if both
 * have a list of places, the entries that are in both.  room is where such a
 * list is written; out borrows from it, from a and from b.
 *
 * need_touch is OR here; a line's and a certificate's no-touch-required must
 * both be there for none to be needed.
 */
bool keys_options_merge(const struct keys_options *a,
    const struct keys_options *b, struct sink *room,
    struct keys_options *out) MUST_USE;

/*
 * keys_options_adopt - the same, with a copy of all that *out has in room
 *
 * False too when that has no room; *out permits nothing then.
 */
bool keys_options_adopt(const struct keys_options *a,
    const struct keys_options *b, struct sink room,
    struct keys_options *out) MUST_USE;

#endif
