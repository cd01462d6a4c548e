/*
 * keygen: sshd-conn-keygen, which makes the host keys that are missing and
 * compiles the configuration.
 *
 * Runs before a connection is served, by itself, as root or as whoever owns
 * the directory.  Must never touch a key that is there.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile.h"
#include "crypto/init.h"
#include "hostkey.h"
#include "image/builtin.h"
#include "image/image.h"
#include "place.h"

#define EXIT_USAGE 2
#define RSA_DEFAULT_BITS 3072
#define RSA_MIN_BITS 2048
#define RSA_MAX_BITS 8192
#define COMMENT_MAX_BYTES 1024
#define DIR_MODE 0755
#define DEFAULT_CONFIG SYSCONFDIR "/ssh/sshd_config"

static const struct hostkey_type types[] = {
	{ "ed25519", "ssh_host_ed25519_key", PRIVKEY_ED25519 },
	{ "ecdsa", "ssh_host_ecdsa_key", PRIVKEY_ECDSA_P256 },
	{ "rsa", "ssh_host_rsa_key", PRIVKEY_RSA },
};

static const char usage_text[] =
    "usage: sshd-conn-keygen [-hqV] [-b bits] [-C comment] [-d directory]\n"
    "                        [-f file] [-t type]... [--no-image] [--no-keys]\n"
    "                        [--settle]\n"
    "       sshd-conn-keygen --check | --print [-q] [-f file]\n"
    "  -b bits       of an RSA key, 2048 to 8192 [3072]\n"
    "  -C comment    in the key files [user@host]\n"
    "  -d directory  of the keys [" SYSCONFDIR "/ssh]; without -f no image\n"
    "  -f file       configuration to compile [" DEFAULT_CONFIG "]\n"
    "  -t type       ed25519, ecdsa or rsa; may be repeated [all three]\n"
    "  -q            say nothing but errors\n"
    "  -h            this text\n"
    "  -V            the version\n"
    "  --no-image    only make keys\n"
    "  --no-keys     only compile the image\n"
    "  --check       is the image current? exit status 0 or 1\n"
    "  --print       what is in the image\n"
    "  --settle      compile until nothing has changed for a second\n";

/* What has no letter. */
enum { OPTION_CHECK = 256, OPTION_NO_IMAGE, OPTION_NO_KEYS, OPTION_PRINT,
	OPTION_SETTLE };

static const struct option long_options[] = {
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "help", no_argument, NULL, 'h' },
	{ "no-image", no_argument, NULL, OPTION_NO_IMAGE },
	{ "no-keys", no_argument, NULL, OPTION_NO_KEYS },
	{ "print", no_argument, NULL, OPTION_PRINT },
	{ "settle", no_argument, NULL, OPTION_SETTLE },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct request {
	struct hostkey_options options;
	struct compile_options compile;
	char *file;		/* -f, as an absolute path; ours to free */
	bool wanted[ARRAY_LEN(types)];
	bool any;
	bool no_keys, no_image, check, print;
	bool other_directory;	/* -d */
};

static NORETURN void
usage_error(const char *what, const char *value)
{
	fprintf(stderr, "sshd-conn-keygen: %s: %s\n%s", what, value,
	    usage_text);
	exit(EXIT_USAGE);
}

static void
want_type(struct request *request, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			request->wanted[i] = true;
			request->any = true;
			return;
		}
	}
	usage_error("unknown key type", name);
}

static unsigned int
parse_bits(const char *text)
{
	unsigned long bits;
	char *end;

	errno = 0;
	bits = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' ||
	    bits < RSA_MIN_BITS || bits > RSA_MAX_BITS)
		usage_error("not a number of bits from 2048 to 8192", text);
	return (unsigned int)bits;
}

/* It becomes one line of a text file. */
static const char *
parse_comment(const char *text)
{
	if (strlen(text) >= COMMENT_MAX_BYTES)
		usage_error("the comment is too long", text);
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			usage_error("the comment has a control character",
			    "-C");
	}
	return text;
}

/* Before any chdir(2). */
static char *
parse_file(const char *text)
{
	char *path = image_path(text);

	if (path == NULL)
		usage_error(text, strerror(errno));
	return path;
}

static void
take_option(struct request *request, int c)
{
	switch (c) {
	case 'b':
		request->options.rsa_bits = parse_bits(optarg);
		break;
	case 'C':
		request->options.comment = parse_comment(optarg);
		break;
	case 'd':
		request->options.dir = optarg;
		request->other_directory = true;
		break;
	case 'f':
		free(request->file);
		request->file = parse_file(optarg);
		request->compile.file = request->file;
		break;
	case 'h':
		fputs(usage_text, stdout);
		exit(EXIT_SUCCESS);
	case 't':
		want_type(request, optarg);
		break;
	case 'q':
		request->options.quiet = request->compile.quiet = true;
		break;
	case 'V':
		puts("sshd-conn-keygen " PACKAGE_VERSION);
		exit(EXIT_SUCCESS);
	case OPTION_CHECK:
		request->check = true;
		break;
	case OPTION_NO_IMAGE:
		request->no_image = true;
		break;
	case OPTION_NO_KEYS:
		request->no_keys = true;
		break;
	case OPTION_PRINT:
		request->print = true;
		break;
	case OPTION_SETTLE:
		request->compile.settle = true;
		break;
	default:
		fputs(usage_text, stderr);
		exit(EXIT_USAGE);
	}
}

static void
parse_options(int argc, char **argv, struct request *request)
{
	struct compile_options *compile = &request->compile;
	int c;

	while ((c = getopt_long(argc, argv, "+b:C:d:f:ht:qV", long_options,
	    NULL)) != -1)
		take_option(request, c);
	if (optind < argc)
		usage_error("unexpected argument", argv[optind]);
	/* Keys for somewhere else say nothing of this machine's server. */
	if (compile->file == NULL && request->other_directory)
		request->no_image = true;
	/* A machine without a configuration may still have keys made. */
	compile->optional = compile->file == NULL;
	if (compile->file == NULL)
		compile->file = DEFAULT_CONFIG;
}

/* user@host, as ssh-keygen does; root is root even without a passwd. */
static const char *
default_comment(char out[static COMMENT_MAX_BYTES])
{
	char host[HOST_NAME_MAX + 1] = "";
	const struct passwd *pw;

	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	pw = geteuid() == 0 ? NULL : getpwuid(geteuid());
	if (geteuid() == 0 || pw != NULL)
		snprintf(out, COMMENT_MAX_BYTES, "%s@%s",
		    pw == NULL ? "root" : pw->pw_name, host);
	else
		snprintf(out, COMMENT_MAX_BYTES, "%lu@%s",
		    (unsigned long)geteuid(), host);
	return out;
}

/* Made if only the last part of the path is missing; then entered. */
static bool
enter(const char *dir)
{
	if (mkdir(dir, DIR_MODE) == 0)
		(void)chmod(dir, DIR_MODE);	/* whatever the umask */
	if (chdir(dir) == 0)
		return true;
	fprintf(stderr, "sshd-conn-keygen: %s: %s\n", dir, strerror(errno));
	return false;
}

static bool
make_keys(struct request *request)
{
	char comment[COMMENT_MAX_BYTES];
	bool good = true;

	if (request->options.comment == NULL)
		request->options.comment = default_comment(comment);
	if (!enter(request->options.dir))
		return false;
	place_clean();
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!request->any || request->wanted[i])
			good = hostkey_ensure(&types[i],
			    &request->options) && good;
	}
	if (!place_sync()) {
		fprintf(stderr, "sshd-conn-keygen: %s: %s\n",
		    request->options.dir, strerror(errno));
		good = false;
	}
	return good;
}

/* Where a service manager starts the server, so that paths mean the same. */
static bool
image_job(const struct request *request,
    bool (*job)(const struct compile_options *options))
{
	if (chdir("/") == 0)
		return job(&request->compile);
	perror("sshd-conn-keygen: /");
	return false;
}

static bool
perform(struct request *request)
{
	bool good = true;

	if (request->check)
		good = image_job(request, compile_check);
	if (request->print)
		good = image_job(request, compile_print) && good;
	if (request->check || request->print)
		return good;
	if (!request->no_keys)
		good = make_keys(request);
	if (!request->no_image)
		good = image_job(request, compile_image) && good;
	return good;
}

int
main(int argc, char **argv)
{
	struct request request = {
		.options = { .dir = SYSCONFDIR "/ssh",
		    .rsa_bits = RSA_DEFAULT_BITS },
	};
	struct config_algorithms algorithms;
	bool good;

	parse_options(argc, argv, &request);
	umask(077);
	if (!crypto_init()) {
		fputs("sshd-conn-keygen: libgcrypt is too old\n", stderr);
		return EXIT_FAILURE;
	}
	algorithms = image_builtin_algorithms(NULL);
	config_set_algorithms(&algorithms);
	good = perform(&request);
	free(request.file);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
