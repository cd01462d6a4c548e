/*
 * user: the role that runs as the user, after authentication: it makes the
 * ptys and pipes, starts and reaps the user's commands, and enforces the
 * policy, whatever net asks for.
 *
 * It must never hold a session key or see cipher text, and it trusts
 * nothing that net sends.
 */
#ifndef SSHD_CONN_USER_USER_H
#define SSHD_CONN_USER_USER_H

/*
 * user_run - receive the policy, then serve net until it is gone
 *
 * Runs in a process of its own that has become the user already (ids,
 * groups, no capabilities), is a session leader or not, and holds these two
 * descriptors and 0, 1, 2 (on /dev/null or a log; none is the connection).
 * Returns the process's exit status.
 */
int user_run(int net_fd, int monitor_fd);

#endif
