/*
 * cert: what the files of keys/ share about certificates, revocation and
 * security keys.  Nobody else includes this.
 */
#ifndef SSHD_CONN_KEYS_CERT_H
#define SSHD_CONN_KEYS_CERT_H

#include "keys/internal.h"

/* cert.c */
/*
 * keys_cert_form - keys_form() of a certificate
 *
 * Fills plain, info, algorithm, want, and text.  False, logged, for what is
 * no certificate, or whose CA's signature does not hold or is of an
 * algorithm or a length that is not accepted.
 */
bool keys_cert_form(struct keys *k) MUST_USE;

/*
 * keys_cert_accept - a CA is trusted: what does the certificate allow?
 *
 * line is what stands beside the CA's key in authorized_keys, or before the
 * principal in a file of them; NULL for neither.  by_name: the user's name
 * has to be one of its principals.  by ends the log's line, and says who
 * signed.  True: k->options is what both permit.  False: refused, and logged.
 */
bool keys_cert_accept(struct keys *k, const struct key_line_options *line,
    bool by_name, const char *by) MUST_USE;

/*
 * keys_cert_line_allows - the rest of keys_line_allows(), of a line with
 * cert-authority that has the CA's key and whose own options are met
 */
bool keys_cert_line_allows(struct keys *k,
    const struct key_line_options *line, const char *where) MUST_USE;

/* principals.c */
/*
 * keys_trusted_ca_allows - TrustedUserCAKeys, and who may come with them
 *
 * Looks into AuthorizedPrincipalsFile, or in KEYS_STAGE_PRINCIPALS asks
 * AuthorizedPrincipalsCommand; without either the user's name has to be in
 * the certificate.  *more gets the bit of a stage worth asking.
 */
bool keys_trusted_ca_allows(struct keys *k, uint32_t *more) MUST_USE;

/* revoked.c */
/*
 * keys_revoked - is the key, or its CA, in one of RevokedKeys?
 *
 * True, logged, also when a file cannot be read or understood.
 */
bool keys_revoked(struct keys *k) MUST_USE;

/* The whole of a file that root opened, to be freed.  False with errno. */
bool keys_read_whole(int fd, uint8_t **bytes, size_t *len) MUST_USE;

/* sk.c */
/*
 * keys_sk_policy - what the settings ask of a security key beside what the
 * line and the certificate do; of another key nothing is asked
 */
void keys_sk_policy(struct keys *k);

#endif
