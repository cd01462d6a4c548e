/*
 * negotiate: what two KEXINIT messages agree on, RFC 4253 section 7.1.
 *
 * Pure layer, net only.
 */
#ifndef SSHD_CONN_TRANSPORT_NEGOTIATE_H
#define SSHD_CONN_TRANSPORT_NEGOTIATE_H

#include <stdbool.h>

#include "base/span.h"
#include "base/sysdef.h"
#include "crypto/cipher.h"
#include "crypto/kex.h"
#include "wire/kexinit.h"

/* Client to server, and server to client. */
enum direction { C2S, S2C, DIRECTION_COUNT };

struct negotiated {
	const struct kex_alg *kex;
	char sig_name[SSH_NAME_MAX_BYTES + 1];	/* host key algorithm */
	const struct cipher_alg *cipher[DIRECTION_COUNT];
	const struct mac_alg *mac[DIRECTION_COUNT]; /* NULL with AEAD */
	bool compress[DIRECTION_COUNT];		/* zlib@openssh.com */
	bool guess_wrong;	/* the guessed packet is to be passed over */
	bool client_strict;	/* kex-strict-c-v00@openssh.com */
	bool client_ext_info;	/* ext-info-c, RFC 8308 */
};

/* Why there is no agreement, in the log contract's words. */
struct no_match {
	const char *kind;	/* "key exchange method", "cipher", ... */
	struct span offer;	/* the client's list; borrows */
};

/*
 * negotiate - agree, or say on what not
 *
 * Trust: client is the peer's; server is ours and names only what is built
 * in.
 */
bool negotiate(const struct wire_kexinit *client,
    const struct wire_kexinit *server, struct negotiated *out,
    struct no_match *why) MUST_USE;

#endif
