/*
 * stamp: notes of files.  Pure layer but for stat(2); keygen and main.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "image/checksum.h"
#include "image/stamp.h"

/* More than a tick (4 ms, 10 on slow kernels) and than an editor's write. */
#define SETTLE_NS	(20 * INT64_C(1000000))
#define NS_A_SEC	INT64_C(1000000000)

/* Nobody includes so many files; an image has an end. */
#define STAMPS_MAX_COUNT 4096

static int64_t
to_ns(struct timespec t)
{
	return (int64_t)t.tv_sec * NS_A_SEC + t.tv_nsec;
}

struct stamp
stamp_now(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct stamp){ 0 };
	return (struct stamp){
		.present = true,
		.device = st.st_dev,
		.inode = st.st_ino,
		.bytes = (uint64_t)st.st_size,
		.mtime_ns = to_ns(st.st_mtim),
		.ctime_ns = to_ns(st.st_ctim),
	};
}

bool
stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->present == b->present && a->device == b->device &&
	    a->inode == b->inode && a->bytes == b->bytes &&
	    a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

static char *
absolute(const char *path)
{
	char cwd[PATH_MAX], *out;

	if (path[0] == '/')
		return strdup(path);
	if (getcwd(cwd, sizeof(cwd)) == NULL ||
	    asprintf(&out, "%s/%s", cwd, path) < 0)
		return NULL;
	return out;
}

static bool
make_room(struct stamps *stamps)
{
	size_t room = stamps->room == 0 ? 16 : stamps->room * 2;
	struct stamped *v;

	if (stamps->n < stamps->room)
		return true;
	if (room > STAMPS_MAX_COUNT)
		return false;
	v = reallocarray(stamps->v, room, sizeof(*v));
	if (v == NULL)
		return false;
	stamps->v = v;
	stamps->room = room;
	return true;
}

void
stamps_add(struct stamps *stamps, const char *path)
{
	char *copy = absolute(path);
	size_t i;

	if (copy == NULL || !make_room(stamps)) {
		stamps->failed = true;
		free(copy);
		return;
	}
	for (i = 0; i < stamps->n; i++) {
		if (strcmp(stamps->v[i].path, copy) == 0) {
			free(copy);
			return;
		}
	}
	stamps->v[stamps->n++] = (struct stamped){ copy, stamp_now(copy) };
}

void
stamps_free(struct stamps *stamps)
{
	size_t i;

	for (i = 0; i < stamps->n; i++)
		free(stamps->v[i].path);
	free(stamps->v);
	*stamps = (struct stamps){ 0 };
}

bool
stamps_hold(const struct stamps *stamps)
{
	size_t i;

	for (i = 0; i < stamps->n; i++) {
		struct stamp now = stamp_now(stamps->v[i].path);

		if (!stamp_equal(&now, &stamps->v[i].stamp))
			return false;
	}
	return !stamps->failed;
}

int64_t
stamps_settle_ns(const struct stamps *stamps)
{
	int64_t longest = 0, now;
	struct timespec t;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &t);
	now = to_ns(t);
	for (i = 0; i < stamps->n; i++) {
		int64_t wait = stamps->v[i].stamp.ctime_ns + SETTLE_NS - now;

		if (wait > longest && wait <= SETTLE_NS)
			longest = wait;
	}
	return longest;
}

uint64_t
stamps_digest(const struct stamps *stamps)
{
	uint64_t digest = stamps->n;
	size_t i;

	for (i = 0; i < stamps->n; i++) {
		const struct stamped *one = &stamps->v[i];
		const uint64_t row[] = {
			digest, image_checksum(span_str(one->path)),
			one->stamp.present, one->stamp.device,
			one->stamp.inode, one->stamp.bytes,
			(uint64_t)one->stamp.mtime_ns,
			(uint64_t)one->stamp.ctime_ns,
		};

		digest = image_checksum(span(row, sizeof(row)));
	}
	return digest;
}
