/*
 * tokens: %-expansion.  Pure layer.
 */
#include "base/tokens.h"

#include <string.h>

static const char *
value_of(char letter, const struct token *tokens, size_t count)
{
	if (letter == '%')
		return "%";
	for (size_t i = 0; letter != '\0' && i < count; i++) {
		if (tokens[i].letter == letter)
			return tokens[i].value != NULL ? tokens[i].value : "";
	}
	return NULL;
}

bool
tokens_expand(struct sink *out, const char *pattern,
    const struct token *tokens, size_t count)
{
	for (; *pattern != '\0'; pattern++) {
		const char *value;

		if (*pattern != '%') {
			sink_u8(out, (uint8_t)*pattern);
			continue;
		}
		value = value_of(*++pattern, tokens, count);
		if (value == NULL)
			return false;
		sink_bytes(out, span_str(value));
	}
	return sink_ok(out);
}
