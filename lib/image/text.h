/*
 * text: read a configuration and note everything that it was read from.
 *
 * Pure layer but for reading those files; keygen, and a connection that has
 * no fresh image.
 */
#ifndef SSHD_CONN_IMAGE_TEXT_H
#define SSHD_CONN_IMAGE_TEXT_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "config/config.h"
#include "image/stamp.h"

struct image_text {
	struct config *config;	/* valid or not; its messages say */
	/*
	 * Every file that was opened or looked for, and the directories in
	 * which an Include's wildcards were tried, so that a new file there
	 * is noticed; of a valid one what image_each_source() says too.
	 */
	struct stamps stamps;
	bool settled;		/* nothing changed meanwhile, or just before */
};

/*
 * image_text_read - config_read() of path, without -o, of a state that stayed
 *
 * A file that was changed a moment ago is looked at again after a few
 * milliseconds, and read again when it was changed meanwhile, for a quarter
 * of a second at most: so nobody works with the half of a file that an
 * editor is writing.  settled is false when it never came to rest, or when
 * path is no regular file.
 *
 * False without memory.  image_text_free() in any case.
 */
bool image_text_read(const char *path, struct image_text *out) MUST_USE;
void image_text_free(struct image_text *text);

/* The first error's message; NULL when the text is good. */
const struct config_message *image_text_error(const struct image_text *text);

#endif
