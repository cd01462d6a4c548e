/*
 * dump: print what a configuration means, for the comparison with sshd -T.
 *
 * Test program.  Uses the algorithm lists of OpenSSH 9.2, not this build's,
 * so that the comparison is of the language and not of the cryptography.
 *
 *	dump -f FILE [-o OPTION]... [-C SPEC]... [-q] [-x] [-n COUNT]
 *	dump -k
 *
 * Messages go to standard error as file:line:column; exit status 1 if there
 * was an error.  -q prints messages only, -x explains, -n repeats reading
 * and resolving and prints the time that one round took.  -k prints all
 * spellings of keywords, what this server makes of them, and where they may
 * stand.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pattern.h"
#include "config/algorithms.h"
#include "config/config.h"
#include "config/dump.h"
#include "config/keywords.h"

#define CERTS \
	"ssh-ed25519-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp384-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp521-cert-v01@openssh.com," \
	"sk-ssh-ed25519-cert-v01@openssh.com," \
	"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	"rsa-sha2-512-cert-v01@openssh.com," \
	"rsa-sha2-256-cert-v01@openssh.com"
#define KEYS \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384," \
	"ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com," \
	"sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"
/* The order of OpenSSH's own table, which "+ssh-r*" shows. */
#define ALL_KEYS \
	"ssh-ed25519,ssh-ed25519-cert-v01@openssh.com," \
	"sk-ssh-ed25519@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp256,ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp384,ecdsa-sha2-nistp384-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp521,ecdsa-sha2-nistp521-cert-v01@openssh.com," \
	"sk-ecdsa-sha2-nistp256@openssh.com," \
	"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	"webauthn-sk-ecdsa-sha2-nistp256@openssh.com," \
	"ssh-dss,ssh-dss-cert-v01@openssh.com," \
	"ssh-rsa,ssh-rsa-cert-v01@openssh.com,rsa-sha2-256," \
	"rsa-sha2-256-cert-v01@openssh.com,rsa-sha2-512," \
	"rsa-sha2-512-cert-v01@openssh.com"

static const struct config_algorithms openssh_92 = {
	.version = "OpenSSH_9.2",
	.kex_all = "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,"
	    "diffie-hellman-group14-sha256,diffie-hellman-group16-sha512,"
	    "diffie-hellman-group18-sha512,"
	    "diffie-hellman-group-exchange-sha1,"
	    "diffie-hellman-group-exchange-sha256,ecdh-sha2-nistp256,"
	    "ecdh-sha2-nistp384,ecdh-sha2-nistp521,curve25519-sha256,"
	    "curve25519-sha256@libssh.org,sntrup761x25519-sha512,"
	    "sntrup761x25519-sha512@openssh.com",
	.kex_default = "sntrup761x25519-sha512,"
	    "sntrup761x25519-sha512@openssh.com,curve25519-sha256,"
	    "curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
	    "ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
	    "diffie-hellman-group-exchange-sha256,"
	    "diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
	    "diffie-hellman-group14-sha256",
	.ciphers_all = "3des-cbc,aes128-cbc,aes192-cbc,aes256-cbc,"
	    "aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,"
	    "aes256-gcm@openssh.com,chacha20-poly1305@openssh.com",
	.ciphers_default = "chacha20-poly1305@openssh.com,aes128-ctr,"
	    "aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,"
	    "aes256-gcm@openssh.com",
	.macs_all = "hmac-sha1,hmac-sha1-96,hmac-sha2-256,hmac-sha2-512,"
	    "hmac-md5,hmac-md5-96,umac-64@openssh.com,umac-128@openssh.com,"
	    "hmac-sha1-etm@openssh.com,hmac-sha1-96-etm@openssh.com,"
	    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	    "hmac-md5-etm@openssh.com,hmac-md5-96-etm@openssh.com,"
	    "umac-64-etm@openssh.com,umac-128-etm@openssh.com",
	.macs_default = "umac-64-etm@openssh.com,umac-128-etm@openssh.com,"
	    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	    "hmac-sha1-etm@openssh.com,umac-64@openssh.com,"
	    "umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1",
	.hostkeys_all = ALL_KEYS,
	.hostkeys_default = CERTS "," KEYS,
	.pubkeys_all = ALL_KEYS,
	.pubkeys_default = CERTS "," KEYS,
	.ca_all = "ssh-ed25519,sk-ssh-ed25519@openssh.com,"
	    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
	    "sk-ecdsa-sha2-nistp256@openssh.com,"
	    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com,ssh-dss,ssh-rsa,"
	    "rsa-sha2-256,rsa-sha2-512",
	.ca_default = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	    "ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,"
	    "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256",
};

struct options {
	const char *file;
	const char *overrides[64];
	size_t override_count;
	struct config_spec spec;
	bool quiet, explain;
	int rounds;
};

/* As the server asks: every group of the user, the first "no" decides. */
static bool
in_group(void *ctx, const char *patterns)
{
	const struct options *o = ctx;
	const struct passwd *pw = getpwnam(o->spec.user);
	gid_t groups[64];
	int n = ARRAY_LEN(groups), i;
	bool found = false;

	if (pw == NULL ||
	    getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
		return false;
	for (i = 0; i < n; i++) {
		const struct group *g = getgrgid(groups[i]);

		if (g == NULL)
			continue;
		switch (pattern_list(span_str(g->gr_name), span_str(patterns),
		    false)) {
		case PATTERN_DENIED:
			return false;
		case PATTERN_YES:
			found = true;
			break;
		case PATTERN_NONE:
			break;
		}
	}
	return found;
}

static void
print_messages(const struct config *config)
{
	static const char *const words[] = {
		[CONFIG_NOTE] = "note",
		[CONFIG_WARNING] = "warning",
		[CONFIG_ERROR] = "error",
	};
	const struct config_message *m;
	size_t i, n;

	m = config_messages(config, &n);
	for (i = 0; i < n; i++)
		fprintf(stderr, "%s:%u:%u: %s: %s\n", m[i].file, m[i].line,
		    m[i].column, words[m[i].severity], m[i].text);
}

static int
print_keywords(void)
{
	static const char *const states[] = {
		[STATE_IN_FORCE] = "in-force",
		[STATE_NOT_YET] = "not-yet",
		[STATE_NOT_ENFORCED] = "not-enforced",
		[STATE_REPLACED] = "replaced",
		[STATE_REFUSED] = "refused",
	};
	const struct keyword_name *names;
	size_t count, i;

	names = keyword_names(&count);
	for (i = 0; i < count; i++)
		printf("%s\t%s\t%s\t%s\n", names[i].name,
		    keyword_table[names[i].id].name,
		    states[keyword_table[names[i].id].state],
		    names[i].in_match ? "match" : "global");
	return 0;
}

static struct config *
read_config(const struct options *o)
{
	return config_read(o->file, o->overrides, o->override_count);
}

static int
measure(const struct options *o)
{
	struct timespec from, to;
	struct settings settings;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < o->rounds; i++) {
		struct config *config = read_config(o);

		if (config == NULL ||
		    !config_resolve(config, &o->spec, &settings))
			return 2;
		config_free(config);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.1f us\n", ((double)(to.tv_sec - from.tv_sec) * 1e6 +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e3) / o->rounds);
	return 0;
}

static void
parse_options(int argc, char **argv, struct options *o)
{
	char *wrong;
	int c;

	o->spec.in_group = in_group;
	o->spec.ctx = o;
	while ((c = getopt(argc, argv, "f:o:C:qxn:k")) != -1) {
		switch (c) {
		case 'f':
			o->file = strcmp(optarg, "none") == 0 ? NULL : optarg;
			break;
		case 'o':
			if (o->override_count == 64)
				exit(2);
			o->overrides[o->override_count++] = optarg;
			break;
		case 'C':
			wrong = config_parse_spec(optarg, &o->spec);
			if (wrong != NULL) {
				fprintf(stderr, "%s\n", wrong);
				exit(1);
			}
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'x':
			o->explain = true;
			break;
		case 'n':
			o->rounds = atoi(optarg);
			break;
		case 'k':
			exit(print_keywords());
		default:
			exit(2);
		}
	}
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct config *config;
	char *text;
	int status;

	config_set_algorithms(&openssh_92);
	parse_options(argc, argv, &o);
	if (o.rounds > 0)
		return measure(&o);
	config = read_config(&o);
	if (config == NULL)
		return 2;
	print_messages(config);
	status = config_valid(config) ? 0 : 1;
	if (status == 0 && !o.quiet) {
		text = o.explain ? config_explain(config, &o.spec) :
		    config_dump(config, &o.spec);
		if (text == NULL)
			return 2;
		fputs(text, stdout);
		free(text);
	}
	config_free(config);
	return status;
}
