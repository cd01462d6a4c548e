/*
 * frame: the datagrams between the three roles, and the one table that each
 * receiver judges them by.
 *
 * Compiled into every role.  A frame is one SOCK_SEQPACKET message: a type
 * byte, then the type's fields as a cursor reads them, to its exact end;
 * descriptors ride along as SCM_RIGHTS.
 *
 *	edge		requests		answers
 *	net/monitor	mon.h  MON_REQ_*	MON_ANS_*
 *	net/user	usr.h  USER_REQ_*	USER_ANS_*
 *	user/monitor	sess.h SESS_REQ_*	SESS_ANS_*
 *
 * Trust: none.  Each side believes that the other has been taken over.
 */
#ifndef SSHD_CONN_IPC_FRAME_H
#define SSHD_CONN_IPC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"

#define IPC_FRAME_MAX_BYTES	65536
#define IPC_FDS_MAX		3

struct ipc_frame {
	uint8_t type;
	struct cursor body;		/* after the type byte */
	size_t size;			/* of the body, bytes */
	int fds[IPC_FDS_MAX];		/* -1 where there is none */
	size_t fd_count;
};

enum ipc_io {
	IPC_OK,
	IPC_AGAIN,	/* nothing there (non-blocking receive) */
	IPC_CLOSED,	/* the other side is gone */
	IPC_BAD,	/* not a frame: empty, truncated, too many descriptors */
	IPC_ERROR,	/* errno says */
};

/* A connected pair, both ends close-on-exec.  False: errno says. */
bool ipc_pair(int pair[2]) MUST_USE;

/*
 * ipc_send - send one frame and up to IPC_FDS_MAX descriptors
 *
 * frame is the type byte and the fields, as a sink made them; a sink that
 * overflowed has an empty span, which is refused with EMSGSIZE.  Blocks
 * while the other side's queue is full.  The descriptors stay open here.
 */
enum ipc_io ipc_send(int fd, struct span frame, const int *fds,
    size_t fd_count) MUST_USE;

/*
 * ipc_recv - receive one frame into buf, at most cap bytes
 *
 * Blocks unless wait is false.  The frame's body borrows from buf.  The
 * descriptors are close-on-exec and the caller's to close (ipc_drop()).  On
 * anything but IPC_OK no descriptor is left open.
 */
enum ipc_io ipc_recv(int fd, void *buf, size_t cap, bool wait,
    struct ipc_frame *out) MUST_USE;

/* Closes whatever descriptors the frame still owns. */
void ipc_drop(struct ipc_frame *frame);

/* Takes descriptor i out of the frame: the caller owns it now. */
int ipc_take_fd(struct ipc_frame *frame, size_t i);

/*
 * A row of a receiver's table, at the index of its message type.  A row of
 * zeroes is a type that this receiver never takes.
 */
struct ipc_rule {
	const char *name;		/* for the log */
	uint32_t phases;		/* bit set of the receiver's phases */
	size_t max_bytes;		/* of the body */
	uint8_t fd_count;		/* exactly so many descriptors */
	bool once;			/* a second one is a fault */
	/*
	 * Does the work.  ctx is the receiver's own struct.  Returns false
	 * if the body does not parse or means nothing: a fault like the rest.
	 */
	bool (*handle)(void *ctx, struct ipc_frame *frame);
};

struct ipc_table {
	const struct ipc_rule *rules;
	size_t count;			/* at most 64 */
};

enum ipc_fault {
	IPC_FAULT_NONE,
	IPC_FAULT_UNKNOWN,	/* no such row */
	IPC_FAULT_PHASE,	/* not in this phase */
	IPC_FAULT_SIZE,
	IPC_FAULT_FDS,
	IPC_FAULT_REPEATED,
	IPC_FAULT_BODY,		/* the handler could not read it */
};

/*
 * ipc_dispatch - judge the frame by the table, then let its row handle it
 *
 * phase is one bit; *seen is the receiver's memory of once-only messages,
 * zero at first.  Descriptors that the handler did not take are closed.
 */
enum ipc_fault ipc_dispatch(const struct ipc_table *table, uint32_t phase,
    uint64_t *seen, void *ctx, struct ipc_frame *frame) MUST_USE;

const char *ipc_fault_text(enum ipc_fault fault);

/* The name of a type in the table, "?" for one that has none. */
const char *ipc_type_name(const struct ipc_table *table, uint8_t type);

#endif
