/*
 * pattern: the wildcards of ssh_config(5) PATTERNS ('*' and '?').
 * Pure layer.
 */
#ifndef SSHD_CONN_BASE_PATTERN_H
#define SSHD_CONN_BASE_PATTERN_H

#include <stdbool.h>

#include "base/span.h"

/*
 * pattern_match - does the whole text match the pattern?
 *
 * '*' is any run of bytes, also an empty one; '?' is one byte.  Time is at
 * most the product of the lengths: no recursion to blow up on "*a*a*a".
 */
bool pattern_match(struct span text, struct span pattern);

enum pattern_verdict {
	PATTERN_NONE,		/* no pattern of the list matched */
	PATTERN_YES,		/* one did */
	PATTERN_DENIED,		/* one with '!' before it did: beats a yes */
};

/*
 * pattern_list - match against comma-separated patterns
 *
 * Letter case counts unless fold is set, which lowers text and patterns
 * (US-ASCII) for host names.
 */
enum pattern_verdict pattern_list(struct span text, struct span list,
    bool fold);

#endif
