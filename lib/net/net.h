/*
 * net: the role that faces the peer for the whole connection.
 *
 * It owns the socket, the session keys and every byte that the peer sends.
 * It runs confined (sandbox/confine.h): it opens, connects, forks, executes
 * and signals nothing, and touches only the descriptors that it was given.
 * Whoever is to be let in is the monitor's to say; what is to be run, user's.
 */
#ifndef SSHD_CONN_NET_NET_H
#define SSHD_CONN_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sink.h"
#include "base/span.h"
#include "ipc/limits.h"

#define NET_HOST_KEYS_MAX_COUNT		16
/* Identification line and KEXINIT packet: what goes out at once. */
#define NET_FIRST_FLIGHT_MAX_BYTES	8192

/* Everything that net is told, before it is confined.  All of it borrows. */
struct net_params {
	int in_fd, out_fd;		/* the connection; may be the same */
	bool stream_socket;		/* they are sockets, not pipes */
	int monitor_fd;
	const char *server_ident;	/* V_S, without CR LF */

	/* Our proposals: name-lists of what is built in and configured. */
	const char *kex_algorithms;
	const char *host_key_algorithms; /* only those that we have keys for */
	const char *ciphers;
	const char *macs;
	bool compression;
	const char *server_sig_algs;	/* RFC 8308 3.1 */

	struct span host_keys[NET_HOST_KEYS_MAX_COUNT]; /* public blobs */
	/* Beside each its certificate; empty: it has none. */
	struct span host_certs[NET_HOST_KEYS_MAX_COUNT];
	size_t host_key_count;
	struct span moduli;		/* crypto/moduli.h; may be empty */

	struct mon_limits limits;	/* until the monitor knows the user */
	uint32_t login_grace_sec;	/* 0: no limit */
	unsigned int debug_level;	/* 0 to 3: events wanted of it */
	/* Shows who has logged in to ps(1); NULL: nobody does. */
	void (*show_user)(const char *user);
};

/* What the first flight was, for the exchange hash and the counters. */
struct net_first_flight {
	uint8_t bytes[NET_FIRST_FLIGHT_MAX_BYTES];
	size_t len;			/* all of it */
	size_t kexinit_at, kexinit_len;	/* the KEXINIT payload in it */
};

/*
 * net_first_flight - make identification line and KEXINIT packet
 *
 * Called by main before the fork, so that the peer has them while we still
 * set up the rest.  False: the lists do not fit, or there is no randomness.
 */
bool net_first_flight(const struct net_params *params,
    struct net_first_flight *out) MUST_USE;

/*
 * net_refuse - identification line and DISCONNECT, in clear
 *
 * RFC 4253 section 11.1, for a peer that cannot be served at all: called by
 * main instead of net_first_flight() and net_run(), with SIGPIPE ignored;
 * reason is of wire/numbers.h.  Of params only the descriptors and
 * server_ident count.  Takes a second at most; a peer that is gone already
 * is not told.
 *
 * Trust: what the peer sends meanwhile is thrown away unread.
 */
void net_refuse(const struct net_params *params, uint32_t reason,
    const char *text);
/* SSH_DISCONNECT_HOST_KEY_NOT_VERIFIABLE, for main, who knows no numbers. */
#define NET_REFUSE_NO_HOST_KEY 9

/*
 * net_enter - become the net process: confined, it speaks SSH, and exits
 *
 * In a child of main's that nothing else runs in.  edge, to the monitor, and
 * the connection are all that stays open.
 */
struct confine;
void net_enter(struct net_params *params,
    const struct net_first_flight *first, const struct confine *confine,
    int edge) NORETURN;

/*
 * net_run - speak SSH until the connection ends
 *
 * Runs in its own, confined process, with the first flight sent already and
 * SIGPIPE ignored.
 * Returns the process's exit status: 0, or EXIT_BUG/EXIT_ENV.
 */
int net_run(const struct net_params *params,
    const struct net_first_flight *first);

#endif
