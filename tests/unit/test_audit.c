/*
 * Tests of run/audit.h: records as the audit library writes them, and names
 * that try to be more than a name.
 */
#include <string.h>

#include "run/audit.h"
#include "unit.h"

#define EXE "/usr/sbin/sshd-conn"

static void
check(const struct audit_login *login, const char *exe, const char *want)
{
	char text[AUDIT_TEXT_MAX_BYTES];

	assert_true(audit_text(login, exe, text, sizeof text));
	assert_string_equal(text, want);
}

static void
usual(void **state)
{
	(void)state;
	check(&(struct audit_login){ .uid = 1000, .host = "192.0.2.7",
	    .address = "192.0.2.7", .place = "/dev/pts/0", .ok = true }, EXE,
	    "op=login id=1000 exe=\"" EXE "\" hostname=192.0.2.7 "
	    "addr=192.0.2.7 terminal=/dev/pts/0 res=success");
	check(&(struct audit_login){ .name = "alice", .address = "::1",
	    .place = "sshd" }, EXE, "op=login acct=\"alice\" exe=\"" EXE "\" "
	    "hostname=? addr=::1 terminal=sshd res=failed");
	check(&(struct audit_login){ .name = "(invalid user)",
	    .place = "sshd" }, EXE,
	    "op=login acct=28696E76616C6964207573657229 exe=\"" EXE "\" "
	    "hostname=? addr=? terminal=sshd res=failed");
}

static void
hostile(void **state)
{
	char name[300], text[AUDIT_TEXT_MAX_BYTES], exe[4000];

	(void)state;
	check(&(struct audit_login){ .name = "a\" res=success",
	    .host = "x res=success\n", .address = "\x1b[m",
	    .place = "sshd" }, "/a b", "op=login "
	    "acct=6122207265733D73756363657373 exe=2F612062 "
	    "hostname=x?res?success? addr=?[m terminal=sshd res=failed");
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = '\0';
	check(&(struct audit_login){ .name = name, .place = "sshd" }, EXE,
	    "op=login acct=\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\" "
	    "exe=\"" EXE "\" hostname=? addr=? terminal=sshd res=failed");
	memset(name, 0xff, sizeof name - 1);
	assert_true(audit_text(&(struct audit_login){ .name = name,
	    .host = name, .address = name, .place = name }, "", text,
	    sizeof text));
	assert_non_null(strstr(text, "acct=FFFF"));
	memset(exe, 'e', sizeof exe);
	exe[sizeof exe - 1] = '\0';
	assert_false(audit_text(&(struct audit_login){ .place = "sshd" }, exe,
	    text, sizeof text));
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
