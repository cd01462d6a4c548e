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

#include "base/text.h"
#include "base/vis.h"
#include "monitor/banner.h"
#include "monitor/internal.h"
#include "rules/record.h"
#include "run/audit.h"
#include "run/exits.h"
#include "run/grace.h"

#define REQUESTS_MAX_COUNT	1024
#define SERVICE			"ssh-connection"

/* RFC 4253 section 11.1. */
#define DISCONNECT_PROTOCOL_ERROR	2
#define DISCONNECT_SERVICE_NOT_AVAILABLE 7
#define DISCONNECT_BY_APPLICATION	11

/* The Banner file's text, once; free() it. */
char *
login_banner(struct monitor *m, size_t *len)
{
	bool due = !m->login.banner_sent;

	*len = 0;
	m->login.banner_sent = true;
	return due ? banner_read(m->params->image, m->settings.banner, len)
		   : NULL;
}

/* text: what PAM had to say to the user; NULL for the Banner file. */
static void
answer(struct monitor *m, struct mon_verdict *verdict, const char *text,
    int net_end)
{
	bool success = verdict->result == MON_AUTH_SUCCESS;
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	char *banner = NULL;
	size_t len = 0;

	if (text != NULL && text[0] != '\0') {
		verdict->banner = span_str(text);
	} else if (verdict->result != MON_AUTH_DISCONNECT) {
		banner = login_banner(m, &len);
		verdict->banner = span(banner, len);
	}
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
 * Counts and answers a request that did not log anybody in.  The delay comes
 * before the answer and is the same for every reason, so that neither the
 * words nor the time of a refusal say why.  A partial success is free.
 */
static void
refuse(struct monitor *m, bool counts, bool partial)
{
	struct login *login = &m->login;
	struct mon_verdict verdict = { .result = MON_AUTH_FAILURE,
		.partial = partial };
	uint8_t names[METHOD_NAMES_MAX_BYTES];
	struct sink methods = sink_of(names, sizeof names);

	if (counts) {
		login->failures++;
		delay_failure(m, login_without_style(
		    span(login->user, login->user_len)));
	} else if (!partial) {
		delay_none(m);
	}
	if (login->failures < m->settings.max_auth_tries) {
		methods_list(&login->methods, &methods);
		verdict.methods = sink_span(&methods);
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
	if (login->refused) {
		/* As OpenSSH: without a word. */
		login->over = true;
		monitor_fail(m, EXIT_PEER);
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
	if (!login->methods_known) {
		log_line(LOG_LEVEL_ERROR, true, "No AuthenticationMethods left "
		    "after eliminating disabled methods");
		disconnect(m, DISCONNECT_BY_APPLICATION,
		    "no authentication methods enabled", NULL);
		return false;
	}
	if (++login->requests > REQUESTS_MAX_COUNT) {
		disconnect(m, DISCONNECT_PROTOCOL_ERROR,
		    "Too many authentication requests", NULL);
		return false;
	}
	return true;
}

struct pam_login *
login_pam(struct monitor *m)
{
	if (m->settings.use_pam && m->pam == NULL)
		m->pam = pam_login_new(m->settings.pam_service,
		    m->login.pam_user, m->params->peer);
	return m->pam;
}

/* Modules may want to know what the user has passed. */
static bool
put_auth_info(struct monitor *m)
{
	const char *info = m->login.info;

	return pam_login_put_env(m->pam, "SSH_AUTH_INFO_0",
	    info == NULL ? "" : info);
}

/* PAM's word on the account, asked for once. */
bool
login_account(struct monitor *m)
{
	struct login *login = &m->login;
	enum pam_account result;

	if (login->account_asked || !put_auth_info(m))
		return login->account_ok;
	login->account_asked = true;
	result = pam_login_account(m->pam);
	(void)!text_add(&login->notice, "%s", pam_login_text(m->pam));
	login->account_ok = result != PAM_ACCOUNT_DENIED;
	login->password_expired = result == PAM_ACCOUNT_NEW_PASSWORD;
	return login->account_ok;
}

static bool
pam_denies(struct monitor *m, const char *what)
{
	const struct login *login = &m->login;

	log_line(LOG_LEVEL_FATAL, true,
	    "Access denied for user %s by PAM %s configuration",
	    login->account.name, what);
	disconnect(m, DISCONNECT_BY_APPLICATION, "Access denied",
	    login->notice);
	return false;
}

/*
 * PAM's account and session, while the grace time's alarm still runs: a
 * module that hangs does not outlive it.  False: denied, and answered.
 * "Accepted" comes between them, before what the session's modules log.
 */
static bool
pam_admits(struct monitor *m, enum method_id id, const char *key)
{
	bool pam = m->settings.use_pam, session = true;

	if (pam && (login_pam(m) == NULL || !login_account(m)))
		return pam_denies(m, "account");
	login_log_method(m, "Accepted", id, key);
	if (pam && (!put_auth_info(m) || !pam_login_open(m->pam, &session)))
		return pam_denies(m, "session");
	m->login.session_refused = !session;
	return true;
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
succeed(struct monitor *m, enum method_id id, const char *key)
{
	struct mon_verdict verdict = { .result = MON_AUTH_SUCCESS };
	int net_end = -1;

	if (!pam_admits(m, id, key))
		return;
	m->phase = PHASE_SESSION;
	m->accepted = true;
	if (!start_session_phase(m, &net_end)) {
		monitor_fail(m, EXIT_ENV);
		return;
	}
	grace_end();
	answer(m, &verdict, m->login.notice, net_end);
	close(net_end);
	policy_tell_net(m);
	log_line(LOG_LEVEL_VERBOSE, false, "User child is on pid %ld",
	    (long)m->user_pid);
	tell_manager(m);
}

bool
login_goes_on(const struct monitor *m)
{
	return m->phase == PHASE_AUTH && m->net_fd >= 0 && !m->failed;
}

/*
 * login_finish - what becomes of an attempt
 *
 * Every condition stands in the one expression below, also those that an
 * earlier step has looked at: a grant must not hang on the order of steps.
 */
void
login_finish(struct monitor *m, enum method_id id, bool proven,
    const struct login_proof *proof)
{
	struct login *login = &m->login;

	if (!login_goes_on(m))
		return;		/* net left while a module was asked */
	if (proven && proof != NULL && login->account.valid &&
	    login->account.known &&
	    login->failures < m->settings.max_auth_tries &&
	    methods_offer(&m->login.methods, id) && login_root_may(m, id) &&
	    (proof->key.len == 0 || login_uses_key(m, proof->signer)) &&
	    record_method(&login->info, method_full_name(id), proof->key)) {
		if (methods_pass(&login->methods, id)) {
			succeed(m, id, proof->text);
			return;
		}
		login_log_method(m, "Partial", id, proof->text);
		refuse(m, false, true);
		return;
	}
	if (m->params->root && id != METHOD_NONE)
		audit_failure(m->params->peer, login->account.valid ?
		    login->account.name : NULL);
	/* The first "none" only asks what there is. */
	if (proof != NULL && (id != METHOD_NONE ||
	    m->settings.permit_empty_passwords))
		login_log_method(m, "Failed", id, proof->text);
	refuse(m, id != METHOD_NONE || login->requests > 1, false);
}

/* A conversation that the peer gave up is no attempt; nobody is told. */
void
login_give_up(struct monitor *m)
{
	if (login_goes_on(m))
		refuse(m, false, false);
}

void
login_key_ok(struct monitor *m)
{
	answer(m, &(struct mon_verdict){ .result = MON_AUTH_KEY_OK }, NULL,
	    -1);
}

/*
 * Takes longer for some names than for others, so it comes before the answer,
 * whose delay hides it: behind it, it would hold up net on a machine that has
 * nothing else to run it on.
 */
static void
prepare_groups(struct monitor *m)
{
	const gid_t *gids;
	size_t count;

	(void)!account_gids(&m->login.account, &gids, &count);
}

/*
 * login_serve - what all authentication requests have in common
 *
 * False: the frame is no such request.
 */
bool
login_serve(struct monitor *m, struct ipc_frame *frame,
    void (*attempt)(struct monitor *m, const struct mon_auth *req))
{
	bool first = !m->login.fixed;
	struct mon_auth req;

	if (!mon_auth_get(frame->body, &req))
		return false;
	if (may_try(m, &req)) {
		if (first) {
			policy_tell_signatures(m);
			prepare_groups(m);
		}
		attempt(m, &req);
	}
	/* The best time for it: the peer thinks. */
	if (first && login_goes_on(m) && !m->login.over)
		(void)login_pam(m);
	return true;
}

/*
 * MON_REQ_AUTH_OTHER: a method that is not there.  It counts, but is no
 * "Failed" line: sshd has none, and ban tools would count a client's asking
 * around.
 */
static void
attempt_other(struct monitor *m, const struct mon_auth *req)
{
	(void)req;
	refuse(m, true, false);
}

bool
asroot_auth_other(void *ctx, struct ipc_frame *frame)
{
	return login_serve(ctx, frame, attempt_other);
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
