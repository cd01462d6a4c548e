/*
 * stamp: what stat(2) says of a file that something was made from.
 *
 * Pure layer but for stat(2).  A file that is written, replaced, renamed,
 * removed or put there changes its stamp; the change time cannot be set back
 * by cp -p or touch.
 */
#ifndef SSHD_CONN_IMAGE_STAMP_H
#define SSHD_CONN_IMAGE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sysdef.h"

struct stamp {
	bool present;		/* all zero if it is not there */
	uint64_t device, inode, bytes;
	int64_t mtime_ns, ctime_ns;
};

struct stamped {
	char *path;		/* absolute */
	struct stamp stamp;
};

/* A list that grows; start with all zero. */
struct stamps {
	struct stamped *v;
	size_t n, room;
	bool failed;		/* sticky: some path is not in the list */
};

struct stamp stamp_now(const char *path);
bool stamp_equal(const struct stamp *a, const struct stamp *b);

/*
 * stamps_add - note path as it is now, before it is read
 *
 * A path that is there already keeps its first stamp.  A relative one is
 * made absolute.
 */
void stamps_add(struct stamps *stamps, const char *path);
void stamps_free(struct stamps *stamps);

/* Is every file as it was when it was added? */
bool stamps_hold(const struct stamps *stamps) MUST_USE;

/*
 * stamps_settle_ns - how long to wait until a change could not hide
 *
 * Two writes in the same tick of the file system's clock leave the same
 * times, and a file that was truncated a moment ago is about to be written.
 * 0 when the last change is long enough ago, or in the future.
 */
int64_t stamps_settle_ns(const struct stamps *stamps);

/* A number for this state of these files. */
uint64_t stamps_digest(const struct stamps *stamps);

#endif
