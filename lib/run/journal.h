/*
 * journal: one log line as an entry of systemd's journal, in its native
 * protocol.  Pure: encodes, does no I/O.
 *
 * The fields say what the words of the line say, for readers that want no
 * regular expressions, and what no word of the line says: where a peer
 * without an address comes from.
 */
#ifndef SSHD_CONN_RUN_JOURNAL_H
#define SSHD_CONN_RUN_JOURNAL_H

#include <stdint.h>
#include <sys/types.h>

#include "base/sink.h"
#include "run/peer.h"

/* A line of 1 KiB and all fields fit; what does not is left out. */
#define JOURNAL_MAX_BYTES 4096

/* Each has a MESSAGE_ID and an SSH_EVENT: see the table in journal.c. */
enum log_event_kind {
	LOG_EVENT_NONE,
	LOG_EVENT_CONNECT,
	LOG_EVENT_ACCEPTED,
	LOG_EVENT_FAILED,
	LOG_EVENT_DENIED,	/* who it is, not what they sent, is wrong */
	LOG_EVENT_SESSION_OPEN,
	LOG_EVENT_SESSION_CLOSE,
	LOG_EVENT_DISCONNECT,
	LOG_EVENT_TRANSFERRED,
	LOG_EVENT_COUNT
};

/* NULL and 0 are no field. */
struct log_event {
	enum log_event_kind kind;
	const char *method;	/* SSH_METHOD */
	const char *key;	/* ": TYPE FINGERPRINT...", as in the line */
	const char *reason;	/* SSH_REASON: why it ended */
	const char *command;	/* SSH_COMMAND: what a session runs */
	uint64_t bytes_in, bytes_out;	/* SSH_BYTES_IN, SSH_BYTES_OUT */
};

/* What all later lines of a connection are about. */
enum log_about {
	LOG_ABOUT_USER,		/* SSH_USER */
	LOG_ABOUT_USER_VALID,	/* SSH_USER_VALID: "yes" or "no" */
	LOG_ABOUT_CLIENT,	/* SSH_CLIENT_VERSION */
	LOG_ABOUT_COUNT
};

struct journal_line {
	const char *message, *ident;
	int priority, facility;		/* 0 to 7; 4 is auth */
	pid_t pid;			/* that the line is from */
	const struct log_event *event;	/* or NULL */
	const struct peer *peer;	/* or NULL */
	const char *about[LOG_ABOUT_COUNT];	/* NULL or "": unknown */
};

/*
 * journal_encode - the datagram for /run/systemd/journal/socket
 *
 *	NAME=value\n			or, if value holds a newline,
 *	NAME\n  uint64 length, little-endian  value  \n
 *
 * A field that does not fit is left out whole; MESSAGE comes first.
 *
 * Trust: values may be anybody's; none can become another field.
 */
void journal_encode(struct sink *out, const struct journal_line *line);

#endif
