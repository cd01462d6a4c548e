/*
 * source: where the text comes from, Include, and the life of a struct
 * config.  Pure layer but for reading the files that it is told to.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/names.h"
#include "config/internal.h"

/* Includes in Includes; OpenSSH stops there too. */
#define DEPTH_MAX_COUNT 16
/* Files that include each other twice would be read 2^16 times. */
#define INCLUDE_MAX_COUNT 4096

/* Where relative Includes start, wherever this build is installed. */
#define CONFIG_DIR "/etc/ssh"

/* --- the file system ------------------------------------------------------ */

static int
real_load(void *ctx, const char *path, char **text, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;

	(void)ctx;
	*text = NULL;
	*n = 0;
	if (fd == -1)
		return errno;
	if (!fd_read_all(fd, CONFIG_FILE_MAX_BYTES, text, n))
		error = errno;
	fd_close(&fd);
	return error;
}

static bool
real_glob(void *ctx, const char *pattern,
    bool (*found)(void *arg, const char *path), void *arg)
{
	glob_t g;
	size_t i;
	int result = glob(pattern, 0, NULL, &g);

	(void)ctx;
	for (i = 0; result == 0 && i < g.gl_pathc; i++) {
		if (!found(arg, g.gl_pathv[i]))
			break;
	}
	if (result == 0)
		globfree(&g);
	return result == 0 || result == GLOB_NOMATCH;
}

static bool
real_exists(void *ctx, const char *path)
{
	(void)ctx;
	return access(path, F_OK) == 0;
}

const struct config_files config_real_files = {
	.load = real_load,
	.glob = real_glob,
	.exists = real_exists,
};

/* --- Include -------------------------------------------------------------- */

static bool
include_file(void *arg, const char *path)
{
	struct parser *p = arg, inner = *p;
	struct config *config = p->config;
	const char *name = arena_copy(&config->arena, path, strlen(path));
	char *text = NULL;
	size_t n = 0;
	int error;

	if (name == NULL || config->include_stop)
		return false;
	config->include_stop = ++config->include_count >= INCLUDE_MAX_COUNT;
	if (config->include_stop)
		return parse_error(p, 0, "Include: more than %d files",
		    INCLUDE_MAX_COUNT);
	error = p->files->load(p->files->ctx, path, &text, &n);
	if (error == EISDIR)
		parse_message(p, CONFIG_WARNING, 0,
		    "%s is a directory: passed over", name);
	else if (error != 0 && error != ENOENT)
		(void)parse_error(p, 0, "%s: %s", name, strerror(error));
	if (error == 0) {
		inner.depth++;
		inner.outer = p->block;
		parse_text(&inner, name, text, n);
	}
	free(text);
	return true;
}

/* A block that a file opens ends with the file: inner.block is dropped. */
bool
parse_include(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	struct arena *arena = &p->config->arena;

	(void)out;
	if (p->config->include_stop) {
		parse_skip_all(line);
		return true;
	}
	if (p->depth >= DEPTH_MAX_COUNT) {
		p->config->include_stop = true;
		return parse_error(p, line->keyword_column,
		    "%s: more than %d files deep", k->name, DEPTH_MAX_COUNT);
	}
	do {
		const struct word *w = parse_next(p, line);
		const char *pattern;

		if (w == NULL)
			return false;
		pattern = path_expand_tilde(p, w->s);
		if (pattern != NULL && pattern[0] != '/')
			pattern = arena_printf(arena, "%s/%s", CONFIG_DIR,
			    pattern);
		if (pattern == NULL)
			return false;
		if (!p->files->glob(p->files->ctx, pattern, include_file, p))
			return parse_error(p, w->column,
			    "%s: \"%s\" cannot be searched for", k->name,
			    w->s);
	} while (parse_peek(line) != NULL);
	return true;
}

/* --- struct config -------------------------------------------------------- */

static struct config *
config_new(void)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		return NULL;
	config->global.always = true;
	config->last_block = &config->global;
	config->messages_end = &config->messages;
	return config;
}

static struct parser
parser_for(struct config *config, const struct config_files *files)
{
	return (struct parser){
		.config = config,
		.files = files,
		.block = &config->global,
		.outer = &config->global,
		.file = "",
	};
}

static bool
set(const struct directive *d)
{
	return d != NULL && (d->value.string == NULL ||
	    strcasecmp(d->value.string, "none") != 0);
}

/* What can only be judged when everything was read. */
static void
check_whole(struct parser *p)
{
	static const struct {
		enum keyword_id command, user;
	} pairs[] = {
		{ KW_AUTHORIZED_KEYS_COMMAND, KW_AUTHORIZED_KEYS_COMMAND_USER },
		{ KW_AUTHORIZED_PRINCIPALS_COMMAND,
		    KW_AUTHORIZED_PRINCIPALS_COMMAND_USER },
	};
	struct config *config = p->config;
	size_t i;

	for (i = 0; i < ARRAY_LEN(pairs); i++) {
		const struct directive *d = config->first[pairs[i].command];
		const struct directive *u = config->first[pairs[i].user];

		while (d != NULL && !d->block->always)
			d = d->next;
		while (u != NULL && !u->block->always)
			u = u->next;
		if (!set(d) || u != NULL)
			continue;
		p->file = d->file;
		p->line_number = d->line;
		(void)parse_error(p, d->column, "%s without %s",
		    keyword_table[pairs[i].command].name,
		    keyword_table[pairs[i].user].name);
	}
}

static bool
method_enabled(const struct settings *s, struct span method)
{
	return (span_is(method, "publickey") && s->pubkey_authentication) ||
	    (span_is(method, "password") && s->password_authentication) ||
	    (span_is(method, "keyboard-interactive") &&
	    s->kbdint_authentication) ||
	    (span_is(method, "hostbased") && s->hostbased_authentication) ||
	    span_is(method, "none") || span_is(method, "any");
}

static bool
methods_enabled(const struct settings *s, const char *methods)
{
	struct span list = span_str(methods), one;

	while (names_next(&list, &one)) {
		const uint8_t *colon = memchr(one.p, ':', one.len);

		if (colon != NULL)
			one.len = (size_t)(colon - one.p);
		if (!method_enabled(s, one))
			return false;
	}
	return true;
}

/* A list of methods that are all switched off keeps everybody out. */
static void
check_methods_enabled(struct parser *p)
{
	const struct directive *d = p->config->first[
	    KW_AUTHENTICATION_METHODS];
	struct settings s;
	size_t i;

	if (d == NULL || !resolve_global(p->config, &s))
		return;
	for (i = 0; i < s.authentication_methods.n; i++) {
		if (methods_enabled(&s, s.authentication_methods.v[i]))
			return;
	}
	p->file = d->file;
	p->line_number = d->line;
	(void)parse_error(p, d->column, "%s: each list needs a method that "
	    "is switched off", keyword_table[KW_AUTHENTICATION_METHODS].name);
}

static void
find_default_host_keys(struct parser *p)
{
	struct list_builder b = { 0 };
	size_t i;

	if (p->config->first[KW_HOST_KEY] != NULL)
		return;
	for (i = 0; i < config_default_host_keys.n; i++) {
		const char *path = config_default_host_keys.v[i];

		if (p->files->exists(p->files->ctx, path) &&
		    !list_add(p, &b, path))
			return;
	}
	p->config->default_host_keys = list_done(&b);
}

static void
read_overrides(struct parser *p, const char *const *overrides, size_t n)
{
	size_t i;

	p->command_line = true;
	for (i = 0; i < n; i++) {
		parse_text(p, "command-line", overrides[i],
		    strlen(overrides[i]));
	}
	p->command_line = false;
}

static void
read_main_file(struct parser *p, const char *file)
{
	char *text = NULL;
	size_t n = 0;
	int error;

	p->file = arena_copy(&p->config->arena, file, strlen(file));
	p->line_number = 0;
	if (p->file == NULL)
		return;
	error = p->files->load(p->files->ctx, file, &text, &n);
	if (error != 0)
		(void)parse_error(p, 0, "%s", strerror(error));
	else
		parse_text(p, p->file, text, n);
	free(text);
}

static void
make_message_array(struct config *config)
{
	const struct message_node *node = config->messages;
	size_t i;

	config->message_array = arena_alloc(&config->arena,
	    config->message_count * sizeof(*config->message_array));
	if (config->message_array == NULL)
		return;
	for (i = 0; i < config->message_count; i++, node = node->next)
		config->message_array[i] = node->message;
}

static struct config *
finish(struct parser *p)
{
	struct config *config = p->config;

	check_whole(p);
	check_methods_enabled(p);
	find_default_host_keys(p);
	make_message_array(config);
	if (!config->arena.failed)
		return config;
	config_free(config);
	return NULL;
}

struct config *
config_read_from(const struct config_files *files, const char *file,
    const char *const *overrides, size_t override_count)
{
	struct config *config = config_new();
	struct parser p;

	if (config == NULL)
		return NULL;
	p = parser_for(config, files);
	read_overrides(&p, overrides, override_count);
	if (file != NULL)
		read_main_file(&p, file);
	return finish(&p);
}

struct config *
config_read(const char *file, const char *const *overrides,
    size_t override_count)
{
	return config_read_from(&config_real_files, file, overrides,
	    override_count);
}

struct config *
config_read_text(const struct config_files *files, const char *name,
    const char *text, size_t n)
{
	struct config *config = config_new();
	struct parser p;

	if (config == NULL)
		return NULL;
	p = parser_for(config, files);
	name = arena_copy(&config->arena, name, strlen(name));
	if (name != NULL)
		parse_text(&p, name, text, n);
	return finish(&p);
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	arena_free(&config->arena);
	free(config);
}

const struct config_message *
config_messages(const struct config *config, size_t *count)
{
	*count = config->message_count;
	return config->message_array;
}

bool
config_valid(const struct config *config)
{
	return !config->invalid;
}
