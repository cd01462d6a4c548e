/*
 * authkeys: authorized_keys, one line or all files.  Monitor.
 *
 * No text of a line may reach a log: a user can point the file at anything
 * that the user may read, and a log is read by others.
 */
#ifndef SSHD_CONN_AUTH_AUTHKEYS_H
#define SSHD_CONN_AUTH_AUTHKEYS_H

#include <limits.h>
#include <stdbool.h>

#include "auth/account.h"
#include "base/span.h"
#include "config/settings.h"
#include "crypto/pubkey.h"

#define AUTHKEYS_LINE_MAX_BYTES 8192
#define AUTHKEYS_FILE_MAX_BYTES (16 * 1024 * 1024)

/* The key that somebody asks about. */
struct authkeys_want {
	struct span blob;
	struct pubkey_info info;
};

enum authkeys_verdict {
	AUTHKEYS_NO,		/* a comment, another key, or nonsense */
	AUTHKEYS_YES,
	AUTHKEYS_REFUSED,	/* the key, but its options are not met */
};

/*
 * authkeys_judge_line - does this line let the key in?
 *
 *	[options] key-type base64-blob [comment]
 *
 * line is without its newline and at most AUTHKEYS_LINE_MAX_BYTES.  The blob
 * must be the key's, byte for byte, and the type word the blob's.  Options
 * are not known yet: a line that has any is refused, never taken without.
 *
 * Pure: neither logs nor reads.  Trust: line is the user's.
 */
enum authkeys_verdict authkeys_judge_line(struct span line,
    const struct authkeys_want *want);

/*
 * authkeys_path - expand %h, %u, %U and %% and put the home before a
 * relative name
 *
 * False when it does not fit or has another token.
 */
bool authkeys_path(const struct account *account, const char *pattern,
    char path[static PATH_MAX]) MUST_USE;

/*
 * authkeys_file_allows - search one file, with the ids that are in force
 *
 * Opened without waiting (a FIFO, a device), and refused unless it is a
 * regular file and, if strict, strictmodes_check() agrees.  A line over
 * AUTHKEYS_LINE_MAX_BYTES is passed over as a whole.  A file that these ids
 * may not open sets *no_access, if it is not NULL, instead of a log line.
 */
bool authkeys_file_allows(const struct account *account, const char *path,
    bool strict, const struct authkeys_want *want, bool *no_access) MUST_USE;

/*
 * authkeys_allow - search every AuthorizedKeysFile, as the user
 *
 * With the account's uid and primary group first: the other groups cost a
 * look into every group database there is and decide next to nothing, so
 * they are only fetched if a file could not be opened without.
 *
 * The ids go to the account's and back; that failing is the end of the
 * process (EXIT_ENV): nobody may go on half root.  False for an account that
 * is not valid, after the same steps.
 */
bool authkeys_allow(const struct account *account,
    const struct settings *settings, const struct authkeys_want *want)
    MUST_USE;

#endif
