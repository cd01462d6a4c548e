/*
 * forward: connections that the user may have this side make, and the
 * making.  User process.
 */
#ifndef SSHD_CONN_USER_FORWARD_H
#define SSHD_CONN_USER_FORWARD_H

#include <poll.h>

#include "ipc/fwd.h"
#include "user/resolve.h"
#include "user/role.h"

/* How many names are being looked up at once; the others wait. */
#define DIAL_RESOLVERS_MAX_COUNT	8

/* One connection on its way. */
struct dial {
	uint32_t number;		/* of its channel */
	enum dial_state {
		DIAL_QUEUED,		/* for a resolver */
		DIAL_RESOLVING,		/* fd is the resolver's */
		DIAL_CONNECTING,	/* fd is the socket */
	} state;
	int fd;
	uint16_t port;
	struct resolved resolved;
	size_t next;			/* address to try */
	int errnum;			/* why the last one failed */
	char host[USER_HOST_MAX_BYTES + 1];
};

/* A socket that is listened on for the client. */
struct listener {
	uint8_t kind;			/* enum usr_socket_kind */
	int fd;
	uint16_t port;			/* that it has */
	char host[USER_HOST_MAX_BYTES + 1];	/* as it was asked for */
};

/* May this list's owner dial HOST:PORT?  The entries are policy.h's. */
bool forward_in_list(struct span list, struct span host, uint32_t port);

/*
 * The same for listening: hosts of the list are patterns, in lower case, and
 * an entry without a host is a port.
 */
bool forward_in_listen_list(struct span list, struct span host,
    uint32_t port);

/*
 * asuser_dial - USER_REQ_DIAL
 *
 * Trust: net's word for a channel that nobody has, a kind and a place; the
 * policy is asked before a name is looked up.
 */
bool asuser_dial(void *ctx, struct ipc_frame *frame);

/* Is the number a connection's, or one's on its way?  net must not reuse it. */
bool forward_has(const struct user *u, uint32_t number);

/*
 * forward_close - USER_REQ_CLOSE for a number that forward_has()
 *
 * False for a connection that is still on its way: no honest net can close
 * that.
 */
bool forward_close(struct user *u, uint32_t number) MUST_USE;

/* --- dial.c ---------------------------------------------------------------- */

/* Starts it, and tells net in the end, maybe before it returns. */
void dial_tcp(struct user *u, uint32_t number, const char *host,
    uint16_t port);
void dial_unix(struct user *u, uint32_t number, const char *path);

/* What the loop has to wait for; who[i] is the channel of fds[i]. */
size_t dial_poll(const struct user *u, struct pollfd *fds, uint32_t *who);
void dial_polled(struct user *u, const struct pollfd *fds,
    const uint32_t *who, size_t count);

void dial_end_all(struct user *u);

/* --- listen.c -------------------------------------------------------------- */

/*
 * asuser_listen, asuser_unlisten - USER_REQ_LISTEN, USER_REQ_UNLISTEN
 *
 * Trust: net's word for a kind and a place; the policy is asked first.
 */
bool asuser_listen(void *ctx, struct ipc_frame *frame);
bool asuser_unlisten(void *ctx, struct ipc_frame *frame);

/*
 * listen_poll - what the loop has to wait for, and for how long at most
 *
 * At most USER_LISTENERS_MAX_COUNT.  While net has no room for another
 * event, it is net that is waited for.
 */
size_t listen_poll(struct user *u, struct pollfd *fds, int *timeout_ms);
void listen_polled(struct user *u, const struct pollfd *fds, size_t count);

void listen_end_all(struct user *u);

/* A socket at path that is listened on; -1: errno says. */
int listen_unix_at(const char *path, mode_t mask) MUST_USE;

/* Keeps it, or closes it and returns false: there are too many. */
bool listen_add(struct user *u, uint8_t kind, struct span host,
    uint16_t port, int fd) MUST_USE;

/* --- agent.c --------------------------------------------------------------- */

/*
 * agent_open - auth-agent-req@openssh.com: once a connection
 *
 * From then on u->agent_path is SSH_AUTH_SOCK of every command that starts.
 * False, for net to say no: not permitted, not the first, or not to be had.
 */
bool agent_open(struct user *u) MUST_USE;
void agent_end(struct user *u);

#endif
