/*
 * block: Match lines, read once and asked per connection.  Pure layer.
 *
 * Trust: what is matched against (user, host name) is chosen by the peer.
 */
#include <string.h>
#include <strings.h>

#include "base/pattern.h"
#include "config/internal.h"
#include "config/match.h"
#include "config/scan.h"

static const struct {
	const char *name;
	enum criterion_kind kind;
	bool takes_argument;
} criteria[] = {
	{ "all", BY_ALL, false },
	{ "invalid-user", BY_INVALID_USER, false },
	{ "user", BY_USER, true },
	{ "group", BY_GROUP, true },
	{ "host", BY_HOST, true },
	{ "address", BY_ADDRESS, true },
	{ "localaddress", BY_LOCAL_ADDRESS, true },
	{ "localport", BY_LOCAL_PORT, true },
	{ "rdomain", BY_RDOMAIN, true },
	{ "version", BY_VERSION, true },
};

/* The row for "name" or "name=..."; -1 for none. */
static int
criterion_find(const char *word)
{
	size_t i, n = strcspn(word, "=");

	for (i = 0; i < ARRAY_LEN(criteria); i++) {
		if (strlen(criteria[i].name) == n &&
		    strncasecmp(criteria[i].name, word, n) == 0)
			return (int)i;
	}
	return -1;
}

static bool
check_argument(struct parser *p, struct criterion *c, const struct word *w)
{
	switch (c->kind) {
	case BY_ADDRESS:
	case BY_LOCAL_ADDRESS:
		if (match_address_list(NULL, c->pattern) != MATCH_BAD)
			return true;
		return parse_error(p, w->column,
		    "Match: \"%s\" is not a list of addresses and networks",
		    c->pattern);
	case BY_LOCAL_PORT:
		if (scan_port(c->pattern, &c->port))
			return true;
		return parse_error(p, w->column,
		    "Match: \"%s\" is not a port", c->pattern);
	default:
		return true;
	}
}

/* "User alice", "User=alice" and, for old files, "User = alice". */
static bool
take_argument(struct parser *p, struct criterion *c, const struct word *name,
    struct line *line)
{
	const char *equals = strchr(name->s, '=');
	const struct word *w = name;

	if (equals != NULL && equals[1] != '\0') {
		c->pattern = equals + 1;
		return check_argument(p, c, w);
	}
	w = parse_peek(line);
	if (w != NULL && equals == NULL && strcmp(w->s, "=") == 0) {
		parse_skip(line);
		w = parse_peek(line);
	}
	if (w == NULL || w->s[0] == '\0')
		return parse_error(p, name->column,
		    "Match: %s needs something to match", name->s);
	parse_skip(line);
	c->pattern = w->s;
	return check_argument(p, c, w);
}

static bool
parse_criterion(struct parser *p, struct line *line, struct criterion *c)
{
	const struct word *name = parse_next(p, line);
	int row = name == NULL ? -1 : criterion_find(name->s);

	if (row < 0)
		return name != NULL && parse_error(p, name->column,
		    "Match: \"%s\" is not a criterion", name->s);
	c->kind = criteria[row].kind;
	if (criteria[row].takes_argument)
		return take_argument(p, c, name, line);
	if (strchr(name->s, '=') != NULL)
		return parse_error(p, name->column,
		    "Match: %s takes nothing", criteria[row].name);
	return true;
}

bool
parse_match(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	struct config *config = p->config;
	struct block *block = arena_alloc(&config->arena, sizeof(*block));
	struct criterion **end;
	bool ok = true, all = true;
	size_t n = 0;

	(void)k;
	(void)out;
	if (block == NULL)
		return false;
	block->parent = p->outer;
	block->file = p->file;
	block->line = p->line_number;
	for (end = &block->criteria; ok && parse_peek(line) != NULL; n++) {
		struct criterion *c = arena_alloc(&config->arena, sizeof(*c));

		if (c == NULL)
			return false;
		ok = parse_criterion(p, line, c);
		if (ok && n > 0 && (c->kind == BY_ALL ||
		    block->criteria->kind == BY_ALL))
			ok = parse_error(p, 0,
			    "Match: all stands alone");
		all = all && c->kind == BY_ALL;
		*end = c;
		end = &c->next;
	}
	/* Even a bad Match opens its block: what follows is not global. */
	block->broken = !ok;
	block->always = ok && all && p->outer->always;
	config->last_block->next = block;
	config->last_block = block;
	p->block = block;
	return ok;
}

static bool
matches_group(const struct config_spec *s, const char *pattern)
{
	return s->user != NULL && s->in_group != NULL &&
	    s->in_group(s->ctx, pattern);
}

static bool
matches_pattern(const char *text, const char *pattern, bool fold)
{
	return text != NULL && pattern_list(span_str(text), span_str(pattern),
	    fold) == PATTERN_YES;
}

static bool
criterion_holds(const struct criterion *c, const struct config_spec *s)
{
	switch (c->kind) {
	case BY_ALL:
		return true;
	case BY_INVALID_USER:
		return s->invalid_user;
	case BY_USER:
		return matches_pattern(s->user, c->pattern, false);
	case BY_GROUP:
		return matches_group(s, c->pattern);
	case BY_HOST:
		return matches_pattern(s->host, c->pattern, true);
	case BY_ADDRESS:
		return match_address_list(s->addr, c->pattern) == MATCH_YES;
	case BY_LOCAL_ADDRESS:
		return match_address_list(s->laddr, c->pattern) == MATCH_YES;
	case BY_LOCAL_PORT:
		return s->lport != 0 && s->lport == c->port;
	case BY_RDOMAIN:
		return matches_pattern(s->rdomain, c->pattern, false);
	case BY_VERSION:
		return matches_pattern(algs_version(), c->pattern, false);
	}
	return false;
}

const struct criterion *
block_first_failing(const struct block *b, const struct config_spec *spec)
{
	const struct criterion *c = b->criteria;

	while (c != NULL && criterion_holds(c, spec))
		c = c->next;
	return c;
}

const char *
criterion_name(enum criterion_kind kind)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(criteria); i++) {
		if (criteria[i].kind == kind)
			return criteria[i].name;
	}
	return "";
}

void
blocks_evaluate(struct config *config, const struct config_spec *spec)
{
	static const struct config_spec nobody;
	struct block *b;

	config->global.active = true;
	for (b = config->global.next; b != NULL; b = b->next)
		b->active = !b->broken && b->parent->active &&
		    block_first_failing(b, spec == NULL ? &nobody : spec) ==
		    NULL;
}
