/*
 * Tests of the keys role's files: lines by table, files on disk, modes on the
 * way to them, names with tokens and wildcards.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "keys/internal.h"
#include "keys_log.h"
#include "unit.h"

/* Both are blobs as far as this layer looks: bytes. */
#define BLOB	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ" \
	"GhscHR4f"
#define OTHER	"AAAAC3NzaC1lZDI1NTE5AAAAIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ" \
	"GhscHR4f"
#define KEY	"ssh-ed25519 " BLOB

static uint8_t blob[51];

static struct key_line_want
wanted(void)
{
	memcpy(blob, "\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
	for (uint8_t i = 0; i < 32; i++)
		blob[19 + i] = i;
	return (struct key_line_want){ span(blob, sizeof blob),
		"ssh-ed25519", false };
}

static void
test_lines(void **state)
{
	static const struct {
		struct span line;
		enum { OTHERS, BARE, OPTIONS } verdict;
	} cases[] = {
#define LINE(text) { (const uint8_t *)(text), sizeof(text) - 1 }
		{ LINE(""), OTHERS },
		{ LINE("   \t"), OTHERS },
		{ LINE("# " KEY), OTHERS },
		{ LINE("  # " KEY), OTHERS },
		{ LINE(KEY), BARE },
		{ LINE(KEY " user@host with words"), BARE },
		{ LINE(" \t " KEY "\t"), BARE },
		{ LINE(KEY "\r"), BARE },
		{ LINE(KEY " \"quote"), BARE },
		{ LINE("ssh-ed25519 " OTHER), OTHERS },
		{ LINE("ssh-ed25519"), OTHERS },
		{ LINE("ssh-ed25519 "), OTHERS },
		{ LINE(BLOB), OTHERS },
		{ LINE("ssh-rsa " BLOB), OTHERS },
		{ LINE("SSH-ED25519 " BLOB), OTHERS },
		{ LINE("ssh-ed25519 " BLOB "="), OTHERS },
		{ LINE("ssh-ed25519 AAAAC3Nz aC1lZDI1NTE5"), OTHERS },
		{ LINE("ssh-ed25519 " BLOB "AAAA"), OTHERS },
		{ LINE("\xef\xbb\xbf" KEY), OTHERS },
		{ LINE("ssh-ed25519\0 " BLOB), OTHERS },
		{ LINE("1024 35 1234567890"), OTHERS },
		/* With options: never taken for a bare one. */
		{ LINE("restrict " KEY), OPTIONS },
		{ LINE("no-such-option " KEY), OPTIONS },
		{ LINE("from=\"10.0.0.0/8\" " KEY), OPTIONS },
		{ LINE("command=\"echo \\\"a b\\\" c\",no-pty " KEY),
		    OPTIONS },
		{ LINE("environment=\"A=B C\" " KEY " x"), OPTIONS },
		{ LINE("ssh-dss " KEY), OPTIONS },
		{ LINE("\"\" " KEY), OPTIONS },
		{ LINE(", " KEY), OPTIONS },
		{ LINE("command=\"x\" ssh-ed25519 " OTHER), OTHERS },
		/* The key in an option's quotes is not the line's key. */
		{ LINE("command=\"" KEY), OTHERS },
		{ LINE("command=\" " KEY " \" ssh-ed25519 " OTHER),
		    OTHERS },
		{ LINE("command=\"a\\\" " KEY), OTHERS },
		{ LINE("restrict no-pty " KEY), OTHERS },
		{ LINE("cert-authority " KEY), OPTIONS },
	};
	const struct key_line_want want = wanted();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		/* In a buffer of its size, for AddressSanitizer. */
		size_t len = cases[i].line.len;
		uint8_t *line = malloc(len + 1);
		struct span options;
		int got;

		line = realloc(line, len == 0 ? 1 : len);
		memcpy(line, cases[i].line.p, len);
		got = !key_line_about(span(line, len), &want, &options) ?
		    OTHERS : options.len > 0 ? OPTIONS : BARE;
		if (got != (int)cases[i].verdict)
			fail_msg("line %zu: %d: %.80s", i, got,
			    (const char *)cases[i].line.p);
		free(line);
	}
}

struct place {
	char dir[64], home[80], ssh[96], file[112];
	struct settings settings;
	struct peer peer;
	struct keys_job job;
	char log[65536];
};

static int
set_up(void **state)
{
	static struct place p;

	memset(&p, 0, sizeof p);
	strcpy(p.dir, "/tmp/sshd-conn-keys.XXXXXX");
	if (mkdtemp(p.dir) == NULL)
		return -1;
	snprintf(p.home, sizeof p.home, "%s/home", p.dir);
	snprintf(p.ssh, sizeof p.ssh, "%s/.ssh", p.home);
	snprintf(p.file, sizeof p.file, "%s/authorized_keys", p.ssh);
	if (mkdir(p.home, 0755) < 0 || mkdir(p.ssh, 0700) < 0)
		return -1;
	log_set_level(LOG_LEVEL_DEBUG3);
	p.peer = (struct peer){ PEER_INET, "192.0.2.7", 40000,
		"198.51.100.1", 22, "", 0 };
	p.job = (struct keys_job){ .settings = &p.settings, .peer = &p.peer,
		.user = "alice", .home = p.home, .uid = geteuid(),
		.gid = getegid(), .known = true };
	*state = &p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	unlink(p->file);
	rmdir(p->file);
	rmdir(p->ssh);
	rmdir(p->home);
	rmdir(p->dir);
	return 0;
}

static void
write_keys(const struct place *p, const char *text, size_t len)
{
	int fd = open(p->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, text, len));
	assert_int_equal(fchmod(fd, 0600), 0);
	close(fd);
}

/* Searches the files of a pattern; what it logged is in p->log. */
static bool
search(struct place *p, const char *pattern)
{
	const char *const v[] = { pattern, NULL };
	const struct strlist patterns = { v, 1 };
	static struct keys k;
	int edge[2];
	bool found;

	assert_true(ipc_pair(edge));
	p->job.edge = edge[1];
	k = (struct keys){ .job = &p->job, .want = wanted(),
		.info = { .type = KEY_ED25519, .log_name = "ED25519",
		    .key_name = "ssh-ed25519" } };
	found = keys_search_files(&k, &patterns, "authorized keys",
	    keys_line_allows);
	keys_log_collect(edge, p->log, sizeof p->log);
	return found;
}

static bool
allows(struct place *p, bool strict)
{
	p->settings.strict_modes = strict;
	return search(p, p->file);
}

static bool
logged(const struct place *p, const char *what)
{
	return strstr(p->log, what) != NULL;
}

/* A line of n bytes whose end, taken for a line, would be the key. */
static void
long_line(const struct place *p, size_t n, const char *after)
{
	size_t key_len = strlen(KEY), size = n + 1 + strlen(after);
	char *text = malloc(size + 1);

	memset(text, '#', n);
	memcpy(text + n - key_len, KEY, key_len);
	text[n] = '\n';
	memcpy(text + n + 1, after, strlen(after) + 1);
	write_keys(p, text, size);
	free(text);
}

/*
 * Each length around one and around two of the longest lines: there what is
 * read at once ends, wherever in the key.
 */
static size_t
next_length(size_t n)
{
	const size_t two = 2u * KEY_LINE_MAX_BYTES;

	if (n < KEY_LINE_MAX_BYTES + 70 || (n >= two && n < two + 140))
		return n + 1;
	return n < two && n + 911 > two ? two : n + 911;
}

static void
test_long_lines(void **state)
{
	struct place *p = *state;
	char long_comment[KEY_LINE_MAX_BYTES + 2];

	/* The remainder of a long line is never a line of its own. */
	for (size_t n = KEY_LINE_MAX_BYTES - 2; n < 3u *
	    KEY_LINE_MAX_BYTES; n = next_length(n)) {
		long_line(p, n, "# x");
		assert_false(allows(p, true));
		long_line(p, n, KEY);
		assert_true(allows(p, true));
	}
	long_line(p, 1 << 20, KEY "\n");
	assert_true(allows(p, true));
	assert_true(logged(p, "authorized_keys:1: line over 8192 bytes"));
	/* One byte decides. */
	memset(long_comment, 'x', sizeof long_comment);
	memcpy(long_comment, KEY " ", strlen(KEY) + 1);
	write_keys(p, long_comment, KEY_LINE_MAX_BYTES);
	assert_true(allows(p, true));
	write_keys(p, long_comment, KEY_LINE_MAX_BYTES + 1);
	assert_false(allows(p, true));
}

static void
test_files(void **state)
{
	struct place *p = *state;

	assert_false(allows(p, true));		/* none there */
	write_keys(p, "# a\n\n" KEY, strlen("# a\n\n" KEY));
	assert_true(allows(p, true));		/* no newline at the end */
	write_keys(p, "canary " KEY "\n", strlen("canary " KEY "\n"));
	assert_false(allows(p, true));
	assert_true(logged(p, "authorized_keys:1: key refused"));
	/* No text of any line in the log. */
	assert_false(logged(p, "canary"));
	assert_false(logged(p, "AAAA"));
	write_keys(p, "canary " KEY "\n" KEY, strlen("canary " KEY "\n"
	    KEY));
	assert_true(allows(p, true));
}

static void
test_not_files(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkfifo(p->file, 0600), 0);
	assert_false(allows(p, true));		/* and does not wait */
	unlink(p->file);
	assert_int_equal(mkdir(p->file, 0700), 0);
	assert_false(allows(p, true));
	rmdir(p->file);
	assert_int_equal(symlink("/dev/zero", p->file), 0);
	assert_false(allows(p, true));
	assert_true(logged(p, "is not a regular file"));
}

static void
test_strict_modes(void **state)
{
	struct place *p = *state;
	char want[256];
	const struct {
		const char *path;
		mode_t bad, good;
		const char *what;
	} cases[] = {
		{ p->file, 0620, 0644, "file" },
		{ p->file, 0602, 0600, "file" },
		{ p->ssh, 0720, 0755, "directory" },
		{ p->ssh, 0702, 0700, "directory" },
		{ p->home, 0775, 0755, "directory" },
		{ p->home, 0757, 0700, "directory" },
	};

	write_keys(p, KEY "\n", strlen(KEY "\n"));
	assert_true(allows(p, true));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(chmod(cases[i].path, cases[i].bad), 0);
		assert_true(allows(p, false));
		assert_false(allows(p, true));
		snprintf(want, sizeof want, "Authentication refused: bad "
		    "ownership or modes for %s %s\n", cases[i].what,
		    cases[i].path);
		assert_true(logged(p, want));
		assert_int_equal(chmod(cases[i].path, cases[i].good), 0);
		assert_true(allows(p, true));
	}
	/* What lies above the home is not looked at. */
	assert_int_equal(chmod(p->dir, 0777), 0);
	assert_true(allows(p, true));
	/* ... but it is for a file outside of it. */
	p->job.home = p->ssh;
	assert_true(allows(p, true));
	p->job.home = "/nonexistent";
	assert_false(allows(p, true));
	p->job.home = p->home;
	assert_int_equal(chmod(p->dir, 0700), 0);
	/* Somebody else's file. */
	p->job.uid = geteuid() + 1;
	if (geteuid() != 0)
		assert_false(allows(p, true));
}

static void
test_names(void **state)
{
	struct place *p = *state;
	char pattern[PATH_MAX + 8], odd[160];
	static const struct {
		const char *behind_home;
		bool found;
	} cases[] = {
		{ "/.ssh/authorized_keys", true },
		{ "/.ssh/authorized_?eys", true },
		{ "/.s*/auth*", true },
		{ "/.ssh/[a-b]uthorized_keys", true },
		{ "/.ssh/nothing*", false },
		{ "/.ssh/authorized_keys%%", false },
		{ "/.ssh/%k", false },
		{ "/.ssh/authorized_keys%", false },
	};

	write_keys(p, KEY "\n", strlen(KEY "\n"));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *tail = cases[i].behind_home;

		snprintf(pattern, sizeof pattern, "%s%s", p->home, tail);
		assert_int_equal(search(p, pattern), cases[i].found);
		snprintf(pattern, sizeof pattern, "%%h%s", tail);
		assert_int_equal(search(p, pattern), cases[i].found);
		assert_int_equal(search(p, tail + 1), cases[i].found);
	}
	assert_false(search(p, "none"));
	/* A home with wildcards in its name means itself. */
	snprintf(odd, sizeof odd, "%s/ho*", p->dir);
	p->job.home = odd;
	assert_false(search(p, ".ssh/authorized_*"));
	p->job.home = p->home;
	p->job.user = "authorized";
	assert_true(search(p, ".ssh/%u_keys"));
	memset(pattern, 'a', sizeof pattern - 1);
	pattern[0] = '/';
	pattern[sizeof pattern - 1] = '\0';
	assert_false(search(p, pattern));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test_setup_teardown(test_long_lines, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_files, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_not_files, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_strict_modes, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_names, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name("keys_files", tests, NULL, NULL);
}
