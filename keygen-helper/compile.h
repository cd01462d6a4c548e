/*
 * compile: the image of a configuration.  Keygen only.
 */
#ifndef SSHD_CONN_KEYGEN_HELPER_COMPILE_H
#define SSHD_CONN_KEYGEN_HELPER_COMPILE_H

#include <stdbool.h>

#include "base/sysdef.h"

struct compile_options {
	const char *file;	/* absolute path of the configuration */
	bool optional;		/* no such file: nothing to do, no error */
	bool settle;		/* until nothing has changed for a second */
	bool quiet;
};

/*
 * Each says on standard error what is wrong, and returns false then.  The
 * working directory should be "/", where service managers start a server:
 * relative paths in the text count from it.  Algorithms must be set.
 */

/*
 * compile_image - read the configuration and put its image in place
 *
 * Errors in the text are all told, as file:line:column; the image that is
 * there stays then.  With settle the last state of the files decides: a path
 * unit does not see what changes while its service runs.
 */
bool compile_image(const struct compile_options *options) MUST_USE;

/* compile_check - is there an image, and is it of today's files? */
bool compile_check(const struct compile_options *options) MUST_USE;

/* compile_print - what is in it, for a person, on standard output */
bool compile_print(const struct compile_options *options) MUST_USE;

#endif
