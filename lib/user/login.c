/*
 * login: greetings, nologin, sshrc.  User process; reads only files that the
 * user may read, and must never run the user's rc where it is not allowed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/vis.h"
#include "user/login.h"

#define HUSHLOGIN		".hushlogin"
#define USER_RC			".ssh/rc"
#define SYSTEM_RC		SYSCONFDIR "/ssh/sshrc"
#define MOTD_FILE		"/etc/motd"
#define NOLOGIN_FILE		"/etc/nologin"
#define PASSWD_PROGRAM		"/usr/bin/passwd"
#define PASSWORD_STATUS		1
#define STOPPED_STATUS		254
#define SHOWN_MAX_BYTES		(256 * 1024)

/* stat(2), so what a dangling link points to is not there. */
static bool
in_home(const char *home, const char *name)
{
	struct stat st;
	char *path;
	bool there;

	if (asprintf(&path, "%s/%s", home, name) < 0)
		return false;
	there = stat(path, &st) == 0;
	free(path);
	return there;
}

bool
login_is_quiet(const char *home)
{
	return in_home(home, HUSHLOGIN);
}

bool
login_is_closed(uint32_t uid)
{
	struct stat st;

	return uid != 0 && stat(NOLOGIN_FILE, &st) == 0;
}

enum login_rc
login_find_rc(const char *home, bool user_allowed)
{
	struct stat st;

	if (user_allowed && in_home(home, USER_RC))
		return LOGIN_RC_USER;
	return stat(SYSTEM_RC, &st) == 0 ? LOGIN_RC_SYSTEM : LOGIN_RC_NONE;
}

/*
 * Blocks while the terminal is full, that is until net reads: only ever
 * after a fork.
 */
static void
show_file(const char *path, int to)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *text;
	size_t len;

	if (fd < 0)
		return;
	if (fd_read_all(fd, SHOWN_MAX_BYTES, &text, &len)) {
		(void)!fd_write_all(to, text, len);
		free(text);
	}
	fd_close(&fd);
}

static void
show_last(const struct login *l)
{
	time_t when = (time_t)l->last_sec;
	struct tm tm;
	char date[64], host[256], line[400];
	int n;

	if (localtime_r(&when, &tm) == NULL ||
	    strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &tm) == 0)
		return;
	vis_text(span_str(l->last_host), host, sizeof host);
	n = snprintf(line, sizeof line, "Last login: %s%s%s\r\n", date,
	    host[0] != '\0' ? " from " : "", host);
	if (n > 0)
		(void)!fd_write_all(STDOUT_FILENO, line,
		    MIN((size_t)n, sizeof line - 1));
}

void
login_greet(const struct login *l)
{
	(void)!fd_write_all(STDOUT_FILENO, l->text.p, l->text.len);
	if (l->last && l->last_sec != 0)
		show_last(l);
	if (l->motd)
		show_file(MOTD_FILE, STDOUT_FILENO);
}

/* The user logs in again with the new password. */
static NORETURN void
change_password(bool tty, char **envp)
{
	char name[] = "passwd", *argv[] = { name, NULL };

	dprintf(STDERR_FILENO, "WARNING: Your password has expired.\n");
	if (!tty) {
		dprintf(STDERR_FILENO, "Password change required but no TTY "
		    "available.\n");
		_exit(PASSWORD_STATUS);
	}
	dprintf(STDERR_FILENO,
	    "You must change your password now and login again!\n");
	execve(PASSWD_PROGRAM, argv, envp);
	dprintf(STDERR_FILENO, "passwd: %s\n", strerror(errno));
	_exit(PASSWORD_STATUS);
}

void
login_stop(const struct login *l, bool tty, char **envp)
{
	if (l->stop == LOGIN_PASSWORD_EXPIRED)
		change_password(tty, envp);
	if (l->stop == LOGIN_CLOSED)
		show_file(NOLOGIN_FILE, STDERR_FILENO);
	else if (!l->greets)
		(void)!fd_write_all(STDOUT_FILENO, l->text.p, l->text.len);
	_exit(STOPPED_STATUS);
}

/*
 * The user's file is run by the user's shell, by a name that needs no
 * quoting in any shell, because we are in the home directory.
 */
static NORETURN void
run_rc(enum login_rc rc, const char *shell, char **envp)
{
	const char *user[] = { shell, "-c", "/bin/sh " USER_RC, NULL };
	const char *system[] = { "/bin/sh", SYSTEM_RC, NULL };
	const char **argv = rc == LOGIN_RC_USER ? user : system;
	int end[2];

	if (pipe(end) == 0) {
		dup2(end[0], STDIN_FILENO);
		close(end[0]);
		close(end[1]);
	}
	execve(argv[0], (char *const *)(uintptr_t)argv, envp);
	_exit(127);
}

void
login_rc(enum login_rc rc, const char *shell, char **envp)
{
	pid_t pid = fork();

	if (pid == 0)
		run_rc(rc, shell, envp);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}
