/*
 * title: what ps(1) shows of a process, in sshd's words: "sshd: alice
 * [priv]".  Every role; a change is a write to memory and no system call, so
 * net may make one, too.
 */
#ifndef SSHD_CONN_RUN_TITLE_H
#define SSHD_CONN_RUN_TITLE_H

#include "base/sysdef.h"

/*
 * title_init - make room where the kernel looks for the command line
 *
 * The strings of argv and of the environment move away from there: before
 * anybody keeps a pointer to one of them.  Without memory all stays as it is,
 * and title_set() does nothing.
 */
void title_init(int argc, char **argv);

/*
 * title_set - "sshd: " and the text, as much of it as fits
 *
 * Trust: everybody on the machine can read it; names go through vis_text()
 * first.
 */
void title_set(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
