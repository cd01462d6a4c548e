/*
 * confine: net's way into its box.  Runs in net, once, as its first act.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/confine.h"
#include "sandbox/ids.h"
#include "sandbox/seccomp.h"

/* Enough for chroot(2) and chdir(2). */
#define CHROOT_STACK_BYTES 16384

static bool
root_at(const char *dir)
{
	return chroot(dir) == 0 && chdir("/") == 0;
}

/*
 * A directory that Linux has kept empty since the 1990s, because it is "user
 * visible"; nothing can be made in procfs.
 */
static bool
empty_root(void)
{
	return root_at("/proc/tty/ldisc");
}

static int
chroot_self(void *unused)
{
	(void)unused;
	return root_at("/proc/self/fdinfo") ? 0 : 1;
}

/*
 * Where a container hides that one: a child that shares our root and working
 * directory moves both to its own /proc/PID/fdinfo, and is gone with the
 * next call; what is left of the directory has no entry either.
 */
static bool
emptied_root(void)
{
	static _Alignas(16) char stack[CHROOT_STACK_BYTES];
	int status;
	pid_t pid = clone(chroot_self, stack + sizeof stack,
	    CLONE_FS | CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	if (pid < 0)
		return false;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	errno = ENOENT;
	return false;
}

/* Without /proc: a directory that every Debian and every OpenSSH has. */
static bool
fallback_root(void)
{
	return root_at("/run/sshd") || root_at("/var/empty");
}

/* Down to value; what is lower already stays, for nobody may raise it. */
static bool
limit(int resource, rlim_t value)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)resource, &r) != 0)
		return false;
	r.rlim_max = MIN(r.rlim_max, value);
	r.rlim_cur = r.rlim_max;
	return setrlimit((__rlimit_resource_t)resource, &r) == 0;
}

static const char *
give_up_root(const struct confine *how)
{
	/*
	 * A container may forbid new name spaces; the filter leaves net no
	 * call that could use the old ones.
	 */
	if (unshare(CLONE_NEWIPC | CLONE_NEWUTS) != 0 && errno != EPERM)
		return "unshare";
	if (!empty_root() && !emptied_root() && !fallback_root())
		return "chroot to an empty directory";
	if (!ids_drop_forever(how->uid, how->gid, NULL))
		return "change to the privilege separation user";
	return NULL;
}

bool
confine_descriptors(int in_fd, int *edge)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int target = MAX(in_fd, STDERR_FILENO) + 1;
	bool ok = null >= 0;

	if (in_fd > STDERR_FILENO)
		ok = ok && dup2(null, STDIN_FILENO) >= 0 &&
		    dup2(null, STDOUT_FILENO) >= 0;
#ifndef WITH_SANITIZERS
	/* A sanitizer's report has nowhere else to go. */
	ok = ok && dup2(null, STDERR_FILENO) >= 0;
#endif
	ok = ok && (*edge == target || dup3(*edge, target, O_CLOEXEC) >= 0);
	*edge = target;
	return ok && close_range((unsigned int)target + 1, ~0u, 0) == 0;
}

const char *
confine_net(const struct confine *how)
{
	const char *failed;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return "PR_SET_DUMPABLE";
	if (how->root) {
		failed = give_up_root(how);
		if (failed != NULL)
			return failed;
	}
	/* A change of ids resets both of these. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return "PR_SET_DUMPABLE";
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return "PR_SET_PDEATHSIG";
	/* It may have died before that was in force. */
	if (getppid() != how->parent)
		return "the monitor is gone";
	if (!limit(RLIMIT_NPROC, 0) || !limit(RLIMIT_FSIZE, 0) ||
	    !limit(RLIMIT_CORE, 0) ||
	    !limit(RLIMIT_NOFILE, (rlim_t)how->fds_max))
		return "setrlimit";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return "PR_SET_NO_NEW_PRIVS";
	if (!seccomp_net())
		return "seccomp";
	return NULL;
}
