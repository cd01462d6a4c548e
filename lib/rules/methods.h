/*
 * methods: which ways to log in there are, which of them may come next, and
 * when it is enough: AuthenticationMethods at work.
 *
 * Pure layer: no file, no log, no exit; the monitor gives it the settings.
 */
#ifndef SSHD_CONN_RULES_METHODS_H
#define SSHD_CONN_RULES_METHODS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sink.h"
#include "base/span.h"
#include "base/sysdef.h"
#include "config/settings.h"

/* In the order in which clients are told of them. */
enum method_id {
	METHOD_NONE,
	METHOD_PUBLICKEY,
	METHOD_PASSWORD,
	METHOD_KBDINT,
	METHOD_HOSTBASED,
	METHOD_COUNT
};

#define METHOD_LISTS_MAX_COUNT	256	/* more are left out */
#define METHOD_NAMES_MAX_BYTES	128	/* a name-list of all there are */

/*
 * What is left of each list.  Lists are only taken from the front, so the
 * rest of one is a place in its text, which must outlive this.
 */
struct methods {
	const struct settings *settings;	/* borrowed */
	const char *rest[METHOD_LISTS_MAX_COUNT];
	size_t count;
	bool any;		/* no list is asked for: one method will do */
};

/*
 * methods_open - the lists that can be satisfied at all
 *
 * False when lists are asked for and none is left: nobody can log in then.
 */
bool methods_open(struct methods *methods, const struct settings *settings)
    MUST_USE;

/* Is it enabled, and may it come next? */
bool methods_offer(const struct methods *methods, enum method_id id);

/*
 * methods_pass - this method has succeeded
 *
 * Takes it off the front of each list that it stands first in.  True when
 * that completes a list (or any method will do): the user is in.
 */
bool methods_pass(struct methods *methods, enum method_id id) MUST_USE;

/* What can continue, as the name-list of RFC 4252 section 5.1. */
void methods_list(const struct methods *methods, struct sink *out);

/* "keyboard-interactive", and "keyboard-interactive/pam". */
const char *method_name(enum method_id id);
const char *method_full_name(enum method_id id);
/* Did somebody type what it checks?  Failures go to btmp then. */
bool method_is_typed(enum method_id id);

#endif
