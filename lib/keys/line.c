/*
 * line: one line of authorized_keys, taken apart.  Keys role; pure, no log.
 */
#include "base/base64.h"
#include "keys/line.h"

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

void
key_line_skip_blanks(struct span *in)
{
	while (in->len > 0 && is_blank(in->p[0])) {
		in->p++;
		in->len--;
	}
}

/*
 * The next word.  In options a blank between double quotes does not end it,
 * and \" does not end the quotes.
 */
static struct span
next_word(struct span *in, bool options)
{
	struct span word;
	bool quoted = false;
	size_t n = 0;

	key_line_skip_blanks(in);
	while (n < in->len && (quoted || !is_blank(in->p[n]))) {
		if (options && in->p[n] == '\\' && n + 1 < in->len &&
		    in->p[n + 1] == '"')
			n++;
		else if (options && in->p[n] == '"')
			quoted = !quoted;
		n++;
	}
	word = span(in->p, n);
	in->p += n;
	in->len -= n;
	return word;
}

static bool
is_wanted_blob(struct span base64, struct span blob)
{
	uint8_t bytes[KEY_LINE_MAX_BYTES] UNINITIALIZED;
	size_t len;

	if (base64.len == 0 ||
	    !base64_decode(base64, bytes, sizeof bytes, &len))
		return false;
	return span_equal(span(bytes, len), blob);
}

struct span
key_line_options_word(struct span *in)
{
	return next_word(in, true);
}

bool
key_line_about(struct span line, const struct key_line_want *want,
    struct span *options)
{
	struct span rest = line, word;

	*options = span(NULL, 0);
	key_line_skip_blanks(&rest);
	if (rest.len == 0 || rest.p[0] == '#')
		return false;
	line = rest;
	word = next_word(&rest, false);
	if (!span_is(word, want->key_name)) {
		/* Another key's line, or options in front of the type. */
		*options = next_word(&line, true);
		word = next_word(&line, false);
		rest = line;
	}
	if (span_is(word, want->key_name) &&
	    is_wanted_blob(next_word(&rest, false), want->blob))
		return true;
	*options = span(NULL, 0);
	return false;
}
