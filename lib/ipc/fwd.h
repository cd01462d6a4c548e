/*
 * fwd: the messages of the net/user edge (usr.h) that are about sockets
 * instead of commands: forwarding, RFC 4254 section 7.
 *
 * A dial has no answer that net waits for: a connection may take minutes.
 * It gets exactly one event, USER_EVT_DIALED with the connected socket or
 * USER_EVT_DIAL_FAILED, and until then its channel is nobody else's.
 *
 * Trust: as usr.h has it.  What may be dialled, user decides.
 */
#ifndef SSHD_CONN_IPC_FWD_H
#define SSHD_CONN_IPC_FWD_H

#include "base/span.h"
#include "ipc/usr.h"

/* A host name, an address, the path of a socket. */
#define USER_HOST_MAX_BYTES	1024

enum usr_socket_kind {
	USER_SOCKET_TCP,
	USER_SOCKET_UNIX,	/* host is a path, port is 0 */
	USER_SOCKET_AGENT,	/* of USER_REQ_AGENT: ACCEPTED only, no host */
	USER_SOCKET_COUNT
};

/* USER_REQ_DIAL */
struct usr_dial {
	uint32_t chan;
	uint8_t kind;			/* enum usr_socket_kind */
	struct span host;
	uint32_t port;
	struct span origin_host;	/* who wants it: for the log only */
	uint32_t origin_port;
};

/* The reasons of RFC 4254 section 5.1 that user has. */
enum usr_refusal_reason {
	USER_DIAL_PROHIBITED = 1,
	USER_DIAL_FAILED = 2,
	USER_DIAL_SHORTAGE = 4,
};

/* USER_EVT_DIAL_FAILED */
struct usr_refusal {
	uint32_t chan;
	uint32_t reason;		/* enum usr_refusal_reason */
	struct span text;
};

/* USER_REQ_LISTEN and USER_REQ_UNLISTEN: as the peer wrote it. */
struct usr_listen {
	uint8_t kind;			/* enum usr_socket_kind */
	struct span host;
	uint32_t port;			/* 0: one that is free */
};

/* USER_ANS_LISTENING */
struct usr_listening {
	bool ok;
	uint32_t port;			/* that it is now */
};

/* USER_EVT_ACCEPTED: a connection to what LISTEN asked for. */
struct usr_accepted {
	uint8_t kind;			/* enum usr_socket_kind */
	struct span host;		/* LISTEN's */
	uint32_t port;			/* LISTENING's */
	struct span origin_host;
	uint32_t origin_port;
};

void usr_dial_put(struct sink *out, const struct usr_dial *m);
bool usr_dial_get(struct cursor in, struct usr_dial *m) MUST_USE;

void usr_refusal_put(struct sink *out, const struct usr_refusal *m);
bool usr_refusal_get(struct cursor in, struct usr_refusal *m) MUST_USE;

/* type: USER_REQ_LISTEN or USER_REQ_UNLISTEN. */
void usr_listen_put(struct sink *out, enum user_req type,
    const struct usr_listen *m);
bool usr_listen_get(struct cursor in, struct usr_listen *m) MUST_USE;

void usr_listening_put(struct sink *out, const struct usr_listening *m);
bool usr_listening_get(struct cursor in, struct usr_listening *m) MUST_USE;

void usr_accepted_put(struct sink *out, const struct usr_accepted *m);
bool usr_accepted_get(struct cursor in, struct usr_accepted *m) MUST_USE;

#endif
