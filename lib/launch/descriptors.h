/*
 * descriptors: what the spawner handed over, made fit for the rest.
 *
 * Runs in main, before anything else.
 */
#ifndef SSHD_CONN_LAUNCH_DESCRIPTORS_H
#define SSHD_CONN_LAUNCH_DESCRIPTORS_H

#include <stdbool.h>

#include "base/sysdef.h"

struct connection {
	int in_fd, out_fd;	/* the same for a socket */
	bool stream_socket;	/* recv(2) and send(2) work on them */
	bool stderr_is_peer;	/* fd 2 leads to the peer: inetd */
	/* Pipes: what to restore in the end, and through which descriptor. */
	int restore_fd[2], restore_flags[2];
};

/*
 * descriptors_find - fd 0 and 1, or fd 3 when LISTEN_FDS says so
 *
 * Opens /dev/null on whichever of 0, 1 and 2 is closed, and closes every
 * descriptor that is neither of those nor the connection: a spawner's leak
 * is not to reach a user's command.  A socket on fd 0 serves both ways when
 * fd 1 is the same one.
 *
 * Returns NULL, or a few words on what is wrong.
 */
const char *descriptors_find(struct connection *out) MUST_USE;

/*
 * descriptors_set_nonblock, descriptors_restore - pipes only
 *
 * A socket is read and written with MSG_DONTWAIT; a pipe needs the flag of
 * the open file, which the spawner may share, so it is put back at the end.
 */
bool descriptors_set_nonblock(struct connection *c) MUST_USE;
void descriptors_restore(const struct connection *c);

/*
 * descriptors_leave - the calling process has no more to do with the peer
 *
 * 0 and 1 become /dev/null, and so does 2 if it leads to the peer.
 */
bool descriptors_leave(const struct connection *c) MUST_USE;

#endif
