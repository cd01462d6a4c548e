/*
 * Tests of keys/list.h: lists of keys, as administrators write them and
 * worse.
 */
#include <stdio.h>

#include "unit.h"

#include "base/base64.h"
#include "base/sysdef.h"
#include "crypto/init.h"
#include "keys/list.h"
#include "test_cert_made.h"

#define LINE_ED "ssh-ed25519 " PLAIN_ED25519
#define LINE_RSA "ssh-rsa " PLAIN_RSA
#define LINE_CERT "ssh-ed25519-cert-v01@openssh.com " CERT_ED25519

static uint8_t room[4096];
static struct span ed;

static void
finds(const char *text, enum key_list_verdict want, unsigned int where)
{
	unsigned int line;

	assert_int_equal(key_list_find(S(text), &ed, 1, false, &line), want);
	if (where > 0)
		assert_int_equal(line, where);
}

static void
lists(void **state)
{
	(void)state;
	finds("", KEY_LIST_WITHOUT, 0);
	finds("\n\n# x\n \t\n", KEY_LIST_WITHOUT, 0);
	finds(LINE_ED, KEY_LIST_HAS, 1);
	finds(LINE_ED " a comment\n", KEY_LIST_HAS, 1);
	finds("  \t" LINE_ED "\r\n", KEY_LIST_HAS, 1);
	finds("# x\n\n" LINE_RSA "\n" LINE_ED "\n", KEY_LIST_HAS, 4);
	finds("# " LINE_ED "\n", KEY_LIST_WITHOUT, 0);
	finds(LINE_RSA "\n", KEY_LIST_WITHOUT, 0);
	/* A key of a kind that is not known says so itself. */
	finds("ssh-new AAAAB3NzaC1uZXcAAAABeA==\n" LINE_ED, KEY_LIST_HAS, 2);
}

static void
rubbish(void **state)
{
	static const char *const bad[] = {
		"nonsense\n", "ssh-ed25519\n", "ssh-ed25519 \n",
		"ssh-ed25519 !\n", "ssh-rsa " PLAIN_ED25519 "\n",
		"cert-authority " LINE_RSA "\n",
		"ssh-ed25519 AAAA\n", "SSHKRL\n", "ssh-ed25519 AAA\n",
		"SHA256:0123456789012345678901234567890123456789012\n",
	};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		finds(bad[i], KEY_LIST_BAD, 1);
		/* What comes before it counts, what comes behind does not. */
		snprintf(text, sizeof text, "%s%s", bad[i], LINE_ED);
		finds(text, KEY_LIST_BAD, 1);
		snprintf(text, sizeof text, "%s\n%s", LINE_ED, bad[i]);
		finds(text, KEY_LIST_HAS, 1);
		snprintf(text, sizeof text, "%s\n%s", LINE_RSA, bad[i]);
		finds(text, KEY_LIST_BAD, 2);
	}
}

static void
certificates(void **state)
{
	unsigned int line;

	(void)state;
	assert_int_equal(key_list_find(S(LINE_CERT), &ed, 1, true, &line),
	    KEY_LIST_HAS);
	assert_int_equal(key_list_find(S(LINE_CERT), &ed, 1, false, &line),
	    KEY_LIST_WITHOUT);
	assert_int_equal(key_list_find(
	    S("ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQt"
	    "djAxQG9wZW5zc2guY29tAAAAAXg="), &ed, 1, true, &line),
	    KEY_LIST_BAD);
}

static void
no_key(void **state)
{
	const struct span none[] = { { NULL, 0 }, { NULL, 0 } };
	unsigned int line;

	(void)state;
	assert_int_equal(key_list_find(S(LINE_ED), none, ARRAY_LEN(none),
	    true, &line), KEY_LIST_WITHOUT);
}

static void
principals(void **state)
{
	static const struct {
		const char *line, *options, *name;
	} lines[] = {
		{ "", "", "" }, { " \t ", "", "" }, { "# web", "", "" },
		{ "web", "", "web" }, { "\t web \r", "", "web" },
		{ "web # db", "", "web" }, { "web#db", "", "web" },
		{ "no-pty  web", "no-pty", "web" },
		{ "no-pty\tweb ", "no-pty", "web" },
		{ "command=\"a b\",no-pty web", "command=\"a b\",no-pty",
		    "web" },
		{ "a b c", "a b", "c" },
	};
	struct span options;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_true(span_is(key_list_principal(S(lines[i].line),
		    &options), lines[i].name));
		assert_true(span_is(options, lines[i].options));
	}
	/* A comment begins inside of quotes too, as in OpenSSH. */
	assert_true(span_is(key_list_principal(
	    S("command=\"a # b\" web"), &options), "command=\"a"));
	assert_int_equal(key_list_principal(span(NULL, 0), &options).len, 0);
}

static int
start(void **state)
{
	(void)state;
	if (!crypto_init() || !base64_decode(S(PLAIN_ED25519), room,
	    sizeof room, &ed.len))
		return -1;
	ed.p = room;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(rubbish),
		cmocka_unit_test(certificates),
		cmocka_unit_test(no_key),
		cmocka_unit_test(principals),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
