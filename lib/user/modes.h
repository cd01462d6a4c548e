/*
 * modes: the terminal modes of RFC 4254 section 8.  User process; pure.
 */
#ifndef SSHD_CONN_USER_MODES_H
#define SSHD_CONN_USER_MODES_H

#include <stddef.h>
#include <termios.h>

#include "ipc/usr.h"

/*
 * modes_apply - change *tio as the rows say, in their order
 *
 * A special character of 255 is "none".  Opcodes that this system has no
 * mode for, and speeds that it does not know, change nothing.
 *
 * Trust: every row is the peer's.
 */
void modes_apply(struct termios *tio, const struct usr_mode *modes,
    size_t count);

#endif
