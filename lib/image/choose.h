/*
 * choose: fresh image, text, or last good image: which one serves?
 *
 * Reads files and may write images; logs nothing.  Main of a connection
 * without -o; keygen uses image_compile().
 */
#ifndef SSHD_CONN_IMAGE_CHOOSE_H
#define SSHD_CONN_IMAGE_CHOOSE_H

#include "image/image.h"
#include "image/text.h"

enum image_source {
	IMAGE_SOURCE_FRESH,	/* an image; no text was read */
	IMAGE_SOURCE_TEXT,	/* the text, right or wrong */
	IMAGE_SOURCE_LAST_GOOD,	/* an image, for the text is wrong */
};

struct image_choice {
	enum image_source source;
	struct config *config;	/* one of those below owns it */
	struct image *image;	/* fresh or last good; NULL: there is none */
	struct config *unpacked; /* from the image */
	struct image_text text;	/* what was read, if anything was */
	char *path;		/* absolute */
	const struct image_places *places;	/* the caller's */
	bool tell;		/* LAST_GOOD, and this change is news */
};

/*
 * image_choose - decide for the configuration file path
 *
 * config_set_algorithms() must have been called.  Text that never came to
 * rest counts as wrong if there is an image.  False without memory;
 * image_choice_free() in any case, after the last use of the config and of
 * settings from it.  places must live as long.
 */
bool image_choose(const char *path, const struct image_places *places,
    struct image_choice *out) MUST_USE;
void image_choice_free(struct image_choice *choice);

/* image_choose_text - the same, but nothing counts that was made before */
bool image_choose_text(const char *path, const struct image_places *places,
    struct image_choice *out) MUST_USE;

/*
 * image_fall_back - the text is well formed, and still cannot serve
 *
 * For what shows only later, as HostKey lines that name no key.  Takes the
 * last good image instead; false if there is none.
 */
bool image_fall_back(struct image_choice *choice) MUST_USE;

/*
 * image_publish - let the next connection have it easier
 *
 * After good text was read: stores an image in the first place that takes
 * it, unless somebody else is at it.  Nothing is lost if it fails.
 */
void image_publish(const struct image_choice *choice);

/*
 * image_compile - store what was read, wherever it can be
 *
 * complain (or NULL) hears of files that cannot be read, and are left out.
 * Returns the directory (borrowed from places), or NULL with errno set.
 */
const char *image_compile(const char *path, const struct image_text *text,
    const struct image_places *places,
    void (*complain)(const char *path, const char *what), bool wait) MUST_USE;

#endif
