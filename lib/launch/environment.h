/*
 * environment: what the spawner left in ours.  Runs in main.
 */
#ifndef SSHD_CONN_LAUNCH_ENVIRONMENT_H
#define SSHD_CONN_LAUNCH_ENVIRONMENT_H

/*
 * environment_scrub - keep the few variables that mean us, drop the rest
 *
 * After the spawner's address and descriptor variables have been read.
 * A user's session is built from nothing anyhow; this keeps them from PAM
 * and NSS modules and from helpers too.
 */
void environment_scrub(void);

/* Signal dispositions and mask as a freshly booted program has them. */
void environment_reset_signals(void);

#endif
