/*
 * children: reap net and user.  Monitor.
 *
 * kill(2) gets only the pids of children that were not reaped yet, never 0
 * or a negative number.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "monitor/children.h"
#include "monitor/internal.h"
#include "run/exits.h"

#define NET_LAST_MS	5000	/* after user's end: to tell the peer */
#define USER_LAST_MS	3000	/* after net's end: to hang up sessions */
#define EXIT_LAST_MS	2000	/* between an edge's end and the exit */

bool
children_left(const struct monitor *m)
{
	return m->net_pid > 0 || m->user_pid > 0 || m->net_fd >= 0 ||
	    m->user_fd >= 0;
}

int
children_watch(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

void
children_set_deadline(struct monitor *m, int64_t ms)
{
	int64_t at = monitor_now_ms() + ms;

	if (m->deadline_ms == 0 || at < m->deadline_ms)
		m->deadline_ms = at;
}

/* These are crashes; a user may kill user with the others at any time. */
static bool
is_crash(int signo)
{
	return signo == SIGSYS || signo == SIGSEGV || signo == SIGBUS ||
	    signo == SIGABRT || signo == SIGILL || signo == SIGFPE ||
	    signo == SIGTRAP;
}

/*
 * What a role's end means for our exit status.  net never ends by a signal
 * unless it broke its sandbox's rules or crashed; user runs with the rights
 * of the user, who may kill it.
 */
static void
judge_end(struct monitor *m, const char *role, int wstatus)
{
	bool is_net = strcmp(role, "net") == 0;
	int code;

	if (WIFSIGNALED(wstatus)) {
		bool bug = is_net || is_crash(WTERMSIG(wstatus));

		log_line(bug ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
		    monitor_preauth(m), "%s role was killed by signal %d (%s)",
		    role, WTERMSIG(wstatus), strsignal(WTERMSIG(wstatus)));
		if (bug && m->status == EXIT_PEER)
			m->status = EXIT_BUG;
		return;
	}
	code = WEXITSTATUS(wstatus);
	if (code == EXIT_PEER)
		return;
	log_line(LOG_LEVEL_ERROR, monitor_preauth(m),
	    "%s role ended with status %d", role, code);
	if (m->status == EXIT_PEER)
		m->status = code == EXIT_ENV ? EXIT_ENV : EXIT_BUG;
}

/* True if that child is gone now.  One that we killed is not judged. */
static bool
reap_one(struct monitor *m, pid_t *pid, const char *role, int flags)
{
	int wstatus;
	pid_t got;

	if (*pid <= 0)
		return false;
	do
		got = waitpid(*pid, &wstatus, flags);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	if (got == *pid && flags == WNOHANG)
		judge_end(m, role, wstatus);
	*pid = 0;
	return true;
}

/* One role's end is the other's: each gets a while to do its last things. */
void
children_reap(struct monitor *m)
{
	if (reap_one(m, &m->net_pid, "net", WNOHANG) && m->user_pid > 0)
		children_set_deadline(m, USER_LAST_MS);
	if (reap_one(m, &m->user_pid, "user", WNOHANG) && m->net_pid > 0)
		children_set_deadline(m, NET_LAST_MS);
}

void
children_check(struct monitor *m)
{
	/* Read to its last frame above: nothing more can come. */
	if (m->net_pid <= 0) {
		fd_close(&m->net_fd);
		fd_close(&m->net_life);
	}
	if (m->user_pid <= 0) {
		fd_close(&m->user_fd);
		fd_close(&m->user_life);
	}
	if (m->net_pid > 0 && m->net_fd < 0)
		children_set_deadline(m, EXIT_LAST_MS);
	if (m->user_pid > 0 && m->user_fd < 0)
		children_set_deadline(m, EXIT_LAST_MS);
	if (m->deadline_ms != 0 && monitor_now_ms() >= m->deadline_ms)
		children_kill(m);
}

void
children_kill(struct monitor *m)
{
	if (m->net_pid > 0)
		kill(m->net_pid, SIGKILL);
	if (m->user_pid > 0)
		kill(m->user_pid, SIGKILL);
	reap_one(m, &m->net_pid, "net", 0);
	reap_one(m, &m->user_pid, "user", 0);
	fd_close(&m->net_fd);
	fd_close(&m->user_fd);
}
