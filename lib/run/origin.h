/*
 * origin: who the peer is, and the options of the socket to it.
 *
 * Runs in main, before the fork.
 */
#ifndef SSHD_CONN_RUN_ORIGIN_H
#define SSHD_CONN_RUN_ORIGIN_H

#include <stdbool.h>

#include "run/peer.h"

/*
 * origin_find - the addresses of both ends
 *
 * The kernel's word for an IP socket; else what the spawner says in its
 * environment (systemd's REMOTE_ADDR and REMOTE_PORT, ucspi's TCPREMOTEIP
 * and TCPREMOTEPORT, tcpsvd's TCPREMOTEADDR, socat's SOCAT_PEERADDR and
 * SOCAT_PEERPORT), if it is a numeric address; else "UNKNOWN" and 65535.
 * An IPv4 address that is mapped into IPv6 is told as IPv4.
 *
 * Trust: the environment is the spawner's, who could as well have made the
 * connection itself; it never overrides the kernel.
 */
void origin_find(int fd, struct peer *out);

/*
 * origin_has_ip_options - source routing and kin make an address a lie
 */
bool origin_has_ip_options(int fd);

/* TCP_NODELAY, and SO_KEEPALIVE if wanted; nothing for what is no TCP. */
void origin_tune(int fd, bool keepalive);

#endif
