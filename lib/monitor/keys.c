/*
 * keys: ask the keys role about one key, and believe it no more than needed.
 * Monitor.
 *
 * Whatever is not exactly an answer is a no, and a line in the log.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/tokens.h"
#include "base/vis.h"
#include "monitor/internal.h"

/* Longer than the role lets any command run; LoginGraceTime holds anyway. */
#define ANSWER_WAIT_MS	100000
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
		int64_t left;

		/* An order to stop is not the end of the role's time. */
		do
			left = until - monitor_now_ms();
		while (left > 0 && poll(&ready, 1, (int)left) < 0 &&
		    errno == EINTR);
		if (left <= 0 || ready.revents == 0)
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
ask_stage(struct monitor *m, struct keys_job *job)
{
	const char *wrong;
	pid_t pid;
	int edge[2];

	if (!ipc_pair(edge))
		return strerror(errno);
	job->edge = edge[1];
	job->parent = getpid();
	pid = fork();
	if (pid == 0) {
		monitor_forget_secrets(m);
		_exit(m->params->keys_role(job));
	}
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
    const char *pattern, struct account *runner)
{
	const struct token tokens[] = { { 'u', m->login.account.name } };
	char name[ACCOUNT_NAME_MAX_BYTES];
	struct sink out = sink_of(name, sizeof name);

	if (pattern != NULL &&
	    tokens_expand(&out, pattern, tokens, ARRAY_LEN(tokens)) &&
	    account_lookup(runner, sink_span(&out), m->params->root) &&
	    runner->known)
		return true;
	log_line(LOG_LEVEL_ERROR, false, "%s \"%.100s\" not found", keyword,
	    pattern == NULL ? "" : pattern);
	return false;
}

/*
 * Who the process of a stage is.  False: this stage cannot be.  runner's
 * memory is the caller's to free.
 */
static bool
prepare(struct monitor *m, struct keys_job *job, struct account *runner)
{
	const struct settings *s = &m->settings;
	struct account *as = &m->login.account;
	bool ok = true;

	if (job->stage == KEYS_STAGE_PRINCIPALS)
		ok = find_command_user(m, "AuthorizedPrincipalsCommandUser",
		    s->authorized_principals_command_user, as = runner);
	else if (job->stage == KEYS_STAGE_COMMAND)
		ok = find_command_user(m, "AuthorizedKeysCommandUser",
		    s->authorized_keys_command_user, as = runner);
	job->runner = runner->name;
	job->runner_home = runner->home;
	job->root = m->params->root;
	job->as_uid = job->root ? as->uid : getuid();
	job->as_gid = job->root ? as->gid : getgid();
	if (job->root && job->kind == KEYS_PEER_NAME) {
		job->as_uid = m->params->nobody_uid;
		job->as_gid = m->params->nobody_gid;
	}
	job->gid_count = 0;
	return ok && (!job->root || job->stage == KEYS_STAGE_FILES ||
		     account_gids(as, &job->gids, &job->gid_count));
}

/* Asks stage after stage, each that the one before it has named. */
static void
ask_all(struct monitor *m, struct keys_job *job)
{
	struct key_answer *answer = &m->login.key;
	uint32_t more = 1u << KEYS_STAGE_FILES;

	for (; job->stage < KEYS_STAGE_COUNT; job->stage++) {
		const char *wrong = NULL;
		struct account runner = { .known = false };

		if ((more & (1u << job->stage)) == 0)
			continue;
		if (prepare(m, job, &runner)) {
			wrong = ask_stage(m, job);
			more = answer->grant.more;
		}
		account_free(&runner);
		if (wrong != NULL) {
			log_line(LOG_LEVEL_ERROR, false,
			    "keys role: %s", wrong);
			answer->grant = (struct keys_grant){
				.verdict = KEYS_DENIED };
			return;
		}
	}
}

/* Is it the question that was answered last?  If not, it is kept. */
static bool
is_same_question(struct key_answer *answer, const struct keys_job *job)
{
	size_t size = 32 + job->algorithm.len + job->key.len +
	    job->client_host.len + job->client_user.len;
	uint8_t *bytes = malloc(size);
	struct sink out = sink_of(bytes, bytes == NULL ? 0 : size);
	bool same;

	keys_question_put(&out, job);
	same = bytes != NULL && answer->asked != NULL &&
	    span_equal(sink_span(&out),
		span(answer->asked, answer->asked_len));
	free(answer->asked);
	answer->asked = bytes;
	answer->asked_len = out.len;
	return same;
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
	/* From now on out of our copy: the request's buffer will be wiped. */
	if (answer->asked == NULL || answer->bytes == NULL ||
	    !keys_question_get(span(answer->asked, answer->asked_len), job))
		return false;
	job->stage = KEYS_STAGE_FILES;
	job->settings = &m->settings;
	job->peer = m->params->peer;
	job->credential = m->params->key_credential;
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
keys_ask_peer_name(struct monitor *m)
{
	struct keys_job job = { .kind = KEYS_PEER_NAME };
	struct peer *peer = m->params->peer;

	if (m->settings.use_dns && keys_ask(m, &job))
		vis_text(m->login.key.grant.text, peer->remote_name,
		    sizeof peer->remote_name);
}

void
key_answer_free(struct key_answer *answer)
{
	free(answer->asked);
	free(answer->bytes);
	*answer = (struct key_answer){ .bytes = NULL };
}
