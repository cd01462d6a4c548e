/*
 * sess: the edge between user and the monitor, after authentication.
 *
 * user asks (ask_monitor_X() in user/, asroot_X() in monitor/) for what only
 * root may do or write: login records and log lines.  net has no part in it.
 *
 * The monitor speaks first, once: SESS_ANS_POLICY (policy.h).
 *
 * Trust: user runs with the user's own rights; the monitor takes from it
 * nothing but these fields and checks that a terminal is the user's.
 */
#ifndef SSHD_CONN_IPC_SESS_H
#define SSHD_CONN_IPC_SESS_H

#include "base/span.h"
#include "ipc/frame.h"

enum sess_req {
	SESS_REQ_NONE,
	SESS_REQ_PTY_OPEN,	/* struct sess_pty -> SESS_ANS_PTY */
	SESS_REQ_PTY_CLOSE,	/* struct sess_pty, no answer */
	SESS_REQ_EVENT,		/* struct sess_event, no answer */
	SESS_REQ_PTY_MAKE,	/* no fields -> SESS_ANS_PTY_MADE or _NONE:
				   for a user in a chroot without /dev */
	SESS_REQ_COUNT
};

enum sess_ans {
	SESS_ANS_NONE,
	SESS_ANS_POLICY,	/* struct user_policy, policy.h */
	SESS_ANS_PTY,		/* struct sess_last */
	SESS_ANS_PTY_MADE,	/* no fields, 2 descriptors: master, slave */
	SESS_ANS_PTY_NONE,	/* no fields */
	SESS_ANS_COUNT
};

/* A terminal of the user: "pts/3", without "/dev/". */
struct sess_pty {
	struct span tty;
	uint32_t pid;			/* of the session's leader, or 0 */
};

/* When and from where this user logged in before; time 0: never. */
struct sess_last {
	uint64_t time_sec;		/* since the epoch */
	struct span host;
};

enum sess_event_kind {
	SESS_EVENT_NONE,
	SESS_EVENT_DEBUG,	/* code: level 1 to 3; text */
	SESS_EVENT_START,	/* "Starting session: TEXT": "shell",
				   "command", "subsystem 'sftp'", "shell on
				   pts/0"; code: channel number */
	SESS_EVENT_CLOSE,	/* "Close session"; code: channel number */
	SESS_EVENT_ERROR,	/* text: what failed, with its errno */
	SESS_EVENT_INFO,	/* text: what was refused */
	SESS_EVENT_NOLOGIN,	/* /etc/nologin kept the user out */
	SESS_EVENT_COUNT
};

struct sess_event {
	uint8_t kind;
	uint32_t code;
	struct span text;
};

#define SESS_TEXT_MAX_BYTES 1024

/* type: SESS_REQ_PTY_OPEN or SESS_REQ_PTY_CLOSE. */
void sess_pty_put(struct sink *out, enum sess_req type,
    const struct sess_pty *m);
bool sess_pty_get(struct cursor in, struct sess_pty *m) MUST_USE;

void sess_last_put(struct sink *out, const struct sess_last *m);
bool sess_last_get(struct cursor in, struct sess_last *m) MUST_USE;

void sess_event_put(struct sink *out, const struct sess_event *m);
bool sess_event_get(struct cursor in, struct sess_event *m) MUST_USE;

#endif
