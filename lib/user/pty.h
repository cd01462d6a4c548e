/*
 * pty: terminals.  User process, as the user: a terminal that root made
 * would be root's.
 */
#ifndef SSHD_CONN_USER_PTY_H
#define SSHD_CONN_USER_PTY_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "ipc/usr.h"

#define PTY_NAME_MAX_BYTES 32

struct pty {
	int master;
	int slave;			/* -1 once the command has it */
	char name[PTY_NAME_MAX_BYTES];	/* "pts/3" */
};

/*
 * pty_open - a new terminal with the asked size and modes
 *
 * Both ends are close-on-exec.  False, with both -1, if there is none to be
 * had (no devpts, too many); errno says.  Modes and sizes cannot fail: what
 * the terminal does not take is left as it is.
 *
 * Trust: every number in want is the peer's.
 */
bool pty_open(struct pty *pty, const struct usr_pty *want) MUST_USE;

/* The same with a terminal that is open already; closes it on failure. */
bool pty_adopt(struct pty *pty, int master, int slave,
    const struct usr_pty *want) MUST_USE;

/* Closes both ends. */
void pty_close(struct pty *pty);

/* Window size, RFC 4254 section 6.7; more than fits is the most that fits. */
void pty_resize(const struct pty *pty, const struct usr_resize *size);

/* RFC 4335: false if the terminal refuses it. */
bool pty_break(const struct pty *pty) MUST_USE;

#endif
