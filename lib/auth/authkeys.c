/*
 * authkeys: find a key in the user's files.  Monitor.
 *
 * Files are opened and read with the user's ids, never with root's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "auth/authkeys.h"
#include "auth/strictmodes.h"
#include "base/fd.h"
#include "base/sink.h"
#include "base/vis.h"
#include "run/exits.h"
#include "run/log.h"
#include "sandbox/ids.h"

/* A path is the administrator's pattern, but the home in it may be odd. */
struct shown_path {
	char text[512];
};

static const char *
show(const char *path, struct shown_path *out)
{
	return vis_text(span_str(path), out->text, sizeof out->text);
}

/* Lines out of a descriptor, without stdio's growing buffers. */
struct lines {
	int fd;
	unsigned int number;	/* of the line that was returned last */
	size_t start, end;	/* what of buf is unread */
	size_t total;
	bool eof;
	char buf[2 * (AUTHKEYS_LINE_MAX_BYTES + 1)];
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
	in->eof = n <= 0 || in->total > AUTHKEYS_FILE_MAX_BYTES;
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

		*too_long = *too_long || len > AUTHKEYS_LINE_MAX_BYTES;
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

static bool
search(int fd, const char *path, const struct authkeys_want *want)
{
	struct lines *in = calloc(1, sizeof *in);
	struct shown_path shown;
	struct span line;
	bool too_long, told = false, found = false;

	if (in == NULL)
		return false;
	in->fd = fd;
	while (!found && next_line(in, &line, &too_long)) {
		if (too_long && !told)
			log_line(LOG_LEVEL_INFO, false,
			    "%s:%u: line over %d bytes ignored",
			    show(path, &shown), in->number,
			    AUTHKEYS_LINE_MAX_BYTES);
		told = told || too_long;
		switch (authkeys_judge_line(line, want)) {
		case AUTHKEYS_NO:
			break;
		case AUTHKEYS_REFUSED:
			log_line(LOG_LEVEL_INFO, false,
			    "%s:%u: key refused: its options are not "
			    "supported", show(path, &shown), in->number);
			break;
		case AUTHKEYS_YES:
			log_line(LOG_LEVEL_DEBUG1, false,
			    "%s:%u: matching %s key found",
			    show(path, &shown), in->number,
			    want->info.log_name);
			found = true;
			break;
		}
	}
	free(in);
	return found;
}

bool
authkeys_file_allows(const struct account *account, const char *path,
    bool strict, const struct authkeys_want *want, bool *no_access)
{
	struct shown_path shown;
	char why[STRICTMODES_WHY_BYTES];
	struct stat st;
	bool found = false;
	int fd;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && no_access != NULL) {
		*no_access = true;
		return false;
	}
	if (fd < 0) {
		log_line(errno == ENOENT || !account->known
			? LOG_LEVEL_DEBUG1 : LOG_LEVEL_INFO,
		    false, "Could not open user '%.100s' authorized keys "
		    "'%s': %s", account->name, show(path, &shown),
		    strerror(errno));
		return false;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		log_line(LOG_LEVEL_INFO, false,
		    "User '%.100s' authorized keys '%s' is not a regular file",
		    account->name, show(path, &shown));
	else if (strict && !strictmodes_check(path, &st, account->uid,
			       account->home, why))
		log_line(LOG_LEVEL_INFO, false, "Authentication refused: %s",
		    show(why, &shown));
	else
		found = search(fd, path, want);
	fd_close(&fd);
	return found;
}

/* The value of a token, NULL for one that does not exist. */
static const char *
token(const struct account *account, char c, char number[static 16])
{
	switch (c) {
	case '%':
		return "%";
	case 'h':
		return account->home;
	case 'u':
		return account->name;
	case 'U':
		snprintf(number, 16, "%lu", (unsigned long)account->uid);
		return number;
	default:
		return NULL;
	}
}

bool
authkeys_path(const struct account *account, const char *pattern,
    char path[static PATH_MAX])
{
	struct sink out = sink_of(path, PATH_MAX);
	char number[16];

	if (pattern[0] != '/' && strncmp(pattern, "%h", 2) != 0) {
		sink_bytes(&out, span_str(account->home));
		sink_u8(&out, '/');
	}
	for (; *pattern != '\0'; pattern++) {
		const char *value;

		if (*pattern != '%') {
			sink_u8(&out, (uint8_t)*pattern);
			continue;
		}
		value = token(account, *++pattern, number);
		if (value == NULL) {
			path[0] = '\0';
			return false;
		}
		sink_bytes(&out, span_str(value));
	}
	sink_u8(&out, '\0');
	if (!sink_ok(&out))
		path[0] = '\0';
	return sink_ok(&out);
}

static bool
any_file_allows(const struct account *account,
    const struct settings *settings, const struct authkeys_want *want,
    bool *no_access)
{
	const struct strlist *files = &settings->authorized_keys_files;
	char path[PATH_MAX] UNINITIALIZED;

	for (size_t i = 0; i < files->n; i++) {
		if (strcasecmp(files->v[i], "none") == 0)
			continue;
		if (!authkeys_path(account, files->v[i], path)) {
			log_line(LOG_LEVEL_ERROR, false,
			    "AuthorizedKeysFile: cannot expand a name");
			continue;
		}
		if (authkeys_file_allows(account, path,
			settings->strict_modes, want, no_access))
			return true;
	}
	return false;
}

/* One search with the ids of the account; name NULL: without its groups. */
static bool
search_as(const struct account *account, const char *name,
    const struct settings *settings, const struct authkeys_want *want,
    bool *no_access)
{
	struct ids_saved saved;
	bool found = false;

	if (!ids_enter(&saved, account->uid, account->gid, name))
		log_line(LOG_LEVEL_ERROR, false,
		    "cannot take on the ids of user %.100s: %s",
		    account->name, strerror(errno));
	else
		found = any_file_allows(account, settings, want, no_access);
	if (!ids_leave(&saved)) {
		log_line(LOG_LEVEL_FATAL, false, "cannot take root's ids "
		    "back: %s", strerror(errno));
		_exit(EXIT_ENV);
	}
	return found;
}

bool
authkeys_allow(const struct account *account, const struct settings *settings,
    const struct authkeys_want *want)
{
	bool no_access = false, found;

	found = search_as(account, NULL, settings, want, &no_access);
	if (!found && no_access)
		found = search_as(account,
		    account->known ? account->name : NULL, settings, want,
		    NULL);
	return found && account->valid;
}
