/*
 * signames: RFC 4254 section 6.10.  User process; sends no signal itself.
 */
#include <signal.h>

#include "base/sysdef.h"
#include "user/signames.h"

static const struct {
	int sig;
	const char *name;
} names[] = {
	{ SIGABRT, "ABRT" }, { SIGALRM, "ALRM" }, { SIGFPE, "FPE" },
	{ SIGHUP, "HUP" }, { SIGILL, "ILL" }, { SIGINT, "INT" },
	{ SIGKILL, "KILL" }, { SIGPIPE, "PIPE" }, { SIGQUIT, "QUIT" },
	{ SIGSEGV, "SEGV" }, { SIGTERM, "TERM" }, { SIGUSR1, "USR1" },
	{ SIGUSR2, "USR2" },
};

const char *
signame_of(int sig)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i].sig == sig)
			return names[i].name;
	}
	/* The RFC's form for a local name; clients know this one. */
	return "SIG@openssh.com";
}

int
signame_parse(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (span_is(name, names[i].name))
			return names[i].sig;
	}
	return 0;
}
