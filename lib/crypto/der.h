/*
 * der: read ASN.1's distinguished encoding, as far as private keys use it.
 * Inside crypto/ only; monitor and keygen.
 *
 * A cursor with its sticky error, as for SSH's own types.  What DER forbids
 * is WIRE_BAD_VALUE: indefinite lengths, lengths that could be shorter, tags
 * of more than one byte, integers with spare zeros in front.
 *
 * Trust: built for hostile input.  A length is compared with what is left and
 * nothing recurses.
 */
#ifndef SSHD_CONN_CRYPTO_DER_H
#define SSHD_CONN_CRYPTO_DER_H

#include "base/cursor.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_CONTEXT_0 = 0xa0,		/* [0], constructed */
	DER_CONTEXT_1 = 0xa1,
	DER_CONTEXT_1_PRIMITIVE = 0x81,
};

/* Is an element of this tag the next?  Reads nothing. */
bool der_next_is(const struct cursor *c, enum der_tag tag);

/* The content of the next element, which has to be of this tag. */
struct span der_take(struct cursor *c, enum der_tag tag);

/* The same, to be read on; a fault is left in both cursors. */
struct cursor der_enter(struct cursor *c, enum der_tag tag);

/*
 * der_integer - a non-negative INTEGER as its minimal big-endian bytes
 *
 * Zero is the empty span, as cursor_mpint() has it.
 */
struct span der_integer(struct cursor *c);

/* A BIT STRING of whole bytes. */
struct span der_bit_string(struct cursor *c);

#endif
