/*
 * peer: who is on the other end, as far as the operating system or the
 * spawner can tell.  Plain data; filled by origin.c.
 */
#ifndef SSHD_CONN_RUN_PEER_H
#define SSHD_CONN_RUN_PEER_H

#include <stdint.h>

enum peer_transport {
	PEER_INET,
	PEER_INET6,
	PEER_UNIX,
	PEER_VSOCK,
	PEER_PIPE,
};

#define PEER_HOST_MAX_BYTES 128
#define PEER_NAME_MAX_BYTES 256

struct peer {
	enum peer_transport transport;
	/*
	 * Numeric addresses; for a peer without one "UNKNOWN" and 65535, the
	 * text that log readers know and no ban can hit.
	 */
	char remote_host[PEER_HOST_MAX_BYTES];
	uint16_t remote_port;
	char local_host[PEER_HOST_MAX_BYTES];
	uint16_t local_port;
	/*
	 * UseDNS: the name that leads to remote_host and back; empty where
	 * there is none, or nobody has asked yet.
	 */
	char remote_name[PEER_NAME_MAX_BYTES];
	unsigned int utmp_name_max;	/* -u: a longer one is not recorded */
};

#define PEER_UTMP_NAME_MAX	65	/* without -u */

/* Its name, or else its address, for patterns and for records. */
static inline const char *
peer_name(const struct peer *peer)
{
	return peer->remote_name[0] != '\0' ? peer->remote_name
					     : peer->remote_host;
}

#endif
