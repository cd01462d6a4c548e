/*
 * options: getopt(3) over sshd's letters.  Pure layer.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/dump.h"
#include "config/keywords.h"
#include "config/options.h"
#include "config/scan.h"

#define GRACE_MAX_SEC	(365L * 24 * 60 * 60)
#define UTMP_NAME_MAX	65	/* HOST_NAME_MAX + 1 */
#define PROGRAM		"sshd"	/* as the log calls it */

/* Of run/log.h, which this layer does not see. */
enum { LEVEL_QUIET = 0, LEVEL_DEBUG1 = 5, DEBUG_MAX = 3 };

/* As OpenSSH's: a bad word is 1, a contradiction 255. */
enum { STATUS_USAGE = 1, STATUS_FATAL = 255 };

const char options_usage[] =
    "usage: sshd-conn [-46DdeGiqTtV] [-C connection_spec]\n"
    "                 [-c host_certificate_file] [-E log_file]\n"
    "                 [-f config_file] [-g login_grace_time]\n"
    "                 [-h host_key_file] [-o option] [-p port] [-u len]\n"
    "                 [--explain]\n";

enum { OPTION_EXPLAIN = 256 };

static const struct option long_options[] = {
	{ "explain", no_argument, NULL, OPTION_EXPLAIN },
	{ NULL, 0, NULL, 0 },
};

static bool refuse(struct options *out, int status, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static bool
refuse(struct options *out, int status, const char *fmt, ...)
{
	va_list ap;

	if (out->wrong != NULL)
		return false;
	out->status = status;
	va_start(ap, fmt);
	if (vasprintf(&out->wrong, fmt, ap) < 0)
		out->wrong = NULL;
	va_end(ap);
	return false;
}

/* --- those with an argument ------------------------------------------------ */

/* Takes word, from malloc(3). */
static bool
keep(struct options *out, struct options_words *words, char *word)
{
	if (word == NULL)
		return refuse(out, STATUS_FATAL, "no memory");
	if (words->n == ARRAY_LEN(words->word)) {
		free(word);
		return refuse(out, STATUS_USAGE,
		    "too many options of one kind");
	}
	words->word[words->n++] = word;
	return true;
}

/* Whoever opens it may be in another directory then. */
static bool
keep_path(struct options *out, struct options_words *words, const char *path)
{
	char cwd[PATH_MAX], *word = NULL;

	if (path[0] == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		word = strdup(path);
	else if (asprintf(&word, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd,
	    path) < 0)
		word = NULL;
	return keep(out, words, word);
}

static bool
take_port(struct options *out, const char *text)
{
	unsigned int port;
	char *word;

	if (!scan_port(text, &port) || port == 0)
		return refuse(out, STATUS_USAGE, "Bad port number.");
	if (asprintf(&word, "%u", port) < 0)
		word = NULL;
	return keep(out, &out->ports, word);
}

static bool
take_grace(struct options *out, const char *text)
{
	int64_t value;

	if (!scan_time(text, &value) || value > GRACE_MAX_SEC)
		return refuse(out, STATUS_USAGE,
		    "Invalid login grace time.");
	out->fixed.grace_sec = (long)value;
	return true;
}

/* As sshd: what is no number, or too large to be one, is 0. */
static bool
take_utmp_name(struct options *out, const char *text)
{
	int64_t max;

	(void)!scan_int(text, 0, UTMP_NAME_MAX + 1, &max);
	out->utmp_name_max = (long)max;
	return max <= UTMP_NAME_MAX ||
	    refuse(out, STATUS_USAGE, "Invalid utmp length.");
}

/* The parser would tell as well; but then the status would be another. */
static bool
take_override(struct options *out, const char *text)
{
	const char *from = text + strspn(text, " \t");
	size_t n = strcspn(from, " \t=\"");
	bool plain = n > 0 && from[n] != '"' && from[0] != '#';
	char word[64];

	if (out->override_count == ARRAY_LEN(out->override))
		return refuse(out, STATUS_USAGE,
		    "too many options of one kind");
	out->override[out->override_count++] = text;
	snprintf(word, sizeof(word), "%.*s", (int)MIN(n, sizeof(word)), from);
	if (plain && keyword_find(word) == NULL)
		return refuse(out, STATUS_USAGE, "command-line: line 0: "
		    "Bad configuration option: %.*s", (int)n, from);
	if (plain && from[n + strspn(from + n, " \t")] == '\0')
		return refuse(out, STATUS_USAGE, "command-line line 0: "
		    "no argument after keyword \"%s\"", word);
	return true;
}

static bool
take_spec(struct options *out, char *text)
{
	char *wrong = config_parse_spec(text, &out->spec);

	out->has_spec = true;
	if (wrong != NULL)
		(void)refuse(out, STATUS_USAGE, "%s", wrong);
	free(wrong);
	return out->wrong == NULL;
}

static bool
take_argument(struct options *out, int letter)
{
	switch (letter) {
	case 'b': case 'k':	/* SSH-1's */
		return true;
	case 'C':
		return take_spec(out, optarg);
	case 'c':
		return keep_path(out, &out->host_certificates, optarg);
	case 'E':
		out->log_file = optarg;
		return true;
	case 'f':
		out->config_file = strcmp(optarg, "none") == 0 ? NULL
							       : optarg;
		return true;
	case 'g':
		return take_grace(out, optarg);
	case 'h':
		return keep_path(out, &out->host_keys, optarg);
	case 'o':
		return take_override(out, optarg);
	case 'p':
		return take_port(out, optarg);
	default:
		return take_utmp_name(out, optarg);
	}
}

/* --- those without --------------------------------------------------------- */

static void
take_debug(struct options *out)
{
	out->debug = MIN(out->debug + 1, (unsigned int)DEBUG_MAX);
	out->fixed.log_level = LEVEL_DEBUG1 + (int)out->debug - 1;
	out->log_stderr = true;
}

static void
take_flag(struct options *out, int letter)
{
	switch (letter) {
	case '4':
		out->fixed.address_family = AF_INET;
		break;
	case '6':
		out->fixed.address_family = AF_INET6;
		break;
	case 'd':
		take_debug(out);
		break;
	case 'e':
		out->log_stderr = true;
		break;
	case 'q':
		out->fixed.log_level = LEVEL_QUIET;
		break;
	case 'r':
		out->deprecated = true;
		break;
	case OPTION_EXPLAIN:
		out->explain = true;
		out->job = JOB_DUMP;
		break;
	case 'T': case 'G':
		out->job = JOB_DUMP;
		break;
	case 't':
		out->job = JOB_TEST;
		break;
	case 'V':
		out->job = JOB_VERSION;
		break;
	default:		/* D, i: always so; Q */
		break;
	}
}

static bool
take(struct options *out, int letter, char *const *argv)
{
	switch (letter) {
	case ':':
		out->usage = true;
		return refuse(out, STATUS_USAGE,
		    "option requires an argument -- %c", optopt);
	case 'R':
		return refuse(out, STATUS_FATAL, "-R: nothing here is "
		    "executed again, and host keys are made by "
		    "sshd-conn-keygen");
	case '?':
		out->usage = true;
		return optopt == 0 ? refuse(out, STATUS_USAGE,
		    "unknown option %s", argv[optind - 1]) :
		    refuse(out, STATUS_USAGE, "unknown option -- %c", optopt);
	default:
		if (optarg != NULL)
			return take_argument(out, letter);
		take_flag(out, letter);
		return true;
	}
}

static struct strlist
words_of(const struct options_words *words)
{
	return (struct strlist){ (const char *const *)words->word, words->n };
}

bool
options_parse(struct options *out, int argc, char **argv)
{
	bool ok = true;
	int letter;

	*out = (struct options){ .config_file = SYSCONFDIR "/ssh/sshd_config",
		.utmp_name_max = -1, .fixed = { .address_family = AF_UNSPEC,
		.grace_sec = -1, .log_level = -1 }, .status = STATUS_FATAL };
	opterr = 0;
	while (ok && out->job != JOB_VERSION && (letter = getopt_long(argc,
	    argv, ":46C:DGQRb:c:deE:f:g:h:ik:o:p:qrTtu:V", long_options,
	    NULL)) != -1)
		ok = take(out, letter, argv);
	out->fixed.ports = words_of(&out->ports);
	out->fixed.host_keys = words_of(&out->host_keys);
	out->fixed.host_certificates = words_of(&out->host_certificates);
	if (!ok || out->job == JOB_VERSION)
		return ok;
	if (out->has_spec && out->job != JOB_DUMP)
		return refuse(out, STATUS_FATAL, "Config test connection "
		    "parameter (-C) provided without test mode (-T)");
	if (optind < argc)
		return refuse(out, STATUS_USAGE, "Extra argument %s.",
		    argv[optind]);
	return true;
}

static void
free_words(struct options_words *words)
{
	while (words->n > 0)
		free(words->word[--words->n]);
}

void
options_free(struct options *options)
{
	free_words(&options->ports);
	free_words(&options->host_keys);
	free_words(&options->host_certificates);
	free(options->wrong);
	options->wrong = NULL;
}

/* --- for those who ask ------------------------------------------------------- */

bool
options_log_file(const struct options *options, char path[PATH_MAX])
{
	const char *from = options->log_file;
	size_t at = 0;

	while (*from != '\0' && at < PATH_MAX - 1) {
		size_t room = PATH_MAX - at;

		bool token = from[0] == '%' && from[1] != '\0' &&
		    strchr("pP%", from[1]) != NULL;

		if (token && from[1] == 'p')
			at += (size_t)snprintf(path + at, room, "%ld",
			    (long)getpid());
		else if (token && from[1] == 'P')
			at += (size_t)snprintf(path + at, room, PROGRAM);
		else
			path[at++] = *from;
		from += token ? 2 : 1;
	}
	path[MIN(at, (size_t)PATH_MAX - 1)] = '\0';
	return *from == '\0' && at < PATH_MAX;
}

const char *
options_notice(const struct options *options, size_t i)
{
	const struct {
		bool given;
		const char *text;
	} rows[] = {
		{ options->ports.n > 0, "-p has no effect here: use [Socket] "
		    "ListenStream=PORT of the socket unit, or port= of "
		    "xinetd" },
		{ options->fixed.address_family != AF_UNSPEC, "-4 and -6 "
		    "choose the family of forwarded ports only; for the "
		    "connections use [Socket] BindIPv6Only= and "
		    "ListenStream= of the socket unit" },
		{ options->deprecated, "-r is deprecated, and has no "
		    "effect" },
	};

	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		if (rows[k].given && i-- == 0)
			return rows[k].text;
	}
	return NULL;
}
