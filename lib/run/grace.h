/*
 * grace: LoginGraceTime against what hangs where nobody can be asked: a PAM
 * module, a name service, a helper.  Monitor.
 *
 * net keeps that time too, and tells the monitor, which then ends like after
 * any other end of net's.  This is for a monitor that cannot listen.  Its
 * alarm has a handler, the only one in the project that does more than set a
 * flag: somebody must log the line that ban tools count, must end what a
 * module has started, and must say by the exit status that it was the peer's
 * time and no fault of ours.  It makes system calls only, of which signal(7)
 * says that a handler may, and does not come back.
 */
#ifndef SSHD_CONN_RUN_GRACE_H
#define SSHD_CONN_RUN_GRACE_H

#include <stdint.h>

#include "run/peer.h"

/*
 * grace_start - from now on, until grace_end(), the caller's time is bounded
 *
 * sec: LoginGraceTime, 0 for none; the alarm comes a moment later, so that
 * net's word comes first where the caller listens.  Prepares the line, so
 * call it behind log_open().
 */
void grace_start(uint32_t sec, const struct peer *peer);

/* The end of the connection has been logged: no line from here. */
void grace_said(void);

/* The user is in: only an order to stop is bounded from now on. */
void grace_end(void);

/*
 * grace_stop - somebody wants us to stop; for signal handlers
 *
 * If nothing has come of it in a while, the alarm ends us: soon while nobody
 * is logged in, late where a session's modules may have work left.
 */
void grace_stop(void);

#endif
