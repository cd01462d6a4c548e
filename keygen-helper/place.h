/*
 * place: bring a finished file to its name, once and for all.  Keygen only.
 */
#ifndef SSHD_CONN_KEYGEN_HELPER_PLACE_H
#define SSHD_CONN_KEYGEN_HELPER_PLACE_H

#include <sys/types.h>

#include "base/span.h"
#include "base/sysdef.h"

enum place_result {
	PLACE_DONE,
	PLACE_EXISTS,	/* the name was taken: nothing was changed */
	PLACE_FAILED,	/* errno says; nothing was changed */
};

/*
 * place_file - a new file in the current directory, complete or not at all
 *
 * Written and synced without a name (or, where the file system has no
 * O_TMPFILE, under a temporary one), then linked: whoever sees the name sees
 * the whole file, and a file that has the name already is never replaced,
 * whoever made it, however late.
 */
enum place_result place_file(const char *name, struct span text, mode_t mode)
    MUST_USE;

/*
 * place_clean - remove temporary files that killed runs left behind
 *
 * A live run holds a lock on its own, so those stay.
 */
void place_clean(void);

/* Sync the current directory: the names themselves.  False: errno says. */
bool place_sync(void) MUST_USE;

#endif
