/*
 * hostcert: certificates of host keys, as OpenSSH's PROTOCOL.certkeys has
 * them, and the algorithm names that offer them.  Pure layer.
 *
 * A server only shows its certificate: whether to believe it is the client's
 * to say, so nothing here looks at the signature of who certified it.
 */
#ifndef SSHD_CONN_CRYPTO_HOSTCERT_H
#define SSHD_CONN_CRYPTO_HOSTCERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

/* A certificate over this is refused; a chain of RSA-16384 fits. */
#define HOSTCERT_MAX_BYTES 8192

/*
 * hostcert_fits - is cert a certificate of this host key?
 *
 *	string	type			the key's, and "-cert-v01@openssh.com"
 *	string	nonce
 *	....	the key's own fields	as in its plain blob
 *	uint64	serial
 *	uint32	2			a host's
 *	string	key id
 *	string	principals
 *	uint64	valid after, valid before
 *	string	critical options, extensions, reserved
 *	string	CA key, signature
 *
 * Trust: the file is the administrator's; form is judged all the same.
 */
bool hostcert_fits(struct span cert, struct span key) MUST_USE;

/*
 * hostcert_read - the blob of a certificate file: "TYPE BASE64 COMMENT"
 *
 * blob has room for HOSTCERT_MAX_BYTES.  Returns NULL, or what is wrong,
 * with *len 0.
 */
const char *hostcert_read(const char *path, uint8_t *blob, size_t *len)
    MUST_USE;

/*
 * hostkey_alg_plain - the signature algorithm behind a host key algorithm
 *
 * "rsa-sha2-512-cert-v01@openssh.com" offers a certificate and signs as
 * "rsa-sha2-512"; a name without that ending is its own.
 */
struct span hostkey_alg_plain(struct span alg, bool *certified);

/*
 * hostkey_for - the first of count host keys that alg can be served with
 *
 * certs has each one's certificate, or nothing.  count: there is none.
 */
size_t hostkey_for(const struct span *keys, const struct span *certs,
    size_t count, struct span alg) MUST_USE;

/*
 * hostkey_algs - of the name-list configured, what some key of ours serves
 *
 * What out has no room for is left out.
 */
void hostkey_algs(const char *configured, const struct span *keys,
    const struct span *certs, size_t count, char *out, size_t size);

#endif
