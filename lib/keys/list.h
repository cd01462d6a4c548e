/*
 * list: files that hold one public key a line, TrustedUserCAKeys and
 * RevokedKeys that are no binary list, or one principal.  Keys role; pure.
 */
#ifndef SSHD_CONN_KEYS_LIST_H
#define SSHD_CONN_KEYS_LIST_H

#include "base/span.h"
#include "base/sysdef.h"

enum key_list_verdict {
	KEY_LIST_WITHOUT,
	KEY_LIST_HAS,
	KEY_LIST_BAD,	/* a line is no key: the list is not to be relied on */
};

/*
 * key_list_find - is one of these keys in the text?
 *
 *	key-type base64-blob [comment]
 *
 * Blank lines and those that begin with '#' are passed over.  A key of a
 * type that nobody here knows is a good line if its blob says the same type.
 * with_certs: the line of a certificate stands for the key in it, else for
 * nothing.  *line is where the search ended.
 *
 * An empty blob is never found.
 *
 * Trust: text is an administrator's; time is linear in its length.
 */
enum key_list_verdict key_list_find(struct span text,
    const struct span *blobs, size_t count, bool with_certs,
    unsigned int *line) MUST_USE;

/*
 * key_list_principal - one line of an AuthorizedPrincipalsFile
 *
 *	[options] name [# comment]
 *
 * Returns the name, empty if the line has none; *options is what stands
 * before it, as key_options_parse() wants it.  Both borrow from line.
 *
 * Trust: line is the user's, or a command's.
 */
struct span key_list_principal(struct span line, struct span *options);

#endif
