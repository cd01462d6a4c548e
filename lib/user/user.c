/*
 * user: the role's life: policy, loop, end.  User process; must never serve
 * net before the monitor has said what is allowed.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "run/exits.h"
#include "user/forward.h"
#include "user/role.h"
#include "user/user.h"

/*
 * Default dispositions for us and, inherited, for every command; SIGCHLD, and
 * those by which a person or a service manager asks us to end, come by
 * descriptor, so no handler exists at all.
 */
static int
open_signals(void)
{
	sigset_t ours;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	sigemptyset(&ours);
	sigaddset(&ours, SIGCHLD);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGQUIT);
	sigaddset(&ours, SIGTERM);
	if (sigprocmask(SIG_SETMASK, &ours, NULL) != 0)
		return -1;
	return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A NUL in one of them would name another file than the monitor meant. */
static char *
to_str(struct span in)
{
	char *out;

	if (in.len > 0 && memchr(in.p, '\0', in.len) != NULL)
		return NULL;
	out = malloc(in.len + 1);
	if (out != NULL && !span_copy_str(in, out, in.len + 1)) {
		free(out);
		return NULL;
	}
	return out;
}

/*
 * receive_policy - wait for the monitor's first word
 *
 * False with u->faulty for anything but a policy that makes sense, and
 * with u->over alone if the monitor is gone.
 */
static bool
receive_policy(struct user *u)
{
	const struct user_policy *p = &u->policy;
	struct span shell;

	u->phase = USER_PHASE_POLICY;
	user_receive_monitor(u, true);
	if (u->over)
		return false;
	shell = p->shell.len > 0 ? p->shell : span_str("/bin/sh");
	u->user = to_str(p->user);
	u->home = to_str(p->home);
	u->shell = to_str(shell);
	u->forced = p->forced ? to_str(p->forced_command) : NULL;
	if (u->user != NULL && u->home != NULL && u->shell != NULL &&
	    (u->forced != NULL) == p->forced)
		return true;
	u->faulty = true;
	u->why = "policy that means nothing";
	return false;
}

/*
 * The exit is told as soon as it is known; what the command wrote is still
 * in its pipes, and net's to drain first.
 */
static void
reap(struct user *u)
{
	struct channel *ch;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		ch = channel_of_pid(u, pid);
		if (ch == NULL)
			continue;
		ch->state = CHANNEL_EXITED;
		user_tell_exit(u, ch->number, status);
		ask_monitor_pty_close(u, ch);
	}
}

/*
 * To be asked to end is to end in order: by default's action our socket and
 * files in /tmp would stay behind.
 */
static void
take_signal(struct user *u)
{
	struct signalfd_siginfo info;

	if (read(u->signal_fd, &info, sizeof info) == sizeof info &&
	    info.ssi_signo != SIGCHLD)
		u->over = true;
	/* Many signals may be one: the note only says "look". */
	reap(u);
}

/*
 * serve - the loop, until an edge is closed or broke the rules
 *
 * The monitor's edge is looked at first: what it says about a terminal was
 * asked for before whatever net wants now.
 */
static void
serve(struct user *u)
{
	struct pollfd fds[3 + USER_CHANNELS_MAX_COUNT +
	    USER_LISTENERS_MAX_COUNT] = {
		{ .fd = u->monitor_fd, .events = POLLIN },
		{ .fd = u->net_fd, .events = POLLIN },
		{ .fd = u->signal_fd, .events = POLLIN },
	};
	uint32_t who[USER_CHANNELS_MAX_COUNT];

	while (!u->over) {
		size_t dials = dial_poll(u, fds + 3, who);
		int timeout_ms;
		size_t listeners = listen_poll(u, fds + 3 + dials,
		    &timeout_ms);

		if (poll(fds, (nfds_t)(3 + dials + listeners),
		    timeout_ms) < 0) {
			if (errno != EINTR)
				return;
			continue;
		}
		if (fds[0].revents != 0)
			user_receive_monitor(u, false);
		if (fds[1].revents != 0 && !u->over)
			user_receive_net(u);
		if (fds[2].revents != 0)
			take_signal(u);
		dial_polled(u, fds + 3, who, dials);
		listen_polled(u, fds + 3 + dials, listeners);
	}
}

/*
 * The connection is over.  Commands on pipes find out by their pipes;
 * those on terminals are hung up, like a modem line.
 */
static void
hang_up(struct user *u)
{
	for (size_t i = 0; i < ARRAY_LEN(u->channels); i++) {
		struct channel *ch = u->channels[i];

		if (ch == NULL)
			continue;
		if (ch->state == CHANNEL_STARTED && ch->pty.master >= 0)
			(void)killpg(ch->pid, SIGHUP);
		channel_end(u, ch);
	}
	dial_end_all(u);
	listen_end_all(u);
	agent_end(u);
}

static void
user_free(struct user *u)
{
	fd_close(&u->signal_fd);
	free(u->user);
	free(u->home);
	free(u->shell);
	free(u->forced);
	free(u->policy_bytes);
	free(u);
}

int
user_run(int net_fd, int monitor_fd)
{
	struct user *u;
	int status = EXIT_PEER;

	(void)prctl(PR_SET_DUMPABLE, 0);
	u = calloc(1, sizeof *u);
	if (u == NULL)
		return EXIT_ENV;
	u->net_fd = net_fd;
	u->monitor_fd = monitor_fd;
	u->signal_fd = open_signals();
	if (u->signal_fd < 0) {
		user_free(u);
		return EXIT_ENV;
	}
	if (receive_policy(u)) {
		user_show(u);
		authinfo_make(u);
		serve(u);
	}
	if (u->faulty) {
		user_event(u, SESS_EVENT_ERROR, 0, "user: %s", u->why);
		status = EXIT_BUG;
	}
	hang_up(u);
	authinfo_remove(u);
	user_free(u);
	return status;
}
