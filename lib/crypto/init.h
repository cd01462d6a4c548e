/*
 * init: bring up libgcrypt, once per process tree.  Pure layer.
 */
#ifndef SSHD_CONN_CRYPTO_INIT_H
#define SSHD_CONN_CRYPTO_INIT_H

#include <stdbool.h>

#include "base/sysdef.h"

/*
 * crypto_init - check libgcrypt's version and initialise it
 *
 * Before the first fork.  The generator is the system's (getrandom), no
 * secure-memory pool is made (its mlock limits and its locks are no gain in
 * a process that serves one connection).  False: the library is too old.
 */
bool crypto_init(void) MUST_USE;

#endif
