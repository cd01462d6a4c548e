/*
 * value_limit: ports, limits, penalties and other small grammars.
 * Pure layer.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/internal.h"
#include "config/match.h"
#include "config/scan.h"

static bool
one_string(struct parser *p, struct value *out, const char *s)
{
	struct list_builder b = { 0 };

	if (s == NULL || !list_add(p, &b, s))
		return false;
	out->list = list_done(&b);
	return true;
}

bool
parse_port(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);
	unsigned int port;

	if (w == NULL)
		return false;
	if (!scan_port(w->s, &port) || port == 0)
		return parse_error(p, w->column,
		    "%s takes a port from 1 to 65535, not \"%s\"", k->name,
		    w->s);
	return one_string(p, out, arena_printf(&p->config->arena, "%u",
	    port));
}

/* Where the port of "host", "host:port", "[v6]:port" or a bare v6 starts. */
static const char *
port_of(const char *s)
{
	const char *colon = strchr(s, ':'), *bracket;

	if (s[0] == '[') {
		bracket = strchr(s, ']');
		if (bracket == NULL)
			return s;
		return bracket[1] == ':' ? bracket + 2 :
		    bracket[1] == '\0' ? NULL : s;
	}
	if (colon == NULL || strchr(colon + 1, ':') != NULL)
		return NULL;
	return colon + 1;
}

/*
 * The name is not looked up: an address that DNS does not know today must
 * not make a configuration invalid for a server that binds nothing.
 */
bool
parse_listen(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line), *more;
	const char *port, *text;
	unsigned int number;

	if (w == NULL)
		return false;
	port = port_of(w->s);
	if (port != NULL && (!scan_port(port, &number) || number == 0))
		return parse_error(p, w->column,
		    "%s takes an address with an optional port, not \"%s\"",
		    k->name, w->s);
	text = w->s;
	more = parse_peek(line);
	if (more != NULL) {
		if (strcmp(more->s, "rdomain") != 0)
			return parse_error(p, more->column,
			    "%s does not take \"%s\"", k->name, more->s);
		return parse_error(p, more->column, "rdomain: %s",
		    keyword_table[KW_RDOMAIN].say);
	}
	return one_string(p, out, text);
}

/* "10" is begin and full; "10:30:100" is begin:rate:full. */
bool
parse_startups(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);
	int begin, rate = -1, full, n, end = 0;

	if (w == NULL)
		return false;
	n = sscanf(w->s, "%9d:%9d:%9d%n", &begin, &rate, &full, &end);
	if (n == 1 && strchr(w->s, ':') == NULL)
		full = begin;
	else if (n != 3 || rate < 1 || rate > 100)
		begin = 0;
	if (n < 1 || begin < 1 || full < begin)
		return parse_error(p, w->column,
		    "%s takes n or start:rate:full, not \"%s\"", k->name,
		    w->s);
	if (n == 3 && w->s[end] != '\0')
		parse_message(p, CONFIG_WARNING, w->column,
		    "\"%s\" after the number is not used", w->s + end);
	out->number = begin;
	out->more[0] = rate;	/* -1: not said */
	out->more[1] = full;
	return true;
}

bool
parse_per_source(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	const struct word *w = parse_peek(line);

	if (w != NULL && strcasecmp(w->s, "none") == 0) {
		parse_skip(line);
		out->number = SETTINGS_UNLIMITED;
		return true;
	}
	return parse_int(p, k, line, out);
}

bool
parse_net_block(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);
	int bits4 = -1, bits6 = 128, n;

	if (w == NULL)
		return false;
	n = sscanf(w->s, "%9d:%9d", &bits4, &bits6);
	if (n < 1 || bits4 < 0 || bits4 > 32 || bits6 < 0 || bits6 > 128)
		return parse_error(p, w->column,
		    "%s takes v4bits or v4bits:v6bits, not \"%s\"", k->name,
		    w->s);
	out->number = bits4;
	out->more[0] = bits6;
	return true;
}

/* "key:value" with a value that the key takes. */
static const char *
check_penalty(struct parser *p, const char *s, const char **keep)
{
	static const char *const times[] = {
		"crash:", "authfail:", "noauth:", "invaliduser:",
		"grace-exceeded:", "refuseconnection:", "max:", "min:",
	};
	static const char *const counts[] = {
		"max-sources4:", "max-sources6:",
	};
	static const char *const words[] = {
		"overflow:permissive", "overflow:deny-all",
		"overflow6:permissive", "overflow6:deny-all",
	};
	const char *value = strchr(s, ':');
	size_t i, key = value == NULL ? 0 : (size_t)(++value - s);
	int64_t n;

	(void)p;
	(void)keep;
	for (i = 0; value != NULL && i < ARRAY_LEN(times); i++) {
		if (strncmp(s, times[i], key) == 0 && times[i][key] == '\0')
			return scan_time(value, &n) ? NULL : "has a bad time";
	}
	for (i = 0; value != NULL && i < ARRAY_LEN(counts); i++) {
		if (strncmp(s, counts[i], key) == 0 && counts[i][key] == '\0')
			return scan_int(value, 1, INT_MAX, &n) ? NULL :
			    "has a bad number";
	}
	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(s, words[i]) == 0)
			return NULL;
	}
	return "is no penalty";
}

bool
parse_penalties(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_peek(line);

	if (w != NULL && (strcasecmp(w->s, "yes") == 0 ||
	    strcasecmp(w->s, "no") == 0)) {
		parse_skip(line);
		return one_string(p, out, strcasecmp(w->s, "yes") == 0 ?
		    "yes" : "no");
	}
	return parse_words(p, k, line, out, check_penalty);
}

bool
parse_exempt(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);

	if (w == NULL)
		return false;
	if (strcasecmp(w->s, "none") != 0 &&
	    match_address_list(NULL, w->s) == MATCH_BAD)
		return parse_error(p, w->column,
		    "%s takes a list of addresses and networks, not \"%s\"",
		    k->name, w->s);
	out->string = w->s;
	return true;
}

/* One value serves both kinds of session. */
bool
parse_ip_qos(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);

	if (w == NULL)
		return false;
	if (!scan_ip_qos(w->s, &out->number))
		goto bad;
	out->more[0] = out->number;
	if (parse_peek(line) == NULL)
		return true;
	w = parse_next(p, line);
	if (w == NULL)
		return false;
	if (scan_ip_qos(w->s, &out->more[0]))
		return true;
bad:
	return parse_error(p, w->column, "%s does not take \"%s\"", k->name,
	    w->s);
}

/* "default" or bytes, then "none" or a time. */
bool
parse_rekey(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);
	struct value seconds = { 0 };

	if (w == NULL)
		return false;
	if (strcmp(w->s, "default") != 0) {
		if (!scan_size(w->s, &out->number))
			return parse_error(p, w->column,
			    "%s takes bytes such as 512M or 1G, not \"%s\"",
			    k->name, w->s);
		if (out->number != 0 && out->number < 16)
			return parse_error(p, w->column,
			    "%s of under 16 bytes cannot work", k->name);
	}
	if (parse_peek(line) == NULL)
		return true;
	if (!parse_time_or_none(p, k, line, &seconds))
		return false;
	out->more[0] = seconds.number;	/* 0: not said */
	return true;
}
