/*
 * agent: the one question that a signing agent is asked, as bytes.  Pure
 * layer; the monitor holds the socket.
 */
#ifndef SSHD_CONN_CRYPTO_AGENT_H
#define SSHD_CONN_CRYPTO_AGENT_H

#include <stdbool.h>

#include "base/sink.h"
#include "base/span.h"
#include "base/sysdef.h"

/*
 * agent_put_sign - SSH_AGENTC_SIGN_REQUEST, draft-miller-ssh-agent 3.6
 *
 *	uint32	length of the rest
 *	byte	13
 *	string	key			public blob
 *	string	data
 *	uint32	flags			2: rsa-sha2-256, 4: rsa-sha2-512
 */
void agent_put_sign(struct sink *out, struct span key, struct span alg,
    struct span data);

/*
 * agent_get_signature - SSH_AGENT_SIGN_RESPONSE, behind its length
 *
 *	byte	14
 *	string	signature
 *
 * False, with *signature empty: it refused, or that is no answer.  Whether
 * the signature holds is for the caller to see.
 */
bool agent_get_signature(struct span answer, struct span *signature) MUST_USE;

#endif
