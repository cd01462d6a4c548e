/*
 * store: put an image in its place.  Keygen, and main of a connection that
 * had to read the text.
 *
 * Must never leave half an image under its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"
#include "image/checksum.h"
#include "image/internal.h"

#define DIR_MODE	0755
#define FILE_MODE	0600
/* For ten seconds: a holder that was stopped must not stop us. */
#define LOCK_PAUSE_NS	(5 * 1000000L)
#define LOCK_TRIES_COUNT 2000
#define BODY_FIRST_BYTES ((size_t)64 << 10)

/* The directory, made if only its last part is missing.  -1: errno says. */
static int
open_directory(const char *dir)
{
	struct stat st;
	int fd;

	if (mkdir(dir, DIR_MODE) == 0)
		(void)chmod(dir, DIR_MODE);	/* whatever the umask */
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* Another user's directory is no place to rename in. */
	if (fstat(fd, &st) != 0 || !image_file_is_safe(&st)) {
		fd_close(&fd);
		errno = EPERM;
	}
	return fd;
}

/* A lock that was pruned away between our open and our lock is nobody's. */
static bool
is_still_there(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

int
image_lock(int dir, const char *name, int tries)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };
	int fd;

	for (;;) {
		fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC |
		    O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			if (is_still_there(fd))
				return fd;
		} else if (errno != EWOULDBLOCK || tries-- <= 0) {
			fd_close(&fd);
			return -1;
		} else {
			(void)nanosleep(&pause, NULL);
		}
		fd_close(&fd);
	}
}

static int
lock_config(int dir, const char *config_path, int tries)
{
	char name[IMAGE_NAME_MAX_BYTES];

	image_name(config_path, ".lock", name);
	return image_lock(dir, name, tries);
}

/* The secret of the image that is there, or the first. */
static bool
keep_secret(int dir, const char *name, struct span first,
    uint8_t out[static IMAGE_SECRET_BYTES])
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY);
	bool kept = fd >= 0 && image_tail_read(fd, out);

	fd_close(&fd);
	if (!kept && first.len == IMAGE_SECRET_BYTES) {
		memcpy(out, first.p, IMAGE_SECRET_BYTES);
		return true;
	}
	return kept || random_bytes(out, IMAGE_SECRET_BYTES);
}

/* malloc(3)ed; its size is found by trying. */
static bool
make_body(const struct image_content *content, struct span *out)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room;
	struct timespec now;
	struct sink sink;
	uint8_t *p;

	clock_gettime(CLOCK_REALTIME, &now);
	for (room = BODY_FIRST_BYTES; room <= IMAGE_MAX_BYTES; room *= 2) {
		p = malloc(room);
		if (p == NULL)
			return false;
		sink = sink_of(p, room);
		image_put(content, (int64_t)now.tv_sec * 1000000000 +
		    now.tv_nsec, page, &sink);
		if (sink_ok(&sink)) {
			*out = sink_span(&sink);
			return true;
		}
		free(p);
	}
	errno = EFBIG;
	return false;
}

static bool
write_file(int fd, struct span body,
    const uint8_t secret[static IMAGE_SECRET_BYTES])
{
	uint64_t sum = image_checksum(span(secret, IMAGE_SECRET_BYTES));

	return fchmod(fd, FILE_MODE) == 0 &&
	    fd_write_all(fd, body.p, body.len) &&
	    fd_write_all(fd, secret, IMAGE_SECRET_BYTES) &&
	    fd_write_all(fd, &sum, sizeof(sum)) && fsync(fd) == 0;
}

static bool
replace(int dir, const struct image_content *content, struct span body)
{
	char name[IMAGE_NAME_MAX_BYTES], fresh[IMAGE_NAME_MAX_BYTES];
	uint8_t secret[IMAGE_SECRET_BYTES];
	bool good = false;
	int fd, saved;

	image_name(content->config_path, ".image", name);
	image_name(content->config_path, ".new", fresh);
	if (!keep_secret(dir, name, content->secret, secret))
		return false;
	/* Of a writer that was killed: the lock is ours, so it is dead. */
	(void)unlinkat(dir, fresh, 0);
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    FILE_MODE);
	if (fd >= 0) {
		good = write_file(fd, body, secret) &&
		    renameat(dir, fresh, dir, name) == 0 &&
		    (fsync(dir) == 0 || errno == EINVAL);
		saved = errno;
		if (!good)
			(void)unlinkat(dir, fresh, 0);
		fd_close(&fd);
		errno = saved;
	}
	secret_wipe(secret, sizeof(secret));
	return good;
}

bool
image_store(const char *dir, const struct image_content *content, bool wait)
{
	int dir_fd = open_directory(dir), lock = -1, saved;
	struct span body = { 0 };
	bool good = false;

	if (dir_fd < 0)
		return false;
	lock = lock_config(dir_fd, content->config_path,
	    wait ? LOCK_TRIES_COUNT : 0);
	if (lock < 0)
		goto out;
	good = stamps_hold(content->stamps);
	if (!good)
		errno = ESTALE;
	good = good && make_body(content, &body) &&
	    replace(dir_fd, content, body);
	/* The next mistake is a new one, even if it is the same. */
	if (good)
		(void)!ftruncate(lock, 0);
	if (good)
		image_prune(dir, dir_fd);
out:
	saved = errno;
	free((void *)(uintptr_t)body.p);
	fd_close(&lock);
	fd_close(&dir_fd);
	errno = saved;
	return good;
}

bool
image_remember(const char *dir, const char *config_path, uint64_t digest,
    bool *first)
{
	int dir_fd = open_directory(dir), lock = -1;
	uint64_t told = 0;
	bool kept = false;

	*first = true;
	if (dir_fd >= 0)
		lock = lock_config(dir_fd, config_path, 0);
	if (lock >= 0) {
		*first = pread(lock, &told, sizeof(told), 0) !=
		    sizeof(told) || told != digest;
		kept = !*first || pwrite(lock, &digest, sizeof(digest), 0) ==
		    sizeof(digest);
	} else if (dir_fd >= 0 && errno == EWOULDBLOCK) {
		/* Whoever holds it is about to tell, or has good news. */
		*first = false;
		kept = true;
	}
	fd_close(&lock);
	fd_close(&dir_fd);
	return kept;
}
