/*
 * fd: small things about descriptors.  Every process; no policy.
 */
#ifndef SSHD_CONN_BASE_FD_H
#define SSHD_CONN_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/sysdef.h"

bool fd_set_nonblock(int fd, bool on);

/* Closes *fd if it is open and leaves -1; errno is kept. */
void fd_close(int *fd);

/* Writes all of it, waiting where it must.  False on any error. */
bool fd_write_all(int fd, const void *p, size_t n) MUST_USE;

/*
 * fd_read_all - read to the end of file
 *
 * Allocates *out (free() it; a NUL follows the last byte, not counted in
 * *len).  Fails with EFBIG when there are more than max bytes; on failure
 * *out is NULL and errno is set.  There is no other copy: what is a secret,
 * the caller can wipe.
 */
bool fd_read_all(int fd, size_t max, char **out, size_t *len) MUST_USE;

/* Are the two the same open file?  False when either is closed. */
bool fd_same_file(int a, int b);

#endif
