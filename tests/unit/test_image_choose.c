/*
 * Tests of image/choose.h: which one serves, and that no edit locks out.
 */
#include "unit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "image/choose.h"
#include "image_rig.h"

/* The age at which a change counts as over. */
#define SETTLED_MS 30

static void
choose(struct image_choice *c)
{
	static struct image_places places;

	image_places_free(&places);
	image_places_find(&places);
	assert_true(image_choose(rig_path("config"), &places, c));
	assert_non_null(c->config);
}

static unsigned int
max_sessions(const struct image_choice *c)
{
	struct settings s;

	assert_true(config_resolve(c->config, NULL, &s));
	return s.max_sessions;
}

/* What a connection does; returns where it had its settings from. */
static enum image_source
connect_once(unsigned int *sessions, bool *tell)
{
	struct image_choice c;
	enum image_source source;

	choose(&c);
	source = c.source;
	*sessions = config_valid(c.config) ? max_sessions(&c) : 0;
	*tell = c.tell;
	image_publish(&c);
	image_choice_free(&c);
	return source;
}

static void
expect(enum image_source source, unsigned int sessions, bool tell)
{
	unsigned int got_sessions;
	bool got_tell;

	assert_int_equal(connect_once(&got_sessions, &got_tell), source);
	assert_int_equal(got_sessions, sessions);
	assert_int_equal(got_tell, tell);
}

static void
second_is_fresh(void **state)
{
	(void)state;
	rig_text("config", "MaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	expect(IMAGE_SOURCE_FRESH, 3, false);
	rig_text("config", "MaxSessions 4\n");
	expect(IMAGE_SOURCE_TEXT, 4, false);
	expect(IMAGE_SOURCE_FRESH, 4, false);
}

static void
wrong_text_locks_nobody_out(void **state)
{
	(void)state;
	rig_text("config", "MaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	rig_text("config", "MaxSessions 5\nNonsense\n");
	expect(IMAGE_SOURCE_LAST_GOOD, 3, true);
	expect(IMAGE_SOURCE_LAST_GOOD, 3, false);
	rig_text("config", "MaxSessions 5\nOther nonsense\n");
	expect(IMAGE_SOURCE_LAST_GOOD, 3, true);
	unlink(rig_path("config"));
	expect(IMAGE_SOURCE_LAST_GOOD, 3, true);
	expect(IMAGE_SOURCE_LAST_GOOD, 3, false);
	rig_text("config", "MaxSessions 6\n");
	expect(IMAGE_SOURCE_TEXT, 6, false);
	expect(IMAGE_SOURCE_FRESH, 6, false);
}

static void
says_what_is_wrong(void **state)
{
	const struct config_message *m;
	struct image_choice c;

	(void)state;
	rig_text("config", "MaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	rig_text("config", "MaxSessions 3\nPermitTTY perhaps\n");
	choose(&c);
	m = image_text_error(&c.text);
	assert_non_null(m);
	assert_string_equal(m->file, rig_path("config"));
	assert_int_equal(m->line, 2);
	image_choice_free(&c);
}

static void
falls_back_when_told(void **state)
{
	struct image_choice c;

	(void)state;
	rig_text("config", "MaxSessions 3\n");
	choose(&c);
	assert_false(image_fall_back(&c));
	image_publish(&c);
	image_choice_free(&c);
	choose(&c);
	assert_false(image_fall_back(&c));	/* it is the image */
	image_choice_free(&c);
	rig_text("config", "MaxSessions 4\n");
	choose(&c);
	assert_int_equal(max_sessions(&c), 4);
	assert_true(image_fall_back(&c));
	assert_int_equal(max_sessions(&c), 3);
	image_publish(&c);		/* does not keep the text */
	image_choice_free(&c);
	choose(&c);
	assert_int_equal(c.source, IMAGE_SOURCE_TEXT);
	image_choice_free(&c);
}

static void
wrong_from_the_start(void **state)
{
	struct image_choice c;

	(void)state;
	rig_text("config", "Nonsense\n");
	choose(&c);
	assert_int_equal(c.source, IMAGE_SOURCE_TEXT);
	assert_false(config_valid(c.config));
	image_publish(&c);
	assert_int_equal(access(rig_path("state"), F_OK), -1);
	image_choice_free(&c);
}

static void
included_files_count(void **state)
{
	char text[2 * PATH_MAX];

	(void)state;
	mkdir(rig_path("d"), 0755);
	mkdir(rig_path("d/x"), 0755);
	snprintf(text, sizeof(text), "Include %s\nInclude %s\nInclude %s\n",
	    rig_path("d/*.conf"), rig_path("one"), rig_path("d/*/deep"));
	rig_text("config", text);
	expect(IMAGE_SOURCE_TEXT, 10, false);
	expect(IMAGE_SOURCE_FRESH, 10, false);
	rig_text("d/a.conf", "MaxSessions 2\n");	/* appears */
	expect(IMAGE_SOURCE_TEXT, 2, false);
	expect(IMAGE_SOURCE_FRESH, 2, false);
	rig_text("d/a.conf", "MaxSessions 7\n");	/* same length */
	expect(IMAGE_SOURCE_TEXT, 7, false);
	unlink(rig_path("d/a.conf"));
	expect(IMAGE_SOURCE_TEXT, 10, false);
	rig_text("one", "MaxSessions 8\n");		/* was not there */
	expect(IMAGE_SOURCE_TEXT, 8, false);
	unlink(rig_path("one"));
	expect(IMAGE_SOURCE_TEXT, 10, false);
	rig_text("d/x/deep", "MaxSessions 9\n");	/* below a wildcard */
	expect(IMAGE_SOURCE_TEXT, 9, false);
	mkdir(rig_path("d/w"), 0755);
	expect(IMAGE_SOURCE_TEXT, 9, false);
	expect(IMAGE_SOURCE_FRESH, 9, false);
	rig_text("d/w/deep", "MaxSessions 1\n");
	expect(IMAGE_SOURCE_TEXT, 1, false);
	expect(IMAGE_SOURCE_FRESH, 1, false);
}

static void
host_keys_count(void **state)
{
	char text[2 * PATH_MAX];

	(void)state;
	snprintf(text, sizeof(text), "HostKey %s\nMaxSessions 3\n",
	    rig_path("key"));
	rig_text("config", text);
	expect(IMAGE_SOURCE_TEXT, 3, false);
	expect(IMAGE_SOURCE_FRESH, 3, false);
	rig_text("key", "a");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	expect(IMAGE_SOURCE_FRESH, 3, false);
	rig_sleep_ms(SETTLED_MS);
	chmod(rig_path("key"), 0644);
	expect(IMAGE_SOURCE_TEXT, 3, false);
}

static void
expect_file(const struct image_choice *c, const char *name, const char *text)
{
	struct span bytes;

	assert_int_equal(c->source, IMAGE_SOURCE_FRESH);
	assert_true(image_find_file(c->image, rig_path(name), &bytes));
	assert_true(span_is(bytes, text));
}

static void
named_files_are_kept(void **state)
{
	char text[3 * PATH_MAX];
	struct image_choice c;
	struct span bytes;

	(void)state;
	rig_text("banner", "hello\n");
	rig_text("inner", "for alice\n");
	rig_text("other", "of nobody\n");
	snprintf(text, sizeof(text), "HostKey %s\nBanner %s\n"
	    "Match User alice\nBanner %s\nMatch User bob\nBanner none\n",
	    rig_path("no-key"), rig_path("banner"), rig_path("inner"));
	rig_text("config", text);
	expect(IMAGE_SOURCE_TEXT, 10, false);
	choose(&c);
	expect_file(&c, "banner", "hello\n");
	expect_file(&c, "inner", "for alice\n");
	expect_file(&c, "no-key", "");
	assert_false(image_find_file(c.image, rig_path("other"), &bytes));
	image_choice_free(&c);
	rig_text("inner", "for Alice\n");
	expect(IMAGE_SOURCE_TEXT, 10, false);
	choose(&c);
	expect_file(&c, "inner", "for Alice\n");
	image_choice_free(&c);
	unlink(rig_path("banner"));
	expect(IMAGE_SOURCE_TEXT, 10, false);
	choose(&c);
	assert_int_equal(c.source, IMAGE_SOURCE_FRESH);
	assert_false(image_find_file(c.image, rig_path("banner"), &bytes));
	image_choice_free(&c);
}

static void
second_place(void **state)
{
	struct image_choice c;

	(void)state;
	/* No directory can be made below a file. */
	rig_text("state", "");
	mkdir(rig_path("run"), 0755);
	rig_text("config", "MaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	choose(&c);
	assert_int_equal(c.source, IMAGE_SOURCE_FRESH);
	assert_non_null(strstr(c.image->file, "/run/"));
	image_choice_free(&c);
	rig_text("config", "Nonsense\n");
	expect(IMAGE_SOURCE_LAST_GOOD, 3, true);
	expect(IMAGE_SOURCE_LAST_GOOD, 3, false);
}

/* Both have one, the first cannot be written: the later one is it. */
static void
latest_is_last_good(void **state)
{
	(void)state;
	rig_text("config", "MaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	chmod(rig_path("state"), 0777);		/* refused for writing */
	rig_text("config", "MaxSessions 4\n");
	expect(IMAGE_SOURCE_TEXT, 4, false);
	expect(IMAGE_SOURCE_FRESH, 4, false);
	rig_text("config", "Nonsense\n");
	expect(IMAGE_SOURCE_LAST_GOOD, 4, true);
	expect(IMAGE_SOURCE_LAST_GOOD, 4, false);
}

static void
no_place_at_all(void **state)
{
	(void)state;
	rig_text("state", "");
	rig_text("run", "");
	rig_text("config", "MaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	expect(IMAGE_SOURCE_TEXT, 3, false);
}

static void
damaged_image_is_none(void **state)
{
	char name[IMAGE_NAME_MAX_BYTES], below[PATH_MAX];

	(void)state;
	rig_text("config", "MaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	image_name(rig_path("config"), ".image", name);
	snprintf(below, sizeof(below), "state/%s", name);
	rig_text(below, "sshdimg\nthat is all of it");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	expect(IMAGE_SOURCE_FRESH, 3, false);
}

static void
relative_paths(void **state)
{
	(void)state;
	assert_int_equal(chdir(rig_dir), 0);
	rig_text("config", "HostKey key\nMaxSessions 3\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	expect(IMAGE_SOURCE_FRESH, 3, false);
	assert_int_equal(chdir("/"), 0);
	expect(IMAGE_SOURCE_TEXT, 3, false);
}

/* "-f <(...)": read once, and nothing is kept. */
static void
pipe_is_read_once(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(mkfifo(rig_path("config"), 0600), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(rig_path("config"), O_WRONLY);

		dprintf(fd, "MaxSessions 3\n");
		_exit(0);
	}
	assert_true(pid > 0);
	expect(IMAGE_SOURCE_TEXT, 3, false);
	waitpid(pid, NULL, 0);
	assert_int_equal(access(rig_path("state"), F_OK), -1);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Somebody rewrites the file in place, truncating it first, without pause:
 * nobody may see the empty file in between.
 */
static void
half_is_never_seen(void **state)
{
	volatile int *late = mmap(NULL, sizeof *late, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int i;

	(void)state;
	assert_ptr_not_equal(late, MAP_FAILED);
	rig_text("config", "MaxSessions 3\n# more\n");
	expect(IMAGE_SOURCE_TEXT, 3, false);
	pid = fork();
	if (pid == 0) {
		for (i = 0;; i++) {
			int64_t start = now_ms();
			int fd = open(rig_path("config"),
			    O_WRONLY | O_TRUNC);

			rig_sleep_ms(1);
			dprintf(fd, "MaxSessions 3\n# %d\n", i);
			close(fd);
			/* On a busy machine it may have come to rest empty. */
			*late += now_ms() - start > 10;
			rig_sleep_ms(i % 3 == 0 ? 60 : 2);
		}
	}
	assert_true(pid > 0);
	for (i = 0; i < 20; i++) {
		unsigned int sessions;
		int was_late = *late;
		bool tell;

		(void)connect_once(&sessions, &tell);
		if (sessions != 3 || tell)
			rig_sleep_ms(500);
		if (*late != was_late)
			continue;
		assert_int_equal(sessions, 3);
		assert_false(tell);
	}
	kill(pid, SIGKILL);
	munmap((void *)late, sizeof *late);
	waitpid(pid, NULL, 0);
}

static void
places_without_systemd(void **state)
{
	struct image_places places;

	(void)state;
	unsetenv("RUNTIME_DIRECTORY");
	setenv("STATE_DIRECTORY", "/a/b:/c", 1);
	image_places_find(&places);
	assert_true(places.count > 0);
	assert_string_equal(places.dir[0], "/a/b");
	image_places_free(&places);
	/* A relative path is nobody's. */
	setenv("STATE_DIRECTORY", "a", 1);
	setenv("HOME", "/home/x", 1);
	image_places_find(&places);
	assert_string_equal(places.dir[0], geteuid() == 0 ?
	    "/var/lib/sshd-conn" : "/home/x/.local/state/sshd-conn");
	if (geteuid() == 0)
		assert_string_equal(places.dir[1], "/run/sshd-conn");
	image_places_free(&places);
}

#define WITH_RIG(f) cmocka_unit_test_setup_teardown(f, rig_make, rig_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(second_is_fresh),
		WITH_RIG(wrong_text_locks_nobody_out),
		WITH_RIG(says_what_is_wrong),
		WITH_RIG(falls_back_when_told),
		WITH_RIG(wrong_from_the_start),
		WITH_RIG(included_files_count),
		WITH_RIG(host_keys_count),
		WITH_RIG(named_files_are_kept),
		WITH_RIG(second_place),
		WITH_RIG(latest_is_last_good),
		WITH_RIG(no_place_at_all),
		WITH_RIG(damaged_image_is_none),
		WITH_RIG(relative_paths),
		WITH_RIG(pipe_is_read_once),
		WITH_RIG(half_is_never_seen),
		WITH_RIG(places_without_systemd),
	};

	umask(022);
	return cmocka_run_group_tests_name("image_choose", tests, NULL, NULL);
}
