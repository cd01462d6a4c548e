/*
 * frame: SOCK_SEQPACKET frames and their judgement.  Every role; neither
 * logs nor exits.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ipc/frame.h"

/* Room for one descriptor more than is legal, so that it can be noticed. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * (IPC_FDS_MAX + 1))];
};

bool
ipc_pair(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;
}

enum ipc_io
ipc_send(int fd, struct span frame, const int *fds, size_t fd_count)
{
	union control control;
	struct iovec iov = { (void *)(uintptr_t)frame.p, frame.len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm;
	ssize_t n;

	if (frame.len == 0 || frame.len > IPC_FRAME_MAX_BYTES ||
	    fd_count > IPC_FDS_MAX) {
		errno = EMSGSIZE;
		return IPC_ERROR;
	}
	if (fd_count > 0) {
		memset(&control, 0, sizeof control);
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		cm = CMSG_FIRSTHDR(&msg);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(cm), fds, sizeof(int) * fd_count);
	}
	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)frame.len)
		return IPC_OK;
	return n < 0 && (errno == EPIPE || errno == ECONNRESET) ? IPC_CLOSED
								: IPC_ERROR;
}

/* Moves the received descriptors into the frame; false if there are more. */
static bool
take_descriptors(struct msghdr *msg, struct ipc_frame *out)
{
	bool fits = true;

	for (struct cmsghdr *cm = CMSG_FIRSTHDR(msg); cm != NULL;
	     cm = CMSG_NXTHDR(msg, cm)) {
		size_t n;

		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cm) + i * sizeof fd, sizeof fd);
			if (out->fd_count < IPC_FDS_MAX) {
				out->fds[out->fd_count++] = fd;
			} else {
				close(fd);
				fits = false;
			}
		}
	}
	/* Truncated control data: the kernel dropped some, over a limit. */
	return fits && !(msg->msg_flags & MSG_CTRUNC);
}

enum ipc_io
ipc_recv(int fd, void *buf, size_t cap, bool wait, struct ipc_frame *out)
{
	union control control;
	struct iovec iov = { buf, cap };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes };
	ssize_t n;

	*out = (struct ipc_frame){ .fds = { -1, -1, -1 } };
	do
		n = recvmsg(fd, &msg,
		    MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return IPC_AGAIN;
	if (n < 0)
		return errno == ECONNRESET ? IPC_CLOSED : IPC_ERROR;
	if (!take_descriptors(&msg, out) || (msg.msg_flags & MSG_TRUNC)) {
		ipc_drop(out);
		return IPC_BAD;
	}
	if (n == 0) {
		/* End of file, or an empty frame: neither says anything. */
		ipc_drop(out);
		return IPC_CLOSED;
	}
	out->body = cursor_of(span(buf, (size_t)n));
	out->type = cursor_u8(&out->body);
	out->size = out->body.left;
	return IPC_OK;
}

void
ipc_drop(struct ipc_frame *frame)
{
	int saved = errno;

	for (size_t i = 0; i < IPC_FDS_MAX; i++) {
		if (frame->fds[i] >= 0)
			close(frame->fds[i]);
		frame->fds[i] = -1;
	}
	errno = saved;
}

int
ipc_take_fd(struct ipc_frame *frame, size_t i)
{
	int fd = i < IPC_FDS_MAX ? frame->fds[i] : -1;

	if (fd >= 0)
		frame->fds[i] = -1;
	return fd;
}

static const struct ipc_rule *
rule_of(const struct ipc_table *table, uint8_t type)
{
	if (type >= table->count || table->rules[type].name == NULL)
		return NULL;
	return &table->rules[type];
}

static enum ipc_fault
judge(const struct ipc_rule *rule, uint32_t phase, uint64_t seen,
    const struct ipc_frame *frame)
{
	if (rule == NULL)
		return IPC_FAULT_UNKNOWN;
	if ((rule->phases & phase) == 0)
		return IPC_FAULT_PHASE;
	if (frame->size > rule->max_bytes)
		return IPC_FAULT_SIZE;
	if (frame->fd_count != rule->fd_count)
		return IPC_FAULT_FDS;
	if (rule->once && (seen >> frame->type & 1) != 0)
		return IPC_FAULT_REPEATED;
	return IPC_FAULT_NONE;
}

enum ipc_fault
ipc_dispatch(const struct ipc_table *table, uint32_t phase, uint64_t *seen,
    void *ctx, struct ipc_frame *frame)
{
	const struct ipc_rule *rule = rule_of(table, frame->type);
	enum ipc_fault fault = judge(rule, phase, *seen, frame);

	if (fault == IPC_FAULT_NONE) {
		*seen |= UINT64_C(1) << frame->type;
		if (!rule->handle(ctx, frame))
			fault = IPC_FAULT_BODY;
	}
	ipc_drop(frame);
	return fault;
}

const char *
ipc_fault_text(enum ipc_fault fault)
{
	static const char *const text[] = {
		[IPC_FAULT_NONE] = "no fault",
		[IPC_FAULT_UNKNOWN] = "unknown message",
		[IPC_FAULT_PHASE] = "message in the wrong phase",
		[IPC_FAULT_SIZE] = "message too large",
		[IPC_FAULT_FDS] = "wrong number of descriptors",
		[IPC_FAULT_REPEATED] = "message sent twice",
		[IPC_FAULT_BODY] = "message that does not parse",
	};

	return (size_t)fault < ARRAY_LEN(text) ? text[fault] : "fault";
}

const char *
ipc_type_name(const struct ipc_table *table, uint8_t type)
{
	const struct ipc_rule *rule = rule_of(table, type);

	return rule == NULL ? "?" : rule->name;
}
