/*
 * Tests of auth/authkeys.h and auth/strictmodes.h: lines by table, files on
 * disk, modes on the way to them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/authkeys.h"
#include "auth/strictmodes.h"
#include "base/fd.h"
#include "run/log.h"
#include "unit.h"

/* Both are blobs as far as this layer looks: bytes. */
#define BLOB	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ" \
	"GhscHR4f"
#define OTHER	"AAAAC3NzaC1lZDI1NTE5AAAAIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ" \
	"GhscHR4f"
#define KEY	"ssh-ed25519 " BLOB

static uint8_t blob[51];

static struct authkeys_want
wanted(void)
{
	memcpy(blob, "\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
	for (uint8_t i = 0; i < 32; i++)
		blob[19 + i] = i;
	return (struct authkeys_want){ span(blob, sizeof blob),
		{ .type = KEY_ED25519, .bits = 256,
		    .log_name = "ED25519", .key_name = "ssh-ed25519" } };
}

static void
test_lines(void **state)
{
	static const struct {
		struct span line;
		enum authkeys_verdict verdict;
	} cases[] = {
#define LINE(text) { (const uint8_t *)(text), sizeof(text) - 1 }
		{ LINE(""), AUTHKEYS_NO },
		{ LINE("   \t"), AUTHKEYS_NO },
		{ LINE("# " KEY), AUTHKEYS_NO },
		{ LINE("  # " KEY), AUTHKEYS_NO },
		{ LINE(KEY), AUTHKEYS_YES },
		{ LINE(KEY " user@host with words"), AUTHKEYS_YES },
		{ LINE(" \t " KEY "\t"), AUTHKEYS_YES },
		{ LINE(KEY "\r"), AUTHKEYS_YES },
		{ LINE(KEY " \"quote"), AUTHKEYS_YES },
		{ LINE("ssh-ed25519 " OTHER), AUTHKEYS_NO },
		{ LINE("ssh-ed25519"), AUTHKEYS_NO },
		{ LINE("ssh-ed25519 "), AUTHKEYS_NO },
		{ LINE(BLOB), AUTHKEYS_NO },
		{ LINE("ssh-rsa " BLOB), AUTHKEYS_NO },
		{ LINE("SSH-ED25519 " BLOB), AUTHKEYS_NO },
		{ LINE("ssh-ed25519 " BLOB "="), AUTHKEYS_NO },
		{ LINE("ssh-ed25519 AAAAC3Nz aC1lZDI1NTE5"), AUTHKEYS_NO },
		{ LINE("ssh-ed25519 " BLOB "AAAA"), AUTHKEYS_NO },
		{ LINE("\xef\xbb\xbf" KEY), AUTHKEYS_NO },
		{ LINE("ssh-ed25519\0 " BLOB), AUTHKEYS_NO },
		{ LINE("1024 35 1234567890"), AUTHKEYS_NO },
		/* With options: never taken without them. */
		{ LINE("restrict " KEY), AUTHKEYS_REFUSED },
		{ LINE("no-such-option " KEY), AUTHKEYS_REFUSED },
		{ LINE("from=\"10.0.0.0/8\" " KEY), AUTHKEYS_REFUSED },
		{ LINE("command=\"echo \\\"a b\\\" c\",no-pty " KEY),
		    AUTHKEYS_REFUSED },
		{ LINE("environment=\"A=B C\" " KEY " x"), AUTHKEYS_REFUSED },
		{ LINE("ssh-dss " KEY), AUTHKEYS_REFUSED },
		{ LINE("\"\" " KEY), AUTHKEYS_REFUSED },
		{ LINE(", " KEY), AUTHKEYS_REFUSED },
		{ LINE("command=\"x\" ssh-ed25519 " OTHER), AUTHKEYS_NO },
		/* The key in an option's quotes is not the line's key. */
		{ LINE("command=\"" KEY), AUTHKEYS_NO },
		{ LINE("command=\" " KEY " \" ssh-ed25519 " OTHER),
		    AUTHKEYS_NO },
		{ LINE("command=\"a\\\" " KEY), AUTHKEYS_NO },
		{ LINE("restrict no-pty " KEY), AUTHKEYS_NO },
		{ LINE("cert-authority " KEY), AUTHKEYS_REFUSED },
	};
	const struct authkeys_want want = wanted();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		/* In a buffer of its size, for AddressSanitizer. */
		size_t len = cases[i].line.len;
		uint8_t *line = malloc(len + 1);
		enum authkeys_verdict got;

		line = realloc(line, len == 0 ? 1 : len);
		memcpy(line, cases[i].line.p, len);
		got = authkeys_judge_line(span(line, len), &want);
		if (got != cases[i].verdict)
			fail_msg("line %zu: %d: %.80s", i, (int)got,
			    (const char *)cases[i].line.p);
		free(line);
	}
}

struct place {
	char dir[64], home[80], ssh[96], file[112], log[80];
	struct account account;
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
	snprintf(p.log, sizeof p.log, "%s/log", p.dir);
	if (mkdir(p.home, 0755) < 0 || mkdir(p.ssh, 0700) < 0 ||
	    !log_open(LOG_TO_FILE, p.log, LOG_LEVEL_DEBUG3, 0))
		return -1;
	p.account = (struct account){ .known = true, .valid = true,
		.uid = geteuid(), .gid = getegid(), .home = p.home };
	strcpy(p.account.name, "alice");
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
	unlink(p->log);
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

static bool
allows(const struct place *p, bool strict)
{
	const struct authkeys_want want = wanted();

	return authkeys_file_allows(&p->account, p->file, strict, &want,
	    NULL);
}

static bool
logged(const struct place *p, const char *what)
{
	int fd = open(p->log, O_RDONLY);
	char *text;
	size_t len;
	bool found;

	assert_true(fd_read_all(fd, 1 << 20, &text, &len));
	found = strstr(text, what) != NULL;
	close(fd);
	free(text);
	return found;
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

static void
test_long_lines(void **state)
{
	struct place *p = *state;
	char long_comment[AUTHKEYS_LINE_MAX_BYTES + 2];

	/* The remainder of a long line is never a line of its own. */
	for (size_t n = AUTHKEYS_LINE_MAX_BYTES - 2; n < 3u *
	    AUTHKEYS_LINE_MAX_BYTES; n = n < AUTHKEYS_LINE_MAX_BYTES + 70 ?
	    n + 1 : n + 911) {
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
	write_keys(p, long_comment, AUTHKEYS_LINE_MAX_BYTES);
	assert_true(allows(p, true));
	write_keys(p, long_comment, AUTHKEYS_LINE_MAX_BYTES + 1);
	assert_false(allows(p, true));
}

static void
test_files(void **state)
{
	struct place *p = *state;

	assert_false(allows(p, true));		/* none there */
	write_keys(p, "# a\n\n" KEY, strlen("# a\n\n" KEY));
	assert_true(allows(p, true));		/* no newline at the end */
	write_keys(p, "restrict " KEY "\n", strlen("restrict " KEY "\n"));
	assert_false(allows(p, true));
	assert_true(logged(p, "authorized_keys:1: key refused"));
	write_keys(p, "restrict " KEY "\n" KEY, strlen("restrict " KEY "\n"
	    KEY));
	assert_true(allows(p, true));
	/* No text of any line in the log. */
	assert_false(logged(p, "restrict"));
	assert_false(logged(p, "AAAA"));
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
		assert_false(allows(p, true));
		assert_true(allows(p, false));
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
	p->account.home = p->log;
	assert_false(allows(p, true));
	p->account.home = p->home;
	assert_int_equal(chmod(p->dir, 0700), 0);
	/* Somebody else's file. */
	p->account.uid = geteuid() + 1;
	if (geteuid() != 0)
		assert_false(allows(p, true));
}

static void
test_paths(void **state)
{
	struct place *p = *state;
	char path[PATH_MAX], want[PATH_MAX], longest[PATH_MAX + 8];

	p->account.uid = 1234;
	assert_true(authkeys_path(&p->account, ".ssh/authorized_keys", path));
	snprintf(want, sizeof want, "%s/.ssh/authorized_keys", p->home);
	assert_string_equal(path, want);
	assert_true(authkeys_path(&p->account, "/k/%u-%U%%", path));
	assert_string_equal(path, "/k/alice-1234%");
	assert_true(authkeys_path(&p->account, "%h/x", path));
	snprintf(want, sizeof want, "%s/x", p->home);
	assert_string_equal(path, want);
	assert_false(authkeys_path(&p->account, "/k/%k", path));
	assert_false(authkeys_path(&p->account, "/k/%", path));
	memset(longest, 'a', sizeof longest - 1);
	longest[0] = '/';
	longest[sizeof longest - 1] = '\0';
	assert_false(authkeys_path(&p->account, longest, path));
	assert_string_equal(path, "");
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
		cmocka_unit_test_setup_teardown(test_paths, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name("auth_keys", tests, NULL, NULL);
}
