/*
 * Tests of image/image.h: an image is whole and of its maker, or it is none.
 */
#include "unit.h"

#include <errno.h>
#include <sys/wait.h>

#include "image/checksum.h"
#include "image/image.h"
#include "image_rig.h"
#include "config/pack.h"

#define WRITERS_COUNT	8
#define WRITES_COUNT	40

static struct stamps stamps;

/* An image of a source "config" with one host key. */
static struct image_content
content(const char *packed)
{
	static struct image_file files[2];

	files[0] = (struct image_file){ "/key/a", S("blob of a") };
	files[1] = (struct image_file){ "/key/none", S("") };
	return (struct image_content){
		.config_path = "/etc/ssh/sshd_config",
		.stamps = &stamps,
		.files = files,
		.file_count = ARRAY_LEN(files),
		.config = S(packed),
		.tag = config_pack_tag(),
	};
}

static int
make_sources(void **state)
{
	if (rig_make(state) != 0)
		return -1;
	stamps = (struct stamps){ 0 };
	rig_text("config", "Port 22\n");
	stamps_add(&stamps, rig_path("config"));
	stamps_add(&stamps, rig_path("absent"));
	return 0;
}

static int
remove_sources(void **state)
{
	stamps_free(&stamps);
	return rig_remove(state);
}

static const char *
image_file(void)
{
	char name[IMAGE_NAME_MAX_BYTES], below[PATH_MAX];

	image_name("/etc/ssh/sshd_config", ".image", name);
	snprintf(below, sizeof(below), "state/%s", name);
	return rig_path(below);
}

static enum image_err
open_it(struct image **out)
{
	return image_open(rig_path("state"), "/etc/ssh/sshd_config", out);
}

static void
store_it(const char *packed)
{
	struct image_content c = content(packed);

	assert_true(image_store(rig_path("state"), &c, true));
}

static void
comes_back(void **state)
{
	struct image *image;
	struct span blob;
	struct stat st;

	(void)state;
	assert_int_equal(open_it(&image), IMAGE_MISSING);
	assert_null(image);
	store_it("packed");
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_span(image->parts.config, "packed");
	assert_string_equal(image->parts.config_path, "/etc/ssh/sshd_config");
	assert_null(image->parts.directory);
	assert_int_equal(image->parts.stamp_count, 2);
	assert_true(image_find_file(image, "/key/a", &blob));
	assert_span(blob, "blob of a");
	assert_true(image_find_file(image, "/key/none", &blob));
	assert_int_equal(blob.len, 0);
	assert_false(image_find_file(image, "/key/b", &blob));
	assert_true(image_fresh(image));
	image_close(image);
	assert_int_equal(stat(image_file(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(rig_path("state"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void
every_stamp_counts(void **state)
{
	struct image *image;
	struct stamp was, now;
	struct timespec times[2];
	struct stat st;

	(void)state;
	store_it("packed");
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_true(image_fresh(image));
	rig_sleep_ms(20);				/* more than a tick */
	rig_text("absent", "");
	assert_false(image_fresh(image));		/* came */
	unlink(rig_path("absent"));
	assert_true(image_fresh(image));
	assert_int_equal(stat(rig_path("config"), &st), 0);
	rename(rig_path("config"), rig_path("old"));
	assert_false(image_fresh(image));		/* went */
	rig_text("config", "Port 22\n");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	utimensat(AT_FDCWD, rig_path("config"), times, 0);
	assert_false(image_fresh(image));		/* inode, ctime */
	rename(rig_path("old"), rig_path("config"));
	assert_false(image_fresh(image));		/* ctime only */
	image_close(image);

	was = stamp_now(rig_path("config"));
	rig_sleep_ms(20);
	chmod(rig_path("config"), 0640);
	now = stamp_now(rig_path("config"));
	assert_true(was.mtime_ns == now.mtime_ns);
	assert_false(stamp_equal(&was, &now));		/* mode: ctime */
	for (size_t i = 0; i < 5; i++) {
		struct stamp other = now;
		uint64_t *const member[] = { &other.device, &other.inode,
			&other.bytes, (uint64_t *)&other.mtime_ns,
			(uint64_t *)&other.ctime_ns };

		++*member[i];
		assert_false(stamp_equal(&other, &now));
	}
}

static void
working_directory_counts(void **state)
{
	struct image_content c = content("packed");
	struct image *image;

	(void)state;
	c.directory = "/nowhere";
	assert_true(image_store(rig_path("state"), &c, true));
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_false(image_fresh(image));
	image_close(image);
}

static void
refuses_others(void **state)
{
	struct image *image;

	(void)state;
	store_it("packed");
	chmod(image_file(), 0620);
	assert_int_equal(open_it(&image), IMAGE_UNSAFE);
	chmod(image_file(), 0602);
	assert_int_equal(open_it(&image), IMAGE_UNSAFE);
	chmod(image_file(), 0644);
	assert_int_equal(open_it(&image), IMAGE_OK);
	image_close(image);
	if (geteuid() == 0) {
		assert_int_equal(chown(image_file(), 65534, 65534), 0);
		assert_int_equal(open_it(&image), IMAGE_UNSAFE);
		assert_int_equal(chown(image_file(), 0, 0), 0);
	}
	rename(image_file(), rig_path("state/moved"));
	assert_int_equal(symlink("moved", image_file()), 0);
	assert_int_equal(open_it(&image), IMAGE_UNSAFE);
	unlink(image_file());
	assert_int_equal(mkdir(image_file(), 0700), 0);
	assert_int_equal(open_it(&image), IMAGE_UNSAFE);
	rmdir(image_file());
}

static void
refuses_other_directories(void **state)
{
	struct image_content c = content("packed");
	bool first;

	(void)state;
	assert_int_equal(mkdir(rig_path("state"), 0777), 0);
	assert_int_equal(chmod(rig_path("state"), 0777), 0);
	assert_false(image_store(rig_path("state"), &c, true));
	assert_int_equal(errno, EPERM);
	assert_false(image_remember(rig_path("state"), "/x", 1, &first));
	assert_true(first);
}

static void
refuses_other_files(void **state)
{
	char name[IMAGE_NAME_MAX_BYTES], other[PATH_MAX];
	struct image_content c = content("packed");
	struct image *image;

	(void)state;
	store_it("packed");
	image_name("/other", ".image", name);
	snprintf(other, sizeof(other), "state/%s", name);
	assert_int_equal(rename(image_file(), rig_path(other)), 0);
	assert_int_equal(image_open(rig_path("state"), "/other", &image),
	    IMAGE_OTHER_FILE);
	c.tag++;
	assert_true(image_store(rig_path("state"), &c, true));
	assert_int_equal(open_it(&image), IMAGE_OTHER_VERSION);
}

/* Each byte of the file changed, each length: refused, or the same. */
static void
damage_is_seen(void **state)
{
	static uint8_t file[1 << 16], secret[IMAGE_SECRET_BYTES];
	uint8_t again[IMAGE_SECRET_BYTES];
	struct image *image;
	size_t n, i;

	(void)state;
	store_it("packed");
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_true(image_secret(image, secret));
	image_close(image);
	n = rig_read(image_file(), file, sizeof(file));
	assert_true(n > 4096 && n < 2 * 65536);
	for (i = 0; i < n; i++) {
		enum image_err err;
		struct image_parts parts;

		file[i] ^= (uint8_t)(1u << i % 8);
		/* In memory where the body is, with files where it matters. */
		if (i < n - IMAGE_SECRET_BYTES - 8) {
			err = image_get(span(file, n - IMAGE_SECRET_BYTES - 8),
			    &parts);
			assert_int_equal(err, i >= 8 && i < 12 ?
			    IMAGE_OTHER_VERSION : IMAGE_DAMAGED);
		}
		if (i < 256 || i >= n - IMAGE_SECRET_BYTES - 8) {
			char below[PATH_MAX];

			snprintf(below, sizeof(below), "state/%s",
			    strrchr(image_file(), '/') + 1);
			rig_write(below, file, n);
			err = open_it(&image);
			if (err == IMAGE_OK) {
				assert_false(image_secret(image, again));
				assert_span(image->parts.config, "packed");
			}
			image_close(image);
		}
		file[i] ^= (uint8_t)(1u << i % 8);
	}
	for (i = 0; i < n; i += i < 300 || i + 300 > n ? 1 : 61) {
		assert_int_equal(truncate(image_file(), 0), 0);
		char below[PATH_MAX];

		snprintf(below, sizeof(below), "state/%s",
		    strrchr(image_file(), '/') + 1);
		rig_write(below, file, i);
		assert_int_equal(open_it(&image), IMAGE_DAMAGED);
	}
}

static void
secret_stays(void **state)
{
	uint8_t one[IMAGE_SECRET_BYTES], two[IMAGE_SECRET_BYTES];
	static const uint8_t zero[IMAGE_SECRET_BYTES];
	struct image *image;

	(void)state;
	store_it("first");
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_true(image_secret(image, one));
	/* Not where another role could inherit it. */
	assert_null(memmem(image->body, image->bytes, one, sizeof(one)));
	image_close(image);
	store_it("second");
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_span(image->parts.config, "second");
	assert_true(image_secret(image, two));
	image_close(image);
	assert_memory_equal(one, two, sizeof(one));
	assert_memory_not_equal(one, zero, sizeof(one));
}

static void
large_one_is_mapped(void **state)
{
	static char packed[100000];
	struct image *image;

	(void)state;
	memset(packed, 'x', sizeof(packed) - 1);
	store_it("short");
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_false(image->mapped);
	image_close(image);
	store_it(packed);
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_true(image->mapped);
	assert_int_equal(image->parts.config.len, sizeof(packed) - 1);
	image_close(image);
}

static void
changed_source_is_not_stored(void **state)
{
	struct image_content c = content("late");
	struct image *image;

	(void)state;
	store_it("packed");
	rig_text("config", "Port 23 \n");
	assert_false(image_store(rig_path("state"), &c, true));
	assert_int_equal(errno, ESTALE);
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_span(image->parts.config, "packed");
	image_close(image);
}

static void
write_often(int writer)
{
	char packed[20000];
	int i;

	memset(packed, 'a' + writer, sizeof(packed) - 1);
	for (i = 0; i < WRITES_COUNT; i++) {
		struct image_content c;

		/* Different lengths, so that a half one cannot look whole. */
		packed[sizeof(packed) - 1 - (size_t)(writer * 2000)] = '\0';
		c = content(packed);
		if (!image_store(rig_path("state"), &c, i % 2 == 0) &&
		    errno != EWOULDBLOCK)
			_exit(1);
	}
	_exit(0);
}

static void
one_writer(const struct image *image)
{
	struct span p = image->parts.config;
	size_t i;

	for (i = 0; i < p.len; i++)
		assert_int_equal(p.p[i], p.p[0]);
	assert_int_equal(p.len, 19999 - (size_t)(p.p[0] - 'a') * 2000);
}

static void
many_writers(void **state)
{
	pid_t pid[WRITERS_COUNT];
	int i, status, running = WRITERS_COUNT;
	struct image *image;

	(void)state;
	store_it("packed");
	for (i = 0; i < WRITERS_COUNT; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			write_often(i);
		assert_true(pid[i] > 0);
	}
	while (running > 0) {
		assert_int_equal(open_it(&image), IMAGE_OK);
		if (image->parts.config.len > 10)
			one_writer(image);
		image_close(image);
		while (running > 0 && waitpid(-1, &status, WNOHANG) > 0) {
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), 0);
			running--;
		}
	}
	assert_int_equal(access(rig_path("state/x.new"), F_OK), -1);
}

static void
survives_a_killed_writer(void **state)
{
	char name[IMAGE_NAME_MAX_BYTES], below[PATH_MAX];
	struct image *image;

	(void)state;
	store_it("packed");
	image_name("/etc/ssh/sshd_config", ".new", name);
	snprintf(below, sizeof(below), "state/%s", name);
	rig_text(below, "half an im");
	store_it("again");
	assert_int_equal(access(rig_path(below), F_OK), -1);
	assert_int_equal(open_it(&image), IMAGE_OK);
	assert_span(image->parts.config, "again");
	image_close(image);
}

static void
remembers_what_was_told(void **state)
{
	bool first;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(image_remember(rig_path("state"),
		    "/etc/ssh/sshd_config", 7, &first));
		assert_int_equal(first, i == 0);
	}
	assert_true(image_remember(rig_path("state"), "/other", 7, &first));
	assert_true(first);
	assert_true(image_remember(rig_path("state"), "/etc/ssh/sshd_config",
	    8, &first));
	assert_true(first);
	store_it("good again");
	assert_true(image_remember(rig_path("state"), "/etc/ssh/sshd_config",
	    8, &first));
	assert_true(first);
}

static void
checksum_sees_each_word(void **state)
{
	uint8_t bytes[100] = { 0 };
	uint64_t seen[101];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++) {
		bytes[i] ^= 0x40;
		seen[i] = image_checksum(span(bytes, sizeof(bytes)));
		bytes[i] ^= 0x40;
	}
	seen[i] = image_checksum(span(bytes, sizeof(bytes)));
	for (i = 0; i < ARRAY_LEN(seen); i++) {
		for (j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
	for (i = 0; i < sizeof(bytes); i++)
		assert_true(image_checksum(span(bytes, i)) != seen[100]);
}

#define WITH_RIG(f) cmocka_unit_test_setup_teardown(f, make_sources, \
    remove_sources)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(comes_back),
		WITH_RIG(every_stamp_counts),
		WITH_RIG(working_directory_counts),
		WITH_RIG(refuses_others),
		WITH_RIG(refuses_other_directories),
		WITH_RIG(refuses_other_files),
		WITH_RIG(damage_is_seen),
		WITH_RIG(secret_stays),
		WITH_RIG(large_one_is_mapped),
		WITH_RIG(changed_source_is_not_stored),
		WITH_RIG(many_writers),
		WITH_RIG(survives_a_killed_writer),
		WITH_RIG(remembers_what_was_told),
		cmocka_unit_test(checksum_sees_each_word),
	};

	return cmocka_run_group_tests_name("image_file", tests, NULL, NULL);
}
