/*
 * names: RFC 4251 section 5 name-lists, and the negotiation rule of RFC 4253
 * section 7.1.  Pure layer.
 */
#ifndef SSHD_CONN_BASE_NAMES_H
#define SSHD_CONN_BASE_NAMES_H

#include <stdbool.h>

#include "base/span.h"

/*
 * names_next - take the first name off a comma-separated list
 *
 * *list shrinks from the front.  Returns false when it is used up.  Empty
 * names (",,") are returned as empty spans: the caller decides.
 */
bool names_next(struct span *list, struct span *name);

/* Is this exact name in the list? */
bool names_contain(struct span list, struct span name);

/*
 * names_match - the first name of client's list that server's list has too
 *
 * RFC 4253 section 7.1: the client's order decides.  Returns the empty span
 * when there is none; the span borrows from client.
 *
 * Trust: client is the peer's; time is bounded by the product of the two
 * lists, and server's is ours and short.
 */
struct span names_match(struct span client, struct span server);

/* The first name, or the empty span. */
struct span names_first(struct span list);

#endif
