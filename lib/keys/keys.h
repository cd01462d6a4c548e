/*
 * keys: the role that judges one key, in a process of its own.
 *
 * It runs with the ids of the account that somebody wants to log in to, or
 * of the user that AuthorizedKeysCommand and its kin run as, parses what
 * users, peers and commands wrote, and answers over ipc/keys.h.  It must
 * never hold a secret of root's, log by itself, or touch the connection.
 */
#ifndef SSHD_CONN_KEYS_KEYS_H
#define SSHD_CONN_KEYS_KEYS_H

#include "ipc/keys.h"

/*
 * keys_run - in the monitor's fork: become the job's user for good, then
 * answer the question, once
 *
 * All descriptors but 0 to 2 and job->edge are closed.  Returns the
 * process's exit status (run/exits.h); the answer, and the lines to log
 * before it, were sent on job->edge, or nothing if it could not become what
 * it has to be.
 */
int keys_run(struct keys_job *job);

#endif
