/*
 * text: the parser's view of the file system, with notes taken.  Keygen and
 * main.  Must never write.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "config/source.h"
#include "image/gather.h"
#include "image/text.h"

/* Times 20 ms of stamps_settle_ns(): a quarter of a second. */
#define ROUNDS_MAX_COUNT 12

#define WILDCARDS "*?[\\"

static int
noting_load(void *ctx, const char *path, char **text, size_t *n)
{
	stamps_add(ctx, path);
	return config_real_files.load(NULL, path, text, n);
}

static bool
noting_exists(void *ctx, const char *path)
{
	stamps_add(ctx, path);
	return config_real_files.exists(NULL, path);
}

/* Directories that match a pattern without its last components. */
static void
note_directories(struct stamps *stamps, const char *prefix)
{
	glob_t g;
	size_t i;

	if (strpbrk(prefix, WILDCARDS) == NULL) {
		stamps_add(stamps, prefix);
		return;
	}
	if (glob(prefix, GLOB_NOSORT, NULL, &g) != 0)
		return;
	for (i = 0; i < g.gl_pathc; i++)
		stamps_add(stamps, g.gl_pathv[i]);
	globfree(&g);
}

/*
 * A file that could come to match: from the first wildcard on, each
 * component's directories.
 */
static void
note_pattern(struct stamps *stamps, const char *pattern)
{
	const char *at = strpbrk(pattern, WILDCARDS);
	char *prefix;

	if (at == NULL) {
		stamps_add(stamps, pattern);
		return;
	}
	while (at > pattern && *at != '/')
		at--;
	for (; at != NULL; at = strchr(at + 1, '/')) {
		prefix = strndup(pattern, at == pattern ? 1 :
		    (size_t)(at - pattern));
		if (prefix == NULL)
			stamps->failed = true;
		else
			note_directories(stamps, prefix);
		free(prefix);
	}
}

static bool
noting_glob(void *ctx, const char *pattern,
    bool (*found)(void *arg, const char *path), void *arg)
{
	/* First, so that what appears while it is searched is noticed. */
	note_pattern(ctx, pattern);
	return config_real_files.glob(NULL, pattern, found, arg);
}

/* The public half may be read from the file beside the key. */
static void
note_host_key(struct stamps *stamps, const char *path)
{
	char *public;

	stamps_add(stamps, path);
	if (asprintf(&public, "%s.pub", path) < 0) {
		stamps->failed = true;
		return;
	}
	stamps_add(stamps, public);
	free(public);
}

static void
note_source(void *ctx, enum image_source_kind kind, const char *path)
{
	if (kind == SOURCE_HOST_KEY)
		note_host_key(ctx, path);
	else
		stamps_add(ctx, path);
}

static bool
read_once(const char *path, struct image_text *out)
{
	const struct config_files files = {
		.load = noting_load,
		.glob = noting_glob,
		.exists = noting_exists,
		.ctx = &out->stamps,
	};

	out->config = config_read_from(&files, path, NULL, 0);
	if (out->config == NULL)
		return false;
	if (config_valid(out->config) && !image_each_source(out->config,
	    note_source, &out->stamps))
		out->stamps.failed = true;
	return true;
}

static void
rest(int64_t ns)
{
	const struct timespec t = { .tv_nsec = ns };

	(void)nanosleep(&t, NULL);
}

bool
image_text_read(const char *path, struct image_text *out)
{
	struct stat st;
	int round;

	*out = (struct image_text){ 0 };
	/* A pipe cannot be read twice, and is nothing to compile. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return read_once(path, out);
	for (round = 0; round < ROUNDS_MAX_COUNT; round++) {
		int64_t wait;

		image_text_free(out);
		if (!read_once(path, out))
			return false;
		wait = stamps_settle_ns(&out->stamps);
		if (wait > 0)
			rest(wait);
		out->settled = stamps_hold(&out->stamps);
		if (out->settled || out->stamps.failed)
			break;
	}
	return true;
}

void
image_text_free(struct image_text *text)
{
	config_free(text->config);
	stamps_free(&text->stamps);
	*text = (struct image_text){ 0 };
}

const struct config_message *
image_text_error(const struct image_text *text)
{
	size_t i, n;
	const struct config_message *m = config_messages(text->config, &n);

	for (i = 0; i < n; i++) {
		if (m[i].severity == CONFIG_ERROR)
			return &m[i];
	}
	return NULL;
}
