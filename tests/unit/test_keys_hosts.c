/*
 * Tests of hostbased authentication in the keys role: lines of known_hosts
 * and of rhosts files by table, and the decision over files on disk.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/fd.h"
#include "keys/hostbased.h"
#include "keys/internal.h"
#include "keys/knownhosts.h"
#include "keys/rhosts.h"
#include "keys_log.h"
#include "unit.h"

#define A	"AAAAC3NzaC1lZDI1NTE5AAAAIKXupFI9uvyaNSDlJFGNuyHNLfQl9vHIobwr" \
	"STCADj6A"
#define B	"AAAAC3NzaC1lZDI1NTE5AAAAIONTm1X4rbwZcT7ZCE49NPFQ6R6j4S6Uf72+" \
	"jT4/kB5g"
#define KEY_A	"ssh-ed25519 " A
#define KEY_B	"ssh-ed25519 " B
/* ssh-keygen -H made it of "host.example". */
#define HASHED	"|1|f8h1Twr8AjnuhFOEfsBVPvVBeyk=|GPUHAc8BuYfMSX811X3mlXcuiF4="

static uint8_t blob_a[64], blob_b[64];
static struct span key_a, key_b;

static struct span
decode(const char *text, uint8_t *out)
{
	size_t len;

	assert_true(base64_decode(S(text), out, 64, &len));
	return span(out, len);
}

/* The line in a buffer of its size, for AddressSanitizer. */
static struct span
exact(struct span line, uint8_t **copy)
{
	*copy = malloc(line.len == 0 ? 1 : line.len);
	assert_non_null(*copy);
	if (line.len > 0)
		memcpy(*copy, line.p, line.len);
	return span(*copy, line.len);
}

#define LINE(text) { (const uint8_t *)(text), sizeof(text) - 1 }

static void
known_hosts_lines(void **state)
{
	static const struct {
		struct span line;
		enum known_host plain, cert;	/* cert: A's, by B */
	} cases[] = {
#define NOTHING KNOWN_HOST_NOTHING
#define SAME KNOWN_HOST_SAME
#define OTHER KNOWN_HOST_OTHER
#define REVOKED KNOWN_HOST_REVOKED
		{ LINE(""), NOTHING, NOTHING },
		{ LINE("  "), NOTHING, NOTHING },
		{ LINE("# host.example " KEY_A), NOTHING, NOTHING },
		{ LINE("host.example " KEY_A), SAME, NOTHING },
		{ LINE(" \thost.example\t" KEY_A " c\r"), SAME, NOTHING },
		{ LINE("HOST.Example " KEY_A), SAME, NOTHING },
		{ LINE("a,host.example,b " KEY_A), SAME, NOTHING },
		{ LINE("host.example " KEY_B), OTHER, NOTHING },
		{ LINE("other.example " KEY_A), NOTHING, NOTHING },
		{ LINE("host.exampl " KEY_A), NOTHING, NOTHING },
		{ LINE("host.example2 " KEY_A), NOTHING, NOTHING },
		{ LINE("*.example " KEY_A), SAME, NOTHING },
		{ LINE("host.exampl? " KEY_A), SAME, NOTHING },
		{ LINE("*,!host.example " KEY_A), NOTHING, NOTHING },
		{ LINE("!host.example,* " KEY_A), NOTHING, NOTHING },
		{ LINE("!other,*.example " KEY_A), SAME, NOTHING },
		{ LINE("[host.example]:22 " KEY_A), NOTHING, NOTHING },
		{ LINE(HASHED " " KEY_A), SAME, NOTHING },
		{ LINE(HASHED " " KEY_B), OTHER, NOTHING },
		{ LINE(HASHED ",x " KEY_A), NOTHING, NOTHING },
		{ LINE("|1|f8h1Twr8AjnuhFOEfsBVPvVBeyk=|"
		    "GPUHAc8BuYfMSX811X3mlXcuiF5= " KEY_A), NOTHING, NOTHING },
		{ LINE("|1|f8h1Twr8AjnuhFOEfsBVPvVBeyk=| " KEY_A), NOTHING,
		    NOTHING },
		{ LINE("|1|f8h1Twr8AjnuhFOEfsBVPvVBeyk= " KEY_A), NOTHING,
		    NOTHING },
		{ LINE("|1||GPUHAc8BuYfMSX811X3mlXcuiF4= " KEY_A), NOTHING,
		    NOTHING },
		{ LINE("|1| " KEY_A), NOTHING, NOTHING },
		{ LINE("host.example"), NOTHING, NOTHING },
		{ LINE("host.example ssh-ed25519"), NOTHING, NOTHING },
		{ LINE("host.example ssh-rsa " A), NOTHING, NOTHING },
		{ LINE("host.example " A), NOTHING, NOTHING },
		{ LINE("host.example ssh-ed25519 " A "AAAA"), NOTHING,
		    NOTHING },
		{ LINE("host.example ssh-ed25519 !!!"), NOTHING, NOTHING },
		{ LINE("host.example\0 " KEY_A), NOTHING, NOTHING },
		{ LINE("@cert-authority *.example " KEY_B), NOTHING, SAME },
		{ LINE("@cert-authority *.example " KEY_A), NOTHING,
		    NOTHING },
		{ LINE("@cert-authority other " KEY_B), NOTHING, NOTHING },
		{ LINE("@revoked * " KEY_A), REVOKED, REVOKED },
		{ LINE("@revoked host.example " KEY_B), NOTHING, REVOKED },
		{ LINE("@revoked other " KEY_A), NOTHING, NOTHING },
		{ LINE("@revoked " HASHED " " KEY_A), REVOKED, REVOKED },
		{ LINE("@unknown host.example " KEY_A), NOTHING, NOTHING },
		{ LINE("@cert-authority"), NOTHING, NOTHING },
		{ LINE("@revoked @cert-authority * " KEY_A), NOTHING,
		    NOTHING },
	};
	const struct known_host_want plain = { S("host.example"), key_a,
		{ NULL, 0 } };
	const struct known_host_want cert = { S("host.example"), key_a,
		key_b };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t *copy;
		struct span line = exact(cases[i].line, &copy);

		if (known_host_line(line, &plain) != cases[i].plain ||
		    known_host_line(line, &cert) != cases[i].cert)
			fail_msg("line %zu: %d, %d: %.80s", i,
			    (int)known_host_line(line, &plain),
			    (int)known_host_line(line, &cert),
			    (const char *)cases[i].line.p);
		free(copy);
	}
}

static void
rhosts_lines(void **state)
{
	static const struct {
		struct span line;
		enum rhosts verdict;
	} cases[] = {
#define NO_WORD RHOSTS_NOTHING
		{ LINE(""), NO_WORD },
		{ LINE(" \t "), NO_WORD },
		{ LINE("# client"), NO_WORD },
		{ LINE("client"), NO_WORD },	/* remote is not local */
		{ LINE("client remote"), RHOSTS_YES },
		{ LINE("\t CLIENT \t remote \r"), RHOSTS_YES },
		{ LINE("192.0.2.7 remote"), RHOSTS_YES },
		{ LINE("+client +remote"), RHOSTS_YES },
		{ LINE("-client remote"), RHOSTS_NO },
		{ LINE("client -remote"), RHOSTS_NO },
		{ LINE("-client -remote"), RHOSTS_NO },
		{ LINE("client local"), NO_WORD },
		{ LINE("client Remote"), NO_WORD },
		{ LINE("other remote"), NO_WORD },
		{ LINE("client.example remote"), NO_WORD },
		{ LINE("client remote more"), NO_WORD },
		{ LINE("client remote # comment"), NO_WORD },
		/* Nobody is everybody. */
		{ LINE("+"), NO_WORD }, { LINE("+ +"), NO_WORD },
		{ LINE("+ remote"), NO_WORD }, { LINE("client +"), NO_WORD },
		{ LINE("-"), NO_WORD }, { LINE("- -"), NO_WORD },
		{ LINE("* *"), NO_WORD }, { LINE("client *"), NO_WORD },
		{ LINE("NO_PLUS"), NO_WORD },
		{ LINE("NO_PLUSclient remote"), NO_WORD },
		{ LINE("+@no-such-group remote"), NO_WORD },
		{ LINE("client @no-such-group"), NO_WORD },
		{ LINE("@ @"), NO_WORD },
		{ LINE("client\0 remote"), NO_WORD },
		{ LINE("client remote\0"), NO_WORD },
		{ LINE("client remote\0x"), NO_WORD },
	};
	struct rhosts_want want = { "client", "192.0.2.7", "remote",
		"local" };
	static uint8_t longest[8192];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t *copy;
		struct span line = exact(cases[i].line, &copy);
		enum rhosts got = rhosts_line(line, &want);

		if (got != cases[i].verdict)
			fail_msg("line %zu: %d: %s", i, (int)got,
			    (const char *)cases[i].line.p);
		free(copy);
	}
	/* A line without a user is for the user of the same name. */
	want.client_user = "local";
	assert_int_equal(rhosts_line(S("client"), &want), RHOSTS_YES);
	assert_int_equal(rhosts_line(S("-client"), &want), RHOSTS_NO);
	memset(longest, 'x', sizeof longest);
	assert_int_equal(rhosts_line(span(longest, sizeof longest), &want),
	    RHOSTS_NOTHING);
}

/* --- files ---------------------------------------------------------------- */

enum which { EQUIV, SSH_EQUIV, KNOWN, KNOWN2, SHOSTS, RHOSTS_FILE, OWN,
	OWN2, FILE_COUNT };

struct place {
	char dir[64], home[80], ssh[96];
	char path[FILE_COUNT][128];
	struct hostbased_files files;
	struct settings settings;
	struct peer peer;
	struct keys_job job;
	char log[65536];
	char text[KEYS_TEXT_MAX_BYTES];
	bool no_access;
};

static int
set_up(void **state)
{
	static const char *const names[] = { "hosts.equiv", "shosts.equiv",
		"known_hosts", "known_hosts2", "home/.shosts", "home/.rhosts",
		"home/.ssh/known_hosts", "home/.ssh/known_hosts2" };
	static struct place p;

	memset(&p, 0, sizeof p);
	strcpy(p.dir, "/tmp/sshd-conn-hosts.XXXXXX");
	if (mkdtemp(p.dir) == NULL)
		return -1;
	snprintf(p.home, sizeof p.home, "%s/home", p.dir);
	snprintf(p.ssh, sizeof p.ssh, "%s/.ssh", p.home);
	if (mkdir(p.home, 0755) < 0 || mkdir(p.ssh, 0700) < 0)
		return -1;
	for (size_t i = 0; i < FILE_COUNT; i++)
		snprintf(p.path[i], sizeof p.path[i], "%s/%s", p.dir,
		    names[i]);
	p.files = (struct hostbased_files){ { p.path[EQUIV],
		p.path[SSH_EQUIV], p.path[KNOWN], p.path[KNOWN2] } };
	log_set_level(LOG_LEVEL_DEBUG3);
	p.settings.strict_modes = true;
	p.settings.ignore_rhosts = IGNORE_RHOSTS_YES;
	p.settings.hostbased_uses_name_from_packet_only = true;
	p.peer = (struct peer){ PEER_INET, "192.0.2.7", 40000,
		"198.51.100.1", 22, "", 0 };
	p.job = (struct keys_job){ .settings = &p.settings, .peer = &p.peer,
		.kind = KEYS_HOSTBASED, .user = "local", .home = p.home,
		.uid = geteuid() == 0 ? 1000 : geteuid(), .known = true,
		.client_host = S("client"), .client_user = S("remote") };
	*state = &p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < FILE_COUNT; i++)
		unlink(p->path[i]);
	rmdir(p->ssh);
	rmdir(p->home);
	rmdir(p->dir);
	return 0;
}

static void
write_file(const struct place *p, enum which which, const char *text)
{
	int fd = open(p->path[which], O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, text, strlen(text)));
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
}

/* Is the request with key A let in?  What was logged is in p->log. */
static bool
allows(struct place *p)
{
	static struct keys k;
	int edge[2];
	bool ok;

	assert_true(ipc_pair(edge));
	p->job.edge = edge[1];
	k = (struct keys){ .job = &p->job, .plain = key_a,
		.info = { .type = KEY_ED25519, .log_name = "ED25519",
		    .key_name = "ssh-ed25519" }, .text = ": ED25519 X" };
	keys_hostbased_open(&p->job, &p->files);
	ok = keys_hostbased(&k, &p->files);
	for (size_t i = 0; i < HOSTBASED_FILE_COUNT; i++)
		fd_close(&p->job.host_fd[i]);
	assert_int_equal(k.options.permit_pty, ok);
	p->no_access = k.no_access;
	strcpy(p->text, k.text);
	keys_log_collect(edge, p->log, sizeof p->log);
	return ok;
}

static void
both_are_needed(void **state)
{
	struct place *p = *state;

	assert_false(allows(p));
	write_file(p, EQUIV, "client remote\n");
	assert_false(allows(p));
	write_file(p, KNOWN, "client " KEY_A "\n");
	assert_true(allows(p));
	assert_string_equal(p->text, ": ED25519 X, client user \"remote\", "
	    "client host \"client\"");
	unlink(p->path[EQUIV]);
	assert_false(allows(p));
	write_file(p, SSH_EQUIV, "x y\nclient remote\n");
	assert_true(allows(p));
	write_file(p, KNOWN, "client " KEY_B "\n");
	assert_false(allows(p));
	/* Root is not let in by these, and by its own only. */
	write_file(p, KNOWN, "client " KEY_A "\n");
	p->job.uid = 0;
	assert_false(allows(p));
}

static void
names_of_the_packet(void **state)
{
	static const struct {
		struct span host, user;
	} bad[] = {
		{ LINE(""), LINE("remote") }, { LINE("client"), LINE("") },
		{ LINE("."), LINE("remote") },
		{ LINE("client\0"), LINE("remote") },
		{ LINE("client"), LINE("remote\0x") },
		{ LINE("client.."), LINE("remote") },
	};
	static uint8_t longest[300];
	struct place *p = *state;

	write_file(p, EQUIV, "client remote\n");
	write_file(p, KNOWN, "client " KEY_A "\n");
	p->job.client_host = S("client.");
	assert_true(allows(p));
	p->job.client_host = S("CLIENT");
	assert_true(allows(p));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		p->job.client_host = bad[i].host;
		p->job.client_user = bad[i].user;
		assert_false(allows(p));
	}
	memset(longest, 'c', sizeof longest);
	p->job.client_host = span(longest, sizeof longest);
	p->job.client_user = S("remote");
	assert_false(allows(p));
	/* A name with a wildcard in it is a name. */
	p->job.client_host = S("*");
	assert_false(allows(p));
}

/* Without the packet's word, the address decides, and a pipe has none. */
static void
names_of_the_address(void **state)
{
	struct place *p = *state;

	p->settings.hostbased_uses_name_from_packet_only = false;
	write_file(p, EQUIV, "client remote\n192.0.2.7 remote\n");
	write_file(p, KNOWN, "client " KEY_A "\n");
	assert_false(allows(p));
	assert_non_null(strstr(p->log, "userauth_hostbased mismatch: client "
	    "sends client, but we resolve 192.0.2.7 to 192.0.2.7\n"));
	write_file(p, KNOWN, "192.0.2.7 " KEY_A "\n");
	assert_true(allows(p));
	p->peer.transport = PEER_PIPE;
	assert_false(allows(p));
	strcpy(p->peer.remote_host, "UNKNOWN");
	write_file(p, EQUIV, "UNKNOWN remote\n");
	write_file(p, KNOWN, "UNKNOWN,* " KEY_A "\n");
	assert_false(allows(p));
}

static void
own_files(void **state)
{
	struct place *p = *state;

	write_file(p, KNOWN, "client " KEY_A "\n");
	write_file(p, SHOSTS, "client remote\n");
	assert_false(allows(p));
	p->settings.ignore_rhosts = IGNORE_RHOSTS_SHOSTS_ONLY;
	assert_true(allows(p));
	p->job.uid = 0;
	assert_int_equal(allows(p), geteuid() == 0);
	p->job.uid = geteuid() == 0 ? 1000 : geteuid();
	unlink(p->path[SHOSTS]);
	write_file(p, RHOSTS_FILE, "client remote\n");
	assert_false(allows(p));
	p->settings.ignore_rhosts = IGNORE_RHOSTS_NO;
	assert_true(allows(p));
	/* What others can write is not the user's word. */
	assert_int_equal(chmod(p->path[RHOSTS_FILE], 0664), 0);
	assert_false(allows(p));
	assert_non_null(strstr(p->log, "Rhosts authentication refused for "
	    "local: bad owner or modes for "));
	assert_int_equal(chmod(p->path[RHOSTS_FILE], 0644), 0);
	assert_int_equal(chmod(p->home, 0777), 0);
	assert_false(allows(p));
	assert_non_null(strstr(p->log, "bad ownership or modes for home"));
	p->settings.strict_modes = false;
	assert_true(allows(p));
	/* The first line that is about them decides, file by file. */
	write_file(p, RHOSTS_FILE, "-client remote\nclient remote\n");
	assert_false(allows(p));
}

static void
own_known_hosts(void **state)
{
	struct place *p = *state;

	write_file(p, EQUIV, "client remote\n");
	write_file(p, OWN, "client " KEY_A "\n");
	assert_true(allows(p));
	p->settings.ignore_user_known_hosts = true;
	assert_false(allows(p));
	p->settings.ignore_user_known_hosts = false;
	assert_int_equal(chmod(p->path[OWN], 0666), 0);
	assert_false(allows(p));
	assert_non_null(strstr(p->log, "Authentication refused for local: "
	    "bad owner or modes for "));
	unlink(p->path[OWN]);
	/* The second files count for hosts that the first do not know. */
	write_file(p, OWN2, "client " KEY_A "\n");
	assert_true(allows(p));
	write_file(p, KNOWN, "client " KEY_B "\n");
	assert_false(allows(p));
	unlink(p->path[OWN2]);
	write_file(p, KNOWN, "other " KEY_B "\n");
	write_file(p, KNOWN2, "client " KEY_A "\n");
	assert_true(allows(p));
	write_file(p, KNOWN, "client " KEY_A "\nclient " KEY_B "\n");
	assert_true(allows(p));
}

static void
revoked_anywhere(void **state)
{
	static const enum which files[] = { KNOWN, OWN, KNOWN2, OWN2 };
	struct place *p = *state;

	write_file(p, EQUIV, "client remote\n");
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		write_file(p, KNOWN, "client " KEY_A "\n");
		assert_true(allows(p));
		write_file(p, files[i], "client " KEY_A "\n@revoked * " KEY_A
		    "\nclient " KEY_A "\n");
		assert_false(allows(p));
		assert_non_null(strstr(p->log, "WARNING: revoked key for "
		    "client attempted authentication"));
		unlink(p->path[files[i]]);
	}
}

static void
odd_files(void **state)
{
	struct place *p = *state;

	write_file(p, KNOWN, "client " KEY_A "\n");
	assert_int_equal(mkfifo(p->path[EQUIV], 0644), 0);
	assert_false(allows(p));
	unlink(p->path[EQUIV]);
	assert_int_equal(mkdir(p->path[EQUIV], 0755), 0);
	assert_false(allows(p));
	rmdir(p->path[EQUIV]);
	write_file(p, EQUIV, "client remote");	/* without a newline */
	assert_true(allows(p));
	assert_false(p->no_access);
}

static int
start(void **state)
{
	(void)state;
	key_a = decode(A, blob_a);
	key_b = decode(B, blob_b);
	return 0;
}

#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_hosts_lines),
		cmocka_unit_test(rhosts_lines),
		PLACE_TEST(both_are_needed),
		PLACE_TEST(names_of_the_packet),
		PLACE_TEST(names_of_the_address),
		PLACE_TEST(own_files),
		PLACE_TEST(own_known_hosts),
		PLACE_TEST(revoked_anywhere),
		PLACE_TEST(odd_files),
	};

	return cmocka_run_group_tests_name("keys_hosts", tests, start, NULL);
}
