/*
 * knownhosts: one line of ssh_known_hosts, about one host and its key.  Keys
 * role; pure.
 */
#ifndef SSHD_CONN_KEYS_KNOWNHOSTS_H
#define SSHD_CONN_KEYS_KNOWNHOSTS_H

#include "base/span.h"

struct known_host_want {
	struct span host;	/* the name that the host claims */
	struct span key;	/* its plain key's blob */
	struct span ca;		/* who signed its certificate; empty: none */
};

enum known_host {
	KNOWN_HOST_NOTHING,	/* another host, a comment, garbage */
	KNOWN_HOST_SAME,	/* this key is this host's */
	KNOWN_HOST_OTHER,	/* this host has a key, which is not this */
	KNOWN_HOST_REVOKED,	/* the key, or its CA, is no good any more */
};

/*
 * known_host_line - what does the line say?
 *
 *	[@cert-authority | @revoked] hosts key-type base64-blob [comment]
 *
 * hosts is a list of patterns with '*', '?' and '!', letter case aside, or
 * "|1|SALT|HASH", which is one name.  A line with @cert-authority is about
 * certificates, and none other is; @revoked is about both.
 *
 * Trust: the line is a user's or root's, the wanted host a peer's.  Neither
 * logs nor reads.
 */
enum known_host known_host_line(struct span line,
    const struct known_host_want *want);

#endif
