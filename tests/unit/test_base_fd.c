/*
 * Tests of base/fd.h and base/secret.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"
#include "unit.h"

static void
flags_go_on_and_off(void **state)
{
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_true(fd_set_nonblock(p[0], true));
	assert_true(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	assert_true(fd_set_nonblock(p[0], false));
	assert_false(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	errno = E2BIG;
	fd_close(&p[0]);
	assert_int_equal(p[0], -1);
	fd_close(&p[0]);
	assert_int_equal(errno, E2BIG);
	assert_false(fd_set_nonblock(-1, true));
	fd_close(&p[1]);
}

static void
files_are_read_whole(void **state)
{
	char name[] = "/tmp/test_base_fd.XXXXXX", data[10000], *got;
	int fd = mkstemp(name);
	size_t len;

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	memset(data, 'd', sizeof data);
	assert_true(fd_write_all(fd, data, sizeof data));
	lseek(fd, 0, SEEK_SET);
	assert_true(fd_read_all(fd, sizeof data, &got, &len));
	assert_int_equal(len, sizeof data);
	assert_memory_equal(got, data, len);
	assert_int_equal(got[len], 0);
	free(got);
	lseek(fd, 0, SEEK_SET);
	assert_false(fd_read_all(fd, sizeof data - 1, &got, &len));
	assert_int_equal(errno, EFBIG);
	assert_null(got);
	assert_int_equal(len, 0);
	assert_true(fd_read_all(fd, 0, &got, &len));	/* at its end now */
	assert_int_equal(len, 0);
	free(got);
	close(fd);
	assert_false(fd_read_all(fd, 1, &got, &len));
	assert_null(got);
	assert_false(fd_write_all(fd, "x", 1));
}

/*
 * Where a key may be what was read: its owner wipes the copy that it gets,
 * and there must be no other.
 */
static void
no_copy_stays_behind(void **state)
{
	char name[] = "/tmp/test_base_fd.XXXXXX", data[6000], *got;
	int fd = mkstemp(name), mem = open("/proc/self/mem", O_RDONLY);
	char *walls[8], seen[64] = { 0 };
	size_t len, n = 0;
	volatile uintptr_t at;	/* not a pointer any more, once it is free */

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	memset(data, 'd', sizeof data);
	assert_true(fd_write_all(fd, data, sizeof data));
	lseek(fd, 0, SEEK_SET);
	/* Its first place has walls, so that it cannot grow there. */
	for (size_t i = 0; i < ARRAY_LEN(walls); i++)
		walls[i] = malloc(4097);
	at = (uintptr_t)walls[6];
	free(walls[6]);
	walls[6] = NULL;
	assert_true(fd_read_all(fd, sizeof data, &got, &len));
	assert_int_equal(pread(mem, seen, sizeof seen, (off_t)at + 2000),
	    sizeof seen);
	for (size_t i = 0; i < sizeof seen; i++)
		n += seen[i] == 'd';
	assert_true(n < sizeof seen || (uintptr_t)got == at);
	free(got);
	for (size_t i = 0; i < ARRAY_LEN(walls); i++)
		free(walls[i]);
	close(mem);
	close(fd);
}

static void
same_file_is_seen(void **state)
{
	int p[2], copy;

	(void)state;
	assert_int_equal(pipe(p), 0);
	copy = dup(p[0]);
	assert_true(fd_same_file(p[0], copy));
	close(copy);
	assert_false(fd_same_file(p[0], copy));
	copy = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_false(fd_same_file(p[0], copy));
	close(copy);
	close(p[0]);
	close(p[1]);
}

static void
secrets_are_wiped_and_compared(void **state)
{
	uint8_t a[32], b[32], zero[32] = { 0 };

	(void)state;
	assert_true(random_bytes(a, sizeof a));
	assert_memory_not_equal(a, zero, sizeof a);
	memcpy(b, a, sizeof b);
	assert_true(secret_equal(a, b, sizeof a));
	for (size_t i = 0; i < sizeof b; i++) {
		b[i] ^= 0x80;
		assert_false(secret_equal(a, b, sizeof a));
		b[i] ^= 0x80;
	}
	assert_true(secret_equal(a, b, 0));
	secret_wipe(a, sizeof a);
	assert_memory_equal(a, zero, sizeof a);
	secret_wipe(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_go_on_and_off),
		cmocka_unit_test(files_are_read_whole),
		cmocka_unit_test(no_copy_stays_behind),
		cmocka_unit_test(same_file_is_seen),
		cmocka_unit_test(secrets_are_wiped_and_compared),
	};

	return cmocka_run_group_tests_name("base_fd", tests, NULL, NULL);
}
