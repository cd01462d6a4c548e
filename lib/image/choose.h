/*
 * choose: fresh image, text, or last good image: which one serves?
 *
 * Reads files and may write images; logs nothing.  Main; keygen uses
 * image_compile().
 */
#ifndef SSHD_CONN_IMAGE_CHOOSE_H
#define SSHD_CONN_IMAGE_CHOOSE_H

#include "config/options.h"
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

/*
 * image_choose_for - the same, as the command line asks for it
 *
 * -t reads the text, whatever was made of it before; with -o, "-f none" or
 * another job that serves nobody it is read as it is, and not compiled.
 */
bool image_choose_for(const struct options *options,
    const struct image_places *places, struct image_choice *out) MUST_USE;

/* The image whose word on files counts, or NULL. */
static inline const struct image *
image_of_files(const struct image_choice *choice)
{
	return choice->source == IMAGE_SOURCE_FRESH ? choice->image : NULL;
}

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
