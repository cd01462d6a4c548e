/*
 * tell: what the server has to say to a person: -t, -T, -G, -V.  Main, before
 * there is any connection; whoever calls is the administrator.
 */
#ifndef SSHD_CONN_TELL_TELL_H
#define SSHD_CONN_TELL_TELL_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "config/options.h"

/*
 * tell_job - do what the options ask for, which is not to serve
 *
 * ident is the identification that Match Version sees.  Nothing but root's -t
 * looks at host keys or writes anything.  Returns the exit status, OpenSSH's.
 */
int tell_job(const struct options *options, const char *ident, bool root)
    MUST_USE;

/*
 * tell_wrong_options - why the command line cannot be; the exit status
 *
 * To standard error, unless that is the connection (inetd): then to the log.
 */
int tell_wrong_options(const struct options *options) MUST_USE;

#endif
