/*
 * options: the command line, as OpenSSH's sshd takes it.  Pure layer: what is
 * wrong is returned as text.
 */
#ifndef SSHD_CONN_CONFIG_OPTIONS_H
#define SSHD_CONN_CONFIG_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"
#include "config/config.h"

#define OPTIONS_MAX_COUNT 64	/* of each repeatable option */

enum options_job {
	JOB_SERVE,
	JOB_TEST,		/* -t */
	JOB_DUMP,		/* -T, -G */
	JOB_VERSION,		/* -V */
};

/* Strings of one kind, kept: words[].v is what others see of it. */
struct options_words {
	char *word[OPTIONS_MAX_COUNT];
	size_t n;
};

struct options {
	enum options_job job;
	const char *config_file;	/* -f; NULL for "none" */
	const char *override[OPTIONS_MAX_COUNT];	/* -o */
	size_t override_count;
	struct config_fixed fixed;	/* -4 -6 -c -d -g -h -p -q */
	struct options_words ports, host_keys, host_certificates;
	bool explain;			/* --explain, with -T */
	bool has_spec;
	struct config_spec spec;	/* -C */
	const char *log_file;		/* -E */
	bool log_stderr;		/* -e, -d */
	unsigned int debug;		/* how many -d */
	long utmp_name_max;		/* -u; -1: not given */
	bool deprecated;		/* -r */

	char *wrong;			/* what cannot be; NULL: all is well */
	bool usage;			/* and how it is used should be said */
	int status;			/* of an exit for it, as OpenSSH's */
};

/*
 * options_parse - read argv
 *
 * False: see wrong, for standard error or the log.  Strings borrow from argv,
 * which -C cuts up; relative paths of -c and -h start at the working
 * directory.  options_free() in any case.
 */
bool options_parse(struct options *out, int argc, char **argv) MUST_USE;
void options_free(struct options *options);

/*
 * options_log_file - the name after -E, where %p is the process, %P the
 * program's name and %% a percent sign
 *
 * False: it is too long.
 */
bool options_log_file(const struct options *options, char path[PATH_MAX])
    MUST_USE;

/* What an option that was given does not do here; NULL after the last. */
const char *options_notice(const struct options *options, size_t i);

extern const char options_usage[];

#endif
