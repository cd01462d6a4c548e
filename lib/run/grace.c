/*
 * grace: an alarm with a handler that ends everything.  Monitor.
 *
 * on_alarm() and what it calls may interrupt any line of any library: they
 * must allocate nothing, lock nothing, format nothing.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run/exits.h"
#include "run/grace.h"
#include "run/log.h"

#define BEYOND_SEC	1	/* net comes first */
#define STOP_SEC	2	/* SIGTERM, before the login: net has as long */
#define STOP_SESSION_SEC 30	/* and after: modules may unmount, or save */
#define PASSES_MAX_COUNT 100
#define PASS_WAIT_NS	1000000L
#define CHILDREN	"/proc/thread-self/children"

/* All that the handlers touch. */
static volatile sig_atomic_t stop_sec, say;
static pid_t owner;

/*
 * "PID PID ... ": kills each, and the process group that it leads, but only
 * what is a child of ours: this /proc may count another namespace's.
 */
static void
kill_listed(const char *text, ssize_t len)
{
	pid_t pid = 0;

	for (ssize_t i = 0; i < len; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
			continue;
		}
		/* Alive and not reaped: nobody else has that number. */
		if (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0) {
			(void)!kill(-pid, SIGKILL);
			(void)!kill(pid, SIGKILL);
		}
		pid = 0;
	}
}

/* False when none is left, or cannot be told. */
static bool
kill_children(void)
{
	char text[4096];
	int fd = open(CHILDREN, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (fd >= 0)
		close(fd);
	kill_listed(text, n);
	return n > 0;
}

/*
 * What a child leaves behind becomes ours, and is killed in the next pass.
 * Roles die with us in any case; what modules and commands start does not.
 */
static void
kill_family(void)
{
	const struct timespec pause = { 0, PASS_WAIT_NS };

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (int i = 0; i < PASSES_MAX_COUNT && kill_children(); i++)
		(void)nanosleep(&pause, NULL);
}

static void
on_alarm(int signo)
{
	(void)signo;
	/* A module's child, that has not executed anything. */
	if (getpid() != owner)
		_exit(EXIT_ENV);
	if (say)
		log_say_prepared();
	kill_family();
	_exit(EXIT_PEER);
}

void
grace_start(uint32_t sec, const struct peer *peer)
{
	struct sigaction sa = { .sa_handler = on_alarm };

	owner = getpid();
	stop_sec = STOP_SEC;
	sigfillset(&sa.sa_mask);
	sigaction(SIGALRM, &sa, NULL);
	if (sec == 0)
		return;
	log_prepare(LOG_EVENT(LOG_EVENT_DISCONNECT), LOG_LEVEL_FATAL,
	    sec + BEYOND_SEC, "Timeout before authentication for %s port %u",
	    peer->remote_host, peer->remote_port);
	say = 1;
	alarm(sec + BEYOND_SEC);
}

void
grace_said(void)
{
	say = 0;
}

void
grace_end(void)
{
	alarm(0);
	say = 0;
	stop_sec = STOP_SESSION_SEC;
}

void
grace_stop(void)
{
	if (getpid() != owner)
		return;		/* a child, before it has its own handlers */
	say = 0;
	alarm((unsigned int)stop_sec);
}
