/*
 * internal: what the files of monitor/ share.  Nobody else includes this.
 */
#ifndef SSHD_CONN_MONITOR_INTERNAL_H
#define SSHD_CONN_MONITOR_INTERNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "auth/account.h"
#include "auth/pam.h"
#include "config/settings.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "ipc/keys.h"
#include "ipc/mon.h"
#include "ipc/sess.h"
#include "monitor/monitor.h"
#include "rules/methods.h"
#include "run/log.h"

enum phase {
	PHASE_KEX = 1,		/* nothing is signed yet */
	PHASE_AUTH = 2,		/* there is a session id */
	PHASE_SESSION = 4,	/* the user is in */
	PHASE_END = 8,		/* net has said how much it was */
	PHASE_PROMPT = 16,	/* as AUTH, while PAM waits for the peer */
};
#define PHASE_ANY (PHASE_KEX | PHASE_AUTH | PHASE_SESSION | PHASE_END | \
	PHASE_PROMPT)

/* Of each hash that was signed, this much is remembered. */
#define SIGNED_PREFIX_BYTES 16

struct signer {
	struct privkey *key;		/* of host_keys[key_index] */
	size_t key_index;
	struct span session_host_key;	/* the first exchange's K_S */
	uint8_t session_id[HASH_MAX_BYTES];
	size_t session_id_len;
	const char *rsa_alg;		/* the last exchange's; NULL: not RSA */
	uint64_t proven;		/* a bit for each of host_keys */
	uint8_t (*done)[SIGNED_PREFIX_BYTES];
	size_t done_count, done_cap;
	int64_t tokens_at_ms;		/* rate: see sign.c */
	unsigned int tokens;
};

#define LOG_NAME_BYTES 101	/* a peer's text in a log line, escaped */

/* The keys role's last answer, and to what question. */
struct key_answer {
	uint8_t *asked;			/* kind, algorithm, blob, ... */
	size_t asked_len;
	uint8_t *bytes;			/* grant borrows from it */
	struct keys_grant grant;	/* all zero: nothing was asked */
	char text[KEYS_TEXT_MAX_BYTES];	/* grant.text, fit for the log */
};

/* keyboard-interactive's question in hand. */
struct talk {
	bool waiting;			/* for MON_REQ_AUTH_RESPONSE */
	bool given_up;			/* the peer has turned to another */
	uint32_t want;			/* so many answers: 0 or 1 */
	unsigned int answers;		/* so far, in this conversation */
	char *answer;			/* PAM's to wipe and free */
};

/* Keys that have been used; a list of methods can ask for several. */
#define LOGIN_KEYS_MAX_COUNT 8

struct login {
	bool fixed;			/* user and service are known */
	uint8_t *user;			/* as the peer wrote it */
	size_t user_len;
	uint8_t *service;
	size_t service_len;
	struct account account;
	char name[LOG_NAME_BYTES];	/* the user's, for logs */
	unsigned int requests;
	unsigned int failures;
	bool over;			/* refused for good */
	bool banner_sent;
	char *notice;			/* PAM's, to show before success */
	char *info;			/* methods passed; NULL: none */
	bool password_expired;		/* may only change it, on a terminal */
	bool session_refused;		/* PAM's session: nothing may run */
	bool refused;			/* RefuseConnection */
	bool methods_known;		/* false: none is enough */
	struct methods methods;		/* what is left to do */
	char pam_user[ACCOUNT_NAME_MAX_BYTES]; /* PAM_USER, known or not */
	bool account_asked, account_ok;	/* PAM's, once */
	struct talk talk;
	uint8_t used[LOGIN_KEYS_MAX_COUNT][HASH_MAX_BYTES];
	size_t used_count;
	/* What the keys that were proven permit, all of them together. */
	struct keys_options key_options;
	uint8_t *key_options_bytes;	/* which they borrow from */
	struct key_answer key;		/* about the key asked about last */
};

struct record {
	char line[32];			/* "pts/3"; empty: unused */
	pid_t pid;
};

#define RECORDS_MAX_COUNT 64

struct monitor {
	const struct monitor_params *params;
	struct settings settings;	/* in force for this user */
	enum phase phase;
	struct signer signer;
	struct login login;
	struct record records[RECORDS_MAX_COUNT];
	struct pam_login *pam;		/* NULL: PAM has no part in it */

	int net_fd, user_fd;		/* -1: closed */
	pid_t net_pid, user_pid;	/* 0: none, or reaped */
	int net_life, user_life;	/* children_watch()'s; -1: none */
	uint64_t net_seen, user_seen;	/* ipc_dispatch()'s memory */
	uint8_t *in, *out;		/* IPC_FRAME_MAX_BYTES each */

	int status;			/* what monitor_run() will return */
	bool failed;			/* stop everything now */
	bool accepted;			/* the user has been let in */
	bool goodbye_logged;		/* we said why we disconnect */
	unsigned int events;		/* of net, that were log lines */
	unsigned int idle_events;	/* and those of idle channels */
	unsigned int sess_events;	/* likewise of user, in the second... */
	int64_t sess_second_ms;		/* ...that began then */
	int64_t deadline_ms;		/* 0: none; then whoever is left dies */
	struct timespec waited_for;	/* start of the request in hand */
};

/* monitor.c */
int64_t monitor_now_ms(void);
/* Ends everything: EXIT_BUG for a fault of ours, EXIT_ENV for the rest. */
void monitor_fail(struct monitor *m, int status);
/*
 * monitor_turn - wait for something, and serve what is there
 *
 * The loop's body; a PAM module's question waits in it too.
 */
void monitor_turn(struct monitor *m);
/*
 * monitor_leave - to the connection's end, and out
 *
 * For a PAM module that asks a peer who has left: going back into it would
 * make a failed attempt of that, which tallies (pam_faillock) count.
 */
void monitor_leave(struct monitor *m) NORETURN;
/* Gives m->in and m->out back, with all that was ever in them. */
void monitor_forget_frames(struct monitor *m);
/* Sends m->out; a net or user that does not take it is gone. */
bool monitor_answer(struct monitor *m, int fd, const struct sink *out,
    const int *fds, size_t fd_count);

/* sign.c */
bool asroot_sign(void *ctx, struct ipc_frame *frame);
bool asroot_prove(void *ctx, struct ipc_frame *frame);
void signer_free(struct signer *signer);

/*
 * login.c: what all methods have in common
 *
 * login_serve() judges a request's envelope and calls attempt, which ends in
 * one of login_finish(), login_key_ok() and login_give_up().
 */
struct login_proof {
	struct span key;	/* as it was presented; empty: there is none */
	struct span signer;	/* the same without a certificate */
	const char *text;	/* ": ED25519 SHA256:..." for the log, or "" */
};
bool login_serve(struct monitor *m, struct ipc_frame *frame,
    void (*attempt)(struct monitor *m, const struct mon_auth *req)) MUST_USE;
/* proof NULL: an attempt that failed, and that no line tells of. */
void login_finish(struct monitor *m, enum method_id id, bool proven,
    const struct login_proof *proof);
void login_key_ok(struct monitor *m);
void login_give_up(struct monitor *m);
/* False once net has left, which may be while PAM asks. */
bool login_goes_on(const struct monitor *m);
char *login_banner(struct monitor *m, size_t *len);
/*
 * login_pam - PAM's transaction, begun when somebody first asks for it
 *
 * That takes long, and the same for every name; and each process that is
 * forked with its modules loaded costs more.  NULL: there is none.
 */
struct pam_login *login_pam(struct monitor *m);
bool login_account(struct monitor *m) MUST_USE;
bool asroot_auth_other(void *ctx, struct ipc_frame *frame);
void login_free(struct login *login);

/* attempt.c */
/* PermitRootLogin; says so in the log if not. */
bool login_root_may(const struct monitor *m, enum method_id id);
/* False: that key has been used; none counts twice. */
bool login_uses_key(struct monitor *m, struct span key) MUST_USE;
/* verb: "Accepted", "Failed", "Partial", "Postponed". */
void login_log(const struct monitor *m, const char *verb, const char *method,
    const char *key);
void login_log_method(const struct monitor *m, const char *verb,
    enum method_id id, const char *key);

/* publickey.c, password.c, kbdint.c: a method each */
bool asroot_auth_key_query(void *ctx, struct ipc_frame *frame);
bool asroot_auth_key(void *ctx, struct ipc_frame *frame);
bool asroot_auth_host(void *ctx, struct ipc_frame *frame);
bool asroot_auth_none(void *ctx, struct ipc_frame *frame);
bool asroot_auth_password(void *ctx, struct ipc_frame *frame);
bool asroot_auth_kbdint(void *ctx, struct ipc_frame *frame);
bool asroot_auth_response(void *ctx, struct ipc_frame *frame);
bool password_is_vain(const struct monitor *m);

/* who.c */
bool login_fix_user(struct monitor *m, const struct mon_auth *req);
struct span login_without_style(struct span user);

/* key.c: the decisions about one key */
enum key_decision { KEY_DENIED, KEY_MAY, KEY_PROVEN };
enum key_decision key_decide(struct monitor *m, const struct mon_auth *req,
    bool with_signature);
enum key_decision host_decide(struct monitor *m, const struct mon_auth *req);

/* keys.c: the keys role's process */
/*
 * keys_ask - what is to be said about the key of this question?
 *
 * The caller fills kind, algorithm, key and what belongs to the kind.  The
 * answer is in m->login.key, KEYS_DENIED if anything went wrong; a question
 * that is the last one again has the last answer.  False without memory.
 */
bool keys_ask(struct monitor *m, struct keys_job *job) MUST_USE;
/* UseDNS: fills the peer's remote_name. */
void keys_ask_peer_name(struct monitor *m);
void key_answer_free(struct key_answer *answer);

/* delay.c */
void delay_failure(const struct monitor *m, struct span user);
void delay_none(const struct monitor *m);

/* events.c */
bool asroot_event(void *ctx, struct ipc_frame *frame);
bool asroot_done(void *ctx, struct ipc_frame *frame);
/* "authenticating user X ", "invalid user X ", "user X " or "". */
#define WHO_BYTES (LOG_NAME_BYTES + 32)
const char *monitor_who(const struct monitor *m, char out[static WHO_BYTES]);
bool monitor_preauth(const struct monitor *m);

/* session.c: the user role's process */
/* Wipes root's secrets, in the copy that a fork made. */
void monitor_forget_secrets(struct monitor *m);
bool start_session_phase(struct monitor *m, int *net_end);

/* policy.c */
bool policy_build(struct monitor *m, struct sink *out);
void policy_tell_net(struct monitor *m);
void policy_tell_signatures(struct monitor *m);

/* sess.c: what user asks for */
bool asroot_pty_open(void *ctx, struct ipc_frame *frame);
bool asroot_pty_close(void *ctx, struct ipc_frame *frame);
bool asroot_pty_make(void *ctx, struct ipc_frame *frame);
bool asroot_sess_event(void *ctx, struct ipc_frame *frame);

/* records.c: utmp, wtmp, lastlog, btmp */
/* tty is "pts/N" and was checked; host takes the previous login's. */
#define RECORD_HOST_BYTES 257
void records_open(struct monitor *m, const char *tty, pid_t pid,
    uint64_t *last_sec, char host[static RECORD_HOST_BYTES]);
void records_close(struct monitor *m, const char *tty);
void records_close_all(struct monitor *m);
/* For each failed password or keyboard-interactive; needs no account. */
void records_failed(const struct monitor *m);

#endif
