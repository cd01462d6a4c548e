/*
 * options: getopt(3) over sshd's letters.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/options.h"
#include "config/scan.h"

#define GRACE_MAX_SEC	(365L * 24 * 60 * 60)
#define UTMP_NAME_MAX	65

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

static const char *
append(const char **list, size_t *count, const char *value)
{
	if (*count == OPTIONS_MAX_COUNT)
		return "too many options of one kind";
	list[(*count)++] = value;
	return NULL;
}

static const char *
parse_grace(const char *text, long *sec)
{
	int64_t value;

	if (!scan_time(text, &value) || value > GRACE_MAX_SEC)
		return "Invalid login grace time.";
	*sec = (long)value;
	return NULL;
}

/* As sshd: what is no number, or too large to be one, is 0. */
static const char *
parse_utmp_name(const char *text, long *max)
{
	char *end;

	*max = strtol(text, &end, 10);
	if (*max < 0 || *max > UTMP_NAME_MAX + 1 || *text == '\0' ||
	    *end != '\0')
		*max = 0;
	return *max > UTMP_NAME_MAX ? "Invalid utmp length." : NULL;
}

static const char *
take(struct options *out, int letter)
{
	switch (letter) {
	case '4': case '6':	/* the socket unit's; nothing to listen on */
	case 'D': case 'i':	/* always so */
	case 'b': case 'k':	/* SSH-1's */
	case 'Q': case 'r': case 'p':
		return NULL;
	case 'C':
		if (out->spec_count == OPTIONS_MAX_COUNT)
			return "too many options of one kind";
		out->spec[out->spec_count++] = optarg;
		return NULL;
	case 'c':
		return append(out->host_cert, &out->host_cert_count, optarg);
	case 'd':
		out->debug = MIN(out->debug + 1, 3u);
		out->log_stderr = true;
		return NULL;
	case 'e':
		out->log_stderr = true;
		return NULL;
	case 'E':
		out->log_file = optarg;
		return NULL;
	case 'f':
		out->config_file = strcmp(optarg, "none") == 0 ? NULL
							       : optarg;
		return NULL;
	case 'g':
		return parse_grace(optarg, &out->grace_sec);
	case 'h':
		return append(out->host_key, &out->host_key_count, optarg);
	case 'o':
		return append(out->override, &out->override_count, optarg);
	case 'q':
		out->quiet = true;
		return NULL;
	case 'u':
		return parse_utmp_name(optarg, &out->utmp_name_max);
	case OPTION_EXPLAIN:
		out->explain = true;
		out->job = JOB_DUMP;
		return NULL;
	case 'T':
	case 'G':
		out->job = JOB_DUMP;
		return NULL;
	case 't':
		out->job = JOB_TEST;
		return NULL;
	case 'V':
		out->job = JOB_VERSION;
		return NULL;
	default:
		return "";	/* getopt(3) has said it */
	}
}

const char *
options_parse(struct options *out, int argc, char **argv)
{
	const char *wrong = NULL;
	int letter;

	*out = (struct options){ .config_file = SYSCONFDIR "/ssh/sshd_config",
		.grace_sec = -1, .utmp_name_max = -1 };
	while (wrong == NULL && (letter = getopt_long(argc, argv,
	    "46C:DGQb:c:deE:f:g:h:ik:o:p:qrTtu:V", long_options, NULL)) != -1)
		wrong = take(out, letter);
	if (wrong == NULL && optind < argc)
		wrong = "Extra argument.";
	return wrong;
}
