/*
 * files: find and read what a user or an administrator has put into files.
 * Keys role, with the ids of the account.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sink.h"
#include "keys/internal.h"
#include "keys/strictmodes.h"

#define WHERE_BYTES (PATH_MAX + 16)
#define MAGIC "*?[\\"		/* glob(7) */

/* Lines out of a descriptor, without stdio's growing buffers. */
struct lines {
	int fd;
	unsigned int number;	/* of the line that was returned last */
	size_t start, end;	/* what of buf is unread */
	size_t total;
	bool eof;
	char buf[2 * (KEY_LINE_MAX_BYTES + 1)];
};

/* Reads more, or notices the end.  Moves what is there: no pointer stays. */
static void
fill(struct lines *in)
{
	ssize_t n;

	memmove(in->buf, in->buf + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	do
		n = read(in->fd, in->buf + in->end, sizeof in->buf - in->end);
	while (n < 0 && errno == EINTR);
	in->eof = n <= 0 || in->total > KEYS_FILE_MAX_BYTES;
	if (!in->eof) {
		in->end += (size_t)n;
		in->total += (size_t)n;
	}
}

/*
 * The next line.  One that is too long comes as the empty span with *too_long
 * set, and all of it is gone: its rest is never taken for a line.
 */
static bool
next_line(struct lines *in, struct span *line, bool *too_long)
{
	*too_long = false;
	*line = span(NULL, 0);
	for (;;) {
		size_t have = in->end - in->start;
		char *at = in->buf + in->start;
		char *newline = memchr(at, '\n', have);
		size_t len = newline == NULL ? have : (size_t)(newline - at);

		*too_long = *too_long || len > KEY_LINE_MAX_BYTES;
		if (newline == NULL && !in->eof) {
			in->start += *too_long ? len : 0;
			fill(in);
			continue;
		}
		if (newline == NULL && have == 0 && !*too_long)
			return false;
		in->start += len + (newline != NULL);
		in->number++;
		if (!*too_long)
			*line = span(at, len);
		return true;
	}
}

bool
keys_read_lines(struct keys *k, int fd, const char *name, keys_line_fn *fn)
{
	struct lines *in = calloc(1, sizeof *in);
	char where[WHERE_BYTES];
	struct span line;
	bool too_long, told = false, found = false;

	if (in == NULL)
		return false;
	in->fd = fd;
	while (!found && next_line(in, &line, &too_long)) {
		snprintf(where, sizeof where, "%s:%u", name, in->number);
		if (too_long && !told)
			keys_log(k, LOG_LEVEL_INFO,
			    "%s: line over %d bytes ignored", where,
			    KEY_LINE_MAX_BYTES);
		told = told || too_long;
		found = !too_long && fn(k, line, where);
	}
	free(in);
	return found;
}

/*
 * Opened without waiting (a FIFO, a device), and refused unless it is a
 * regular file that nobody else could have written.  -1, logged, if not.
 */
static int
open_file(struct keys *k, const char *path, const char *what)
{
	const struct keys_job *job = k->job;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char why[STRICTMODES_WHY_BYTES];
	struct stat st;

	if (fd < 0 && errno == EACCES && job->stage == KEYS_STAGE_FILES) {
		k->no_access = true;
		return -1;
	}
	if (fd < 0) {
		keys_log(k, errno == ENOENT || !job->known
			? LOG_LEVEL_DEBUG1 : LOG_LEVEL_INFO,
		    "Could not open user '%.100s' %s '%s': %s", job->user,
		    what, path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		keys_log(k, LOG_LEVEL_INFO,
		    "User '%.100s' %s '%s' is not a regular file",
		    job->user, what, path);
	else if (job->settings->strict_modes &&
	    !strictmodes_check(path, &st, job->uid, job->home, why))
		keys_log(k, LOG_LEVEL_INFO, "Authentication refused: %s",
		    why);
	else
		return fd;
	fd_close(&fd);
	return -1;
}

static bool
search_file(struct keys *k, const char *path, const char *what,
    keys_line_fn *fn)
{
	int fd = open_file(k, path, what);
	bool found = fd >= 0 && keys_read_lines(k, fd, path, fn);

	fd_close(&fd);
	return found;
}

/* A home whose name has wildcards in it has none here. */
static void
escape(const char *text, char out[static PATH_MAX])
{
	size_t n = 0;

	for (; *text != '\0' && n + 2 < PATH_MAX; text++) {
		if (strchr(MAGIC, *text) != NULL)
			out[n++] = '\\';
		out[n++] = *text;
	}
	out[n] = '\0';
}

/* With the tokens' values, and behind the home unless it starts at "/". */
static bool
expand(const struct keys *k, const char *pattern, bool wild,
    char path[static PATH_MAX])
{
	char home[PATH_MAX], number[16];
	struct sink out = sink_of(path, PATH_MAX);
	struct token tokens[] = { { 'h', home }, { 'u', k->job->user },
		{ 'U', number } };
	bool ok;

	snprintf(number, sizeof number, "%u", k->job->uid);
	if (wild)
		escape(k->job->home, home);
	else if (!span_copy_str(span_str(k->job->home), home, sizeof home))
		return false;
	if (pattern[0] != '/' && strncmp(pattern, "%h", 2) != 0) {
		sink_bytes(&out, span_str(home));
		sink_u8(&out, '/');
	}
	ok = tokens_expand(&out, pattern, tokens, ARRAY_LEN(tokens));
	sink_u8(&out, '\0');
	return ok && sink_ok(&out);
}

static bool
search_glob(struct keys *k, const char *pattern, const char *what,
    keys_line_fn *fn)
{
	bool found = false;
	glob_t list;
	int err = glob(pattern, 0, NULL, &list);

	if (err != 0) {
		if (err != GLOB_NOMATCH)
			keys_log(k, LOG_LEVEL_INFO, "glob \"%s\" failed",
			    pattern);
		return false;
	}
	for (size_t i = 0; i < list.gl_pathc && !found; i++)
		found = search_file(k, list.gl_pathv[i], what, fn);
	globfree(&list);
	return found;
}

bool
keys_search_files(struct keys *k, const struct strlist *patterns,
    const char *what, keys_line_fn *fn)
{
	char path[PATH_MAX] UNINITIALIZED;

	for (size_t i = 0; i < patterns->n; i++) {
		const char *pattern = patterns->v[i];
		bool wild = strpbrk(pattern, MAGIC) != NULL;

		if (strcasecmp(pattern, "none") == 0)
			continue;
		if (!expand(k, pattern, wild, path)) {
			keys_log(k, LOG_LEVEL_ERROR,
			    "cannot expand the name of %s", what);
			continue;
		}
		if (wild ? search_glob(k, path, what, fn)
			 : search_file(k, path, what, fn))
			return true;
	}
	return false;
}
