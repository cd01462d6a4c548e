/*
 * list: files that hold one public key a line: TrustedUserCAKeys, and
 * RevokedKeys that are no binary list.  Keys role; pure.
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

#endif
