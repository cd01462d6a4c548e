/*
 * tokens: "%h/.ssh/keys" and the like, as sshd_config(5) TOKENS has it.
 * Pure layer.
 */
#ifndef SSHD_CONN_BASE_TOKENS_H
#define SSHD_CONN_BASE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sink.h"
#include "base/sysdef.h"

struct token {
	char letter;
	const char *value;	/* NULL stands for "" */
};

/*
 * tokens_expand - write the pattern with each %LETTER replaced
 *
 * "%%" is a percent sign.  Values are not looked at again: a '%' in one
 * stays.  Returns false, with *out as it may be, for a letter that has no
 * token, a '%' at the end, or too little room.
 */
bool tokens_expand(struct sink *out, const char *pattern,
    const struct token *tokens, size_t count) MUST_USE;

#endif
