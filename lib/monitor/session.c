/*
 * session: make the user role's process.  Monitor, and for a few lines the
 * process that is about to be the user's.
 *
 * The child must not run one line of user_role() with an id, a descriptor or
 * a secret of root's left.
 */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"
#include "monitor/children.h"
#include "monitor/internal.h"
#include "run/exits.h"
#include "sandbox/child.h"
#include "sandbox/chroot.h"

#define SEND_WAIT_SEC	5

void
monitor_forget_secrets(struct monitor *m)
{
	signer_free(&m->signer);
	secret_wipe(&m->signer, sizeof m->signer);
	monitor_forget_frames(m);
}

static void
forget_all(struct monitor *m)
{
	login_free(&m->login);
	free(m);
}

/* ChrootDirectory.  False, and logged, where it cannot be. */
static bool
enter_root(const struct monitor *m)
{
	const struct account *account = &m->login.account;
	const char *pattern = m->settings.chroot_directory;
	char said[CHROOT_WHY_BYTES];
	bool ok;

	if (pattern == NULL)
		return true;
	ok = chroot_enter_for(pattern, account->home, account->name,
	    account->uid, said);
	log_line(ok ? LOG_LEVEL_VERBOSE : LOG_LEVEL_FATAL, false, "%s", said);
	return ok;
}

/* PAM's credentials come on top of the groups, so the groups come first. */
static bool
become_user(struct monitor *m, pid_t monitor_pid)
{
	const struct account *account = &m->login.account;
	struct pam_login *pam = m->pam;

	m->pam = NULL;
	if (m->params->root &&
	    setgroups(account->gid_count, account->gids) < 0)
		return false;
	if (pam != NULL && !pam_login_child(pam))
		return false;
	if (!enter_root(m))
		_exit(EXIT_ENV);
	return child_become(account->uid, account->gid, monitor_pid);
}

static void NORETURN
run_child(struct monitor *m, int edges[static 2], pid_t monitor_pid)
{
	int (*role)(int, int) = m->params->user_role;

	monitor_forget_secrets(m);
	/* A terminal that the server was started from is none of the user's. */
	(void)setsid();
	if (!become_user(m, monitor_pid)) {
		log_line(LOG_LEVEL_FATAL, false,
		    "cannot become user %.100s: %s", m->login.account.name,
		    strerror(errno));
		_exit(EXIT_ENV);
	}
	forget_all(m);
	if (!child_keep_only(edges, 2))
		_exit(EXIT_ENV);
	child_reset_signals();
	exit(role(edges[0], edges[1]));
}

/*
 * start_session_phase - fork the user role and send it its policy
 *
 * *net_end is the net side of the net/user edge, the caller's to pass on and
 * to close.  False when the environment has no room for it; it is logged.
 */
bool
start_session_phase(struct monitor *m, int *net_end)
{
	const struct timeval limit = { .tv_sec = SEND_WAIT_SEC };
	struct sink policy = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	int net_user[2] = { -1, -1 }, user_monitor[2] = { -1, -1 };
	pid_t self = getpid(), pid = -1;
	const char *what = "groups";
	const gid_t *gids;
	size_t count;

	*net_end = -1;
	if (!account_gids(&m->login.account, &gids, &count))
		goto out;
	what = "policy";
	if (!policy_build(m, &policy))
		goto out;
	what = "socket pair";
	if (!ipc_pair(net_user) || !ipc_pair(user_monitor))
		goto out;
	what = "fork";
	pid = fork();
	if (pid == 0)
		run_child(m, (int[]){ net_user[1], user_monitor[1] }, self);
	if (pid < 0)
		goto out;
	m->user_pid = pid;
	m->user_life = children_watch(pid);
	m->user_fd = user_monitor[0];
	user_monitor[0] = -1;
	*net_end = net_user[0];
	net_user[0] = -1;
	setsockopt(m->user_fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	monitor_answer(m, m->user_fd, &policy, NULL, 0);
out:
	if (pid < 0)
		log_line(LOG_LEVEL_FATAL, false,
		    "cannot start a session (%s): %s", what, strerror(errno));
	for (int i = 0; i < 2; i++) {
		fd_close(&net_user[i]);
		fd_close(&user_monitor[i]);
	}
	return pid > 0;
}
