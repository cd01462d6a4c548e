/*
 * role: one question, its lines for the log, one answer.  Keys role.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/cursor.h"
#include "crypto/hash.h"
#include "keys/cert.h"
#include "keys/hostbased.h"
#include "run/exits.h"

void
keys_log(struct keys *k, enum log_level level, const char *fmt, ...)
{
	uint8_t frame[KEYS_LOG_TEXT_MAX_BYTES + 16];
	char text[KEYS_LOG_TEXT_MAX_BYTES];
	struct sink out = sink_of(frame, sizeof frame);
	va_list ap;

	if (!log_wanted(level) || k->logged >= KEYS_LOG_MAX_COUNT)
		return;
	k->logged++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	keys_log_put(&out, &(struct keys_log){ level, span_str(text) });
	(void)!ipc_send(k->job->edge, sink_span(&out), NULL, 0);
}

/* "ssh-ed25519 AAAA...", as ExposeAuthInfo has it. */
static bool
put_auth_info(const struct keys *k, char *out, size_t size)
{
	int n = snprintf(out, size, "%s ", k->is_cert ? k->cert.key_name :
	    k->info.key_name);

	return n > 0 && (size_t)n < size &&
	    base64_encode(k->job->key, out + n, size - (size_t)n);
}

/* False when it does not fit a frame: then the answer is no. */
static bool
send_grant(const struct keys *k, bool allowed, uint32_t more)
{
	char info[2 * CERT_BLOB_MAX_BYTES] UNINITIALIZED;
	uint8_t *frame = malloc(IPC_FRAME_MAX_BYTES);
	struct sink out = sink_of(frame, IPC_FRAME_MAX_BYTES);
	struct keys_grant grant = {
		.verdict = KEYS_DENIED,
		.more = more,
		.text = span_str(k->text),
	};
	bool ok;

	if (frame == NULL)
		return false;
	if (allowed) {
		grant.verdict = KEYS_ALLOWED;
		grant.more = 0;
		grant.signer = k->plain;
		grant.algorithm = k->algorithm;
		grant.options = k->options;
		if (put_auth_info(k, info, sizeof info))
			grant.auth_info = span_str(info);
	}
	keys_grant_put(&out, &grant);
	ok = ipc_send(k->job->edge, sink_span(&out), NULL, 0) == IPC_OK;
	free(frame);
	return ok;
}

static uint32_t
bit(enum keys_stage stage)
{
	return 1u << stage;
}

/* Whoever may give the unit a credential may change the unit. */
static bool
credential_allows(struct keys *k)
{
	const struct keys_job *job = k->job;
	struct stat st;

	return job->credential != NULL && job->credential_fd >= 0 &&
	    fstat(job->credential_fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    keys_read_lines(k, job->credential_fd, job->credential,
		keys_line_allows);
}

/* What the files say.  Each later stage that could still help is named. */
static bool
judge_files(struct keys *k, uint32_t *more)
{
	const struct settings *s = k->job->settings;

	if (credential_allows(k) ||
	    keys_search_files(k, &s->authorized_keys_files,
		"authorized keys", keys_line_allows) ||
	    keys_trusted_ca_allows(k, more))
		return true;
	if (k->no_access)
		*more |= bit(KEYS_STAGE_GROUPS);
	if (s->authorized_keys_command != NULL)
		*more |= bit(KEYS_STAGE_COMMAND);
	return false;
}

/* AuthorizedKeysCommand: asked when no file has the key. */
static bool
judge_command(struct keys *k)
{
	const struct settings *s = k->job->settings;
	char print[FINGERPRINT_MAX_BYTES];
	char text[2 * CERT_BLOB_MAX_BYTES] UNINITIALIZED;
	struct cursor in = cursor_of(k->job->key);
	struct span name = cursor_string(&in);
	char type[SSH_NAME_MAX_BYTES + 1];
	const struct token tokens[] = { { 'f', print }, { 'k', text },
		{ 't', type } };

	return s->authorized_keys_command != NULL &&
	    span_copy_str(name, type, sizeof type) &&
	    base64_encode(k->job->key, text, sizeof text) &&
	    hash_fingerprint((enum hash_alg)s->fingerprint_hash, k->plain,
		print) &&
	    keys_run_command(k, "AuthorizedKeysCommand",
		s->authorized_keys_command, true, tokens, ARRAY_LEN(tokens),
		keys_line_allows);
}

static bool
judge_host(struct keys *k, uint32_t *more)
{
	if (k->job->stage > KEYS_STAGE_GROUPS)
		return false;
	if (keys_hostbased(k, &hostbased_system_files))
		return true;
	if (k->no_access)
		*more |= bit(KEYS_STAGE_GROUPS);
	return false;
}

static bool
judge(struct keys *k, uint32_t *more)
{
	*more = 0;
	if (k->job->kind == KEYS_PEER_NAME) {
		keys_resolve_peer(k);
		return false;
	}
	if (!keys_form(k) || keys_revoked(k))
		return false;
	if (k->job->kind == KEYS_HOSTBASED)
		return judge_host(k, more);
	switch (k->job->stage) {
	case KEYS_STAGE_FILES:
	case KEYS_STAGE_GROUPS:
		return judge_files(k, more);
	case KEYS_STAGE_PRINCIPALS:
		if (keys_trusted_ca_allows(k, more))
			return true;
		if (k->job->settings->authorized_keys_command != NULL)
			*more |= bit(KEYS_STAGE_COMMAND);
		return false;
	case KEYS_STAGE_COMMAND:
		return judge_command(k);
	case KEYS_STAGE_COUNT:
		break;
	}
	return false;
}

int
keys_answer(const struct keys_job *job)
{
	struct keys *k = calloc(1, sizeof *k);
	uint32_t more;
	bool ok;

	if (k == NULL)
		return EXIT_ENV;
	k->job = job;
	ok = judge(k, &more);
	keys_sk_policy(k);
	ok = send_grant(k, ok, more);
	free(k);
	return ok ? EXIT_PEER : EXIT_ENV;
}
