/*
 * Tests of base/tokens.h, and of sandbox/chroot.h in a mount name space of
 * its own, which only root can have.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/tokens.h"
#include "sandbox/chroot.h"
#include "unit.h"

static const char *
expand(const char *pattern, size_t room)
{
	static const struct token tokens[] = { { 'h', "/home/a%u" },
		{ 'u', "alice" }, { 'U', "4201" }, { 'n', NULL } };
	static char text[256];
	struct sink out = sink_of(text, room);

	if (!tokens_expand(&out, pattern, tokens, 4))
		return NULL;
	text[out.len] = '\0';
	return text;
}

static void
tokens_are_replaced_once(void **state)
{
	(void)state;
	assert_string_equal(expand("", 99), "");
	assert_string_equal(expand("/plain", 99), "/plain");
	assert_string_equal(expand("%h", 99), "/home/a%u");
	assert_string_equal(expand("/x/%u.%U%%u%n/", 99),
	    "/x/alice.4201%u/");
	assert_null(expand("%", 99));
	assert_null(expand("/x%", 99));
	assert_null(expand("%x", 99));
	assert_null(expand("%%%", 99));
	assert_null(expand("%u", 4));
	assert_string_equal(expand("%u", 5), "alice");
}

static void
make(const char *path, mode_t mode, uid_t uid)
{
	assert_return_code(mkdir(path, 0755), 0);
	assert_return_code(chmod(path, mode), 0);
	assert_return_code(chown(path, uid, 0), 0);
}

static void
fill_tree(void)
{
	make("/mnt/good", 0755, 0);
	make("/mnt/good/in", 0755, 0);
	make("/mnt/users", 0755, 1000);
	make("/mnt/users/in", 0755, 0);
	make("/mnt/group", 0775, 0);
	make("/mnt/others", 0757, 0);
	make("/mnt/others/in", 0755, 0);
	assert_return_code(symlink("/mnt/good/in", "/mnt/ok"), 0);
	assert_return_code(symlink("/mnt/others/in", "/mnt/trap"), 0);
	assert_return_code(symlink("/mnt/users/in", "/mnt/trap2"), 0);
	fclose(fopen("/mnt/file", "w"));
}

/* In a child: 0 and inside, or 1 and the words that were said. */
static int
enter(const char *path, char *said)
{
	char why[CHROOT_WHY_BYTES] = "";
	int words[2], status;
	ssize_t n;

	assert_return_code(pipe(words), 0);
	if (fork() == 0) {
		struct stat st;
		bool in = chroot_enter_for(path, "/mnt", "good", 0, why);

		(void)!write(words[1], why, strlen(why));
		_exit(!in ? 1 : stat("/mark", &st) == 0 ? 0 : 2);
	}
	close(words[1]);
	n = read(words[0], said, CHROOT_WHY_BYTES - 1);
	said[n > 0 ? n : 0] = '\0';
	close(words[0]);
	wait(&status);
	return WEXITSTATUS(status);
}

static void
only_roots_directories(void **state)
{
#define BAD "bad ownership or modes for chroot directory "
	static const struct {
		const char *path, *said;
	} refused[] = {
		{ "", "chroot path does not begin at root" },
		{ "mnt", "chroot path does not begin at root" },
		{ "/mnt/none", "stat(\"/mnt/none\"): " },
		{ "/mnt/file", "chroot path \"/mnt/file\" is not a dir" },
		{ "/mnt/file/x", "stat(\"/mnt/file/\"): " },
		{ "/mnt/users", BAD "\"/mnt/users\"" },
		{ "/mnt/users/in", BAD "component \"/mnt/users/\"" },
		{ "/mnt/group", BAD "\"/mnt/group\"" },
		{ "/mnt/others", BAD "\"/mnt/others\"" },
		{ "/mnt/others/in", BAD "component \"/mnt/others/\"" },
		{ "/mnt/good/../others", BAD "\"/mnt/good/../others\"" },
		{ "/mnt/trap", BAD "component \"/mnt/others/\"" },
		{ "/mnt/trap2", BAD "component \"/mnt/users/\"" },
		{ "/mnt/trap/", BAD "component \"/mnt/others/\"" },
	};
	static const char *const good[] = { "/mnt/good", "/mnt/good/",
		"/mnt/good/in", "/mnt//good/./in", "/mnt/ok",
		"/mnt/good/../good", "%h/%u" };
	char said[CHROOT_WHY_BYTES];

	(void)state;
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") != 0)
		skip();
	fill_tree();
	fclose(fopen("/mnt/good/mark", "w"));
	fclose(fopen("/mnt/good/in/mark", "w"));
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		assert_int_equal(enter(refused[i].path, said), 1);
		if (strncmp(said, refused[i].said,
		    strlen(refused[i].said)) != 0)
			fail_msg("%s: %s", refused[i].path, said);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(enter(good[i], said), 0);
		assert_memory_equal(said, "Changed root directory to \"/",
		    27);
	}
	umount2("/mnt", MNT_DETACH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_replaced_once),
		cmocka_unit_test(only_roots_directories),
	};

	return cmocka_run_group_tests_name("chroot", tests, NULL, NULL);
}
