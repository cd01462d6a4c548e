/*
 * tell: the jobs that serve nobody.  Main.
 *
 * Must never need root, host keys or /run, but for what root's -t is for; and
 * must never write to a client.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "auth/account.h"
#include "base/fd.h"
#include "config/algorithms.h"
#include "config/dump.h"
#include "crypto/init.h"
#include "image/builtin.h"
#include "image/choose.h"
#include "image/hostkeys.h"
#include "run/exits.h"
#include "run/log.h"
#include "tell/tell.h"

#define VERSION_LINE "sshd-conn_" PACKAGE_VERSION "\n"

struct teller {
	const struct options *options;
	bool root;
	struct image_places places;
	struct image_choice choice;
	struct config *config;		/* choice's */
};

/* --- -t -------------------------------------------------------------------- */

/* A file that is not there is, to OpenSSH, a wrong command line. */
static int
status_of(const struct teller *t)
{
	const char *file = t->options->config_file;
	size_t count;
	const struct config_message *m = config_messages(t->config, &count);

	if (config_valid(t->config))
		return 0;
	for (size_t i = 0; file != NULL && i < count; i++) {
		if (m[i].line == 0 && strcmp(m[i].file, file) == 0)
			return EXIT_USAGE;
	}
	return EXIT_CONFIG;
}

/* Every message, and the drop-in that says what Port and its kin cannot. */
static int
test_config(const struct teller *t)
{
	size_t count;
	const struct config_message *m = config_messages(t->config, &count);
	char *socket_unit = config_socket_text(t->config);
	const char *notice;

	for (size_t i = 0; (notice = options_notice(t->options, i)) != NULL;
	    i++)
		fprintf(stderr, "command-line: %s\n", notice);
	for (size_t i = 0; i < count; i++) {
		if (m[i].line == 0)
			fprintf(stderr, "%s: %s\n", m[i].file, m[i].text);
		else
			fprintf(stderr, "%s:%u:%u: %s\n", m[i].file,
			    m[i].line, m[i].column, m[i].text);
	}
	if (socket_unit != NULL)
		fputs(socket_unit, stderr);
	free(socket_unit);
	return status_of(t);
}

static void
say_of_key(const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/*
 * The rest of -t, for root: without a key nobody can be served.  And what was
 * found good is what the next connection would find: it is compiled at once,
 * so that an edit between this and that is already one that cannot lock out.
 */
static int
test_keys(struct teller *t)
{
	struct hostkeys keys = { .count = 0 };
	struct settings settings;
	bool ok;

	image_hostkeys_find_credentials(&keys);
	ok = config_resolve(t->config, NULL, &settings) &&
	    image_hostkeys_load(&settings, NULL, say_of_key, &keys);
	image_hostkeys_free(&keys);
	if (!ok) {
		fputs("no hostkeys available -- exiting.\n", stderr);
		return EXIT_USAGE;
	}
	image_publish(&t->choice);
	return 0;
}

static int
test(struct teller *t)
{
	int status = test_config(t);

	return status == 0 && t->root ? test_keys(t) : status;
}

/* --- -T and -G ------------------------------------------------------------- */

static bool
spec_user_in_group(void *account, const char *patterns)
{
	return account_in_groups(account, patterns);
}

/* Match Group asks for the groups of the user that -C names. */
static bool
look_up_spec_user(struct config_spec *spec, struct account *account)
{
	if (spec->user == NULL)
		return true;
	spec->in_group = spec_user_in_group;
	spec->ctx = account;
	return account_lookup(account, span_str(spec->user), true);
}

/* What is in force for the connection that -C describes. */
static int
dump(struct teller *t)
{
	struct config_spec spec = t->options->spec;
	struct account account = { 0 };
	char *text = NULL;
	bool written;

	if (!config_valid(t->config))
		return test_config(t);
	if (look_up_spec_user(&spec, &account))
		text = (t->options->explain ? config_explain : config_dump)(
		    t->config, t->options->has_spec ? &spec : NULL);
	account_free(&account);
	if (text == NULL)
		return EXIT_ENV;
	/* What could not be written is forgotten: fflush() alone says yes. */
	written = fputs(text, stdout) >= 0 && fflush(stdout) == 0;
	free(text);
	return written ? 0 : EXIT_ENV;
}

/* --------------------------------------------------------------------------- */

/* With -E nothing is said on standard error, not even here. */
static bool
open_log_file(const struct options *options)
{
	char path[PATH_MAX];
	bool ok;
	int fd;

	if (options->log_file == NULL)
		return true;
	fd = options_log_file(options, path) ? open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600) : -1;
	ok = fd >= 0 && dup2(fd, STDERR_FILENO) >= 0;
	if (!ok)
		fprintf(stderr, "Couldn't open logfile %s: %s\n", path,
		    strerror(errno));
	fd_close(&fd);
	return ok;
}

static int
read_and_do(struct teller *t, const char *ident)
{
	const struct config_algorithms algorithms =
	    image_builtin_algorithms(ident);

	config_set_algorithms(&algorithms);
	image_places_find(&t->places);
	if (!crypto_init() ||
	    !image_choose_for(t->options, &t->places, &t->choice))
		return EXIT_ENV;
	t->config = t->choice.config;
	(void)config_fix(t->config, &t->options->fixed);
	return t->options->job == JOB_DUMP ? dump(t) : test(t);
}

int
tell_job(const struct options *options, const char *ident, bool root)
{
	struct teller t = { .options = options, .root = root };
	int status;

	if (options->job == JOB_VERSION) {
		fputs(VERSION_LINE, stderr);
		return 0;
	}
	if (!open_log_file(options))
		return EXIT_USAGE;
	status = read_and_do(&t, ident);
	image_choice_free(&t.choice);
	image_places_free(&t.places);
	return status;
}

int
tell_wrong_options(const struct options *options)
{
	const char *wrong = options->wrong == NULL ? "no memory" :
	    options->wrong;

	/* Somebody's terminal may be all three as well. */
	if (fd_same_file(STDIN_FILENO, STDERR_FILENO) &&
	    !isatty(STDERR_FILENO)) {
		if (log_open(LOG_TO_SYSLOG, NULL, LOG_LEVEL_INFO, LOG_AUTH))
			log_line(LOG_LEVEL_FATAL, false, "%s", wrong);
		return options->status;
	}
	fprintf(stderr, "%s\n", wrong);
	if (options->usage)
		fprintf(stderr, VERSION_LINE "%s", options_usage);
	return options->status;
}
