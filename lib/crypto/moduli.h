/*
 * moduli: the groups that diffie-hellman-group-exchange gives out, from
 * moduli(5)'s text to a packed list, and from that to one group.
 *
 * Pure layer.  The list is made once, by whoever reads ModuliFile, and
 * borrowed by net, which opens no file.  Only a server whose KexAlgorithms
 * has a group exchange has any use for it.
 */
#ifndef SSHD_CONN_CRYPTO_MODULI_H
#define SSHD_CONN_CRYPTO_MODULI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sink.h"
#include "base/span.h"
#include "base/sysdef.h"

/* RFC 4419 section 3 as RFC 8270 amends it; OpenSSH's ends. */
#define GEX_MIN_BITS 2048u
#define GEX_MAX_BITS 8192u

/* Of each size this many are kept: what an attacker would have to break. */
#define MODULI_OF_A_SIZE_COUNT 16

/* Room enough for any list that is worth having: 100 KiB are usual. */
#define MODULI_PACKED_MAX_BYTES (256u * 1024)

/*
 * moduli_pack - moduli(5)'s text to the packed list
 *
 * The list is, a group after the other, in the text's order:
 *
 *	uint32	bits of the prime	GEX_MIN_BITS to GEX_MAX_BITS
 *	string	generator		unsigned big-endian, 2 or more
 *	string	safe prime		unsigned big-endian
 *
 * Lines that are no tested safe prime of such a size are passed over, as
 * are, of each size, those behind MODULI_OF_A_SIZE_COUNT (an attacker has to
 * break each by itself, and a connection has to map them all), and what out
 * has no room for.  Primality is not tested again.
 *
 * Trust: text is root's, and can be wrong in any way.
 */
void moduli_pack(struct span text, struct sink *out);

/* What the peer asks for, RFC 4419 section 3; sizes in bits. */
struct gex_want {
	uint32_t min, n, max;
};

struct gex_group {
	struct span prime, generator;	/* unsigned big-endian */
	uint32_t bits;
};

/*
 * moduli_pick - the group that is given to the peer
 *
 * The smallest size that is n or more and at most max, else the largest from
 * min up; one at random of that size.  A list without one, or that is empty
 * or broken, leaves it to the groups of RFC 3526 that are built in (bits
 * 2048, 4096, 8192, generator 2), under the same rule.
 *
 * Trust: want is the peer's.  False, with *out all zero: it contradicts
 * itself, or nothing fits.  *out borrows from the list, or is static.
 */
bool moduli_pick(struct span list, const struct gex_want *want,
    struct gex_group *out) MUST_USE;

#endif
