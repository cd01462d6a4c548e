/*
 * words: see words.h.  Keys role.
 */
#include <string.h>

#include "keys/words.h"

static bool
is_escape(const char *at, char quote)
{
	return at[0] == '\\' && at[1] != '\0' &&
	    (strchr("'\"\\", at[1]) != NULL ||
	    (quote == '\0' && at[1] == ' '));
}

bool
keys_next_word(const char **in, char *word, size_t size, bool *end)
{
	const char *at = *in + strspn(*in, " \t");
	size_t n = 0;
	char quote = '\0';

	*end = *at == '\0';
	for (; *at != '\0' && (quote != '\0' || strchr(" \t", *at) == NULL);
	     at++) {
		if (is_escape(at, quote)) {
			at++;
		} else if (quote == '\0' && (*at == '\'' || *at == '"')) {
			quote = *at;
			continue;
		} else if (quote != '\0' && *at == quote) {
			quote = '\0';
			continue;
		}
		if (n + 1 >= size)
			return false;
		word[n++] = *at;
	}
	word[n] = '\0';
	*in = at;
	return quote == '\0';
}
