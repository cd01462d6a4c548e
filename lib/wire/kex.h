/*
 * kex: the messages of the key exchange methods that have one round trip,
 * RFC 4253 section 8, RFC 5656 section 4, RFC 8731 section 3.
 *
 * Pure layer, net only: whether a public value is any good is crypto/'s to
 * say.
 */
#ifndef SSHD_CONN_WIRE_KEX_H
#define SSHD_CONN_WIRE_KEX_H

#include <stdbool.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

struct wire_kex_reply {
	struct span host_key;		/* K_S, public key blob */
	struct span server_public;	/* Q_S, or f unsigned big-endian */
	bool public_is_mpint;		/* f: the finite field methods */
	struct span signature;		/* signature blob */
};

/*
 * wire_parse_kex_ecdh_init - decode SSH_MSG_KEX_ECDH_INIT (30)
 *
 *	string	Q_C, client's ephemeral public key octet string
 *
 * Trust: the peer's.  *client_public borrows; empty unless WIRE_OK.
 */
enum wire_err wire_parse_kex_ecdh_init(struct cursor in,
    struct span *client_public) MUST_USE;

/*
 * wire_parse_kexdh_init - decode SSH_MSG_KEXDH_INIT (30)
 *
 *	mpint	e
 *
 * *client_public is e's minimal unsigned big-endian bytes: no bytes for
 * zero, which no group takes.  A negative e is WIRE_BAD_VALUE.
 */
enum wire_err wire_parse_kexdh_init(struct cursor in,
    struct span *client_public) MUST_USE;

/*
 * wire_put_kex_reply - SSH_MSG_KEX_ECDH_REPLY or SSH_MSG_KEXDH_REPLY (31)
 *
 *	string		K_S
 *	string, mpint	Q_S, f
 *	string		the signature on the exchange hash
 */
void wire_put_kex_reply(struct sink *out, const struct wire_kex_reply *m);

#endif
