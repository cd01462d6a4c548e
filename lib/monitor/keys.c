/*
 * keys: ask the keys role about one key, and believe it no more than needed.
 * Monitor, and for a few lines the process that is about to be the role's.
 *
 * Whatever is not exactly an answer is a no, and a line in the log.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/tokens.h"
#include "base/vis.h"
#include "monitor/internal.h"
#include "run/exits.h"
#include "sandbox/child.h"

/* Longer than the role lets any command run; LoginGraceTime holds anyway. */
#define ANSWER_WAIT_MS	100000
#define ROLE_UMASK	077

/* Who the process of a stage is. */
struct stage {
	uid_t uid;
	gid_t gid;
	const gid_t *gids;
	size_t gid_count;
	struct account other;	/* a command's user */
};

/* --- the child ---------------------------------------------------------------- */

/* The request's buffer is wiped with the rest: out of it first. */
static bool
own(struct span *text)
{
	uint8_t *copy = malloc(text->len + 1);

	if (copy == NULL)
		return false;
	if (text->len > 0)
		memcpy(copy, text->p, text->len);
	text->p = copy;
	return true;
}

/* The administrator's files may be root's alone; what they say is parsed
   behind the change of ids. */
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

	job->ca_fd = -1;
	if (s->trusted_user_ca_keys != NULL)
		job->ca_fd = open_as_root(s->trusted_user_ca_keys,
		    &job->ca_errno);
	for (size_t i = 0; i < KEYS_REVOKED_MAX_COUNT; i++)
		job->revoked_fd[i] = i < s->revoked_keys.n
		    ? open_as_root(s->revoked_keys.v[i],
			&job->revoked_errno[i])
		    : -1;
}

static void NORETURN
run_child(struct monitor *m, struct keys_job *job, const struct stage *as,
    pid_t parent)
{
	if (!own(&job->algorithm) || !own(&job->key) ||
	    !own(&job->client_host) || !own(&job->client_user))
		_exit(EXIT_ENV);
	monitor_forget_secrets(m);
	(void)setsid();
	umask(ROLE_UMASK);
	child_reset_signals();
	if (!child_keep_only(&job->edge, 1))
		_exit(EXIT_ENV);
	open_administrators_files(job);
	if ((m->params->root && setgroups(as->gid_count, as->gids) < 0) ||
	    !child_become(as->uid, as->gid, parent) ||
	    !child_confine_keys(job->stage >= KEYS_STAGE_PRINCIPALS))
		_exit(EXIT_ENV);
	_exit(m->params->keys_role(job));
}

/* --- the monitor ---------------------------------------------------------------- */

/* One of the lines that the role wants logged; its text is a user's. */
static bool
log_for_role(struct cursor body)
{
	char text[KEYS_LOG_TEXT_MAX_BYTES];
	struct keys_log line;

	if (!keys_log_get(body, &line) || line.level < LOG_LEVEL_ERROR ||
	    line.level > LOG_LEVEL_DEBUG3)
		return false;
	log_line((enum log_level)line.level, false, "%s",
	    vis_text(line.text, text, sizeof text));
	return true;
}

/* Reads up to the grant.  NULL, or what was wrong. */
static const char *
receive(int edge, struct key_answer *out)
{
	int64_t until = monitor_now_ms() + ANSWER_WAIT_MS;
	struct pollfd ready = { .fd = edge, .events = POLLIN };
	struct ipc_frame frame;

	for (int lines = 0; lines <= KEYS_LOG_MAX_COUNT; lines++) {
		int64_t left = until - monitor_now_ms();

		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			return "no answer in time";
		if (ipc_recv(edge, out->bytes, IPC_FRAME_MAX_BYTES, false,
			&frame) != IPC_OK)
			return "no answer";
		ipc_drop(&frame);
		if (frame.fd_count > 0)
			return "descriptors";
		if (frame.type == KEYS_ANS_GRANT)
			return keys_grant_get(frame.body, &out->grant)
			    ? NULL : "not a grant";
		if (frame.type != KEYS_ANS_LOG || !log_for_role(frame.body))
			return "not an answer";
	}
	return "too many log lines";
}

/* One process, one question; it is gone when this returns. */
static const char *
ask_stage(struct monitor *m, struct keys_job *job, const struct stage *as)
{
	pid_t self = getpid(), pid;
	const char *wrong;
	int edge[2];

	if (!ipc_pair(edge))
		return strerror(errno);
	job->edge = edge[1];
	pid = fork();
	if (pid == 0)
		run_child(m, job, as, self);
	close(edge[1]);
	wrong = pid < 0 ? strerror(errno) : receive(edge[0], &m->login.key);
	close(edge[0]);
	if (pid > 0) {
		/* It has said all that it may say. */
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return wrong;
}

/* The user that a command runs as; %u is the one who logs in. */
static bool
find_command_user(const struct monitor *m, const char *keyword,
    const char *pattern, struct stage *as)
{
	const struct token tokens[] = { { 'u', m->login.account.name } };
	char name[ACCOUNT_NAME_MAX_BYTES];
	struct sink out = sink_of(name, sizeof name);
	bool ok = pattern != NULL &&
	    tokens_expand(&out, pattern, tokens, ARRAY_LEN(tokens)) &&
	    account_lookup(&as->other, sink_span(&out), m->params->root) &&
	    as->other.known &&
	    account_gids(&as->other, &as->gids, &as->gid_count);

	if (m->params->root) {
		as->uid = as->other.uid;
		as->gid = as->other.gid;
	}
	if (!ok)
		log_line(LOG_LEVEL_ERROR, false, "%s \"%.100s\" not found",
		    keyword, pattern == NULL ? "" : pattern);
	return ok;
}

/* False: this stage cannot be. */
static bool
prepare(struct monitor *m, enum keys_stage stage, struct stage *as)
{
	struct account *account = &m->login.account;
	const struct settings *s = &m->settings;

	*as = (struct stage){ .uid = account->uid, .gid = account->gid };
	if (!m->params->root)
		*as = (struct stage){ .uid = getuid(), .gid = getgid() };
	switch (stage) {
	case KEYS_STAGE_FILES:
		return true;
	case KEYS_STAGE_GROUPS:
		return m->params->root &&
		    account_gids(account, &as->gids, &as->gid_count);
	case KEYS_STAGE_PRINCIPALS:
		return find_command_user(m, "AuthorizedPrincipalsCommandUser",
		    s->authorized_principals_command_user, as);
	case KEYS_STAGE_COMMAND:
		return find_command_user(m, "AuthorizedKeysCommandUser",
		    s->authorized_keys_command_user, as);
	case KEYS_STAGE_COUNT:
		break;
	}
	return false;
}

/* Asks stage after stage, each that the one before it has named. */
static void
ask_all(struct monitor *m, struct keys_job *job)
{
	struct key_answer *answer = &m->login.key;
	uint32_t more = 1u << KEYS_STAGE_FILES;

	for (; job->stage < KEYS_STAGE_COUNT; job->stage++) {
		const char *wrong = NULL;
		struct stage as;

		if ((more & (1u << job->stage)) == 0)
			continue;
		if (prepare(m, job->stage, &as)) {
			job->runner = as.other.name;
			job->runner_home = as.other.home;
			wrong = ask_stage(m, job, &as);
			more = answer->grant.more;
		}
		account_free(&as.other);
		if (wrong != NULL) {
			log_line(LOG_LEVEL_ERROR, false,
			    "keys role: %s", wrong);
			answer->grant = (struct keys_grant){
				.verdict = KEYS_DENIED };
			return;
		}
	}
}

/* The question as bytes, to know it again. */
static bool
is_same_question(struct key_answer *answer, const struct keys_job *job)
{
	size_t size = 32 + job->algorithm.len + job->key.len +
	    job->client_host.len + job->client_user.len;
	uint8_t *bytes = malloc(size);
	struct sink out = sink_of(bytes, size);

	if (bytes != NULL) {
		sink_u32(&out, job->kind);
		sink_string(&out, job->algorithm);
		sink_string(&out, job->key);
		sink_string(&out, job->client_host);
		sink_string(&out, job->client_user);
		if (answer->asked != NULL && span_equal(sink_span(&out),
			span(answer->asked, answer->asked_len))) {
			free(bytes);
			return true;
		}
	}
	free(answer->asked);
	answer->asked = bytes;
	answer->asked_len = out.len;
	return false;
}

bool
keys_ask(struct monitor *m, struct keys_job *job)
{
	struct key_answer *answer = &m->login.key;
	const struct account *account = &m->login.account;

	if (is_same_question(answer, job))
		return true;
	answer->grant = (struct keys_grant){ .verdict = KEYS_DENIED };
	answer->text[0] = '\0';
	if (answer->bytes == NULL)
		answer->bytes = malloc(IPC_FRAME_MAX_BYTES);
	if (answer->asked == NULL || answer->bytes == NULL)
		return false;
	job->stage = KEYS_STAGE_FILES;
	job->settings = &m->settings;
	job->peer = m->params->peer;
	job->user = account->name;
	job->home = account->home;
	job->uid = account->uid;
	job->gid = account->gid;
	job->known = account->known;
	ask_all(m, job);
	vis_text(answer->grant.text, answer->text, sizeof answer->text);
	return true;
}

void
key_answer_free(struct key_answer *answer)
{
	free(answer->asked);
	free(answer->bytes);
	*answer = (struct key_answer){ .bytes = NULL };
}
