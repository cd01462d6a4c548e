/*
 * open: take an image and ask it.  Keygen, and main of every connection.
 *
 * Must never write.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "config/pack.h"
#include "image/image.h"
#include "image/internal.h"

#define COPY_MAX_BYTES ((size_t)16 << 10)

bool
image_file_is_safe(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) &&
	    (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/*
 * A short body is copied: that is quicker than a mapping, and does not break
 * under a connection when somebody truncates the file.  The tail stays out of
 * either: a body ends where a page does.
 */
static bool
take_body(int fd, struct image *image)
{
	ssize_t got = 0;

	if (image->bytes > COPY_MAX_BYTES) {
		image->body = mmap(NULL, image->bytes, PROT_READ,
		    MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (image->body == MAP_FAILED)
			image->body = NULL;
		image->mapped = image->body != NULL;
		return image->mapped;
	}
	image->body = malloc(image->bytes);
	if (image->body != NULL)
		got = pread(fd, image->body, image->bytes, 0);
	/* Cut meanwhile: the rest is zero, and the checksum says so. */
	if (got >= 0 && (size_t)got < image->bytes && image->body != NULL)
		memset((uint8_t *)image->body + got, 0,
		    image->bytes - (size_t)got);
	return image->body != NULL && got >= 0;
}

static enum image_err
read_file(int fd, struct image *image)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return IMAGE_SYSTEM;
	if (!S_ISREG(st.st_mode) || !image_file_is_safe(&st))
		return IMAGE_UNSAFE;
	if (st.st_size <= IMAGE_TAIL_BYTES ||
	    (uint64_t)st.st_size > IMAGE_MAX_BYTES)
		return IMAGE_DAMAGED;
	image->bytes = (size_t)st.st_size - IMAGE_TAIL_BYTES;
	if (!take_body(fd, image))
		return IMAGE_SYSTEM;
	return image_get(span(image->body, image->bytes), &image->parts);
}

static enum image_err
open_file(struct image *image)
{
	int fd = open(image->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY);
	enum image_err err;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? IMAGE_MISSING :
		    errno == ELOOP ? IMAGE_UNSAFE : IMAGE_SYSTEM;
	err = read_file(fd, image);
	fd_close(&fd);
	if (err != IMAGE_OK)
		return err;
	if (strcmp(image->parts.program, PACKAGE_VERSION) != 0 ||
	    image->parts.tag != config_pack_tag())
		return IMAGE_OTHER_VERSION;
	return IMAGE_OK;
}

enum image_err
image_load(const char *file, struct image **out)
{
	struct image *image = calloc(1, sizeof(*image));
	enum image_err err = IMAGE_SYSTEM;

	*out = NULL;
	if (image != NULL)
		image->file = strdup(file);
	if (image != NULL && image->file != NULL)
		err = open_file(image);
	if (err == IMAGE_OK)
		*out = image;
	else
		image_close(image);
	return err;
}

enum image_err
image_open(const char *dir, const char *config_path, struct image **out)
{
	char name[IMAGE_NAME_MAX_BYTES], file[PATH_MAX];
	enum image_err err = IMAGE_MISSING;
	int n;

	*out = NULL;
	image_name(config_path, ".image", name);
	n = snprintf(file, sizeof(file), "%s/%s", dir, name);
	if (n > 0 && (size_t)n < sizeof(file))
		err = image_load(file, out);
	if (err == IMAGE_OK &&
	    strcmp((*out)->parts.config_path, config_path) != 0) {
		image_close(*out);
		*out = NULL;
		err = IMAGE_OTHER_FILE;
	}
	return err;
}

void
image_close(struct image *image)
{
	if (image == NULL)
		return;
	if (image->mapped)
		(void)munmap(image->body, image->bytes);
	else
		free(image->body);
	free(image->file);
	free(image);
}

bool
image_fresh(const struct image *image)
{
	struct cursor c = image->parts.stamps;
	struct stamp then, now;
	char cwd[PATH_MAX];
	const char *path;

	if (image->parts.directory != NULL &&
	    (getcwd(cwd, sizeof(cwd)) == NULL ||
	    strcmp(cwd, image->parts.directory) != 0))
		return false;
	while (image_next_stamp(&c, &path, &then)) {
		now = stamp_now(path);
		if (!stamp_equal(&now, &then))
			return false;
	}
	return true;
}

struct config *
image_config(const struct image *image)
{
	return config_unpack(image->parts.config);
}

bool
image_find_file(const struct image *image, const char *path,
    struct span *bytes)
{
	struct cursor c = image->parts.files;
	struct image_file file;

	while (image_next_file(&c, &file)) {
		if (strcmp(file.path, path) == 0) {
			*bytes = file.bytes;
			return true;
		}
	}
	*bytes = span(NULL, 0);
	return false;
}
