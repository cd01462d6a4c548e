/*
 * hostkey: one host key and its .pub.  Keygen only.
 */
#ifndef SSHD_CONN_KEYGEN_HELPER_HOSTKEY_H
#define SSHD_CONN_KEYGEN_HELPER_HOSTKEY_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "crypto/sign.h"

struct hostkey_type {
	const char *name;	/* for -t */
	const char *file;	/* as OpenSSH names it */
	enum privkey_kind kind;
};

struct hostkey_options {
	const char *dir;	/* for messages; it is the current directory */
	const char *comment;
	unsigned int rsa_bits;
	bool quiet;
};

/*
 * hostkey_ensure - see to it that this key and its .pub exist
 *
 * A key that exists is left alone, whatever it is; one that is missing is
 * made.  Says on stdout what was made (unless quiet), on stderr what is
 * wrong.  True when there is a usable key with a .pub at the end.
 */
bool hostkey_ensure(const struct hostkey_type *type,
    const struct hostkey_options *options) MUST_USE;

#endif
