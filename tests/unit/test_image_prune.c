/*
 * Tests of what becomes of images over time: how many stay, and the secret
 * that outlives them.
 */
#include "unit.h"

#include <dirent.h>
#include <sys/wait.h>

#include "crypto/init.h"
#include "crypto/sign.h"
#include "image/choose.h"
#include "image/internal.h"
#include "image_rig.h"

#define MANY (IMAGES_MAX_COUNT + 12)
#define PUBLISHERS_COUNT 6

static int
make(void **state)
{
	return crypto_init() ? rig_make(state) : -1;
}

static void
publish(const char *config)
{
	struct image_places places;
	const struct options options = { .job = JOB_TEST,
		.config_file = rig_path(config) };
	struct image_choice c;

	image_places_find(&places);
	assert_true(image_choose_for(&options, &places, &c));
	assert_true(config_valid(c.config));
	image_publish(&c);
	image_choice_free(&c);
	image_places_free(&places);
}

static enum image_source
source_of(const char *config)
{
	struct image_places places;
	struct image_choice c;
	enum image_source source;

	image_places_find(&places);
	assert_true(image_choose(rig_path(config), &places, &c));
	source = c.source;
	image_choice_free(&c);
	image_places_free(&places);
	return source;
}

static size_t
count_files(const char *suffix)
{
	DIR *dir = opendir(rig_path("state"));
	struct dirent *entry;
	size_t n = 0, len = strlen(suffix);

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		size_t name = strlen(entry->d_name);

		n += name > len &&
		    strcmp(entry->d_name + name - len, suffix) == 0;
	}
	closedir(dir);
	return n;
}

static const char *
numbered(int i)
{
	static char name[8][16];
	static int turn;

	snprintf(name[turn % 8], sizeof(name[0]), "c%d", i);
	return name[turn++ % 8];
}

static void
make_configs(int count)
{
	int i;

	for (i = 0; i < count; i++)
		rig_text(numbered(i), "MaxSessions 3\n");
	rig_sleep_ms(30);
}

static void
number_is_bounded(void **state)
{
	int i;

	(void)state;
	make_configs(MANY);
	for (i = 0; i < MANY; i++)
		publish(numbered(i));
	assert_int_equal(count_files(".image"), IMAGES_MAX_COUNT);
	assert_int_equal(count_files(".lock"), IMAGES_MAX_COUNT);
	/* The oldest went, and come again when they are asked for. */
	assert_int_equal(source_of(numbered(0)), IMAGE_SOURCE_TEXT);
	assert_int_equal(source_of(numbered(MANY - 1)), IMAGE_SOURCE_FRESH);
	publish(numbered(0));
	assert_int_equal(source_of(numbered(0)), IMAGE_SOURCE_FRESH);
	assert_int_equal(count_files(".image"), IMAGES_MAX_COUNT);
}

/* What is gone goes first; what serves a wrong text never. */
static void
last_good_stays(void **state)
{
	int i;

	(void)state;
	make_configs(MANY);
	for (i = 0; i < IMAGES_MAX_COUNT; i++)
		publish(numbered(i));
	rig_text(numbered(0), "Nonsense\n");
	unlink(rig_path(numbered(5)));
	rig_sleep_ms(30);
	publish(numbered(IMAGES_MAX_COUNT));
	assert_int_equal(source_of(numbered(0)), IMAGE_SOURCE_LAST_GOOD);
	assert_int_equal(source_of(numbered(1)), IMAGE_SOURCE_FRESH);
	assert_int_equal(count_files(".image"), IMAGES_MAX_COUNT);
	for (i = IMAGES_MAX_COUNT + 1; i < MANY; i++)
		publish(numbered(i));
	assert_int_equal(source_of(numbered(0)), IMAGE_SOURCE_LAST_GOOD);
	assert_int_equal(source_of(numbered(1)), IMAGE_SOURCE_TEXT);
	assert_int_equal(count_files(".image"), IMAGES_MAX_COUNT);
}

/* One whose lock is held is somebody's business. */
static void
locked_one_stays(void **state)
{
	char name[IMAGE_NAME_MAX_BYTES];
	int i, dir, lock;

	(void)state;
	make_configs(MANY);
	for (i = 0; i < IMAGES_MAX_COUNT; i++)
		publish(numbered(i));
	dir = open(rig_path("state"), O_RDONLY | O_DIRECTORY);
	image_name(rig_path(numbered(0)), ".lock", name);
	lock = image_lock(dir, name, 0);
	assert_true(dir >= 0 && lock >= 0);
	publish(numbered(IMAGES_MAX_COUNT));
	assert_int_equal(source_of(numbered(0)), IMAGE_SOURCE_FRESH);
	assert_int_equal(source_of(numbered(1)), IMAGE_SOURCE_TEXT);
	close(lock);
	close(dir);
}

/* A lock that was unlinked between open and flock is not taken for one. */
static void
many_at_once(void **state)
{
	int i, j, status;

	(void)state;
	make_configs(MANY);
	for (i = 0; i < PUBLISHERS_COUNT; i++) {
		if (fork() != 0)
			continue;
		for (j = 0; j < MANY; j++)
			publish(numbered((j * 7 + i * 11) % MANY));
		_exit(0);
	}
	for (i = 0; i < PUBLISHERS_COUNT; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	publish(numbered(0));
	assert_in_range(count_files(".image"), IMAGES_MAX_COUNT - 6,
	    IMAGES_MAX_COUNT);
	assert_int_equal(count_files(".new"), 0);
	assert_int_equal(source_of(numbered(0)), IMAGE_SOURCE_FRESH);
}

/* --- the secret ------------------------------------------------------------- */

static void
write_key(const char *name)
{
	static char text[16384];
	struct privkey *key = privkey_generate(PRIVKEY_ED25519, 0);

	assert_true(keyfile_format(key, "c", text, sizeof(text)));
	rig_text(name, text);
	privkey_free(key);
}

static void
get_secret(const char *config, uint8_t out[static IMAGE_SECRET_BYTES])
{
	struct image_places places;
	struct image_choice c;
	struct settings s;

	image_places_find(&places);
	assert_true(image_choose(rig_path(config), &places, &c));
	assert_true(config_resolve(c.config, NULL, &s));
	image_timing_secret(c.image, &s.host_keys, out);
	image_choice_free(&c);
	image_places_free(&places);
}

static void
secret_is_the_same_with_and_without_image(void **state)
{
	static const uint8_t zero[IMAGE_SECRET_BYTES];
	uint8_t before[IMAGE_SECRET_BYTES], after[IMAGE_SECRET_BYTES];
	char text[PATH_MAX + 32];

	(void)state;
	write_key("key");
	snprintf(text, sizeof(text), "HostKey %s\n", rig_path("key"));
	rig_text("config", text);
	get_secret("config", before);
	assert_memory_not_equal(before, zero, sizeof(zero));
	rig_sleep_ms(30);
	publish("config");
	assert_int_equal(source_of("config"), IMAGE_SOURCE_FRESH);
	get_secret("config", after);
	assert_memory_equal(before, after, sizeof(before));
	/* Another host key changes nothing for who has seen the delays. */
	write_key("key");
	get_secret("config", after);
	assert_memory_equal(before, after, sizeof(before));
	rig_sleep_ms(30);
	publish("config");
	get_secret("config", after);
	assert_memory_equal(before, after, sizeof(before));
}

/* Nobody may work it out: what an agent's .pub says is no secret. */
static void
public_keys_are_no_secret(void **state)
{
	static const uint8_t zero[IMAGE_SECRET_BYTES];
	uint8_t secret[IMAGE_SECRET_BYTES];
	char text[PATH_MAX + 32];

	(void)state;
	rig_text("key.pub", "ssh-ed25519 AAAA comment\n");
	snprintf(text, sizeof(text), "HostKey %s\nHostKeyAgent /x\n",
	    rig_path("key.pub"));
	rig_text("config", text);
	get_secret("config", secret);
	assert_memory_equal(secret, zero, sizeof(zero));
	rig_sleep_ms(30);
	publish("config");
	get_secret("config", secret);
	assert_memory_not_equal(secret, zero, sizeof(zero));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(number_is_bounded, make,
		    rig_remove),
		cmocka_unit_test_setup_teardown(last_good_stays, make,
		    rig_remove),
		cmocka_unit_test_setup_teardown(locked_one_stays, make,
		    rig_remove),
		cmocka_unit_test_setup_teardown(many_at_once, make,
		    rig_remove),
		cmocka_unit_test_setup_teardown(
		    secret_is_the_same_with_and_without_image, make,
		    rig_remove),
		cmocka_unit_test_setup_teardown(public_keys_are_no_secret,
		    make, rig_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
