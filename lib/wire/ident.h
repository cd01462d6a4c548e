/*
 * ident: the identification line, RFC 4253 section 4.2.
 *
 * Pure layer, net only: returns what it read, decides nothing else.
 */
#ifndef SSHD_CONN_WIRE_IDENT_H
#define SSHD_CONN_WIRE_IDENT_H

#include "base/cursor.h"
#include "base/span.h"

/* RFC 4253 4.2: 255 with CR LF. */
#define SSH_IDENT_MAX_BYTES 253

struct wire_ident {
	struct span proto;	/* "2.0" or "1.99" */
	struct span software;	/* never empty */
	struct span comments;	/* after the first space, may be empty */
};

/*
 * wire_parse_ident - take an identification line apart
 *
 *	SSH-protoversion-softwareversion SP comments
 *
 * line is without CR LF.  The software version may hold a minus sign, which
 * the RFC forbids and clients (JSch) send; comments may hold 8-bit text.
 *
 * Trust: every byte is the peer's.  WIRE_LONG: over SSH_IDENT_MAX_BYTES;
 * WIRE_BAD_NAME: not an identification line, or a control character in it;
 * WIRE_BAD_VALUE: one, but of a protocol that is not 2.0; *out is all zero
 * then.
 */
enum wire_err wire_parse_ident(struct span line, struct wire_ident *out)
    MUST_USE;

#endif
