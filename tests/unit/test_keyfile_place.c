/*
 * Tests of keygen-helper/place.h: files appear whole, with their mode, and
 * never replace one.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "keygen-helper/place.h"

static char dir[] = "place-test-XXXXXX";

static void
assert_content(const char *name, const char *want)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t len;

	assert_true(fd >= 0);
	assert_true(fd_read_all(fd, 4096, &text, &len));
	assert_string_equal(text, want);
	free(text);
	close(fd);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(name, &st), 0);
	assert_int_equal(st.st_nlink, 1);
	return st.st_mode & 07777;
}

static void
appears_with_its_mode(void **state)
{
	mode_t before = umask(0277);

	(void)state;
	assert_int_equal(place_file("a", S("one\n"), 0600), PLACE_DONE);
	umask(0);
	assert_int_equal(place_file("b", S("two\n"), 0644), PLACE_DONE);
	assert_int_equal(place_file("empty", S(""), 0600), PLACE_DONE);
	umask(before);
	assert_int_equal(mode_of("a"), 0600);
	assert_int_equal(mode_of("b"), 0644);
	assert_content("a", "one\n");
	assert_content("b", "two\n");
	assert_content("empty", "");
	assert_true(place_sync());
}

/* A file, a directory, a link to nowhere: whatever has the name keeps it. */
static void
never_replaces(void **state)
{
	char link[16];

	(void)state;
	assert_int_equal(place_file("taken", S("first"), 0600), PLACE_DONE);
	assert_int_equal(place_file("taken", S("second"), 0644),
	    PLACE_EXISTS);
	assert_content("taken", "first");
	assert_int_equal(mode_of("taken"), 0600);
	assert_int_equal(mkdir("taken-dir", 0700), 0);
	assert_int_equal(place_file("taken-dir", S("x"), 0600), PLACE_EXISTS);
	assert_int_equal(symlink("nowhere", "taken-link"), 0);
	assert_int_equal(place_file("taken-link", S("x"), 0600),
	    PLACE_EXISTS);
	assert_int_equal(readlink("taken-link", link, sizeof(link)), 7);
	assert_int_equal(access("nowhere", F_OK), -1);
}

static void
says_why_not(void **state)
{
	(void)state;
	assert_int_equal(place_file("no-such-dir/name", S("x"), 0600),
	    PLACE_FAILED);
	assert_int_equal(errno, ENOENT);
}

/* What a killed run left goes, what a live one holds stays. */
static void
cleans_up(void **state)
{
	const char *dead = ".sshd-conn-keygen.0000000000000001";
	const char *live = ".sshd-conn-keygen.0000000000000002";
	int fd;

	(void)state;
	close(open(dead, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	fd = open(live, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(place_file("kept", S("x"), 0600), PLACE_DONE);
	place_clean();
	assert_int_equal(access(dead, F_OK), -1);
	assert_int_equal(access(live, F_OK), 0);
	close(fd);
	place_clean();
	assert_int_equal(access(live, F_OK), -1);
	assert_content("kept", "x");
}

static int
start(void **state)
{
	(void)state;
	return mkdtemp(dir) != NULL && chdir(dir) == 0 ? 0 : -1;
}

static int
stop(void **state)
{
	static const char *const names[] = { "a", "b", "empty", "kept",
		"taken", "taken-link" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(names[i]);
	(void)rmdir("taken-dir");
	return chdir("..") == 0 && rmdir(dir) == 0 ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appears_with_its_mode),
		cmocka_unit_test(never_replaces),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(cleans_up),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
