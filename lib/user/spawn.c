/*
 * spawn: fork and execute.  User process; must never leak a descriptor, a
 * signal disposition or a variable of ours into a command.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "user/spawn.h"

#define SPAWN_FAILED_STATUS	1

/*
 * Bulk data goes through stdin and stdout: a larger pipe means fewer
 * switches between net and the command.  Not larger still: measured, 1 MiB
 * is no faster, and the kernel counts it against the user's quota of pipe
 * pages, 64 MiB, beyond which every new pipe of that user shrinks to two
 * pages.  A refusal costs speed only.
 */
#define SPAWN_PIPE_BYTES	(256 * 1024)

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* A login shell knows itself by the dash in its name. */
static NORETURN void
run(const struct spawn *s)
{
	const char *name = base_name(s->shell);
	char dashed[256];
	const char *argv[] = { name, "-c", s->command, NULL };

	if (s->command == NULL) {
		snprintf(dashed, sizeof dashed, "-%s", name);
		argv[0] = dashed;
		argv[1] = NULL;
	}
	execve(s->shell, (char *const *)(uintptr_t)argv, s->envp);
	dprintf(STDERR_FILENO, "%s: %s\n", s->shell, strerror(errno));
	_exit(SPAWN_FAILED_STATUS);
}

/* A home that is away (not mounted, mode 000) locks nobody out. */
static void
enter_home(const char *home, bool may_miss)
{
	if (chdir(home) == 0)
		return;
	if (!may_miss)
		dprintf(STDERR_FILENO,
		    "Could not chdir to home directory %s: %s\n", home,
		    strerror(errno));
	(void)!chdir("/");
}

/*
 * In the new process.  After a vfork it runs on its parent's memory, so up
 * to the exec it makes system calls and little else; login_run() does more
 * and only ever follows a fork.
 */
static NORETURN void
child(const struct spawn *s)
{
	sigset_t none;

	setsid();
	if (s->tty)
		(void)ioctl(s->fds[0], TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++) {
		if (dup2(s->fds[i], i) < 0)
			_exit(SPAWN_FAILED_STATUS);
	}
	close_range(3, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (s->login.greets)
		login_greet(&s->login);
	if (s->login.stop != LOGIN_GOES_ON)
		login_stop(&s->login, s->tty, s->envp);
	if (s->complaint != NULL)
		(void)!fd_write_all(STDERR_FILENO, s->complaint,
		    strlen(s->complaint));
	enter_home(s->home, s->login.home_may_miss);
	if (s->login.rc != LOGIN_RC_NONE)
		login_rc(s->login.rc, s->shell, s->envp);
	run(s);
}

pid_t
spawn_start(const struct spawn *s)
{
	const struct login *l = &s->login;
	pid_t pid;

	/*
	 * Copying page tables is a good part of starting a small command.
	 * Only what can block on net (which cannot read before we are back)
	 * or needs a process of its own pays for a real fork.
	 */
	if (l->greets || l->stop != LOGIN_GOES_ON || l->rc != LOGIN_RC_NONE)
		pid = fork();
	else
		pid = vfork();
	if (pid == 0)
		child(s);
	return pid;
}

bool
spawn_pipes_open(struct spawn_pipes *p)
{
	*p = (struct spawn_pipes){ { -1, -1, -1 }, { -1, -1, -1 } };
	for (int i = 0; i < 3; i++) {
		int pair[2];

		if (pipe2(pair, O_CLOEXEC) != 0)
			goto fail;
		p->theirs[i] = pair[i == 0 ? 0 : 1];
		p->ours[i] = pair[i == 0 ? 1 : 0];
		if (fcntl(p->ours[i], F_SETFL, O_NONBLOCK) != 0)
			goto fail;
		if (i < 2)
			(void)fcntl(pair[0], F_SETPIPE_SZ, SPAWN_PIPE_BYTES);
	}
	return true;
fail:
	spawn_pipes_close(p);
	return false;
}

void
spawn_pipes_close(struct spawn_pipes *p)
{
	for (int i = 0; i < 3; i++) {
		fd_close(&p->ours[i]);
		fd_close(&p->theirs[i]);
	}
}
