/*
 * line: one line of authorized_keys, taken apart.  Keys role; pure.
 */
#ifndef SSHD_CONN_KEYS_LINE_H
#define SSHD_CONN_KEYS_LINE_H

#include <stdbool.h>

#include "base/span.h"
#include "base/sysdef.h"

#define KEY_LINE_MAX_BYTES 8192

/* The key that a line must have. */
struct key_line_want {
	struct span blob;
	const char *key_name;	/* "ssh-ed25519", ... */
	bool authority;		/* as a certificate's signer, no other way */
};

/*
 * key_line_about - is this line about that key?
 *
 *	[options] key-type base64-blob [comment]
 *
 * line is without its newline and at most KEY_LINE_MAX_BYTES.  The blob must
 * be the key's, byte for byte, and the type word the blob's.  On true
 * *options is what stands before the key, empty if nothing does; whether
 * they are any good is options.h's.
 *
 * Trust: line is the user's, or a command's.  Neither logs nor reads.
 */
bool key_line_about(struct span line, const struct key_line_want *want,
    struct span *options) MUST_USE;

/* Blanks off the front; the next word, where quotes hold one together. */
void key_line_skip_blanks(struct span *in);
struct span key_line_options_word(struct span *in);

#endif
