/*
 * role: the state of the user role, shared by its own files only.
 *
 * User process.  No other role ever includes this; what crosses an edge is
 * in ipc/.
 */
#ifndef SSHD_CONN_USER_ROLE_H
#define SSHD_CONN_USER_ROLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/sysdef.h"
#include "ipc/frame.h"
#include "ipc/policy.h"
#include "ipc/sess.h"
#include "ipc/usr.h"
#include "user/pty.h"

/* What one channel may put into a command's environment. */
#define CHANNEL_ENV_MAX_COUNT	128
#define CHANNEL_ENV_MAX_BYTES	65536

#define CHANNEL_TERM_MAX_BYTES	256
#define CHANNEL_HOST_MAX_BYTES	256

/* The channel's life; a channel that is not there is CHANNEL_NONE. */
enum channel_state {
	CHANNEL_NONE,
	CHANNEL_OPEN,
	CHANNEL_PTY,		/* open, and has a terminal */
	CHANNEL_STARTED,	/* its command runs */
	CHANNEL_EXITED,		/* its command was reaped */
	CHANNEL_STATE_COUNT
};

struct channel {
	uint32_t number;		/* net's */
	enum channel_state state;
	pid_t pid;			/* of the command, its group, session */
	bool deaf;			/* forced command or subsystem: takes
					   no signals */
	struct pty pty;			/* pty.master is -1: none */
	char term[CHANNEL_TERM_MAX_BYTES];
	char *command;			/* what came of one in pieces; NULL */
	size_t command_len;

	bool recorded;			/* a login record is open */
	uint32_t ticket;		/* which record request it was */
	uint64_t last_sec;		/* its answer; 0: never before */
	char last_host[CHANNEL_HOST_MAX_BYTES];

	char *env[CHANNEL_ENV_MAX_COUNT];	/* NAME=VALUE, ours to free */
	size_t env_count;
	size_t env_bytes;
};

/* The phases that the ipc tables speak of. */
enum user_phase {
	USER_PHASE_POLICY = 1 << 0,	/* only the policy may come */
	USER_PHASE_SERVING = 1 << 1,
};

struct dial;				/* forward.h */
struct listener;

#define USER_LISTENERS_MAX_COUNT 128

struct user {
	int net_fd;
	int monitor_fd;
	int signal_fd;
	uint32_t phase;
	uint64_t net_seen, monitor_seen;
	bool told;			/* PAM's text had its moment */
	char *auth_info;		/* ExposeAuthInfo's file; NULL: none */
	bool over;			/* net or the monitor is gone, or... */
	bool faulty;			/* ...sent what it must not */
	const char *why;		/* it was a fault, for the log */

	struct user_policy policy;	/* borrows from policy_bytes */
	uint8_t *policy_bytes;
	char *user;			/* the policy's, as C strings */
	char *home;
	char *shell;
	char *forced;			/* NULL: no forced command */

	struct channel *channels[USER_CHANNELS_MAX_COUNT];
	uint32_t channel_count;
	uint32_t tickets_asked;		/* login records: requests sent... */
	uint32_t tickets_answered;	/* ...and answered, in order */
	int *made;			/* a terminal that was asked for goes
					   here; NULL: none is awaited */

	struct dial *dials[USER_CHANNELS_MAX_COUNT];	/* on their way */
	uint32_t dial_count, resolver_count;
	bool forwarded[USER_CHANNELS_MAX_COUNT];	/* net has them */
	struct listener *listeners[USER_LISTENERS_MAX_COUNT];
	size_t listener_count;
	int64_t accept_after_ms;	/* not before; 0: whenever */
	char *agent_path;		/* NULL: the client's is not used */

	uint8_t frame[IPC_FRAME_MAX_BYTES];	/* being received */
};

/* --- requests.c: what net asks ------------------------------------------ */

extern const struct ipc_table user_net_table;

/*
 * session_start - START on a channel that may start: in session.c
 *
 * Decides what the policy lets run, runs it, and answers net.
 */
void session_start(struct user *u, struct channel *ch,
    const struct usr_start *m);

/* --- edge.c: the monitor's edge, and what goes out on both --------------- */

/*
 * user_receive_net, user_receive_monitor - take one frame off an edge and
 * let its table handle it
 *
 * An edge that is closed sets u->over; a frame that the table refuses sets
 * u->faulty and u->why as well, and the role must end.
 */
void user_receive_net(struct user *u);
void user_receive_monitor(struct user *u, bool wait);

/* A yes or no for net. */
void user_answer(struct user *u, uint32_t chan, bool ok);

/* title.c: tells ps(1) the user and the terminals. */
void user_show(const struct user *u);

/* The STARTED answers: the descriptors stay the caller's. */
void user_answer_started(struct user *u, enum user_ans type, uint32_t chan,
    const int *fds, size_t fd_count);

/* Any other message for net; the descriptors stay the caller's. */
void user_tell_net(struct user *u, const struct sink *out, const int *fds,
    size_t fd_count);

/* The ends of a dial; the descriptor stays the caller's. */
void user_tell_dialed(struct user *u, uint32_t chan, int fd);
void user_tell_refused(struct user *u, uint32_t chan, uint32_t reason,
    const char *text);

/* What became of the channel's command: a status of waitpid(2). */
void user_tell_exit(struct user *u, uint32_t chan, int status);

/*
 * user_event - one line for the monitor's log
 *
 * Format and arguments must already be fit for a log: vis_text() whatever
 * net or the peer wrote.
 */
void user_event(struct user *u, enum sess_event_kind kind, uint32_t code,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * ask_monitor_pty_open - a login record for the channel's terminal
 *
 * Does not wait: the answer is a file write away, and only a greeting needs
 * it.  ask_monitor_last() waits for it, and leaves it in the channel.
 */
void ask_monitor_pty_open(struct user *u, struct channel *ch);
void ask_monitor_last(struct user *u, struct channel *ch);

/*
 * ask_monitor_pty_make - a terminal from outside the chroot: master, slave
 *
 * Waits.  False, with both -1, if there is none to be had.
 */
bool ask_monitor_pty_make(struct user *u, int fds[2]) MUST_USE;
void ask_monitor_pty_close(struct user *u, struct channel *ch);

/* --- authinfo.c ---------------------------------------------------------- */

/*
 * authinfo_make - write the file, if the policy has a text for it
 *
 * Sets u->auth_info.  What goes wrong is logged and keeps nobody out.
 */
void authinfo_make(struct user *u);
void authinfo_remove(struct user *u);

/* --- channel.c ----------------------------------------------------------- */

/* NULL where the channel is CHANNEL_NONE. */
struct channel *channel_find(struct user *u, uint32_t number);
struct channel *channel_of_pid(struct user *u, pid_t pid);

/* NULL: max_sessions are open, or there is no memory. */
struct channel *channel_new(struct user *u, uint32_t number);

/*
 * channel_drop_command - forget the pieces of a command
 */
void channel_drop_command(struct channel *ch);

/*
 * channel_end - close the terminal and forget the channel
 *
 * Closing the master hangs up the terminal once net has closed its own.
 * The command, if it still runs, is reaped later and reported to nobody.
 */
void channel_end(struct user *u, struct channel *ch);

/*
 * channel_env - keep one variable for the channel's command
 *
 * Trust: name and value are the peer's.  False if the policy's AcceptEnv
 * has no pattern for it, it is none ('=' or NUL in it, empty), one of those
 * that only we set, or over the channel's limits.
 */
bool channel_env(const struct user *u, struct channel *ch, struct span name,
    struct span value) MUST_USE;

#endif
