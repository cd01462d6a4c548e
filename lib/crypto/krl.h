/*
 * krl: OpenSSH's binary key revocation lists (PROTOCOL.krl).  Pure layer:
 * keys asks one about one key.
 */
#ifndef SSHD_CONN_CRYPTO_KRL_H
#define SSHD_CONN_CRYPTO_KRL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

/* What is asked about: a plain key, or a certificate and who signed it. */
struct krl_key {
	struct span plain;	/* the blob of the key itself */
	struct span ca;		/* the CA's key; empty: no certificate */
	struct span key_id;
	uint64_t serial;	/* 0: the CA gives none, never revoked by it */
};

enum krl_verdict {
	KRL_CLEAN,
	KRL_REVOKED,
	KRL_BROKEN,	/* not to be relied on: everything is revoked */
	KRL_NO_LIST,	/* of another format: no magic at its beginning */
};

/*
 * krl_check - is the key, or the CA's, in the list?
 *
 * The whole file is read, also behind a hit, so that a broken list is found
 * whoever asks.  Signatures of lists are passed over, as OpenSSH does since
 * 9.4: nobody ever made any.
 *
 * Trust: the file is an administrator's, but may come from anywhere: time is
 * linear in its length, and nothing in it sizes anything.
 */
enum krl_verdict krl_check(struct span file, const struct krl_key *key)
    MUST_USE;

#endif
