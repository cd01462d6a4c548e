/*
 * internal: what the files of keys/ share.  Nobody else includes this.
 */
#ifndef SSHD_CONN_KEYS_INTERNAL_H
#define SSHD_CONN_KEYS_INTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/tokens.h"
#include "config/settings.h"
#include "crypto/cert.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "ipc/keys.h"
#include "keys/line.h"
#include "keys/options.h"
#include "run/log.h"
#include "run/peer.h"

#define KEYS_FILE_MAX_BYTES (16 * 1024 * 1024)

struct keys {
	const struct keys_job *job;

	/* form.c: the key, without its certificate if it came with one. */
	struct span plain;
	struct pubkey_info info;
	struct span algorithm;		/* of its signature */
	/* What a line must hold to be about this key. */
	struct key_line_want want;
	char text[KEYS_TEXT_MAX_BYTES];	/* ": ED25519 SHA256:..." */
	bool is_cert;
	struct cert cert;		/* all zero if it is none */
	char ca_print[FINGERPRINT_MAX_BYTES];

	unsigned int logged;		/* lines sent */
	bool no_access;			/* a file needs other groups */

	struct hostbased *hostbased;	/* hostbased.c's, while it runs */

	/* The line that said yes: options borrow from room. */
	struct key_options_room room;
	struct keys_options options;

	/* principals.c: the line that names one of the certificate's. */
	struct key_line_options principal;
	bool principal_met;
	uint8_t merge_room[KEY_LINE_MAX_BYTES];
};

/* role.c */
/* Answers; start.c calls it when the process is what it has to be. */
int keys_answer(const struct keys_job *job) MUST_USE;
/*
 * A line for the monitor's log.  The monitor makes it printable: no
 * vis_text() here.  Never any text of a line of a file: a user can point the
 * file at anything that the user may read, and a log is read by others.
 */
void keys_log(struct keys *k, enum log_level level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* form.c */
/*
 * keys_form - what can be said without looking into any file
 *
 * Fills plain, info, algorithm, want and text.  False, logged, for what is
 * no key, an algorithm that is not accepted, or an RSA key too short.
 */
bool keys_form(struct keys *k) MUST_USE;

/* judge.c: one line of authorized_keys, from a file or from a command */
/*
 * where is "FILE:LINE" for the log.  True: the line lets the key in, and
 * k->options is what it permits.
 */
bool keys_line_allows(struct keys *k, struct span line, const char *where)
    MUST_USE;
/*
 * Are the options met that say who, when and from where?  Logged if not; for
 * lines of authorized_keys and of principals files alike.
 */
bool keys_options_met(struct keys *k, const struct key_line_options *options,
    const char *where) MUST_USE;

/* dns.c */
/*
 * keys_resolve_peer - KEYS_PEER_NAME: k->text is the name that the peer's
 * address has and that leads back to it, or empty
 */
void keys_resolve_peer(struct keys *k);
/* Does the peer have an internet address that the kernel vouches for? */
bool keys_peer_has_address(const struct keys *k);

/* files.c */
/* One line: no newline, at most KEY_LINE_MAX_BYTES.  True: enough seen. */
typedef bool keys_line_fn(struct keys *k, struct span line,
    const char *where);
/*
 * keys_read_lines - give each line of an open file to fn, until it says true
 *
 * A line that is too long is passed over as a whole, and logged once.
 * Returns whether fn said true.  fd stays open.
 */
bool keys_read_lines(struct keys *k, int fd, const char *name,
    keys_line_fn *fn) MUST_USE;
/*
 * keys_search_files - the lines of each file that the patterns name
 *
 * what is "authorized keys" or "authorized principals", for the log.  A
 * pattern may have %-tokens and wildcards; a relative one is in the home.
 * A file that these ids may not open sets k->no_access.
 */
bool keys_search_files(struct keys *k, const struct strlist *patterns,
    const char *what, keys_line_fn *fn) MUST_USE;

/* command.c */
/*
 * keys_run_command - run AuthorizedKeysCommand or its kin, as who we are
 *
 * keyword names it in the log; command is the configured line; tokens are
 * more than %% %h %u %U %C %D, which it knows itself.  Without arguments
 * the user's name is the only one, if user_argument.  Each line that it
 * prints goes to fn, once it has ended with status 0.
 */
bool keys_run_command(struct keys *k, const char *keyword,
    const char *command, bool user_argument, const struct token *tokens,
    size_t token_count, keys_line_fn *fn) MUST_USE;

#endif
