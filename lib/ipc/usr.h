/*
 * usr: the edge between net and user, after authentication.
 *
 * net asks (ask_user_X() in net/, asuser_X() in user/); every request that
 * has an answer gets exactly one, in order, so net has at most one request
 * of that kind waiting.  USER_EVT_* come whenever they happen.
 *
 * Channels are named by net's own number, 0 to USER_CHANNELS_MAX_COUNT - 1.
 *
 * Trust: user takes net for hostile (under a forced command or a chroot this
 * parser is the wall); net takes user for the user that it is.
 */
#ifndef SSHD_CONN_IPC_USR_H
#define SSHD_CONN_IPC_USR_H

#include "base/span.h"
#include "ipc/frame.h"

#define USER_CHANNELS_MAX_COUNT 256

enum user_req {
	USER_REQ_NONE,
	USER_REQ_OPEN,		/* chan: a session channel, RFC 4254 6.1 */
	USER_REQ_ENV,		/* struct usr_env */
	USER_REQ_PTY,		/* struct usr_pty */
	USER_REQ_START,		/* struct usr_start -> PTY or PIPES; no, or
				   more of it is wanted: DONE */
	USER_REQ_SIGNAL,	/* struct usr_signal */
	USER_REQ_BREAK,		/* struct usr_break */
	USER_REQ_RESIZE,	/* struct usr_resize */
	USER_REQ_CLOSE,		/* chan; no answer: the channel is gone */
	USER_REQ_DIAL,		/* struct usr_dial, fwd.h -> an event */
	USER_REQ_LISTEN,	/* struct usr_listen -> LISTENING */
	USER_REQ_UNLISTEN,	/* struct usr_listen -> LISTENING */
	USER_REQ_AGENT,		/* chan: commands may use the peer's agent */
	USER_REQ_COUNT
};

enum user_ans {
	USER_ANS_NONE,
	USER_ANS_DONE,		/* struct usr_ans, no descriptor */
	USER_ANS_STARTED_PTY,	/* struct usr_ans, the master of the pty */
	USER_ANS_STARTED_PIPES,	/* struct usr_ans, its stdin stdout stderr */
	USER_EVT_EXIT,		/* struct usr_exit */
	USER_EVT_DIALED,	/* struct usr_ans, the connected socket */
	USER_EVT_DIAL_FAILED,	/* struct usr_refusal, fwd.h */
	USER_ANS_LISTENING,	/* struct usr_listening, fwd.h */
	USER_EVT_ACCEPTED,	/* struct usr_accepted, the connection */
	USER_ANS_COUNT
};

struct usr_env {
	uint32_t chan;
	struct span name;
	struct span value;
};

/* One row of RFC 4254 section 8, opcode TTY_OP_END left out. */
struct usr_mode {
	uint8_t opcode;
	uint32_t value;
};
#define USER_MODES_MAX_COUNT 128

struct usr_pty {
	uint32_t chan;
	struct span term;		/* TERM's value */
	uint32_t cols, rows;		/* characters */
	uint32_t width, height;		/* pixels */
	size_t mode_count;
	struct usr_mode modes[USER_MODES_MAX_COUNT];
};

struct usr_resize {
	uint32_t chan;
	uint32_t cols, rows, width, height;
};

enum usr_start_kind {
	USER_START_SHELL,
	USER_START_EXEC,
	USER_START_SUBSYSTEM,
	USER_START_COUNT
};

/*
 * A command for which a frame is too small comes in pieces, each in a request
 * of its own that has its answer; the last one's starts it.
 */
#define USER_COMMAND_MAX_BYTES	(128u * 1024)	/* Linux's MAX_ARG_STRLEN */
#define USER_PIECE_MAX_BYTES	(48u * 1024)

struct usr_start {
	uint32_t chan;
	uint8_t kind;			/* enum usr_start_kind */
	struct span command;		/* EXEC, or SUBSYSTEM's name */
	bool more;			/* it goes on in the next request */
};

struct usr_signal {
	uint32_t chan;
	struct span name;		/* RFC 4254 6.10, without "SIG" */
};

struct usr_break {
	uint32_t chan;
	uint32_t length_ms;
};

struct usr_ans {
	uint32_t chan;
	bool ok;
};

struct usr_exit {
	uint32_t chan;
	bool signaled;
	uint32_t status;		/* exit status, unless signaled */
	struct span signal;		/* RFC 4254 6.10 name, if signaled */
	bool core_dumped;
};

/* type: USER_REQ_OPEN, USER_REQ_CLOSE or USER_REQ_AGENT. */
void usr_chan_put(struct sink *out, enum user_req type, uint32_t chan);
bool usr_chan_get(struct cursor in, uint32_t *chan) MUST_USE;

void usr_env_put(struct sink *out, const struct usr_env *m);
bool usr_env_get(struct cursor in, struct usr_env *m) MUST_USE;

void usr_pty_put(struct sink *out, const struct usr_pty *m);
bool usr_pty_get(struct cursor in, struct usr_pty *m) MUST_USE;

void usr_resize_put(struct sink *out, const struct usr_resize *m);
bool usr_resize_get(struct cursor in, struct usr_resize *m) MUST_USE;

void usr_start_put(struct sink *out, const struct usr_start *m);
bool usr_start_get(struct cursor in, struct usr_start *m) MUST_USE;

void usr_signal_put(struct sink *out, const struct usr_signal *m);
bool usr_signal_get(struct cursor in, struct usr_signal *m) MUST_USE;

void usr_break_put(struct sink *out, const struct usr_break *m);
bool usr_break_get(struct cursor in, struct usr_break *m) MUST_USE;

/* type: USER_ANS_DONE, _STARTED_PTY, _STARTED_PIPES or USER_EVT_DIALED. */
void usr_ans_put(struct sink *out, enum user_ans type,
    const struct usr_ans *m);
bool usr_ans_get(struct cursor in, struct usr_ans *m) MUST_USE;

void usr_exit_put(struct sink *out, const struct usr_exit *m);
bool usr_exit_get(struct cursor in, struct usr_exit *m) MUST_USE;

#endif
