/*
 * login: every decision and every counter of authentication.  Monitor.
 *
 * net only carries requests here and answers away; what it believes about
 * the state of a login matters to nobody.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/access.h"
#include "base/vis.h"
#include "monitor/banner.h"
#include "monitor/internal.h"
#include "run/exits.h"

#define REQUESTS_MAX_COUNT	1024
#define SERVICE			"ssh-connection"

/* RFC 4253 section 11.1. */
#define DISCONNECT_PROTOCOL_ERROR	2
#define DISCONNECT_SERVICE_NOT_AVAILABLE 7
#define DISCONNECT_BY_APPLICATION	11

/* text: what PAM had to say to the user; NULL for the Banner file. */
static void
answer(struct monitor *m, struct mon_verdict *verdict, const char *text,
    int net_end)
{
	bool success = verdict->result == MON_AUTH_SUCCESS;
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	char *banner = NULL;
	size_t len = 0;

	if (text != NULL && text[0] != '\0')
		verdict->banner = span_str(text);
	else if (!m->login.banner_sent &&
	    verdict->result != MON_AUTH_DISCONNECT) {
		banner = banner_read(m->params->image,
		    m->settings.banner, &len);
		verdict->banner = span(banner, len);
	}
	m->login.banner_sent = true;
	verdict->banner = banner_ahead(m, verdict->banner);
	mon_verdict_put(&out, success ? MON_ANS_AUTH_SUCCESS : MON_ANS_AUTH,
	    verdict);
	free(banner);
	monitor_answer(m, m->net_fd, &out, &net_end, success ? 1 : 0);
}

static void
disconnect(struct monitor *m, uint32_t reason, const char *text,
    const char *banner)
{
	struct mon_verdict verdict = {
		.result = MON_AUTH_DISCONNECT,
		.reason = reason,
		.text = span_str(text),
	};
	char who[WHO_BYTES];

	log_line(LOG_LEVEL_INFO, true, "Disconnecting %s%s port %u: %s",
	    monitor_who(m, who), m->params->peer->remote_host,
	    m->params->peer->remote_port, text);
	m->goodbye_logged = true;
	m->login.over = true;
	answer(m, &verdict, banner, -1);
}

/*
 * "Accepted" and "Failed" lines: the words and levels that ban tools count.
 * The address stays behind the name, where no name can forge it.
 */
static void
log_attempt(const struct monitor *m, bool accepted, const char *method,
    const char *text)
{
	const struct login *login = &m->login;
	enum log_level level = LOG_LEVEL_VERBOSE;

	if (accepted || !login->account.valid ||
	    login->failures >= m->settings.max_auth_tries / 2 ||
	    strcmp(method, "password") == 0)
		level = LOG_LEVEL_INFO;
	log_event(&(struct log_event){ .method = method, .key = text,
	    .kind = accepted ? LOG_EVENT_ACCEPTED : LOG_EVENT_FAILED },
	    level, false, "%s %s for %s%s from %s port %u ssh2%s",
	    accepted ? "Accepted" : "Failed", method,
	    login->account.valid ? "" : "invalid user ", login->name,
	    m->params->peer->remote_host, m->params->peer->remote_port, text);
}

/*
 * Counts and answers a request that did not log anybody in.  The delay comes
 * before the answer and is the same for every reason, so that neither the
 * words nor the time of a refusal say why.
 */
static void
refuse(struct monitor *m, const struct mon_auth *req, bool counts)
{
	struct login *login = &m->login;
	struct mon_verdict verdict = { .result = MON_AUTH_FAILURE };

	if (counts) {
		login->failures++;
		delay_failure(m, login_without_style(req->user));
	} else {
		delay_none(m);
	}
	if (login->failures < m->settings.max_auth_tries) {
		if (login->publickey_offered)
			verdict.methods = span_str("publickey");
		answer(m, &verdict, NULL, -1);
		return;
	}
	log_line(LOG_LEVEL_ERROR, true, "maximum authentication attempts "
	    "exceeded for %s%s from %s port %u ssh2",
	    login->account.valid ? "" : "invalid user ", login->name,
	    m->params->peer->remote_host, m->params->peer->remote_port);
	disconnect(m, DISCONNECT_PROTOCOL_ERROR,
	    "Too many authentication failures", NULL);
}

/* RFC 4252 section 5: a change flushes all state; here it ends it. */
static void
refuse_change(struct monitor *m, const struct mon_auth *req)
{
	const struct login *login = &m->login;
	char a[LOG_NAME_BYTES], b[LOG_NAME_BYTES], c[LOG_NAME_BYTES],
	    d[LOG_NAME_BYTES], text[4 * LOG_NAME_BYTES + 64];

	vis_text(login_without_style(span(login->user, login->user_len)), a,
	    sizeof a);
	vis_text(span(login->service, login->service_len), b, sizeof b);
	vis_text(login_without_style(req->user), c, sizeof c);
	vis_text(req->service, d, sizeof d);
	snprintf(text, sizeof text, "Change of username or service not "
	    "allowed: (%s,%s) -> (%s,%s)", a, b, c, d);
	disconnect(m, DISCONNECT_PROTOCOL_ERROR, text, NULL);
}

/*
 * What each request has to pass first.  False: it has been answered, or the
 * connection is over.
 */
static bool
may_try(struct monitor *m, const struct mon_auth *req)
{
	struct login *login = &m->login;

	clock_gettime(CLOCK_MONOTONIC, &m->waited_for);
	if (login->over) {
		/* net was told to end it, and asks on. */
		answer(m, &(struct mon_verdict){
		    .result = MON_AUTH_DISCONNECT,
		    .reason = DISCONNECT_BY_APPLICATION }, NULL, -1);
		return false;
	}
	if (!login->fixed && !login_fix_user(m, req)) {
		log_line(LOG_LEVEL_FATAL, true, "cannot look up a user");
		monitor_fail(m, EXIT_ENV);
		return false;
	}
	if (!span_equal(req->user, span(login->user, login->user_len)) ||
	    !span_equal(req->service,
		span(login->service, login->service_len))) {
		refuse_change(m, req);
		return false;
	}
	if (!span_is(req->service, SERVICE)) {
		disconnect(m, DISCONNECT_SERVICE_NOT_AVAILABLE,
		    "Service not available", NULL);
		return false;
	}
	if (++login->requests > REQUESTS_MAX_COUNT) {
		disconnect(m, DISCONNECT_PROTOCOL_ERROR,
		    "Too many authentication requests", NULL);
		return false;
	}
	return true;
}

/*
 * PAM's account and session, while the grace time's alarm still runs: a
 * module that hangs does not outlive it.  False: denied, and answered.
 */
static bool
pam_admits(struct monitor *m)
{
	const char *name = m->login.account.name, *what = "account";

	if (!m->settings.use_pam)
		return true;
	m->pam = pam_login_new(m->settings.pam_service, name,
	    m->params->peer);
	if (m->pam != NULL && pam_login_account(m->pam)) {
		/* Shown before success; a session's text would be late. */
		m->login.notice = strdup(pam_login_text(m->pam));
		if (pam_login_open(m->pam))
			return true;
		what = "session";
	}
	log_line(LOG_LEVEL_FATAL, true,
	    "Access denied for user %s by PAM %s configuration", name, what);
	disconnect(m, DISCONNECT_BY_APPLICATION, "Access denied",
	    m->pam == NULL ? NULL : pam_login_text(m->pam));
	return false;
}

/* What "systemctl status" shows of this connection from now on. */
static void
tell_manager(const struct monitor *m)
{
	const struct monitor_params *p = m->params;
	char text[PEER_HOST_MAX_BYTES + 128];

	if (p->tell_manager == NULL)
		return;
	snprintf(text, sizeof text, "user %.100s from %s port %u",
	    m->login.name, p->peer->remote_host, p->peer->remote_port);
	p->tell_manager(p->notify_socket, text);
}

/* The user is proven.  From here on only PAM or a lack of room says no. */
static void
succeed(struct monitor *m, const struct mon_auth *req)
{
	struct mon_verdict verdict = { .result = MON_AUTH_SUCCESS };
	int net_end = -1;

	if (!login_add_info(&m->login, "publickey", req->key)) {
		monitor_fail(m, EXIT_ENV);
		return;
	}
	if (!pam_admits(m))
		return;
	m->phase = PHASE_SESSION;
	m->accepted = true;
	if (!start_session_phase(m, &net_end)) {
		monitor_fail(m, EXIT_ENV);
		return;
	}
	alarm(0);
	answer(m, &verdict, m->login.notice, net_end);
	close(net_end);
	policy_tell_net(m);
	log_attempt(m, true, "publickey", m->login.key.text);
	log_line(LOG_LEVEL_VERBOSE, false, "User child is on pid %ld",
	    (long)m->user_pid);
	tell_manager(m);
}

static bool
root_may(const struct monitor *m)
{
	bool forced = m->login.key_options.has_command;

	if (access_root_login(&m->login.account, &m->settings, "publickey",
		forced)) {
		if (m->login.account.uid == 0 && forced &&
		    m->settings.permit_root_login == ROOT_FORCED_COMMANDS_ONLY)
			log_line(LOG_LEVEL_INFO, false,
			    "Root login accepted for forced command.");
		return true;
	}
	log_line(LOG_LEVEL_INFO, false, "ROOT LOGIN REFUSED FROM %s port %u",
	    m->params->peer->remote_host, m->params->peer->remote_port);
	return false;
}

/*
 * asroot_auth_none - MON_REQ_AUTH_NONE: tells the methods, RFC 4252 5.2
 *
 * Every client starts with it to learn them, so one at the start is no
 * failed attempt; later ones count like any other.
 */
bool
asroot_auth_none(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	struct mon_auth req;

	if (!mon_auth_get(frame->body, &req))
		return false;
	if (may_try(m, &req))
		refuse(m, &req, m->login.requests > 1);
	return true;
}

/*
 * asroot_auth_key_query - MON_REQ_AUTH_KEY_QUERY: would a signature by this
 * key be any use?  RFC 4252 section 7, without a signature
 *
 * A yes is MON_AUTH_KEY_OK and counts nothing; a no is a failed attempt
 * without a "Failed" line, as it is with sshd: ban tools would count each of
 * an agent's keys.  It
 * tells who holds a public key whether it is listed (CVE-2016-20012): that
 * is the protocol, and only the number of questions is bounded.
 */
bool
asroot_auth_key_query(void *ctx, struct ipc_frame *frame)
{
	struct mon_verdict verdict = { .result = MON_AUTH_KEY_OK };
	struct monitor *m = ctx;
	struct mon_auth req;
	const gid_t *gids;
	size_t count;

	if (!mon_auth_get(frame->body, &req))
		return false;
	if (!may_try(m, &req))
		return true;
	if (key_decide(m, &req, false) != KEY_MAY ||
	    !m->login.publickey_offered) {
		refuse(m, &req, true);
		return true;
	}
	log_line(LOG_LEVEL_VERBOSE, true,
	    "Postponed publickey for %s from %s port %u ssh2%s",
	    m->login.name, m->params->peer->remote_host,
	    m->params->peer->remote_port, m->login.key.text);
	answer(m, &verdict, NULL, -1);
	/* Needed if the signature is good; the client is busy making it. */
	(void)!account_gids(&m->login.account, &gids, &count);
	return true;
}

/*
 * asroot_auth_key - MON_REQ_AUTH_KEY: the only request that logs somebody in
 *
 * Every condition stands in the one expression below, also those that an
 * earlier step has looked at: a grant must not hang on the order of steps.
 *
 * Trust: all of it is the peer's.  RFC 4252 section 7.
 */
bool
asroot_auth_key(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	struct mon_auth req;

	if (!mon_auth_get(frame->body, &req))
		return false;
	if (!may_try(m, &req))
		return true;
	if (key_decide(m, &req, true) == KEY_PROVEN &&
	    m->login.account.valid && m->login.account.known &&
	    m->login.failures < m->settings.max_auth_tries &&
	    m->login.publickey_offered && root_may(m)) {
		succeed(m, &req);
		return true;
	}
	log_attempt(m, false, "publickey", m->login.key.text);
	refuse(m, &req, true);
	return true;
}

/* MON_REQ_AUTH_OTHER: a method that is not there; its name alone comes. */
bool
asroot_auth_other(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	struct mon_auth req;
	char method[SSH_NAME_MAX_BYTES + 1];

	if (!mon_auth_get(frame->body, &req))
		return false;
	if (!may_try(m, &req))
		return true;
	vis_text(req.method, method, sizeof method);
	/* One word, whatever it was: log readers take the next for "for". */
	for (char *c = method; *c != '\0'; c++) {
		if (*c == ' ')
			*c = '_';
	}
	log_attempt(m, false, method, "");
	refuse(m, &req, true);
	return true;
}

void
login_free(struct login *login)
{
	free(login->user);
	free(login->service);
	free(login->notice);
	free(login->info);
	key_answer_free(&login->key);
	free(login->key_options_bytes);
	account_free(&login->account);
}
