/*
 * signames: signals as RFC 4254 section 6.10 names them.  User process; pure.
 */
#ifndef SSHD_CONN_USER_SIGNAMES_H
#define SSHD_CONN_USER_SIGNAMES_H

#include "base/span.h"

/* The name of a signal that ended a command; never empty. */
const char *signame_of(int sig);

/* 0: no such name.  Trust: the name is the peer's. */
int signame_parse(struct span name);

#endif
