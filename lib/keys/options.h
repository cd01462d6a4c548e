/*
 * options: what stands before a key in authorized_keys, and before a name in
 * a principals file.  Keys role; pure.
 */
#ifndef SSHD_CONN_KEYS_OPTIONS_H
#define SSHD_CONN_KEYS_OPTIONS_H

#include <stdbool.h>

#include "base/span.h"
#include "base/sysdef.h"
#include "ipc/keys.h"
#include "keys/line.h"

#define KEY_ENVIRONMENT_MAX_COUNT 1024
#define KEY_PLACES_MAX_COUNT	  4096

/* Where the values are written, without their quotes. */
struct key_options_room {
	uint8_t values[KEY_LINE_MAX_BYTES];
	uint8_t environment[KEY_LINE_MAX_BYTES];
	uint8_t permitopen[KEY_LINE_MAX_BYTES];
	uint8_t permitlisten[KEY_LINE_MAX_BYTES];
};

struct key_line_options {
	struct keys_options keys;	/* need_*: verify-required only */
	bool no_touch;			/* no-touch-required */
	bool cert_authority;
	bool has_principals;
	struct span principals;		/* "a,b" */
	bool has_from;
	struct span from;		/* "pattern,!pattern" */
};

/*
 * key_options_parse - the options of one line
 *
 *	option[=\"value\"][,option...]	sshd(8), AUTHORIZED_KEYS FILE FORMAT
 *
 * Names in any case; in a value \" stands for a quote.  No option may be
 * unknown or empty, and command, principals and from come once; the earliest
 * expiry-time counts, and of two environment= with one name the first.
 * Everything is permitted that no option forbids.
 *
 * False, with *why a few words for the log and *out permitting nothing,
 * otherwise.  What *out has borrows from room.
 *
 * Trust: text is the user's, or a command's; at most KEY_LINE_MAX_BYTES.
 */
bool key_options_parse(struct span text, struct key_options_room *room,
    struct key_line_options *out, const char **why) MUST_USE;

/*
 * key_time_parse - YYYYMMDD[HHMM[SS]], local time or with "Z" UTC
 *
 * False for what is none, or is before 1970.
 */
bool key_time_parse(struct span text, uint64_t *out) MUST_USE;

#endif
