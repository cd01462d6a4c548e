/*
 * confine: take everything from the network-facing role that it does not
 * need, for the rest of its life.
 *
 * Called once, in net's process, before it looks at a byte of the peer's.
 * No way leads back, and no option or test build skips a step.
 */
#ifndef SSHD_CONN_SANDBOX_CONFINE_H
#define SSHD_CONN_SANDBOX_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/sysdef.h"

struct confine {
	pid_t parent;		/* the monitor, whose death is ours */
	bool root;		/* euid 0: change ids, root and namespaces */
	uid_t uid;		/* the privilege separation user */
	gid_t gid;
	int fds_max;		/* RLIMIT_NOFILE: descriptors it may hold */
};

/*
 * confine_descriptors - leave the calling process what net needs
 *
 * That is the connection, the edge to the monitor, which moves right behind
 * it (*edge), and /dev/null on what of 0 to 2 is neither: no log, no lock, no
 * copy of the spawner's descriptors.
 */
bool confine_descriptors(int in_fd, int *edge) MUST_USE;

/*
 * confine_net - the calling process, in this order
 *
 *	not dumpable, killed with its parent
 *	own IPC and UTS name spaces			(root only)
 *	an empty root directory that is nobody's	(root only)
 *	uid and gid, no groups				(root only)
 *	RLIMIT_NPROC 0, RLIMIT_FSIZE 0, RLIMIT_CORE 0, RLIMIT_NOFILE
 *	no new privileges, seccomp filter (seccomp.h)
 *
 * Returns NULL, or a few words on what failed, with errno set: the caller
 * must exit then.
 */
const char *confine_net(const struct confine *how) MUST_USE;

#endif
