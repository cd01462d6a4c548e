/*
 * secret: compare and wipe bytes that must not leak.  Pure layer.
 */
#ifndef SSHD_CONN_BASE_SECRET_H
#define SSHD_CONN_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/sysdef.h"

/* Overwrites n bytes; the compiler cannot drop it.  p may be NULL if n is 0. */
void secret_wipe(void *p, size_t n);

/* Compares n bytes in time that depends on n only. */
bool secret_equal(const void *a, const void *b, size_t n) MUST_USE;

/*
 * random_bytes - n bytes from the kernel's generator, getrandom(2)
 *
 * Blocks until the generator is seeded.  Returns false when the kernel has
 * none, with the buffer zeroed; nobody may go on then.
 */
bool random_bytes(void *p, size_t n) MUST_USE;

#endif
