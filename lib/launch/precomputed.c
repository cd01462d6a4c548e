/*
 * precomputed: image or text.  Runs in main, as root.
 */
#include "launch/precomputed.h"
#include "run/log.h"

struct config *
precomputed_config(const struct options *options,
    const struct image_places *places, struct image_choice *choice)
{
	bool text_alone = options->config_file != NULL &&
	    options->override_count == 0;

	if (options->job == JOB_SERVE && text_alone)
		return image_choose(options->config_file, places, choice) ?
		    choice->config : NULL;
	if (options->job == JOB_TEST && text_alone)
		return image_choose_text(options->config_file, places,
		    choice) ? choice->config : NULL;
	choice->source = IMAGE_SOURCE_TEXT;
	choice->text.config = config_read(options->config_file,
	    options->override, options->override_count);
	return choice->text.config;
}

const struct image *
precomputed_files(const struct image_choice *choice)
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
