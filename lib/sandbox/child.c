/*
 * child: from a fork of the monitor to a user's process.  Root at first.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "sandbox/ids.h"

#define KEYS_CPU_SEC 20

void
child_reset_signals(void)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool
child_keep_only(int *fds, size_t count)
{
	int end = CHILD_FIRST_FD + (int)count;

	/* Out of the way first: one may stand where another goes. */
	for (size_t i = 0; i < count; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, end);
		if (fds[i] < 0)
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		int to = CHILD_FIRST_FD + (int)i;

		if (dup3(fds[i], to, O_CLOEXEC) < 0)
			return false;
		fds[i] = to;
	}
	return close_range((unsigned int)end, ~0u, 0) == 0;
}

/*
 * Changing ids clears the parent-death signal and dumpability: both are set
 * behind it, and then the parent is looked for, for it may be gone already.
 */
bool
child_become(uid_t uid, gid_t gid, pid_t parent)
{
	return ids_drop_keeping_groups(uid, gid) &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
	    getppid() == parent;
}

bool
child_confine_keys(bool command)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit cpu;

	if (setrlimit(RLIMIT_CORE, &none) < 0 ||
	    getrlimit(RLIMIT_CPU, &cpu) < 0)
		return false;
	if (cpu.rlim_cur > KEYS_CPU_SEC)
		cpu.rlim_cur = KEYS_CPU_SEC;
	if (setrlimit(RLIMIT_CPU, &cpu) < 0)
		return false;
	return command || (setrlimit(RLIMIT_NPROC, &none) == 0 &&
	    setrlimit(RLIMIT_FSIZE, &none) == 0 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}
