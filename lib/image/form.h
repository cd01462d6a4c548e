/*
 * form: the bytes of an image, written and read.  Pure layer.
 */
#ifndef SSHD_CONN_IMAGE_FORM_H
#define SSHD_CONN_IMAGE_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"
#include "base/sysdef.h"
#include "image/stamp.h"

#define IMAGE_LAYOUT_VERSION	2
#define IMAGE_MAX_BYTES		((size_t)64 << 20)

/*
 * A file that a connection would read otherwise, and what it would make of
 * it: the public blob of a host key (empty: no such file), of a certificate, a
 * banner's text, packed moduli.
 */
struct image_file {
	const char *path;
	struct span bytes;
};

/* What goes into an image. */
struct image_content {
	const char *config_path;	/* absolute; of -f */
	const char *directory;		/* NULL: the same from everywhere */
	const struct stamps *stamps;
	const struct image_file *files;
	size_t file_count;
	struct span secret;		/* when there is none; empty: random */
	struct span config;		/* config_pack() */
	uint64_t tag;			/* config_pack_tag() */
};

/* What was read; all of it borrows from the bytes. */
struct image_parts {
	uint64_t tag;
	int64_t made_ns;		/* CLOCK_REALTIME */
	const char *program;		/* version of who made it */
	const char *config_path;
	const char *directory;		/* NULL: the same from everywhere */
	uint32_t stamp_count;
	struct cursor stamps;		/* for image_next_stamp() */
	uint32_t file_count;
	struct cursor files;		/* for image_next_file() */
	struct span config;
};

enum image_err {
	IMAGE_OK,
	IMAGE_MISSING,
	IMAGE_SYSTEM,		/* errno says */
	IMAGE_UNSAFE,		/* somebody else could have written it */
	IMAGE_DAMAGED,
	IMAGE_OTHER_VERSION,	/* another program's, or another build's */
	IMAGE_OTHER_FILE,	/* of another configuration */
};
const char *image_strerror(enum image_err err);

/*
 * image_put - the body of an image
 *
 *	byte[8]	magic
 *	uint32	layout version
 *	uint64	length of the body, a multiple of page_bytes
 *	uint64	checksum of all that follows
 *	uint64	tag
 *	uint64	when it was made, ns
 *	string	program version		(these four end in a NUL)
 *	string	path of the configuration
 *	string	directory that relative paths started in, or empty
 *	uint32	number of stamps, then each
 *		string path, boolean present,
 *		uint64 device, inode, bytes, mtime ns, ctime ns
 *	uint32	number of files, then each
 *		string path, string bytes
 *	string	packed configuration
 *	byte[]	zeroes up to the length
 *
 * Whether it all fit, the sink says.
 */
void image_put(const struct image_content *content, int64_t made_ns,
    size_t page_bytes, struct sink *out);

/*
 * image_get - read a body, all of it checked but for the packed configuration
 *
 * Trust: none in the bytes.  *out is all zero unless IMAGE_OK.
 */
enum image_err image_get(struct span body, struct image_parts *out) MUST_USE;

/*
 * image_next_stamp, image_next_file - take the next one off a copy of the
 * cursor; false after the last
 */
bool image_next_stamp(struct cursor *c, const char **path,
    struct stamp *stamp);
bool image_next_file(struct cursor *c, struct image_file *file);

#endif
