/*
 * read: the lines of a configuration, one after the other, and what is said
 * about them.  Pure layer: files come through struct config_files.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/internal.h"

/* A reader can act on so many; a binary file makes one a line. */
#define MESSAGES_MAX_COUNT 200

static void add_message(struct parser *p, enum config_severity severity,
    unsigned int column, const char *fmt, va_list ap) PRINTF_LIKE(4, 0);

static void
add_message(struct parser *p, enum config_severity severity,
    unsigned int column, const char *fmt, va_list ap)
{
	struct config *config = p->config;
	struct message_node *node;

	if (severity == CONFIG_ERROR)
		config->invalid = true;
	if (config->message_count >= MESSAGES_MAX_COUNT)
		return;
	node = arena_alloc(&config->arena, sizeof(*node));
	if (node == NULL)
		return;
	node->message = (struct config_message){
		.severity = severity,
		.file = p->file,
		.line = p->line_number,
		.column = column,
		.text = config->message_count + 1 < MESSAGES_MAX_COUNT ?
		    arena_vprintf(&config->arena, fmt, ap) :
		    "too many messages: the rest is left out",
	};
	if (node->message.text == NULL)
		node->message.text = "out of memory";
	*config->messages_end = node;
	config->messages_end = &node->next;
	config->message_count++;
}

void
parse_message(struct parser *p, enum config_severity severity,
    unsigned int column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_message(p, severity, column, fmt, ap);
	va_end(ap);
}

bool
parse_error(struct parser *p, unsigned int column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_message(p, CONFIG_ERROR, column, fmt, ap);
	va_end(ap);
	return false;
}

const struct word *
parse_peek(const struct line *line)
{
	return line->word_count == 0 ? NULL : line->words;
}

void
parse_skip(struct line *line)
{
	line->words++;
	line->word_count--;
}

void
parse_skip_all(struct line *line)
{
	line->word_count = 0;
}

const struct word *
parse_next(struct parser *p, struct line *line)
{
	const struct word *w = parse_peek(line);

	if (w == NULL || w->s[0] == '\0') {
		(void)parse_error(p, w == NULL ? line->keyword_column :
		    w->column, "%s: missing argument", line->keyword);
		return NULL;
	}
	parse_skip(line);
	return w;
}

/* Say once per spelling what the keyword does not do here. */
static void
tell_state(struct parser *p, const struct keyword_name *name,
    const struct line *line)
{
	const struct keyword *k = &keyword_table[name->id];
	const char *say = name->say != NULL ? name->say : k->say;
	bool *told = &p->config->told[keyword_name_index(name)];

	if (k->state == STATE_IN_FORCE || *told)
		return;
	*told = true;
	switch (k->state) {
	case STATE_NOT_YET:
		parse_message(p, CONFIG_NOTE, line->keyword_column,
		    "%s is understood, but not yet in force", line->keyword);
		break;
	case STATE_NOT_ENFORCED:
		parse_message(p, CONFIG_WARNING, line->keyword_column,
		    "%s restricts nothing yet: it is understood, but not in "
		    "force", line->keyword);
		break;
	case STATE_REPLACED:
		parse_message(p, CONFIG_WARNING, line->keyword_column,
		    "%s has no effect here: %s", line->keyword, say);
		break;
	default:
		(void)parse_error(p, line->keyword_column, "%s: %s",
		    line->keyword, say);
		break;
	}
}

static void
keep(struct parser *p, enum keyword_id id, const struct line *line,
    const struct value *value)
{
	struct config *config = p->config;
	struct directive *d = arena_alloc(&config->arena, sizeof(*d));

	if (d == NULL)
		return;
	d->block = p->block;
	d->file = p->file;
	d->line = p->line_number;
	d->column = line->keyword_column;
	d->value = *value;
	if (config->last[id] == NULL)
		config->first[id] = d;
	else
		config->last[id]->next = d;
	config->last[id] = d;
}

static bool
is_structure(enum keyword_id id)
{
	return id == KW_MATCH || id == KW_INCLUDE;
}

static void
parse_directive(struct parser *p, struct line *line)
{
	const struct keyword_name *name = keyword_find(line->keyword);
	struct value value = { 0 };
	const struct keyword *k;
	const struct word *extra;

	if (name == NULL) {
		(void)parse_error(p, line->keyword_column,
		    "\"%s\" is not a keyword", line->keyword);
		return;
	}
	k = &keyword_table[name->id];
	if (p->command_line && is_structure(name->id)) {
		(void)parse_error(p, line->keyword_column,
		    "%s cannot be given with -o", k->name);
		return;
	}
	if (!p->block->always && !name->in_match) {
		(void)parse_error(p, line->keyword_column,
		    "%s cannot stand in a Match block", line->keyword);
		return;
	}
	if (!k->parse(p, k, line, &value)) {
		/* Every failure says why; were one silent, it is said here. */
		p->config->invalid = true;
		return;
	}
	extra = parse_peek(line);
	if (extra != NULL) {
		(void)parse_error(p, extra->column,
		    "%s: \"%s\" is too much", line->keyword, extra->s);
		return;
	}
	tell_state(p, name, line);
	if (k->store != STORE_NOTHING)
		keep(p, name->id, line, &value);
}

static void
parse_line(struct parser *p, const char *text, size_t n)
{
	struct line line;

	switch (lex_line(&p->config->arena, text, n, &line)) {
	case LEX_OK:
		if (line.word_count > 0)
			parse_directive(p, &line);
		else
			(void)parse_error(p, line.keyword_column,
			    "%s: missing argument", line.keyword);
		break;
	case LEX_NO_ARGUMENT:
		(void)parse_error(p, line.keyword_column,
		    keyword_find(line.keyword) == NULL ?
		    "\"%s\" is not a keyword" : "%s: missing argument",
		    line.keyword);
		break;
	case LEX_BAD_QUOTES:
		(void)parse_error(p, line.keyword_column,
		    "%s: a quote is not closed", line.keyword);
		break;
	case LEX_BAD_KEYWORD_QUOTE:
		parse_message(p, CONFIG_WARNING, line.keyword_column,
		    "passed over: a quote is not closed");
		break;
	case LEX_EMPTY:
	case LEX_NO_MEMORY:
		break;
	}
}

void
parse_text(struct parser *p, const char *file, const char *text, size_t n)
{
	const char *end = text + n;

	p->file = file;
	p->line_number = 0;
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (stop == NULL)
			stop = end;
		p->line_number++;
		if (memchr(text, '\0', (size_t)(stop - text)) != NULL)
			(void)parse_error(p, 1, "a NUL byte: not text");
		else
			parse_line(p, text, (size_t)(stop - text));
		text = stop + 1;
	}
}
