/*
 * compile: text to image, and what images there are.  Keygen only.
 *
 * Must never leave a worse image than the one that it found.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compile.h"
#include "config/dump.h"
#include "config/origin.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "image/choose.h"

/* HostKey lines whose keys are kept; others are looked up per connection. */
#define KEYS_MAX_COUNT	64

/* A file that changes under our hands is read again. */
#define TRIES_COUNT	5

struct key_list {
	struct image_key key[KEYS_MAX_COUNT];
	uint8_t blob[KEYS_MAX_COUNT][KEY_BLOB_MAX_BYTES];
	size_t count;
};

static void
complain(const char *path, const char *text)
{
	fprintf(stderr, "sshd-conn-keygen: %s: %s\n", path, text);
}

/* Every error, where it is; warnings are for sshd-conn -t. */
static void
print_errors(const struct config *config)
{
	size_t i, n;
	const struct config_message *m = config_messages(config, &n);

	for (i = 0; i < n; i++) {
		if (m[i].severity == CONFIG_ERROR)
			fprintf(stderr, "%s:%u:%u: %s\n", m[i].file,
			    m[i].line, m[i].column, m[i].text);
	}
}

/* One that cannot be read is left to the connections, which log it. */
static void
add_key(struct key_list *list, const char *path)
{
	struct image_key *key = &list->key[list->count];
	uint8_t *blob = list->blob[list->count];
	enum keyfile_err err;
	size_t len;

	if (list->count == KEYS_MAX_COUNT)
		return;
	err = keyfile_public(path, blob, &len);
	if (err == KEYFILE_SYSTEM && errno == ENOENT)
		len = 0;
	else if (err != KEYFILE_OK) {
		complain(path, err == KEYFILE_SYSTEM ? strerror(errno) :
		    keyfile_strerror(err));
		return;
	}
	*key = (struct image_key){ path, span(blob, len) };
	list->count++;
}

static bool
load_keys(struct config *config, struct key_list *list)
{
	struct settings settings;
	size_t i;

	list->count = 0;
	if (!config_resolve(config, NULL, &settings))
		return false;
	for (i = 0; i < settings.host_keys.n; i++)
		add_key(list, settings.host_keys.v[i]);
	return true;
}

/* NULL: errno says; ESTALE asks for another try. */
static const char *
store(const struct compile_options *options, const struct image_text *text,
    const struct image_places *places)
{
	struct key_list *list = malloc(sizeof(*list));
	const char *where = NULL;

	if (list != NULL && load_keys(text->config, list))
		where = image_compile(options->file, text, places, list->key,
		    list->count, true);
	free(list);
	return where;
}

static bool
compile_once(const struct compile_options *options,
    const struct image_places *places, bool *again)
{
	struct image_text text;
	const char *where = NULL;

	*again = false;
	if (!image_text_read(options->file, &text)) {
		complain(options->file, strerror(ENOMEM));
	} else if (!config_valid(text.config)) {
		print_errors(text.config);
		fprintf(stderr, "sshd-conn-keygen: %s: not compiled; an "
		    "image that is there stays\n", options->file);
	} else {
		errno = ESTALE;
		where = text.settled ? store(options, &text, places) : NULL;
		*again = where == NULL && errno == ESTALE;
		if (where == NULL && !*again)
			fprintf(stderr, "sshd-conn-keygen: no place for the "
			    "image of %s: %s\n", options->file,
			    strerror(errno));
	}
	if (where != NULL && !options->quiet)
		printf("compiled %s: %zu files, in %s\n", options->file,
		    text.stamps.n, where);
	fflush(stdout);
	if (options->settle && !*again) {
		sleep(1);
		*again = !stamps_hold(&text.stamps);
	}
	image_text_free(&text);
	return where != NULL;
}

bool
compile_image(const struct compile_options *options)
{
	struct image_places places;
	bool good = false, again = true;
	struct stat st;
	int tries = 0;

	if (options->optional && !stamp_now(options->file).present)
		return true;
	if (stat(options->file, &st) == 0 && !S_ISREG(st.st_mode)) {
		complain(options->file, "not a regular file");
		return false;
	}
	image_places_find(&places);
	while (again && (options->settle || tries++ < TRIES_COUNT))
		good = compile_once(options, &places, &again);
	if (again)
		complain(options->file, "changes all the time; not compiled");
	image_places_free(&places);
	return good;
}

/* --- looking at one ---------------------------------------------------------- */

/* The image that a connection would take; *why when it has none. */
static struct image *
find(const struct compile_options *options, enum image_err *why)
{
	struct image *found = NULL, *image;
	struct image_places places;
	enum image_err err;
	size_t i;

	*why = IMAGE_MISSING;
	image_places_find(&places);
	for (i = 0; i < places.count; i++) {
		err = image_open(places.dir[i], options->file, &image);
		if (err != IMAGE_OK && err != IMAGE_MISSING)
			*why = err;
		if (err != IMAGE_OK)
			continue;
		if (found == NULL || (!image_fresh(found) &&
		    (image_fresh(image) ||
		    image->parts.made_ns > found->parts.made_ns))) {
			image_close(found);
			found = image;
		} else {
			image_close(image);
		}
	}
	image_places_free(&places);
	return found;
}

/* Its sources, each with what became of it. */
static void
print_sources(const struct image *image, FILE *out, bool only_changed)
{
	struct cursor c = image->parts.stamps;
	struct stamp then, now;
	const char *path;

	while (image_next_stamp(&c, &path, &then)) {
		const char *what = then.present ? "" : " (not there)";

		now = stamp_now(path);
		if (!stamp_equal(&now, &then))
			what = !now.present ? " (removed since)" :
			    !then.present ? " (new since)" :
			    " (changed since)";
		else if (only_changed)
			continue;
		fprintf(out, "  %s%s\n", path, what);
	}
	if (only_changed && image->parts.directory != NULL)
		fprintf(out, "  it counts from %s\n", image->parts.directory);
}

bool
compile_check(const struct compile_options *options)
{
	enum image_err why;
	struct image *image = find(options, &why);
	bool fresh = image != NULL && image_fresh(image);

	if (image == NULL) {
		fprintf(stderr, "sshd-conn-keygen: no image of %s: %s\n",
		    options->file, image_strerror(why));
	} else if (!fresh) {
		fprintf(stderr, "sshd-conn-keygen: %s is not current:\n",
		    image->file);
		print_sources(image, stderr, true);
	} else if (!options->quiet) {
		printf("%s is current\n", image->file);
	}
	image_close(image);
	return fresh;
}

static void
print_keys(const struct image *image)
{
	struct cursor c = image->parts.keys;
	char fingerprint[FINGERPRINT_MAX_BYTES];
	struct pubkey_info info;
	struct image_key key;

	while (image_next_key(&c, &key)) {
		if (key.blob.len == 0)
			printf("  %s (not there)\n", key.path);
		else if (pubkey_parse(key.blob, &info) &&
		    hash_fingerprint(HASH_SHA256, key.blob, fingerprint))
			printf("  %s: %u %s (%s)\n", key.path, info.bits,
			    fingerprint, info.log_name);
		else
			printf("  %s: of a kind that is not known\n",
			    key.path);
	}
}

static void
print_match(void *ctx, const char *file, unsigned int line, bool applies)
{
	(void)ctx;
	(void)applies;
	printf("  Match at %s:%u\n", file, line);
}

static bool
print_settings(const struct image *image)
{
	struct config *config = image_config(image);
	char *text = config == NULL ? NULL : config_dump(config, NULL);

	if (text != NULL) {
		printf("settings without any Match:\n%s", text);
		printf("blocks that may change them:\n");
		config_each_match(config, print_match, NULL);
	}
	free(text);
	config_free(config);
	return text != NULL;
}

bool
compile_print(const struct compile_options *options)
{
	enum image_err why;
	struct image *image = find(options, &why);
	char date[64] = "?";
	struct tm tm;
	bool good;

	if (image == NULL) {
		fprintf(stderr, "sshd-conn-keygen: no image of %s: %s\n",
		    options->file, image_strerror(why));
		return false;
	}
	if (localtime_r(&(time_t){ (time_t)(image->parts.made_ns /
	    1000000000) }, &tm) != NULL)
		(void)strftime(date, sizeof(date), "%F %T %z", &tm);
	printf("image %s\nof %s\nmade %s by sshd-conn %s\ncurrent %s\n",
	    image->file, image->parts.config_path, date,
	    image->parts.program, image_fresh(image) ? "yes" : "no");
	printf("packed settings %zu bytes\nmade from:\n",
	    image->parts.config.len);
	print_sources(image, stdout, false);
	printf("host keys:\n");
	print_keys(image);
	good = print_settings(image);
	if (!good)
		complain(image->file, "its settings cannot be read");
	image_close(image);
	return good;
}
