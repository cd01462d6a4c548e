/*
 * value_scalar: arguments that are one thing.  Pure layer.
 *
 * Each function checks one word, or the rest of the line, and leaves a value
 * that resolve.c copies without another look.
 */
#include <ctype.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config/internal.h"
#include "config/scan.h"

bool
parse_flag(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);

	if (w == NULL)
		return false;
	out->number = strcasecmp(w->s, "yes") == 0;
	if (out->number == 0 && strcasecmp(w->s, "no") != 0)
		return parse_error(p, w->column,
		    "%s takes yes or no, not \"%s\"", k->name, w->s);
	return true;
}

bool
parse_named(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);
	const struct named_value *row;

	if (w == NULL)
		return false;
	for (row = k->values; row->name != NULL; row++) {
		if (strcasecmp(w->s, row->name) == 0) {
			out->number = row->value;
			return true;
		}
	}
	return parse_error(p, w->column, "%s does not take \"%s\"", k->name,
	    w->s);
}

/* PermitTunnel is the one keyword whose words have to be in lower case. */
bool
parse_tunnel(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_peek(line);
	const char *c;

	for (c = w == NULL ? "" : w->s; *c != '\0'; c++) {
		if (isupper((unsigned char)*c))
			return parse_error(p, w->column,
			    "%s does not take \"%s\"", k->name, w->s);
	}
	return parse_named(p, k, line, out);
}

bool
parse_int(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);

	if (w == NULL)
		return false;
	if (!scan_int(w->s, 0, INT_MAX, &out->number))
		return parse_error(p, w->column,
		    "%s takes a number from 0 to %d, not \"%s\"", k->name,
		    INT_MAX, w->s);
	return true;
}

bool
parse_time(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);

	if (w == NULL)
		return false;
	if (!scan_time(w->s, &out->number))
		return parse_error(p, w->column,
		    "%s takes a time such as 90, 5m or 1h30m, not \"%s\"",
		    k->name, w->s);
	return true;
}

bool
parse_time_or_none(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	const struct word *w = parse_peek(line);

	if (w != NULL && strcasecmp(w->s, "none") == 0) {
		out->number = 0;
		parse_skip(line);
		return true;
	}
	return parse_time(p, k, line, out);
}

bool
parse_mask(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);
	char *end;

	if (w == NULL)
		return false;
	out->number = strtol(w->s, &end, 8);
	if (end == w->s || out->number < 0 || out->number > 0777)
		return parse_error(p, w->column,
		    "%s takes octal permission bits, not \"%s\"", k->name,
		    w->s);
	if (*end != '\0')
		parse_message(p, CONFIG_WARNING, w->column,
		    "\"%s\" is not octal from \"%s\" on, which is not used",
		    w->s, end);
	return true;
}

/* --- strings ------------------------------------------------------------- */

/*
 * A '%' that the keyword does not expand makes OpenSSH give up on the
 * connection that meets it, but not refuse the file; so it is a warning.
 */
static void
check_tokens(struct parser *p, const struct keyword *k, const char *s,
    unsigned int column)
{
	const char *percent = s;

	if (k->tokens == NULL || strcasecmp(s, "none") == 0)
		return;
	while ((percent = strchr(percent, '%')) != NULL) {
		if (percent[1] == '\0') {
			parse_message(p, CONFIG_WARNING, column,
			    "%s ends in a lone '%%'; logins that need it "
			    "will fail", k->name);
			return;
		}
		if (strchr(k->tokens, percent[1]) == NULL)
			parse_message(p, CONFIG_WARNING, column,
			    "%s has no token %%%c; logins that need it will "
			    "fail", k->name, percent[1]);
		percent += 2;
	}
}

const char *
path_absolute(struct parser *p, const char *path)
{
	struct config *config = p->config;
	char buffer[PATH_MAX];

	if (path[0] == '/' || strcasecmp(path, "none") == 0)
		return path;
	if (config->cwd == NULL)
		config->cwd = getcwd(buffer, sizeof(buffer)) == NULL ? "" :
		    arena_copy(&config->arena, buffer, strlen(buffer));
	if (config->cwd == NULL)
		return path;
	return arena_printf(&config->arena, "%s/%s",
	    strcmp(config->cwd, "/") == 0 ? "" : config->cwd, path);
}

/* "~" here is whoever reads the file, never the user who logs in. */
const char *
path_expand_tilde(struct parser *p, const char *path)
{
	const struct passwd *pw;
	char name[64];
	size_t n;

	if (path[0] != '~')
		return path;
	n = strcspn(path + 1, "/");
	if (n >= sizeof(name))
		return path;
	memcpy(name, path + 1, n);
	name[n] = '\0';
	pw = n == 0 ? getpwuid(getuid()) : getpwnam(name);
	if (pw == NULL)
		return path;
	return arena_printf(&p->config->arena, "%s%s", pw->pw_dir,
	    path + 1 + n);
}

bool
parse_string(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);

	if (w == NULL)
		return false;
	check_tokens(p, k, w->s, w->column);
	out->string = w->s;
	return true;
}

bool
parse_path(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	if (!parse_string(p, k, line, out))
		return false;
	out->string = path_absolute(p, out->string);
	return out->string != NULL;
}

bool
parse_tilde(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	if (!parse_string(p, k, line, out))
		return false;
	out->string = path_expand_tilde(p, out->string);
	return out->string != NULL;
}

bool
parse_agent(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	if (!parse_string(p, k, line, out))
		return false;
	if (strcmp(out->string, "SSH_AUTH_SOCK") != 0)
		out->string = path_absolute(p, out->string);
	return out->string != NULL;
}

bool
parse_provider(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	if (!parse_string(p, k, line, out))
		return false;
	if (strcasecmp(out->string, "internal") != 0)
		out->string = path_absolute(p, out->string);
	return out->string != NULL;
}

/* Everything up to the end of the line: quotes and '#' are the shell's. */
bool
parse_rest(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	(void)p;
	(void)k;
	out->string = line->rest;
	parse_skip_all(line);
	return true;
}

void
tell_internal_sftp(struct parser *p, const char *command, unsigned int column)
{
	static const char name[] = "internal-sftp";
	char after;

	if (command == NULL || strncmp(command, name, strlen(name)) != 0)
		return;
	after = command[strlen(name)];
	if (after == '\0' || after == ' ' || after == '\t')
		parse_message(p, CONFIG_WARNING, column, "%s is not built in "
		    "yet: what asks for it is refused", name);
}

bool
parse_forced(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	tell_internal_sftp(p, line->rest, line->rest_column);
	return parse_rest(p, k, line, out);
}

bool
parse_command(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	if (line->rest[0] != '/' && strcasecmp(line->rest, "none") != 0)
		return parse_error(p, line->rest_column,
		    "%s needs an absolute path or none", k->name);
	check_tokens(p, k, line->rest, line->rest_column);
	return parse_rest(p, k, line, out);
}

/* As written, but here a '#' anywhere starts a comment. */
bool
parse_addendum(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	size_t n = strcspn(line->rest, "#");

	if (strchr(line->rest, '\r') != NULL)
		return parse_error(p, line->rest_column,
		    "%s cannot hold a carriage return", k->name);
	while (n > 0 && (line->rest[n - 1] == ' ' || line->rest[n - 1] == '\t'))
		n--;
	out->string = arena_copy(&p->config->arena, line->rest, n);
	if (out->string == NULL)
		return false;
	if (strcasecmp(out->string, "none") == 0)
		out->string = "";
	parse_skip_all(line);
	return true;
}

bool
parse_user_environment(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	if (!parse_string(p, k, line, out))
		return false;
	if (strcasecmp(out->string, "yes") == 0)
		out->string = "yes";
	else if (strcasecmp(out->string, "no") == 0)
		out->string = "no";
	return true;
}

bool
parse_auth_options(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	do {
		const struct word *w = parse_next(p, line);

		if (w == NULL)
			return false;
		if (strcasecmp(w->s, "touch-required") == 0)
			out->number |= PUBKEY_TOUCH_REQUIRED;
		else if (strcasecmp(w->s, "verify-required") == 0)
			out->number |= PUBKEY_VERIFY_REQUIRED;
		else if (strcasecmp(w->s, "none") != 0)
			return parse_error(p, w->column,
			    "%s does not take \"%s\"", k->name, w->s);
	} while (parse_peek(line) != NULL);
	return true;
}

/* For keywords whose arguments say nothing to this server. */
bool
parse_anything(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	return parse_rest(p, k, line, out);
}
