/*
 * environment: scrub variables and signals.  Runs in main, as root.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sysdef.h"
#include "launch/environment.h"

/*
 * Time zone for logs and sessions; the identity of a uid that has no passwd
 * entry; the search path of helpers.
 */
static const char *const kept[] = {
	"HOME", "LOGNAME", "PATH", "SHELL", "TZ", "USER",
};

static bool
is_kept(const char *variable)
{
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		size_t n = strlen(kept[i]);

		if (strncmp(variable, kept[i], n) == 0 && variable[n] == '=')
			return true;
	}
	return false;
}

void
environment_scrub(void)
{
	char **to = environ;

	for (char **from = environ; from != NULL && *from != NULL; from++) {
		if (is_kept(*from))
			*to++ = *from;
	}
	if (to != NULL)
		*to = NULL;
}

void
environment_reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	/* The real-time ones are nobody's to set before us; user resets all. */
	for (int sig = 1; sig <= SIGSYS; sig++) {
		if (sig != SIGKILL && sig != SIGSTOP)
			(void)sigaction(sig, &action, NULL);
	}
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
}
