/*
 * lex: keyword and words of a line.  Pure layer.
 */
#include <string.h>

#include "config/lex.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* White space and at most one '='. */
static const char *
skip_separator(const char *p, const char *end)
{
	p = skip_blanks(p, end);
	if (p < end && *p == '=')
		p = skip_blanks(p + 1, end);
	return p;
}

/*
 * One word, its quotes and escapes resolved into to; *from moves behind it.
 * A word never gets longer, so to needs no more room than the text has.
 * Returns the byte after the word in to, or NULL for a quote that is not
 * closed.
 */
static char *
copy_word(const char **from, const char *end, char *to)
{
	const char *p;
	char quote = 0;

	for (p = *from; p < end; p++) {
		char next = p + 1 < end ? p[1] : 0;

		if (*p == '\\' && (next == '\'' || next == '"' ||
		    next == '\\' || (quote == 0 && next == ' ')))
			*to++ = *++p;
		else if (quote == 0 && (*p == ' ' || *p == '\t'))
			break;
		else if (quote == 0 && (*p == '"' || *p == '\''))
			quote = *p;
		else if (quote != 0 && *p == quote)
			quote = 0;
		else
			*to++ = *p;
	}
	*from = p;
	return quote == 0 ? to : NULL;
}

/* At most so many words: one can only start after a blank. */
static size_t
word_bound(const char *p, const char *end)
{
	size_t n = 2;

	for (; p < end; p++) {
		if (*p == ' ' || *p == '\t')
			n++;
	}
	return n;
}

static enum lex_result
split_words(struct arena *a, const char *p, const char *end,
    const char *line_start, struct line *out)
{
	size_t bound = word_bound(p, end);
	char *room = arena_alloc(a, (size_t)(end - p) + bound);

	out->words = arena_alloc(a, bound * sizeof(*out->words));
	if (room == NULL || out->words == NULL)
		return LEX_NO_MEMORY;
	for (;;) {
		struct word *w = &out->words[out->word_count];

		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p == end || *p == '#')
			return LEX_OK;
		w->column = (unsigned int)(p - line_start) + 1;
		w->s = room;
		room = copy_word(&p, end, room);
		if (room == NULL)
			return LEX_BAD_QUOTES;
		*room++ = '\0';
		out->word_count++;
	}
}

/*
 * The keyword, up to a blank, a '=' or a closing quote; *from moves to the
 * arguments.  A quote inside of the word is dropped: "Por"t" is Port.
 */
static enum lex_result
take_keyword(struct arena *a, const char **from, const char *end,
    struct line *out)
{
	const char *p = *from, *stop = p, *quote;
	size_t before, n;
	char *word;

	while (stop < end && !is_blank(*stop) && *stop != '=' && *stop != '"')
		stop++;
	before = n = (size_t)(stop - p);
	if (stop < end && *stop == '"') {
		quote = memchr(stop + 1, '"', (size_t)(end - stop) - 1);
		if (quote == NULL)
			return LEX_BAD_KEYWORD_QUOTE;
		n += (size_t)(quote - stop) - 1;
		*from = skip_blanks(quote + 1, end);
	} else {
		*from = skip_separator(stop, end);
	}
	word = arena_alloc(a, n + 1);
	if (word == NULL)
		return LEX_NO_MEMORY;
	memcpy(word, p, before);
	if (n > before)
		memcpy(word + before, stop + 1, n - before);
	out->keyword = word;
	return LEX_OK;
}

enum lex_result
lex_line(struct arena *a, const char *text, size_t n, struct line *out)
{
	const char *p = text, *end = text + n;
	enum lex_result result;

	*out = (struct line){ 0 };
	while (end > p && (is_blank(end[-1]) || end[-1] == '\f'))
		end--;
	p = skip_blanks(p, end);
	if (p == end || *p == '#')
		return LEX_EMPTY;
	out->keyword_column = (unsigned int)(p - text) + 1;
	result = take_keyword(a, &p, end, out);
	/* A '=' or "" before the keyword is passed over. */
	if (result == LEX_OK && out->keyword[0] == '\0')
		result = take_keyword(a, &p, end, out);
	if (result != LEX_OK)
		return result;
	out->rest = arena_copy(a, p, (size_t)(end - p));
	out->rest_column = (unsigned int)(p - text) + 1;
	if (out->rest == NULL)
		return LEX_NO_MEMORY;
	if (p == end)
		return LEX_NO_ARGUMENT;
	return split_words(a, p, end, text, out);
}
