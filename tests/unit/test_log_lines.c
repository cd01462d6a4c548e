/*
 * Tests of run/log.h: one line a call, whatever is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/fd.h"
#include "run/log.h"
#include "unit.h"

static char path[] = "/tmp/sshd-conn-log.XXXXXX";

static int
set_up(void **state)
{
	int fd;

	(void)state;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	return log_open(LOG_TO_FILE, path, LOG_LEVEL_VERBOSE, LOG_AUTH) ? 0
									: -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static char *
log_text(void)
{
	int fd = open(path, O_RDONLY);
	char *text;
	size_t len;

	assert_true(fd_read_all(fd, 1 << 20, &text, &len));
	close(fd);
	return text;
}

static void
expect(const char *want)
{
	char *text = log_text();

	assert_string_equal(text, want);
	free(text);
	assert_int_equal(truncate(path, 0), 0);
}

static void
test_prefixes(void **state)
{
	(void)state;
	log_line(LOG_LEVEL_INFO, false, "a %d", 1);
	expect("a 1\n");
	log_line(LOG_LEVEL_VERBOSE, true, "a");
	expect("a [preauth]\n");
	log_line(LOG_LEVEL_ERROR, true, "a");
	expect("error: a [preauth]\n");
	log_line(LOG_LEVEL_FATAL, false, "a");
	expect("fatal: a\n");
}

static void
test_levels(void **state)
{
	(void)state;
	log_line(LOG_LEVEL_DEBUG1, false, "no");
	log_line(LOG_LEVEL_QUIET, false, "never");
	expect("");
	assert_false(log_wanted(LOG_LEVEL_DEBUG1));
	log_set_level(LOG_LEVEL_DEBUG2);
	log_line(LOG_LEVEL_DEBUG2, false, "yes");
	log_line(LOG_LEVEL_DEBUG3, false, "no");
	expect("debug2: yes\n");
	log_set_level(LOG_LEVEL_QUIET);
	log_line(LOG_LEVEL_FATAL, false, "no");
	expect("");
}

static void
test_one_line(void **state)
{
	(void)state;
	log_line(LOG_LEVEL_INFO, false, "a\nb\x1b[2J\x7f\t%s", "%n\r");
	expect("a\\012b\\033[2J\\177\\011%n\\015\n");
}

static void
test_cut(void **state)
{
	char big[5000], *text;

	(void)state;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	for (size_t n = 1000; n < 1050; n++) {
		log_line(LOG_LEVEL_ERROR, true, "%.*s", (int)n, big);
		text = log_text();
		assert_true(strlen(text) <= 1024);
		assert_non_null(strstr(text, "x [preauth]\n"));
		free(text);
		assert_int_equal(truncate(path, 0), 0);
	}
	memset(big, '\n', sizeof big - 1);
	log_line(LOG_LEVEL_INFO, false, "%s", big);
	text = log_text();
	assert_true(strlen(text) <= 1024);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

static void
test_errno_is_kept(void **state)
{
	(void)state;
	errno = ENOTTY;
	log_line(LOG_LEVEL_INFO, false, "a");
	assert_int_equal(errno, ENOTTY);
	assert_true(log_open(LOG_TO_SYSLOG, NULL, LOG_LEVEL_QUIET, LOG_AUTH));
	errno = ENOTTY;
	log_line(LOG_LEVEL_INFO, false, "a");
	assert_int_equal(errno, ENOTTY);
}

/* inetd: fd 2 is the connection. */
static void
test_forbidden_stderr(void **state)
{
	int keep = dup(2), out = open(path, O_WRONLY | O_APPEND);

	(void)state;
	assert_true(log_open(LOG_TO_STDERR, NULL, LOG_LEVEL_INFO, LOG_AUTH));
	assert_int_equal(dup2(out, 2), 2);
	log_line(LOG_LEVEL_INFO, false, "seen");
	log_forbid_stderr();
	log_line(LOG_LEVEL_INFO, false, "not seen");
	dup2(keep, 2);
	close(keep);
	close(out);
	expect("seen\n");
}

/* What a signal handler says later; at level QUIET, nothing. */
static void
test_prepared(void **state)
{
	(void)state;
	log_say_prepared();
	log_prepare(NULL, LOG_LEVEL_FATAL, 5, "a %s", "b\n");
	expect("");
	log_line(LOG_LEVEL_INFO, false, "another");
	log_say_prepared();
	expect("another\nfatal: a b\\012\n");
	log_prepare(NULL, LOG_LEVEL_DEBUG1, 5, "not wanted");
	log_say_prepared();
	log_prepare(NULL, LOG_LEVEL_ERROR, 5, "a");
	log_set_level(LOG_LEVEL_QUIET);
	log_say_prepared();
	expect("");
	log_set_level(LOG_LEVEL_ERROR);
	log_say_prepared();
	expect("error: a\n");
}

static void
test_file_cannot_be_opened(void **state)
{
	(void)state;
	assert_false(log_open(LOG_TO_FILE, "/nonexistent/log",
	    LOG_LEVEL_INFO, LOG_AUTH));
	log_line(LOG_LEVEL_INFO, false, "nowhere");
}

#define WITH_FILE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(test_prefixes),
		WITH_FILE(test_levels),
		WITH_FILE(test_one_line),
		WITH_FILE(test_cut),
		WITH_FILE(test_errno_is_kept),
		WITH_FILE(test_file_cannot_be_opened),
		WITH_FILE(test_forbidden_stderr),
		WITH_FILE(test_prepared),
	};

	return cmocka_run_group_tests_name("log_lines", tests, NULL, NULL);
}
