/*
 * kex: the messages of the key exchange methods, RFC 4253 section 8, RFC 5656
 * section 4, RFC 8731 section 3, RFC 4419 section 3.
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

/* Sizes in bits; what OpenSSH calls min<n<max. */
struct wire_gex_request {
	uint32_t min, n, max;
};

struct wire_kex_reply {
	struct span host_key;		/* K_S, public key blob */
	struct span server_public;	/* Q_S, or f unsigned big-endian */
	bool public_is_mpint;		/* f: the finite field methods */
	bool group_exchange;		/* the reply has another number */
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
 * wire_parse_kexdh_init - decode SSH_MSG_KEXDH_INIT (30), and
 * SSH_MSG_KEX_DH_GEX_INIT (32), which is the same
 *
 *	mpint	e
 *
 * *client_public is e's minimal unsigned big-endian bytes: no bytes for
 * zero, which no group takes.  A negative e is WIRE_BAD_VALUE.
 */
enum wire_err wire_parse_kexdh_init(struct cursor in,
    struct span *client_public) MUST_USE;

/*
 * wire_parse_gex_request - decode SSH_MSG_KEX_DH_GEX_REQUEST (34)
 *
 *	uint32	min, minimal size in bits of an acceptable group
 *	uint32	n, preferred size
 *	uint32	max, maximal size
 *
 * The old form of message 30, which has n alone, is no more spoken by any
 * server in use.  All zero unless WIRE_OK; whether the three make sense is
 * for who picks the group.
 */
enum wire_err wire_parse_gex_request(struct cursor in,
    struct wire_gex_request *out) MUST_USE;

/*
 * wire_put_gex_group - SSH_MSG_KEX_DH_GEX_GROUP (31)
 *
 *	mpint	p, safe prime
 *	mpint	g, generator
 */
void wire_put_gex_group(struct sink *out, struct span prime,
    struct span generator);

/*
 * wire_put_kex_reply - SSH_MSG_KEX_ECDH_REPLY or SSH_MSG_KEXDH_REPLY (31),
 * SSH_MSG_KEX_DH_GEX_REPLY (33)
 *
 *	string		K_S
 *	string, mpint	Q_S, f
 *	string		the signature on the exchange hash
 */
void wire_put_kex_reply(struct sink *out, const struct wire_kex_reply *m);

#endif
