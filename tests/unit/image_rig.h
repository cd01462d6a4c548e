/*
 * image_rig: a directory for the tests of lib/image, and files in it.  Test
 * programs only.
 */
#ifndef SSHD_CONN_TESTS_UNIT_IMAGE_RIG_H
#define SSHD_CONN_TESTS_UNIT_IMAGE_RIG_H

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/algorithms.h"
#include "config/config.h"

static char rig_dir[PATH_MAX];

static inline const char *
rig_path(const char *name)
{
	static char path[8][PATH_MAX];
	static int turn;
	char *out = path[turn++ % 8];

	snprintf(out, PATH_MAX, "%.64s/%.400s", rig_dir, name);
	return out;
}

/* Truncated and written in place, as "cat >" does. */
static inline void
rig_write(const char *name, const void *p, size_t n)
{
	int fd = open(rig_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

static inline void
rig_text(const char *name, const char *text)
{
	rig_write(name, text, strlen(text));
}

static inline size_t
rig_read(const char *path, void *out, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, out, size);
	assert_true(n >= 0);
	close(fd);
	return (size_t)n;
}

static inline void
rig_sleep_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static inline int
rig_make(void **state)
{
	static const struct config_algorithms none;
	char name[] = "/tmp/image-test-XXXXXX";

	(void)state;
	if (mkdtemp(name) == NULL || realpath(name, rig_dir) == NULL)
		return -1;
	config_set_algorithms(&none);
	setenv("STATE_DIRECTORY", rig_path("state"), 1);
	setenv("RUNTIME_DIRECTORY", rig_path("run"), 1);
	return 0;
}

static inline int
rig_remove(void **state)
{
	char command[PATH_MAX + 16];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", rig_dir);
	return system(command);
}

#endif
