/*
 * authkeys_line: one line of authorized_keys.  Monitor; pure, no log.
 */
#include "auth/authkeys.h"
#include "base/base64.h"

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct span *in)
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

	skip_blanks(in);
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
	uint8_t bytes[AUTHKEYS_LINE_MAX_BYTES] UNINITIALIZED;
	size_t len;

	if (base64.len == 0 ||
	    !base64_decode(base64, bytes, sizeof bytes, &len))
		return false;
	return span_equal(span(bytes, len), blob);
}

/*
 * The one place where a line's options are judged.  None is known yet, so
 * none can be met.
 */
static bool
options_met(struct span options)
{
	return options.len == 0;
}

enum authkeys_verdict
authkeys_judge_line(struct span line, const struct authkeys_want *want)
{
	struct span rest = line, options = span(NULL, 0), word;

	skip_blanks(&rest);
	if (rest.len == 0 || rest.p[0] == '#')
		return AUTHKEYS_NO;
	line = rest;
	word = next_word(&rest, false);
	if (!span_is(word, want->info.key_name)) {
		/* Another key's line, or options in front of the type. */
		options = next_word(&line, true);
		word = next_word(&line, false);
		rest = line;
	}
	if (!span_is(word, want->info.key_name) ||
	    !is_wanted_blob(next_word(&rest, false), want->blob))
		return AUTHKEYS_NO;
	return options_met(options) ? AUTHKEYS_YES : AUTHKEYS_REFUSED;
}
