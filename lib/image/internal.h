/*
 * internal: what reading and writing an image's file share.
 *
 * The file is the body (form.h) and, on a page of its own, the timing secret
 * with its checksum.
 */
#ifndef SSHD_CONN_IMAGE_INTERNAL_H
#define SSHD_CONN_IMAGE_INTERNAL_H

#include <sys/stat.h>

#include "image/image.h"

#define IMAGE_TAIL_BYTES	(IMAGE_SECRET_BYTES + 8)

/* Root's or our own, and nobody else may write it. */
bool image_file_is_safe(const struct stat *st);

/*
 * image_load - the image in this file, of whatever configuration
 *
 * As image_open(), which looks at the configuration as well.
 */
enum image_err image_load(const char *file, struct image **out) MUST_USE;

/*
 * image_lock - the lock of this name in dir
 *
 * It dies with its holder, however that ends.  tries: for a lock that is
 * held.  -1: errno says.
 */
int image_lock(int dir, const char *name, int tries) MUST_USE;

/* Of a directory with more images than this some are removed. */
#define IMAGES_MAX_COUNT 64

/*
 * image_prune - remove images that are no loss, after one was stored
 *
 * Of more than IMAGES_MAX_COUNT first those that no server can use any more
 * (damaged, of another version, of a configuration that is gone), then, the
 * oldest first, fresh ones: their text makes them again.  One that is not
 * fresh stays: it is what serves while its text is wrong.  A connection that
 * has one open has a copy or a mapping of it, which stays; one that is about
 * to open it reads the text.  Images whose lock is held are left alone.
 */
void image_prune(const char *dir, int dir_fd);

/* The secret of an open image file; zeroes and false if it is damaged. */
bool image_tail_read(int fd, uint8_t out[static IMAGE_SECRET_BYTES]) MUST_USE;

#endif
