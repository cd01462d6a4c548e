/*
 * value_list: arguments that are several things.  Pure layer.
 */
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "config/internal.h"
#include "config/match.h"
#include "config/scan.h"

bool
list_add(struct parser *p, struct list_builder *b, const char *s)
{
	/* One place more than room says, for the NULL at the end. */
	if (s == NULL)
		return false;
	if (b->n == b->room) {
		size_t room = b->room == 0 ? 3 : b->room * 2;
		const char **v = arena_alloc(&p->config->arena,
		    (room + 1) * sizeof(*v));

		if (v == NULL)
			return false;
		if (b->n > 0)
			memcpy(v, b->v, b->n * sizeof(*v));
		b->v = v;
		b->room = room;
	}
	b->v[b->n++] = s;
	return true;
}

struct strlist
list_done(const struct list_builder *b)
{
	return (struct strlist){ b->v, b->n };
}

bool
parse_words(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out, check_fn *check)
{
	struct list_builder b = { 0 };

	do {
		const struct word *w = parse_next(p, line);
		const char *wrong, *keep;

		if (w == NULL)
			return false;
		keep = w->s;
		wrong = check(p, w->s, &keep);
		if (wrong != NULL)
			return parse_error(p, w->column, "%s: \"%s\" %s",
			    k->name, w->s, wrong);
		if (keep != NULL && !list_add(p, &b, keep))
			return false;
	} while (parse_peek(line) != NULL);
	out->list = list_done(&b);
	return true;
}

static const char *
check_none(struct parser *p, const char *word, const char **keep)
{
	(void)p;
	(void)word;
	(void)keep;
	return NULL;
}

static const char *
check_env(struct parser *p, const char *word, const char **keep)
{
	(void)p;
	(void)keep;
	return strchr(word, '=') == NULL ? NULL :
	    "is not the name of a variable";
}

bool
parse_env(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	return parse_words(p, k, line, out, check_env);
}

static const char *
check_setenv(struct parser *p, const char *word, const char **keep)
{
	(void)p;
	(void)keep;
	return strchr(word, '=') != NULL ? NULL : "is not NAME=VALUE";
}

/* Of several values for one name the first counts. */
bool
parse_setenv(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	struct list_builder b = { 0 };
	size_t i, j;

	if (!parse_words(p, k, line, out, check_setenv))
		return false;
	for (i = 0; i < out->list.n; i++) {
		const char *s = out->list.v[i];
		size_t name = strcspn(s, "=") + 1;

		for (j = 0; j < b.n; j++) {
			if (strncmp(b.v[j], s, name) == 0)
				break;
		}
		if (j == b.n && !list_add(p, &b, s))
			return false;
	}
	out->list = list_done(&b);
	return true;
}

static const char *
check_user(struct parser *p, const char *word, const char **keep)
{
	(void)p;
	(void)keep;
	return match_user(NULL, NULL, NULL, word) != MATCH_BAD ? NULL :
	    "has a bad list of hosts or networks after the '@'";
}

bool
parse_users(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	return parse_words(p, k, line, out, check_user);
}

bool
parse_groups(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	return parse_words(p, k, line, out, check_none);
}

static const char *
check_key_file(struct parser *p, const char *word, const char **keep)
{
	const char *percent = word;

	while ((percent = strchr(percent, '%')) != NULL) {
		if (percent[1] == '\0' ||
		    strchr(keyword_table[KW_AUTHORIZED_KEYS_FILE].tokens,
		    percent[1]) == NULL) {
			parse_message(p, CONFIG_WARNING, 0,
			    "\"%s\" has a '%%' that is no token; logins that "
			    "need it will fail", word);
			break;
		}
		percent += 2;
	}
	*keep = path_expand_tilde(p, word);
	return NULL;
}

bool
parse_key_files(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	return parse_words(p, k, line, out, check_key_file);
}

static const char *
check_path(struct parser *p, const char *word, const char **keep)
{
	*keep = path_absolute(p, word);
	return NULL;
}

bool
parse_paths(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	bool ok = parse_words(p, k, line, out, check_path);
	size_t i;

	for (i = 0; ok && i < out->list.n && out->list.n > 1; i++) {
		if (strcasecmp(out->list.v[i], "none") == 0)
			return parse_error(p, 0, "%s: none stands alone",
			    k->name);
	}
	return ok;
}

/* One path a line. */
bool
parse_host_key(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	struct list_builder b = { 0 };

	if (!parse_path(p, k, line, out) || !list_add(p, &b, out->string))
		return false;
	out->list = list_done(&b);
	return true;
}

bool
parse_log_verbose(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	size_t i;

	if (!parse_words(p, k, line, out, check_none))
		return false;
	for (i = 0; out->list.n > 1 && i < out->list.n; i++) {
		if (strcasecmp(out->list.v[i], "none") == 0)
			return parse_error(p, 0, "%s: none stands alone",
			    k->name);
	}
	return true;
}

static const char *
check_methods(struct parser *p, const char *word, const char **keep)
{
	static const char *const known[] = {
		"none", "publickey", "password", "keyboard-interactive",
		"hostbased",
	};
	struct span list = span_str(word), method;
	size_t i, n = strlen(word);

	(void)keep;
	if (strcmp(word, "any") == 0)
		return NULL;
	if (n > 0 && word[n - 1] == ',')
		return "ends with a comma";
	while (names_next(&list, &method)) {
		const void *colon = method.len == 0 ? NULL :
		    memchr(method.p, ':', method.len);

		if (colon != NULL)
			method.len = (size_t)((const uint8_t *)colon -
			    method.p);
		for (i = 0; i < ARRAY_LEN(known); i++) {
			if (span_is(method, known[i]))
				break;
		}
		if (i < ARRAY_LEN(known))
			continue;
		if (!span_is(method, "gssapi-with-mic"))
			return "names a method that does not exist";
		parse_message(p, CONFIG_WARNING, 0,
		    "gssapi-with-mic is not built in: nobody can satisfy "
		    "\"%s\"", word);
	}
	return NULL;
}

bool
parse_methods(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	size_t i;

	if (!parse_words(p, k, line, out, check_methods))
		return false;
	for (i = 0; out->list.n > 1 && i < out->list.n; i++) {
		if (strcmp(out->list.v[i], "any") == 0)
			return parse_error(p, 0, "%s: any stands alone",
			    k->name);
	}
	return true;
}

/* --- hosts and ports ------------------------------------------------------ */

/* The port after the last colon outside brackets is a number or '*'. */
static bool
host_and_port(const char *word)
{
	const char *port = word;
	unsigned int n;

	if (word[0] == '[') {
		port = strchr(word, ']');
		if (port == NULL)
			return false;
		port++;
	} else {
		port += strcspn(word, ":/");
	}
	if (*port != ':')
		return false;
	port++;
	return strcmp(port, "*") == 0 || (scan_port(port, &n) && n > 0);
}

static const char *
check_open(struct parser *p, const char *word, const char **keep)
{
	(void)p;
	(void)keep;
	return host_and_port(word) ? NULL : "is not host:port";
}

static const char *
check_listen(struct parser *p, const char *word, const char **keep)
{
	if (strchr(word, ':') != NULL)
		return host_and_port(word) ? NULL : "is not host:port";
	*keep = arena_printf(&p->config->arena, "*:%s", word);
	return *keep == NULL || host_and_port(*keep) ? NULL : "is not a port";
}

static bool
parse_permitted(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out, check_fn *check)
{
	const struct word *w = parse_peek(line);

	if (w != NULL && (strcmp(w->s, "any") == 0 ||
	    strcmp(w->s, "none") == 0)) {
		struct list_builder b = { 0 };

		parse_skip(line);
		if (!list_add(p, &b, w->s))
			return false;
		out->list = list_done(&b);
		return true;
	}
	return parse_words(p, k, line, out, check);
}

bool
parse_permit_open(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	return parse_permitted(p, k, line, out, check_open);
}

bool
parse_permit_listen(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	return parse_permitted(p, k, line, out, check_listen);
}

/* list: name, command with its arguments. */
bool
parse_subsystem(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *name = parse_next(p, line), *w;
	struct arena *arena = &p->config->arena;
	const char *command;
	struct list_builder b = { 0 };

	(void)k;
	if (name == NULL)
		return false;
	w = parse_next(p, line);
	if (w == NULL)
		return false;
	command = w->s;
	while ((w = parse_peek(line)) != NULL && command != NULL) {
		parse_skip(line);
		command = arena_printf(arena, "%s %s", command, w->s);
	}
	if (!list_add(p, &b, name->s) || !list_add(p, &b, command))
		return false;
	tell_internal_sftp(p, command, name->column);
	out->list = list_done(&b);
	return true;
}
