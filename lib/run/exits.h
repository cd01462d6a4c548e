/*
 * exits: the three ways to stop.  Every process.
 *
 * The peer's fault is exit 0: a scanner must not leave a failed unit behind.
 */
#ifndef SSHD_CONN_RUN_EXITS_H
#define SSHD_CONN_RUN_EXITS_H

enum {
	EXIT_PEER = 0,		/* served, or refused for what the peer did */
	EXIT_USAGE = 1,		/* bad command line */
	EXIT_BUG = 101,		/* ours: a role broke the IPC protocol */
	EXIT_ENV = 111,		/* the environment's: no memory, no fork... */
	EXIT_CONFIG = 255,	/* configuration refused, as OpenSSH's -t */
	/*
	 * Not SSH, over a pipe: whoever has made that reads the status, as
	 * they do OpenSSH's.  No scanner comes that way.
	 */
	EXIT_NOT_SSH = 255,
};

#endif
