/*
 * config: read sshd_config(5).  Pure layer: it reads the files that it is
 * told to and returns; it neither logs nor exits.
 */
#ifndef SSHD_CONN_CONFIG_CONFIG_H
#define SSHD_CONN_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"
#include "config/settings.h"

struct config;			/* a parsed file with its Match blocks */

enum config_severity {
	CONFIG_NOTE,		/* fine, but worth telling -t's reader */
	CONFIG_WARNING,		/* accepted, without effect here */
	CONFIG_ERROR,		/* the file is refused */
};

struct config_message {
	enum config_severity severity;
	const char *file;	/* "command-line" for -o */
	unsigned int line, column;	/* from 1; 0 if it has none */
	const char *text;
};

/*
 * config_read - parse file and everything that it includes
 *
 * overrides are the -o options ("Keyword value" or "Keyword=value"), which
 * win over the file.  file NULL: no file ("-f none").  A struct config is
 * always returned (NULL only without memory): config_messages() tells what
 * was wrong with it, and it must not be used for a connection if
 * config_valid() is false.  A file that cannot be opened is an error message
 * like any other.
 */
struct config *config_read(const char *file, const char *const *overrides,
    size_t override_count) MUST_USE;
void config_free(struct config *config);

bool config_valid(const struct config *config);
const struct config_message *config_messages(const struct config *config,
    size_t *count);

/* What Match looks at; NULL or 0 where it is not known. */
struct config_spec {
	const char *user;
	const char *host;
	const char *addr;
	const char *laddr;
	const char *rdomain;
	unsigned int lport;
	bool invalid_user;
	/* The user's groups, for Match Group; asked only if a block needs it. */
	bool (*in_group)(void *ctx, const char *group_pattern_list);
	void *ctx;
};

/* What the command line settles, before any line and any Match. */
struct config_fixed {
	int address_family;	/* -4, -6; AF_UNSPEC: neither */
	long grace_sec;		/* -g; -1: not given */
	int log_level;		/* -q, -d: as settings have it; -1: neither */
	struct strlist ports;	/* -p, instead of all Port lines */
	struct strlist host_keys, host_certificates; /* -h, -c: the first */
};

/*
 * config_fix - let all that is resolved from now on have that
 *
 * fixed is borrowed until config is gone; NULL takes it back.  Returns what
 * was there before.  It is of this process: an image does not get it.
 */
const struct config_fixed *config_fix(struct config *config,
    const struct config_fixed *fixed);

/*
 * config_resolve - the settings in force for this connection
 *
 * Before the user is known: user NULL, and Match blocks that ask for one do
 * not apply.  Returns false without memory.
 */
bool config_resolve(struct config *config, const struct config_spec *spec,
    struct settings *out) MUST_USE;

#endif
