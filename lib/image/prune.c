/*
 * prune: keep the number of images bounded.  Keygen, and main of a connection
 * that has stored one.
 *
 * Must never remove what a wrong text needs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "image/internal.h"

#define IMAGE_SUFFIX ".image"

enum worth {
	WORTH_NOTHING,		/* nobody can use it */
	WORTH_LITTLE,		/* its text makes it again */
	WORTH_KEEPING,
};

struct candidate {
	char name[IMAGE_NAME_MAX_BYTES];
	enum worth worth;
	int64_t made_ns;
};

static bool
is_image_name(const char *name)
{
	size_t n = strlen(name), suffix = strlen(IMAGE_SUFFIX);

	return n > suffix && n < IMAGE_NAME_MAX_BYTES &&
	    strcmp(name + n - suffix, IMAGE_SUFFIX) == 0;
}

static int
is_image(const struct dirent *entry)
{
	return is_image_name(entry->d_name);
}

static void
judge(const char *dir, struct candidate *c)
{
	char file[PATH_MAX];
	struct image *image;
	enum image_err err = IMAGE_SYSTEM;
	int n = snprintf(file, sizeof(file), "%s/%s", dir, c->name);

	c->worth = WORTH_KEEPING;
	if (n > 0 && (size_t)n < sizeof(file))
		err = image_load(file, &image);
	if (err == IMAGE_DAMAGED || err == IMAGE_OTHER_VERSION)
		c->worth = WORTH_NOTHING;
	if (err != IMAGE_OK)
		return;
	c->made_ns = image->parts.made_ns;
	if (access(image->parts.config_path, F_OK) != 0 && errno == ENOENT)
		c->worth = WORTH_NOTHING;
	else if (image_fresh(image))
		c->worth = WORTH_LITTLE;
	image_close(image);
}

static int
least_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->worth != y->worth)
		return x->worth < y->worth ? -1 : 1;
	return (x->made_ns > y->made_ns) - (x->made_ns < y->made_ns);
}

/* "NAME.image" to "NAME.lock" and kin. */
static void
sibling(const char *name, const char *suffix,
    char out[static IMAGE_NAME_MAX_BYTES])
{
	snprintf(out, IMAGE_NAME_MAX_BYTES, "%.*s%s",
	    (int)(strlen(name) - strlen(IMAGE_SUFFIX)), name, suffix);
}

/*
 * The lock goes last: until then nobody makes the image anew.  Somebody may
 * have done so since it was judged.
 */
static bool
remove_one(const char *dir, int dir_fd, struct candidate *c)
{
	const char *name = c->name;
	char lock_name[IMAGE_NAME_MAX_BYTES], fresh[IMAGE_NAME_MAX_BYTES];
	int lock;

	sibling(name, ".lock", lock_name);
	sibling(name, ".new", fresh);
	lock = image_lock(dir_fd, lock_name, 0);
	if (lock < 0)
		return false;
	judge(dir, c);
	if (c->worth != WORTH_KEEPING) {
		(void)unlinkat(dir_fd, fresh, 0);
		(void)unlinkat(dir_fd, name, 0);
		(void)unlinkat(dir_fd, lock_name, 0);
	}
	fd_close(&lock);
	return c->worth != WORTH_KEEPING;
}

void
image_prune(const char *dir, int dir_fd)
{
	struct dirent **found;
	struct candidate *all;
	int i, n, left;

	n = scandirat(dir_fd, ".", &found, is_image, NULL);
	if (n < 0)
		return;
	left = n;
	all = n > IMAGES_MAX_COUNT ? calloc((size_t)n, sizeof(*all)) : NULL;
	for (i = 0; i < n; i++) {
		if (all != NULL) {
			memcpy(all[i].name, found[i]->d_name,
			    strlen(found[i]->d_name));
			judge(dir, &all[i]);
		}
		free(found[i]);
	}
	free(found);
	if (all != NULL)
		qsort(all, (size_t)n, sizeof(*all), least_first);
	for (i = 0; all != NULL && i < n && left > IMAGES_MAX_COUNT; i++) {
		if (all[i].worth != WORTH_KEEPING &&
		    remove_one(dir, dir_fd, &all[i]))
			left--;
	}
	free(all);
}
