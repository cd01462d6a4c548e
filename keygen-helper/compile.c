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
#include "crypto/pubkey.h"
#include "image/choose.h"
#include "image/hostkeys.h"

/* A file that changes under our hands is read again. */
#define TRIES_COUNT	5

static void
complain(const char *path, const char *text)
{
	fprintf(stderr, "sshd-conn-keygen: %s: %s\n", path, text);
}

/*
 * Everything that bad, where it is.  Of a good text these are the lines that
 * have no effect here: said once for each image that is made of it, so that
 * the journal has it even if nobody ever runs sshd-conn -t.
 */
static void
print_messages(const struct config *config, enum config_severity least)
{
	size_t i, n;
	const struct config_message *m = config_messages(config, &n);

	for (i = 0; i < n; i++) {
		if (m[i].severity >= least)
			fprintf(stderr, "%s:%u:%u: %s\n", m[i].file,
			    m[i].line, m[i].column, m[i].text);
	}
}

static void
say_of_key(const char *line)
{
	fprintf(stderr, "sshd-conn-keygen: %s\n", line);
}

/*
 * A text that leaves no host key to offer is as wrong as one with a keyword
 * that nobody knows: in force, it would keep everyone out.  Only a text that
 * names no key may be meant so, for a server whose keys are credentials.
 */
static bool
offers_a_host_key(struct config *config)
{
	struct hostkeys keys = { .count = 0 };
	struct settings s;
	const char *file;
	unsigned int line;
	bool good;

	if (!config_resolve(config, NULL, &s))
		return true;
	good = image_hostkeys_load(&s, NULL, NULL, &keys) || (keys.count == 0 &&
	    (s.host_keys.n == 0 || !config_origin(config, "HostKey", &file,
	    &line)));
	if (!good) {
		(void)!image_hostkeys_load(&s, NULL, say_of_key, &keys);
		fprintf(stderr, "sshd-conn-keygen: no host key can be "
		    "offered\n");
	}
	image_hostkeys_free(&keys);
	return good;
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
	} else if (!config_valid(text.config) ||
	    !offers_a_host_key(text.config)) {
		print_messages(text.config, CONFIG_ERROR);
		fprintf(stderr, "sshd-conn-keygen: %s: not compiled; an "
		    "image that is there stays\n", options->file);
	} else {
		errno = ESTALE;
		where = text.settled ? image_compile(options->file, &text,
		    places, complain, true) : NULL;
		*again = where == NULL && errno == ESTALE;
		if (where == NULL && !*again)
			fprintf(stderr, "sshd-conn-keygen: no place for the "
			    "image of %s: %s\n", options->file,
			    strerror(errno));
	}
	if (where != NULL && !options->quiet) {
		print_messages(text.config, CONFIG_WARNING);
		printf("compiled %s: %zu files, in %s\n", options->file,
		    text.stamps.n, where);
	}
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

/* A host key or its certificate; else a text, or moduli. */
static void
print_files(const struct image *image)
{
	struct cursor c = image->parts.files;
	char fingerprint[FINGERPRINT_MAX_BYTES];
	struct pubkey_info info;
	struct image_file file;

	while (image_next_file(&c, &file)) {
		if (file.bytes.len == 0)
			printf("  %s (not there, or empty)\n", file.path);
		else if (pubkey_parse(file.bytes, &info) &&
		    hash_fingerprint(HASH_SHA256, file.bytes, fingerprint))
			printf("  %s: %u %s (%s)\n", file.path, info.bits,
			    fingerprint, info.log_name);
		else
			printf("  %s: %zu bytes\n", file.path,
			    file.bytes.len);
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
	printf("files in it:\n");
	print_files(image);
	good = print_settings(image);
	if (!good)
		complain(image->file, "its settings cannot be read");
	image_close(image);
	return good;
}
