/*
 * test_user_login: what the policy says about the login itself: PAM's text,
 * what keeps everything from running, ExposeAuthInfo's file.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "test_user_rig.h"

/* Runs on channel n and returns what came on the terminal or pipe. */
static const char *
said(struct rig *r, uint32_t n, bool tty, enum usr_start_kind kind,
    const char *command, struct usr_exit *e)
{
	static char out[4096];
	int fds[3];
	size_t count;

	assert_true(rig_open(r, n));
	if (tty)
		assert_true(rig_pty(r, n));
	count = rig_start(r, n, kind, command, fds);
	assert_int_equal(count, tty ? 1 : 3);
	(void)!write(fds[0], "exit\n", 5);
	if (!tty)
		close(fds[0]);
	rig_read(r, tty ? fds[0] : fds[1], out, sizeof out);
	*e = rig_exit(r, n);
	for (size_t i = tty ? 0 : 1; i < count; i++)
		close(fds[i]);
	rig_close(r, n);
	return out;
}

static void
text_is_shown_once(void **state)
{
	struct rig r;
	struct usr_exit e;

	(void)state;
	for (int tty = 0; tty < 2; tty++) {
		rig_init(&r);
		r.policy.login_text = span_str("hello from PAM\n");
		rig_up(&r);
		assert_non_null(strstr(said(&r, 0, tty, USER_START_SHELL, "",
		    &e), "hello from PAM"));
		assert_null(strstr(said(&r, 0, tty, USER_START_SHELL, "", &e),
		    "PAM"));
		rig_down(&r);
	}
	/* A command is the end of it, too: shells that follow are quiet. */
	rig_init(&r);
	r.policy.login_text = span_str("hello from PAM\n");
	rig_up(&r);
	assert_string_equal(said(&r, 0, false, USER_START_EXEC, "echo x",
	    &e), "x\n");
	assert_null(strstr(said(&r, 0, true, USER_START_SHELL, "", &e),
	    "PAM"));
	rig_down(&r);
}

static void
no_session_no_command(void **state)
{
	struct rig r;
	struct usr_exit e;

	(void)state;
	rig_init(&r);
	r.policy.session_refused = true;
	r.policy.login_text = span_str("not today\n");
	r.policy.permit_user_rc = true;
	rig_up(&r);
	assert_string_equal(said(&r, 0, false, USER_START_EXEC, "echo x",
	    &e), "not today\n");
	assert_int_equal(e.status, 254);
	assert_string_equal(said(&r, 0, false, USER_START_SHELL, "", &e), "");
	assert_int_equal(e.status, 254);
	rig_down(&r);
}

static void
expired_password(void **state)
{
	struct rig r;
	char err[512];
	int fds[3];

	(void)state;
	rig_init(&r);
	r.policy.password_expired = true;
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_int_equal(rig_start(&r, 0, USER_START_EXEC, "echo x", fds), 3);
	rig_read(&r, fds[2], err, sizeof err);
	assert_string_equal(err, "WARNING: Your password has expired.\n"
	    "Password change required but no TTY available.\n");
	rig_read(&r, fds[1], err, sizeof err);
	assert_string_equal(err, "");
	assert_int_equal(rig_exit(&r, 0).status, 1);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	/* passwd(1) on a terminal: it asks, and is hung up. */
	assert_true(rig_open(&r, 1));
	assert_true(rig_pty(&r, 1));
	assert_int_equal(rig_start(&r, 1, USER_START_EXEC, "echo x", fds), 1);
	while (strstr(err, "assword: ") == NULL) {
		struct pollfd p = { .fd = fds[0], .events = POLLIN };
		size_t len = strlen(err);
		ssize_t n;

		assert_true(poll(&p, 1, RIG_WAIT_MS) > 0);
		n = read(fds[0], err + len, sizeof err - 1 - len);
		assert_true(n > 0);
		err[len + (size_t)n] = '\0';
	}
	assert_non_null(strstr(err,
	    "You must change your password now and login again!"));
	close(fds[0]);
	rig_down(&r);
}

static void
auth_info(void **state)
{
	struct rig r;
	struct usr_exit e;
	struct stat st;
	char name[64];

	(void)state;
	rig_init(&r);
	r.policy.auth_info = span_str("password\npublickey k\n");
	rig_up(&r);
	assert_string_equal(said(&r, 0, false, USER_START_EXEC,
	    "cat $SSH_USER_AUTH", &e), "password\npublickey k\n");
	snprintf(name, sizeof name, "%s", said(&r, 0, false, USER_START_EXEC,
	    "printf %s $SSH_USER_AUTH", &e));
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_memory_equal(name, "/tmp/sshauth.", 13);
	assert_int_equal(strlen(name), 13 + 15);
	rig_down(&r);
	assert_int_equal(stat(name, &st), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_shown_once),
		cmocka_unit_test(no_session_no_command),
		cmocka_unit_test(expired_password),
		cmocka_unit_test(auth_info),
	};

	/* What refuses to run has gone before "exit" is written to it. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
