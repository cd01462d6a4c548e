/*
 * Tests of config/config.h: files that are not there, read from memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/algorithms.h"
#include "config/config.h"
#include "config/dump.h"
#include "config/origin.h"
#include "config/source.h"
#include "unit.h"

/* A file system of two columns. */
struct fake {
	const char *path, *text;
};

static int
fake_load(void *ctx, const char *path, char **text, size_t *n)
{
	const struct fake *f = ctx;

	*text = NULL;
	*n = 0;
	for (; f->path != NULL; f++) {
		if (strcmp(f->path, path) != 0)
			continue;
		*text = strdup(f->text);
		*n = strlen(f->text);
		return *text == NULL ? ENOMEM : 0;
	}
	return ENOENT;
}

static bool
fake_glob(void *ctx, const char *pattern,
    bool (*found)(void *arg, const char *path), void *arg)
{
	const struct fake *f = ctx;
	size_t n = strcspn(pattern, "*");

	for (; f->path != NULL; f++) {
		if (strncmp(f->path, pattern, n) == 0 &&
		    (pattern[n] == '*' || f->path[n] == '\0') &&
		    !found(arg, f->path))
			break;
	}
	return true;
}

static bool
fake_exists(void *ctx, const char *path)
{
	(void)ctx;
	return strstr(path, "ed25519") != NULL;
}

static struct config *
read_fake(const struct fake *files, const char *const *overrides, size_t n)
{
	const struct config_files source = {
		.load = fake_load,
		.glob = fake_glob,
		.exists = fake_exists,
		.ctx = (void *)(uintptr_t)files,
	};
	struct config *config = config_read_from(&source, files[0].path,
	    overrides, n);

	assert_non_null(config);
	return config;
}

static struct config *
read_one(const char *text)
{
	const struct fake files[] = { { "/c", text }, { NULL, NULL } };

	return read_fake(files, NULL, 0);
}

/* All messages, one a line. */
static const char *
said(const struct config *config)
{
	static char text[4096];
	const struct config_message *m;
	size_t count, i, n = 0;

	m = config_messages(config, &count);
	text[0] = '\0';
	for (i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s:%u:%u:%d: %s\n", m[i].file, m[i].line, m[i].column,
		    m[i].severity, m[i].text);
	return text;
}

static void
errors_are_found_in_one_go(void **state)
{
	struct config *config = read_one(
	    "Foo 1\n"
	    "X11Forwarding maybe\n"
	    "  MaxSessions ten\n"
	    "PermitTTY yes no\n"
	    "Banner\n"
	    "AcceptEnv \"a\n"
	    "Match User\n"
	    "Match Frob x\n"
	    "Match Address 10.0.0.1/8\n"
	    "Port 22\n"
	    "RDomain none\n"
	    "LogLevel INFO\n");

	(void)state;
	assert_false(config_valid(config));
	assert_string_equal(said(config),
	    "/c:1:1:2: \"Foo\" is not a keyword\n"
	    "/c:2:15:2: X11Forwarding takes yes or no, not \"maybe\"\n"
	    "/c:3:15:2: MaxSessions takes a number from 0 to 2147483647, "
	    "not \"ten\"\n"
	    "/c:4:15:2: PermitTTY: \"no\" is too much\n"
	    "/c:5:1:2: Banner: missing argument\n"
	    "/c:6:1:2: AcceptEnv: a quote is not closed\n"
	    "/c:7:7:2: Match: User needs something to match\n"
	    "/c:8:7:2: Match: \"Frob\" is not a criterion\n"
	    "/c:9:15:2: Match: \"10.0.0.1/8\" is not a list of addresses and "
	    "networks\n"
	    "/c:10:1:2: Port cannot stand in a Match block\n"
	    "/c:11:1:2: RDomain: routing domains do not exist on Linux; use "
	    "[Socket] BindToDevice= with a VRF\n");
	config_free(config);
}

static void
listeners_keywords_warn_once(void **state)
{
	struct config *config = read_one("Port 22\nPort 2222\nProtocol 2\n"
	    "protocol 2\nUseLogin no\n");

	(void)state;
	assert_true(config_valid(config));
	assert_string_equal(said(config),
	    "/c:1:1:1: Port has no effect here: use [Socket] "
	    "ListenStream=PORT of the socket unit, or port= of xinetd\n"
	    "/c:3:1:1: Protocol has no effect here: there is only version "
	    "2\n"
	    "/c:5:1:1: UseLogin has no effect here: use UsePAM\n");
	config_free(config);
}

static void
no_file_is_an_error_and_none_is_not(void **state)
{
	const struct fake nothing[] = { { "/other", "" }, { NULL, NULL } };
	struct config *config;
	struct settings s;

	(void)state;
	config = config_read("/no/such/file", NULL, 0);
	assert_non_null(config);
	assert_false(config_valid(config));
	config_free(config);
	config = config_read(NULL, NULL, 0);
	assert_non_null(config);
	assert_true(config_valid(config));
	assert_true(config_resolve(config, NULL, &s));
	assert_int_equal(s.max_auth_tries, 6);
	config_free(config);
	config = read_fake(nothing, NULL, 0);
	assert_true(config_resolve(config, NULL, &s));
	assert_int_equal(s.host_keys.n, 1);
	assert_string_equal(s.host_keys.v[0],
	    "/etc/ssh/ssh_host_ed25519_key");
	config_free(config);
}

static void
first_value_wins_and_overrides_before_all(void **state)
{
	const struct fake files[] = {
		{ "/c", "PermitTTY yes\nMaxSessions 3\nMaxSessions 4\n"
		    "AcceptEnv A B\nAcceptEnv C\nSetEnv A=1\nSetEnv B=2\n"
		    "Match User alice\nBanner /a\n" },
		{ NULL, NULL },
	};
	const char *const overrides[] = { "PermitTTY no", "Banner=/o" };
	struct config *config = read_fake(files, overrides, 2);
	struct config_spec spec = { .user = "alice" };
	struct settings s;
	const char *file;
	unsigned int line;

	(void)state;
	assert_true(config_valid(config));
	assert_true(config_resolve(config, &spec, &s));
	assert_false(s.permit_tty);
	assert_int_equal(s.max_sessions, 3);
	assert_int_equal(s.accept_env.n, 3);
	assert_null(s.accept_env.v[3]);
	assert_int_equal(s.set_env.n, 1);
	/* A Match that applies beats -o, as in OpenSSH. */
	assert_string_equal(s.banner, "/a");
	assert_true(config_origin(config, "maxsessions", &file, &line));
	assert_string_equal(file, "/c");
	assert_int_equal(line, 2);
	assert_true(config_origin(config, "PermitTTY", &file, &line));
	assert_string_equal(file, "command-line");
	assert_false(config_origin(config, "UsePAM", &file, &line));
	config_free(config);
}

static void
override_is_one_line(void **state)
{
	const struct fake files[] = { { "/c", "" }, { NULL, NULL } };
	const char *const overrides[] = { "Match all", "Include /c", "Foo" };
	struct config *config = read_fake(files, overrides, 3);

	(void)state;
	assert_false(config_valid(config));
	assert_string_equal(said(config),
	    "command-line:1:1:2: Match cannot be given with -o\n"
	    "command-line:1:1:2: Include cannot be given with -o\n"
	    "command-line:1:1:2: \"Foo\" is not a keyword\n");
	config_free(config);
}

static void
match_ends_with_its_file(void **state)
{
	const struct fake files[] = {
		{ "/c", "Include /d/*\nPermitTTY no\n"
		    "Match Host *.org\nInclude /e\nMaxSessions 7\n" },
		{ "/d/1", "Match User bob\nMaxAuthTries 2\n" },
		{ "/d/2", "MaxSessions 5\n" },
		{ "/e", "Banner /b\nMatch User bob\nMaxAuthTries 3\n"
		    "PermitUserRC no\n" },
		{ NULL, NULL },
	};
	struct config *config = read_fake(files, NULL, 0);
	struct config_spec bob = { .user = "bob", .host = "A.Org" };
	struct config_spec eve = { .user = "eve", .host = "a.org" };
	struct settings s;

	(void)state;
	assert_string_equal(said(config), "");
	assert_true(config_resolve(config, &bob, &s));
	assert_false(s.permit_tty);
	assert_int_equal(s.max_auth_tries, 2);
	assert_int_equal(s.max_sessions, 7);
	assert_false(s.permit_user_rc);
	assert_string_equal(s.banner, "/b");
	assert_true(config_resolve(config, &eve, &s));
	assert_int_equal(s.max_auth_tries, 6);
	assert_true(s.permit_user_rc);
	assert_string_equal(s.banner, "/b");
	assert_true(config_resolve(config, NULL, &s));
	assert_int_equal(s.max_sessions, 5);
	assert_null(s.banner);
	config_free(config);
}

static void
includes_have_a_depth(void **state)
{
	const struct fake files[] = {
		{ "/c", "Include /c\nInclude /c\nInclude /c\n" },
		{ NULL, NULL },
	};
	struct config *config = read_fake(files, NULL, 0);

	(void)state;
	assert_false(config_valid(config));
	assert_string_equal(said(config),
	    "/c:1:1:2: Include: more than 16 files deep\n");
	config_free(config);
}

static bool
in_group(void *ctx, const char *pattern)
{
	(*(int *)ctx)++;
	return strcmp(pattern, "wheel") == 0;
}

static void
criteria(void **state)
{
	struct config *config = read_one(
	    "Match Invalid-User\nMaxSessions 1\n"
	    "Match Group wheel User=alice\nMaxSessions 2\n"
	    "Match LocalPort 22 LocalAddress 192.0.2.0/24\nMaxSessions 3\n"
	    "Match Version OpenSSH_*\nMaxSessions 4\n"
	    "Match User = carol\nMaxSessions 5\n");
	struct config_algorithms algorithms = { .version = NULL };
	struct config_spec spec = { .in_group = in_group };
	struct settings s;
	int asked = 0;

	(void)state;
	spec.ctx = &asked;
	assert_string_equal(said(config), "");
	assert_true(config_resolve(config, &spec, &s));
	assert_int_equal(s.max_sessions, 10);
	assert_int_equal(asked, 0);
	spec.user = "alice";
	assert_true(config_resolve(config, &spec, &s));
	assert_int_equal(s.max_sessions, 2);
	assert_int_equal(asked, 1);
	spec.invalid_user = true;
	assert_true(config_resolve(config, &spec, &s));
	assert_int_equal(s.max_sessions, 1);
	spec = (struct config_spec){ .lport = 22, .laddr = "192.0.2.1" };
	assert_true(config_resolve(config, &spec, &s));
	assert_int_equal(s.max_sessions, 3);
	spec = (struct config_spec){ .user = "carol" };
	assert_true(config_resolve(config, &spec, &s));
	assert_int_equal(s.max_sessions, 5);
	algorithms.version = "OpenSSH_10.5";
	config_set_algorithms(&algorithms);
	assert_true(config_resolve(config, &spec, &s));
	assert_int_equal(s.max_sessions, 4);
	algorithms.version = NULL;
	config_set_algorithms(&algorithms);
	config_free(config);
}

static void
subsystems_merge_by_name(void **state)
{
	struct config *config = read_one(
	    "Subsystem sftp /usr/lib/sftp-server -l INFO\n"
	    "Subsystem echo /bin/echo 'a  b'\n"
	    "Match User bob\nSubsystem sftp internal-sftp\n");
	struct config_spec bob = { .user = "bob" };
	struct settings s;

	(void)state;
	assert_string_equal(said(config), "/c:4:11:1: internal-sftp is not "
	    "built in yet: what asks for it is refused\n");
	assert_true(config_resolve(config, NULL, &s));
	assert_int_equal(s.subsystem_names.n, 2);
	assert_string_equal(s.subsystem_commands.v[0],
	    "/usr/lib/sftp-server -l INFO");
	assert_string_equal(s.subsystem_commands.v[1], "/bin/echo a  b");
	assert_true(config_resolve(config, &bob, &s));
	assert_int_equal(s.subsystem_names.n, 2);
	assert_string_equal(s.subsystem_names.v[0], "sftp");
	assert_string_equal(s.subsystem_commands.v[0], "internal-sftp");
	config_free(config);
}

/* Whoever switches to this server hears of it from -t, not from users. */
static void
what_is_not_built_in_is_said(void **state)
{
	struct config *config = read_one(
	    "ForceCommand internal-sftp-of-mine\n"
	    "ForceCommand /usr/lib/internal-sftp\n"
	    "Match User bob\nForceCommand internal-sftp -R\n");

	(void)state;
	assert_true(config_valid(config));
	assert_string_equal(said(config), "/c:4:14:1: internal-sftp is not "
	    "built in yet: what asks for it is refused\n");
	config_free(config);
}

static void
penalties_by_key(void **state)
{
	struct config *config = read_one(
	    "PerSourcePenalties authfail:1m max:5m\n"
	    "PerSourcePenalties authfail:2m overflow6:deny-all\n");
	struct settings s;

	(void)state;
	assert_true(config_valid(config));
	assert_true(config_resolve(config, NULL, &s));
	assert_true(s.penalties.enabled);
	assert_int_equal(s.penalties.authfail, 60);
	assert_int_equal(s.penalties.max, 300);
	assert_int_equal(s.penalties.crash, 90);
	assert_false(s.penalties.deny_all4);
	assert_true(s.penalties.deny_all6);
	config_free(config);
	config = read_one("PerSourcePenalties no\n");
	assert_true(config_resolve(config, NULL, &s));
	assert_false(s.penalties.enabled);
	config_free(config);
	config = read_one("PerSourcePenalties auth:3\n");
	assert_false(config_valid(config));
	config_free(config);
}

static void
lists_of_algorithms(void **state)
{
	const struct config_algorithms algorithms = {
		.ciphers_all = "aes128-ctr,aes256-ctr,aes128-cbc",
		.ciphers_default = "aes256-ctr,aes128-ctr",
		.sigs_all = "ssh-ed25519,rsa-sha2-256,rsa-sha2-512",
		.sigs_default = "ssh-ed25519,rsa-sha2-512",
	};
	static const struct {
		const char *text, *ciphers, *keys;
	} rows[] = {
		{ "", "aes256-ctr,aes128-ctr", "ssh-ed25519,rsa-sha2-512" },
		{ "Ciphers +aes128-cbc,aes256-ctr\n",
		    "aes256-ctr,aes128-ctr,aes128-cbc", NULL },
		{ "Ciphers ^aes128-cbc\n",
		    "aes128-cbc,aes256-ctr,aes128-ctr", NULL },
		{ "Ciphers -aes256*\n", "aes128-ctr", NULL },
		{ "Ciphers aes128-ctr,aes128-ctr\n", "aes128-ctr", NULL },
		/* OpenSSH has it, this build does not. */
		{ "Ciphers 3des-cbc,aes128-ctr\n", "aes128-ctr", NULL },
		{ "Ciphers 3des-cbc\n", NULL, NULL },
		{ "Ciphers frob\n", NULL, NULL },
		{ "Ciphers aes*\n", NULL, NULL },
		{ "Ciphers -*\n", NULL, NULL },
		{ "Ciphers aes128-ctr,,\n", "aes128-ctr", NULL },
		{ "Ciphers ,\n", NULL, NULL },
		{ "Ciphers +\n", NULL, NULL },
		{ "PubkeyAcceptedAlgorithms rsa*\n", "aes256-ctr,aes128-ctr",
		    "rsa-sha2-256,rsa-sha2-512" },
	};
	size_t i;

	(void)state;
	config_set_algorithms(&algorithms);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct config *config = read_one(rows[i].text);
		struct settings s;

		assert_int_equal(config_valid(config),
		    rows[i].ciphers != NULL);
		assert_true(config_resolve(config, NULL, &s));
		if (rows[i].ciphers != NULL)
			assert_string_equal(s.ciphers, rows[i].ciphers);
		if (rows[i].keys != NULL)
			assert_string_equal(s.pubkey_accepted_algorithms,
			    rows[i].keys);
		config_free(config);
	}
	config_set_algorithms(&(struct config_algorithms){ 0 });
}

static void
whole_file_is_judged(void **state)
{
	struct config *config;

	(void)state;
	config = read_one("AuthorizedKeysCommand /bin/k\n");
	assert_string_equal(said(config),
	    "/c:1:1:2: AuthorizedKeysCommand without "
	    "AuthorizedKeysCommandUser\n");
	config_free(config);
	config = read_one("PubkeyAuthentication no\n"
	    "AuthenticationMethods publickey publickey,password\n");
	assert_false(config_valid(config));
	config_free(config);
	config = read_one("ChrootDirectory /srv/%x\n");
	assert_true(config_valid(config));
	assert_non_null(strstr(said(config), "has no token %x"));
	config_free(config);
	config = config_read_text(&config_real_files, "t",
	    "UsePAM yes\0\nUsePAM no\n", 22);
	assert_non_null(config);
	assert_string_equal(said(config), "t:1:1:2: a NUL byte: not text\n");
	assert_false(config_valid(config));
	config_free(config);
}

static void
specs(void **state)
{
	struct config_spec spec = { .user = NULL };
	char *wrong;
	char good[] = "user=a=b,host=h,addr=::1,laddr=1.2.3.4,lport=22,"
	    "rdomain=r,invalid-user";
	char bad[] = "user=a,foo=b", port[] = "lport=x";

	(void)state;
	assert_null(config_parse_spec(good, &spec));
	assert_string_equal(spec.user, "a=b");
	assert_string_equal(spec.host, "h");
	assert_string_equal(spec.addr, "::1");
	assert_string_equal(spec.laddr, "1.2.3.4");
	assert_string_equal(spec.rdomain, "r");
	assert_int_equal(spec.lport, 22);
	assert_true(spec.invalid_user);
	wrong = config_parse_spec(bad, &spec);
	assert_string_equal(wrong, "Invalid test mode specification foo=b");
	free(wrong);
	wrong = config_parse_spec(port, &spec);
	assert_string_equal(wrong,
	    "Invalid port 'x' in test mode specification lport=x");
	free(wrong);
}

static void
dump_reads_back(void **state)
{
	struct config *config = read_one(
	    "PermitRootLogin no\nAcceptEnv A B\nIPQoS 3\nRekeyLimit 1G 1h\n"
	    "Subsystem s /c d\nPermitOpen a:1\nLogLevel QUIET\n"
	    "AuthorizedKeysFile none\nMaxStartups 3:4:5\n");
	char *first = config_dump(config, NULL), *second;

	(void)state;
	assert_non_null(first);
	config_free(config);
	config = config_read_text(&config_real_files, "dump", first,
	    strlen(first));
	assert_non_null(config);
	second = config_dump(config, NULL);
	assert_non_null(second);
	assert_string_equal(first, second);
	assert_non_null(strstr(first, "permitrootlogin no\n"));
	assert_non_null(strstr(first, "maxstartups 3:4:5\n"));
	free(first);
	free(second);
	config_free(config);
}

static void
explanations(void **state)
{
	const struct fake files[] = {
		{ "/c", "AcceptEnv A\nMatch User bob\nInclude /d\n"
		    "Match Address 10.0.0.0/8\nPermitTTY no\nAcceptEnv B\n"
		    "Match all\nAcceptEnv C\n" },
		{ "/d", "Match Host x\nPermitTTY yes\n" },
		{ NULL, NULL },
	};
	struct config *config = read_fake(files, NULL, 0);
	struct config_spec spec = { .user = "eve", .addr = "10.1.1.1" };
	char *text = config_explain(config, &spec);

	(void)state;
	assert_non_null(text);
	assert_ptr_equal(strstr(text,
	    "# /c:2: Match does not apply: user bob\n"
	    "# /d:1: Match does not apply: nor does the one around the "
	    "Include\n"
	    "# /c:4: Match applies\n"
	    "# /c:7: Match applies\n"), text);
	assert_non_null(strstr(text, "\n# /c:5\npermittty no\n"));
	assert_non_null(strstr(text,
	    "\n# /c:6, /c:8\nacceptenv B\nacceptenv C\n"));
	assert_non_null(strstr(text, "\n# default\nmaxsessions 10\n"));
	free(text);
	config_free(config);
}

static void
socket_units_text(void **state)
{
	struct config *config = read_one("UsePAM no\n");
	char *text;

	(void)state;
	assert_null(config_socket_text(config));
	config_free(config);
	config = read_one("Port 2222\nListenAddress 10.1\n"
	    "ListenAddress [::1]:22\nListenAddress h.example\n");
	text = config_socket_text(config);
	assert_non_null(text);
	assert_string_equal(text, "[Socket]\nListenStream=\n"
	    "ListenStream=10.0.0.1:2222\nListenStream=[::1]:22\n"
	    "# the address of this name: ListenStream=h.example:2222\n"
	    "BindIPv6Only=ipv6-only\n");
	free(text);
	config_free(config);
	config = read_one("AddressFamily inet\n");
	text = config_socket_text(config);
	assert_non_null(text);
	assert_string_equal(text,
	    "[Socket]\nListenStream=\nListenStream=0.0.0.0:22\n");
	free(text);
	config_free(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_found_in_one_go),
		cmocka_unit_test(listeners_keywords_warn_once),
		cmocka_unit_test(no_file_is_an_error_and_none_is_not),
		cmocka_unit_test(first_value_wins_and_overrides_before_all),
		cmocka_unit_test(override_is_one_line),
		cmocka_unit_test(match_ends_with_its_file),
		cmocka_unit_test(includes_have_a_depth),
		cmocka_unit_test(criteria),
		cmocka_unit_test(subsystems_merge_by_name),
		cmocka_unit_test(what_is_not_built_in_is_said),
		cmocka_unit_test(penalties_by_key),
		cmocka_unit_test(lists_of_algorithms),
		cmocka_unit_test(whole_file_is_judged),
		cmocka_unit_test(specs),
		cmocka_unit_test(dump_reads_back),
		cmocka_unit_test(explanations),
		cmocka_unit_test(socket_units_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
