/*
 * ask: one question to a local service, one answer, bounded in time.
 */
#ifndef SSHD_CONN_RUN_ASK_H
#define SSHD_CONN_RUN_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

#define ASK_WAIT_SEC	5	/* for each of connect, send and receive */

/*
 * ask_socket - send question to the UNIX socket path, take one answer
 *
 * Both are uint32 lengths and as many bytes, as signing agents speak; the
 * question has its length in front, *answer is without, in buf (which the
 * question may stand in).  False, with *answer empty: errno says.
 *
 * Trust: whoever listens there can send size bytes of anything, and take
 * three times ASK_WAIT_SEC, or that for each byte: the caller has a clock.
 */
bool ask_socket(const char *path, struct span question, uint8_t *buf,
    size_t size, struct span *answer) MUST_USE;

#endif
