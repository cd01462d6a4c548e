/*
 * precomputed: where this connection's configuration comes from: an image,
 * the text, or the last good image.  Runs in main, as root.
 */
#ifndef SSHD_CONN_LAUNCH_PRECOMPUTED_H
#define SSHD_CONN_LAUNCH_PRECOMPUTED_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "image/choose.h"
#include "config/options.h"

/*
 * precomputed_config - the configuration, or NULL without memory
 *
 * With -o, "-f none" or a job that serves nobody the text is read as it is.
 * The config belongs to *choice then too: image_choice_free().
 */
struct config *precomputed_config(const struct options *options,
    const struct image_places *places, struct image_choice *choice) MUST_USE;

/* The image whose word on files counts, or NULL. */
const struct image *precomputed_files(const struct image_choice *choice);

/* What the log must know: that wrong text is not in force.  Once a change. */
void precomputed_tell(const struct image_choice *choice);

#endif
