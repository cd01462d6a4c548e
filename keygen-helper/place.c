/*
 * place: files that appear whole and never replace one.  Keygen only.
 *
 * Must never unlink or rename over a name that it did not make up itself.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"
#include "place.h"

#define TEMPORARY_PREFIX ".sshd-conn-keygen."
#define NAME_DRAWS_COUNT 16

static bool
fill(int fd, struct span text, mode_t mode)
{
	return fchmod(fd, mode) == 0 && fd_write_all(fd, text.p, text.len) &&
	    fsync(fd) == 0;
}

static enum place_result
linked(int rc)
{
	if (rc == 0)
		return PLACE_DONE;
	return errno == EEXIST ? PLACE_EXISTS : PLACE_FAILED;
}

/*
 * Without a name until it is finished.  *unable: this file system, or this
 * process without a /proc, cannot do it.
 */
static enum place_result
place_unnamed(const char *name, struct span text, mode_t mode, bool *unable)
{
	char proc[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	enum place_result result;
	int fd;

	*unable = false;
	fd = open(".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0) {
		*unable = errno == EOPNOTSUPP || errno == EISDIR ||
		    errno == EINVAL || errno == ENOENT;
		return PLACE_FAILED;
	}
	if (!fill(fd, text, mode)) {
		fd_close(&fd);
		return PLACE_FAILED;
	}
	/* The first needs CAP_DAC_READ_SEARCH, the second /proc. */
	result = linked(linkat(fd, "", AT_FDCWD, name, AT_EMPTY_PATH));
	if (result == PLACE_FAILED) {
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
		result = linked(linkat(AT_FDCWD, proc, AT_FDCWD, name,
		    AT_SYMLINK_FOLLOW));
		*unable = result == PLACE_FAILED;
	}
	fd_close(&fd);
	return result;
}

/* A new file under a random name, locked: place_clean() sees that it lives. */
static int
temporary_open(char name[static NAME_MAX])
{
	for (int i = 0; i < NAME_DRAWS_COUNT; i++) {
		uint64_t number;
		struct stat st;
		int fd;

		if (!random_bytes(&number, sizeof(number)))
			return -1;
		snprintf(name, NAME_MAX, TEMPORARY_PREFIX "%016llx",
		    (unsigned long long)number);
		fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC |
		    O_NOFOLLOW, 0600);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			return -1;
		/* A cleaner may have come between: then it has no name. */
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    fstat(fd, &st) == 0 && st.st_nlink > 0)
			return fd;
		fd_close(&fd);
		(void)unlink(name);
	}
	errno = EEXIST;
	return -1;
}

static enum place_result
place_named(const char *name, struct span text, mode_t mode)
{
	enum place_result result = PLACE_FAILED;
	char temporary[NAME_MAX];
	int fd, saved;

	fd = temporary_open(temporary);
	if (fd < 0)
		return PLACE_FAILED;
	if (fill(fd, text, mode)) {
		result = linked(link(temporary, name));
		/* No hard links here (vfat): a rename that spares a file. */
		if (result == PLACE_FAILED && (errno == EPERM ||
		    errno == EOPNOTSUPP || errno == EMLINK))
			result = linked(renameat2(AT_FDCWD, temporary,
			    AT_FDCWD, name, RENAME_NOREPLACE));
	}
	saved = errno;
	(void)unlink(temporary);
	fd_close(&fd);
	errno = saved;
	return result;
}

enum place_result
place_file(const char *name, struct span text, mode_t mode)
{
	enum place_result result;
	bool unable;

	result = place_unnamed(name, text, mode, &unable);
	return unable ? place_named(name, text, mode) : result;
}

void
place_clean(void)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		int fd;

		if (strncmp(entry->d_name, TEMPORARY_PREFIX,
		    sizeof(TEMPORARY_PREFIX) - 1) != 0)
			continue;
		fd = open(entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
		    O_NONBLOCK);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			(void)unlink(entry->d_name);
		fd_close(&fd);
	}
	closedir(dir);
}

bool
place_sync(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	fd_close(&fd);
	return good;
}
