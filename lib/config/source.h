/*
 * source: parse a configuration that is not (only) in the file system.
 *
 * Pure layer.  The image compiler uses it to note which files were read, the
 * fuzz target to read none.
 */
#ifndef SSHD_CONN_CONFIG_SOURCE_H
#define SSHD_CONN_CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"
#include "config/config.h"

/* One file's text is at most this long; OpenSSH's own limit is far off. */
#define CONFIG_FILE_MAX_BYTES (8 * 1024 * 1024)

struct config_files {
	/*
	 * The text of a file: *text from malloc(3), freed by the parser.
	 * Returns 0 or an errno.
	 */
	int (*load)(void *ctx, const char *path, char **text, size_t *n);
	/*
	 * Calls found() for each file that an Include pattern names, in
	 * order, until it returns false.  False: the pattern could not be
	 * tried; no file at all is true.
	 */
	bool (*glob)(void *ctx, const char *pattern,
	    bool (*found)(void *arg, const char *path), void *arg);
	/* Is there such a file?  For the default HostKeys. */
	bool (*exists)(void *ctx, const char *path);
	void *ctx;
};

/* The file system. */
extern const struct config_files config_real_files;

/*
 * config_read_from - config_read() with another source of files
 *
 * files is used during the call only.
 */
struct config *config_read_from(const struct config_files *files,
    const char *file, const char *const *overrides, size_t override_count)
    MUST_USE;

/* config_read_text - the same for text that is here; name is for messages. */
struct config *config_read_text(const struct config_files *files,
    const char *name, const char *text, size_t n) MUST_USE;

#endif
