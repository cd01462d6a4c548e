/*
 * lex: one line of sshd_config, cut into a keyword and words.
 *
 * Pure layer.  The rules are those that administrators know from OpenSSH:
 * a keyword, then white space and at most one '=', then words; a '#' that
 * begins a word starts a comment; '...' and "..." keep spaces; a backslash
 * takes a quote, a backslash and (outside quotes) a space literally and is
 * an ordinary byte before all else.
 */
#ifndef SSHD_CONN_CONFIG_LEX_H
#define SSHD_CONN_CONFIG_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"
#include "config/arena.h"

struct word {
	const char *s;
	unsigned int column;	/* from 1, in the line as it was written */
};

struct line {
	const char *keyword;
	unsigned int keyword_column;
	struct word *words;
	size_t word_count;
	/*
	 * What follows the keyword, as written but for white space at both
	 * ends: some keywords take it verbatim, comment signs and quotes too.
	 */
	const char *rest;
	unsigned int rest_column;
};

enum lex_result {
	LEX_OK,
	LEX_EMPTY,		/* nothing there, or a comment */
	LEX_NO_ARGUMENT,	/* keyword and column are set */
	LEX_BAD_KEYWORD_QUOTE,	/* OpenSSH passes over such a line */
	LEX_BAD_QUOTES,		/* keyword and column are set */
	LEX_NO_MEMORY,
};

/*
 * lex_line - cut up text, n bytes without the newline
 *
 * Everything in *out lives in the arena.
 *
 * Trust: text is the administrator's, and a fuzzer's.
 */
enum lex_result lex_line(struct arena *a, const char *text, size_t n,
    struct line *out) MUST_USE;

#endif
