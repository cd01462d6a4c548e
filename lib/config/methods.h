/*
 * methods: AuthenticationMethods at work: which method may come next, and
 * when a list is complete.  Pure layer; the monitor's.
 */
#ifndef SSHD_CONN_CONFIG_METHODS_H
#define SSHD_CONN_CONFIG_METHODS_H

#include <stdbool.h>

#include "base/span.h"
#include "base/sysdef.h"
#include "config/settings.h"

#define METHOD_LISTS_MAX_COUNT 256	/* more are left out */

/*
 * What is left of each list.  Lists are only taken from the front, so the
 * rest of one is a place in its text, which must outlive this.
 */
struct method_lists {
	const char *rest[METHOD_LISTS_MAX_COUNT];
	size_t count;
	bool any;		/* no list is asked for: one method will do */
};

/*
 * method_lists_open - the lists that can be satisfied at all
 *
 * usable says whether a method, with a device behind ':' or an empty one,
 * is there and enabled.  False when lists are asked for and none is left:
 * then nobody can log in.
 */
bool method_lists_open(struct method_lists *lists,
    const struct strlist *wanted,
    bool (*usable)(const void *ctx, struct span method, struct span device),
    const void *ctx) MUST_USE;

/* May this method come next?  device NULL: with whatever device. */
bool method_lists_allow(const struct method_lists *lists, const char *method,
    const char *device);

/*
 * method_lists_pass - this method has succeeded
 *
 * Takes it off the front of each list that it stands first in.  True when
 * that completes a list (or any method will do): the user is in.
 */
bool method_lists_pass(struct method_lists *lists, const char *method,
    const char *device) MUST_USE;

#endif
