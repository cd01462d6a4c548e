/*
 * chroot: a new root directory.  It must never be one that anybody but root
 * can rearrange.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tokens.h"
#include "sandbox/chroot.h"

/* For "return say(...)": it is false. */
static bool PRINTF_LIKE(2, 3)
say(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, CHROOT_WHY_BYTES, fmt, ap);
	va_end(ap);
	return false;
}

static bool
check_one(const char *path, bool last, char *why)
{
	const char *kind = last ? "" : "component ";
	struct stat st;

	if (stat(path, &st) < 0)
		return say(why, "stat(\"%s\"): %s", path, strerror(errno));
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return say(why, "bad ownership or modes for chroot "
		    "directory %s\"%s\"", kind, path);
	if (!S_ISDIR(st.st_mode))
		return say(why, "chroot path %s\"%s\" is not a directory",
		    kind, path);
	return true;
}

/* "/", "/a/", "/a/b/", ..., and path itself. */
static bool
check_components(const char *path, char *why)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s",
		    (int)(slash - path + 1), path);
		if (!check_one(part, false, why))
			return false;
	}
	return check_one(path, true, why);
}

/*
 * The directory is entered before its real path is looked at, and from there
 * made the root: nothing that is renamed meanwhile is entered instead.
 */
bool
chroot_enter(const char *path, char why[static CHROOT_WHY_BYTES])
{
	char real[PATH_MAX];

	if (path[0] != '/')
		return say(why, "chroot path does not begin at root");
	if (strlen(path) >= sizeof real)
		return say(why, "chroot path too long");
	if (!check_components(path, why))
		return false;
	if (chdir(path) < 0 || getcwd(real, sizeof real) == NULL)
		return say(why, "Unable to chdir to chroot path \"%s\": %s",
		    path, strerror(errno));
	if (!check_components(real, why))
		return false;
	if (chroot(".") < 0)
		return say(why, "chroot(\"%s\"): %s", path, strerror(errno));
	return true;
}

bool
chroot_enter_for(const char *pattern, const char *home, const char *user,
    uid_t uid, char said[static CHROOT_WHY_BYTES])
{
	char digits[16], path[PATH_MAX];
	struct sink out = sink_of(path, sizeof path - 1);
	const struct token tokens[] = { { 'h', home }, { 'u', user },
		{ 'U', digits } };

	snprintf(digits, sizeof digits, "%u", (unsigned int)uid);
	if (!tokens_expand(&out, pattern, tokens, ARRAY_LEN(tokens)))
		return say(said, "chroot path too long");
	path[out.len] = '\0';
	if (geteuid() != 0)
		return say(said, "server lacks privileges to chroot to "
		    "ChrootDirectory");
	if (!chroot_enter(path, said))
		return false;
	return !say(said, "Changed root directory to \"%s\"", path);
}
