/*
 * options: the command line, as OpenSSH's sshd takes it.  Pure, but for what
 * getopt(3) says on standard error.
 */
#ifndef SSHD_CONN_CONFIG_OPTIONS_H
#define SSHD_CONN_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"

#define OPTIONS_MAX_COUNT 64	/* of each repeatable option */

enum options_job {
	JOB_SERVE,
	JOB_TEST,		/* -t */
	JOB_DUMP,		/* -T, -G */
	JOB_VERSION,		/* -V */
};

struct options {
	enum options_job job;
	const char *config_file;	/* -f; NULL for "none" */
	const char *override[OPTIONS_MAX_COUNT];	/* -o */
	size_t override_count;
	const char *host_key[OPTIONS_MAX_COUNT];	/* -h */
	size_t host_key_count;
	const char *host_cert[OPTIONS_MAX_COUNT];	/* -c */
	size_t host_cert_count;
	bool explain;			/* --explain, with -T */
	char *spec[OPTIONS_MAX_COUNT];	/* -C */
	size_t spec_count;
	const char *log_file;		/* -E */
	bool log_stderr;		/* -e, -d */
	unsigned int debug;		/* how many -d */
	bool quiet;			/* -q */
	long grace_sec;			/* -g; -1: not given */
	long utmp_name_max;		/* -u; -1: not given */
};

/*
 * options_parse - read argv
 *
 * Returns NULL, or what is wrong with it, for standard error and exit
 * status 1; strings borrow from argv.
 */
const char *options_parse(struct options *out, int argc, char **argv)
    MUST_USE;

extern const char options_usage[];

#endif
