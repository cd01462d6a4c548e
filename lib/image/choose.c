/*
 * choose: the rule that keeps a wrong edit from locking anyone out.  Main.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "config/pack.h"
#include "image/choose.h"
#include "image/gather.h"

#define PACK_FIRST_BYTES ((size_t)32 << 10)

/* Takes image for the one to serve from, unless it cannot be unpacked. */
static bool
adopt(struct image_choice *c, struct image *image)
{
	struct config *config = image_config(image);

	if (config == NULL) {
		image_close(image);
		return false;
	}
	config_free(c->unpacked);
	image_close(c->image);
	c->image = image;
	c->unpacked = config;
	return true;
}

/* A fresh one ends the search; otherwise the latest is the last good one. */
static bool
find_image(struct image_choice *c)
{
	size_t i;

	for (i = 0; i < c->places->count; i++) {
		struct image *image;

		if (image_open(c->places->dir[i], c->path, &image) != IMAGE_OK)
			continue;
		if (image_fresh(image)) {
			if (adopt(c, image))
				return true;
		} else if (c->image == NULL || image->parts.made_ns >
		    c->image->parts.made_ns) {
			(void)adopt(c, image);
		} else {
			image_close(image);
		}
	}
	return false;
}

/* Where nothing can be remembered, every connection tells. */
static bool
is_news(const struct image_choice *c)
{
	uint64_t digest = stamps_digest(&c->text.stamps);
	bool first = true;
	size_t i;

	for (i = 0; i < c->places->count; i++) {
		if (image_remember(c->places->dir[i], c->path, digest, &first))
			break;
	}
	return first;
}

static void
serve_last_good(struct image_choice *c)
{
	c->source = IMAGE_SOURCE_LAST_GOOD;
	c->config = c->unpacked;
	/* An edit that is still going on is no mistake. */
	c->tell = !config_valid(c->text.config) && is_news(c);
}

static void
serve_text(struct image_choice *c)
{
	c->source = IMAGE_SOURCE_TEXT;
	c->config = c->text.config;
}

bool
image_choose(const char *path, const struct image_places *places,
    struct image_choice *out)
{
	*out = (struct image_choice){ .source = IMAGE_SOURCE_FRESH,
		.places = places };
	out->path = image_path(path);
	if (out->path != NULL && find_image(out)) {
		out->config = out->unpacked;
		return true;
	}
	if (!image_text_read(path, &out->text))
		return false;
	if (out->image != NULL && (!config_valid(out->text.config) ||
	    !out->text.settled))
		serve_last_good(out);
	else
		serve_text(out);
	return true;
}

bool
image_choose_for(const struct options *options,
    const struct image_places *places, struct image_choice *out)
{
	const char *path = options->config_file;
	bool compiled = path != NULL && options->override_count == 0;

	if (compiled && options->job == JOB_SERVE)
		return image_choose(path, places, out);
	*out = (struct image_choice){ .places = places };
	if (compiled && options->job == JOB_TEST) {
		out->path = image_path(path);
		if (!image_text_read(path, &out->text))
			return false;
	} else {
		out->text.config = config_read(path, options->override,
		    options->override_count);
	}
	serve_text(out);
	return out->config != NULL;
}

bool
image_fall_back(struct image_choice *choice)
{
	if (choice->source != IMAGE_SOURCE_TEXT || choice->image == NULL)
		return false;
	choice->source = IMAGE_SOURCE_LAST_GOOD;
	choice->config = choice->unpacked;
	choice->tell = is_news(choice);
	return true;
}

void
image_choice_free(struct image_choice *choice)
{
	config_free(choice->unpacked);
	image_close(choice->image);
	image_text_free(&choice->text);
	free(choice->path);
	*choice = (struct image_choice){ .source = IMAGE_SOURCE_TEXT };
}

static bool
pack(const struct config *config, struct span *out)
{
	size_t room;

	for (room = PACK_FIRST_BYTES; room <= IMAGE_MAX_BYTES; room *= 2) {
		uint8_t *p = malloc(room);
		struct sink sink = sink_of(p, room);

		if (p == NULL || !config_pack(config, &sink)) {
			free(p);
			errno = ENOMEM;
			return false;
		}
		if (sink_ok(&sink)) {
			*out = sink_span(&sink);
			return true;
		}
		free(p);
	}
	errno = EFBIG;
	return false;
}

/* Directory of the first place that takes it. */
static const char *
store_somewhere(const struct image_content *content,
    const struct image_places *places, bool wait)
{
	size_t i;

	errno = ENOENT;
	for (i = 0; i < places->count; i++) {
		if (image_store(places->dir[i], content, wait))
			return places->dir[i];
		if (errno == EWOULDBLOCK || errno == ESTALE)
			break;
	}
	return NULL;
}

const char *
image_compile(const char *path, const struct image_text *text,
    const struct image_places *places,
    void (*complain)(const char *path, const char *what), bool wait)
{
	struct image_files files = { .complain = complain };
	uint8_t secret[IMAGE_SECRET_BYTES];
	struct image_content content = {
		.config_path = path,
		.directory = config_working_directory(text->config),
		.stamps = &text->stamps,
		.tag = config_pack_tag(),
	};
	/* What one command line says is not the text's, and not the image's. */
	const struct config_fixed *fixed = config_fix(text->config, NULL);
	struct settings s;
	const char *where = NULL;

	errno = ENOMEM;
	if (image_gather(text->config, &files) &&
	    config_resolve(text->config, NULL, &s) &&
	    pack(text->config, &content.config)) {
		content.files = files.v;
		content.file_count = files.n;
		if (image_first_secret(&s.host_keys, secret))
			content.secret = span(secret, sizeof(secret));
		where = store_somewhere(&content, places, wait);
		secret_wipe(secret, sizeof(secret));
	}
	(void)config_fix(text->config, fixed);
	free((void *)(uintptr_t)content.config.p);
	image_files_free(&files);
	return where;
}

void
image_publish(const struct image_choice *choice)
{
	if (choice->source != IMAGE_SOURCE_TEXT || choice->path == NULL ||
	    !config_valid(choice->text.config) || !choice->text.settled)
		return;
	/* Without it the next connection reads the text too: no harm. */
	if (image_compile(choice->path, &choice->text, choice->places, NULL,
	    false) == NULL)
		return;
}
