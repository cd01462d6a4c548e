/*
 * rhosts: one line of hosts.equiv or .shosts, about one user of one host.
 * Keys role; pure, but for the netgroups of NSS.
 */
#ifndef SSHD_CONN_KEYS_RHOSTS_H
#define SSHD_CONN_KEYS_RHOSTS_H

#include "base/span.h"

struct rhosts_want {
	const char *host;	/* the client's name */
	const char *address;	/* and address, or the name again */
	const char *client_user;
	const char *server_user; /* who is meant by a line without a user */
};

enum rhosts {
	RHOSTS_NOTHING,		/* about others, a comment, garbage */
	RHOSTS_YES,
	RHOSTS_NO,		/* this file lets them in by no later line */
};

/*
 * rhosts_line - what does the line say?
 *
 *	[+-]host|@netgroup [[+-]user|@netgroup]
 *
 * "+" alone, which others take for everybody, is nobody.
 *
 * Trust: the line is a user's or root's, what is wanted a peer's.
 */
enum rhosts rhosts_line(struct span line, const struct rhosts_want *want);

#endif
