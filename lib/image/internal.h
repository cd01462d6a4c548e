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

/* The secret of an open image file; zeroes and false if it is damaged. */
bool image_tail_read(int fd, uint8_t out[static IMAGE_SECRET_BYTES]) MUST_USE;

#endif
