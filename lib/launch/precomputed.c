/*
 * precomputed: image or text.  Runs in main, as root.
 */
#include <errno.h>
#include <unistd.h>

#include "launch/precomputed.h"
#include "run/log.h"

struct config *
precomputed_config(const struct options *options,
    const struct image_places *places, struct image_choice *choice)
{
	if (options->job == JOB_SERVE && options->config_file != NULL &&
	    options->override_count == 0)
		return image_choose(options->config_file, places, choice) ?
		    choice->config : NULL;
	choice->source = IMAGE_SOURCE_TEXT;
	choice->text.config = config_read(options->config_file,
	    options->override, options->override_count);
	return choice->text.config;
}

const struct image *
precomputed_keys(const struct image_choice *choice)
{
	return choice->source == IMAGE_SOURCE_FRESH ? choice->image : NULL;
}

void
precomputed_tell(const struct image_choice *choice)
{
	const struct config_message *m;

	if (!choice->tell)
		return;
	m = image_text_error(&choice->text);
	log_line(LOG_LEVEL_ERROR, false, "%s line %u: %s; the last good "
	    "configuration stays in force", m->file, m->line, m->text);
}

static bool
is_missing(const char *path)
{
	return access(path, F_OK) != 0 && errno == ENOENT;
}

void
precomputed_publish(const struct image_choice *choice,
    const struct settings *settings, const struct hostkeys *keys)
{
	struct image_key known[2 * HOSTKEYS_MAX_COUNT];
	size_t i, n = 0;

	if (choice->source != IMAGE_SOURCE_TEXT || !choice->text.settled)
		return;
	/* Credentials are another connection's under another path. */
	for (i = 0; i < keys->configured_count; i++)
		known[n++] = (struct image_key){ keys->key[i].path,
			span(keys->key[i].blob, keys->key[i].len) };
	for (i = 0; i < settings->host_keys.n && n < ARRAY_LEN(known); i++) {
		if (is_missing(settings->host_keys.v[i]))
			known[n++] = (struct image_key){
				settings->host_keys.v[i], { 0 } };
	}
	image_publish(choice, known, n);
}
