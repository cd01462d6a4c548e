/*
 * start: from the monitor's fork to the keys role.  Root in its first lines,
 * never again behind them.
 *
 * The monitor has wiped its secrets.  Nothing that a user or a peer wrote may
 * be looked at here.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/hostbased.h"
#include "keys/internal.h"
#include "keys/keys.h"
#include "run/exits.h"
#include "sandbox/child.h"
#include "sandbox/seccomp.h"

#define ROLE_UMASK 077

/*
 * The administrator's files may be root's alone: opened before the change of
 * ids, read and parsed behind it.
 */
static int
open_as_root(const char *path, int *why)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	*why = errno;
	return fd;
}

static void
open_administrators_files(struct keys_job *job)
{
	const struct settings *s = job->settings;
	int why;	/* most have no credential, and are not told so */

	if (job->credential != NULL)
		job->credential_fd = open_as_root(job->credential, &why);
	job->ca_fd = -1;
	if (s->trusted_user_ca_keys != NULL)
		job->ca_fd = open_as_root(s->trusted_user_ca_keys,
		    &job->ca_errno);
	for (size_t i = 0; i < KEYS_REVOKED_MAX_COUNT; i++)
		job->revoked_fd[i] = i < s->revoked_keys.n
		    ? open_as_root(s->revoked_keys.v[i],
			&job->revoked_errno[i])
		    : -1;
	if (job->kind == KEYS_HOSTBASED)
		keys_hostbased_open(job, &hostbased_system_files);
}

int
keys_run(struct keys_job *job)
{
	/* A terminal that the server was started from is none of ours. */
	(void)setsid();
	umask(ROLE_UMASK);
	child_reset_signals();
	if (!child_keep_only(&job->edge, 1))
		return EXIT_ENV;
	/* A name is in none of them, and who asks for one shall have none. */
	if (job->kind != KEYS_PEER_NAME)
		open_administrators_files(job);
	if (job->root && setgroups(job->gid_count, job->gids) < 0)
		return EXIT_ENV;
	if (!child_become(job->as_uid, job->as_gid, job->parent) ||
	    !child_confine_keys(job->stage >= KEYS_STAGE_PRINCIPALS))
		return EXIT_ENV;
	/* It shares its user with every net, and hears what a peer may say. */
	if (job->kind == KEYS_PEER_NAME && !seccomp_alone())
		return EXIT_ENV;
	return keys_answer(job);
}
