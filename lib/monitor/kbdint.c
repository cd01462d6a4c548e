/*
 * kbdint: keyboard-interactive, RFC 4256: PAM's questions to the peer, and
 * its answers to PAM.  Monitor.
 *
 * A module's question is a nested turn of the monitor's loop: the module
 * waits in ask_peer(), and while it does, PHASE_PROMPT lets net ask for
 * nothing but what the answer needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/secret.h"
#include "monitor/banner.h"
#include "monitor/internal.h"
#include "rules/password.h"

#define ANSWER_MAX_BYTES	1024

/* Shows or asks one thing, and returns when the peer or its end answers. */
static void
put_question(struct monitor *m, const char *text, const char *prompt,
    bool echo)
{
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	struct mon_prompt question = { .echo = echo };
	size_t len;
	char *banner = login_banner(m, &len), *whole = NULL;

	question.banner = banner_ahead(m, span(banner, len));
	/* What was said stands before what is asked, as OpenSSH has it. */
	if (prompt == NULL) {
		question.instruction = span_str(text);
	} else if (asprintf(&whole, "%s%s", text, prompt) >= 0) {
		question.has_prompt = true;
		question.prompt = span_str(whole);
	}
	mon_prompt_put(&out, &question);
	monitor_answer(m, m->net_fd, &out, NULL, 0);
	free(banner);
	free(whole);
}

static char *
ask_peer(void *ctx, const char *text, const char *prompt, bool echo)
{
	struct monitor *m = ctx;
	struct talk *talk = &m->login.talk;
	char *answer;

	if (!login_goes_on(m))
		return NULL;
	login_log(m, "Postponed", talk->answers == 0 ? "keyboard-interactive"
	    : "keyboard-interactive/pam", "");
	talk->waiting = true;
	talk->want = prompt == NULL ? 0 : 1;
	m->phase = PHASE_PROMPT;
	put_question(m, text, prompt, echo);
	while (talk->waiting && m->phase == PHASE_PROMPT && m->net_fd >= 0 &&
	    !m->failed)
		monitor_turn(m);
	if (m->phase == PHASE_PROMPT)
		m->phase = PHASE_AUTH;
	if (!login_goes_on(m))
		monitor_leave(m);
	answer = talk->answer;
	talk->answer = NULL;
	if (answer != NULL && password_is_vain(m))
		password_make_wrong(answer);
	return answer;
}

/*
 * MON_REQ_AUTH_RESPONSE, in PHASE_PROMPT only.  Not as many answers as were
 * asked for, or one that C cannot hold, is a failure; so is none at all, but
 * for one that nobody counts if the peer had answered nothing yet.
 */
bool
asroot_auth_response(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	struct talk *talk = &m->login.talk;
	char text[ANSWER_MAX_BYTES + 1];
	struct mon_response response;
	bool ok = mon_response_get(frame->body, &response);

	clock_gettime(CLOCK_MONOTONIC, &m->waited_for);
	talk->waiting = false;
	talk->given_up = !response.given;
	talk->answers += response.given;
	if (ok && response.given && response.count == talk->want &&
	    span_copy_str(response.answer, text, sizeof text))
		talk->answer = strdup(text);
	secret_wipe(text, sizeof text);
	secret_wipe(m->in, frame->size + 1);
	return ok;
}

/* PAM's last word on who it is, and on whether the password is too old. */
static bool
pam_converses(struct monitor *m)
{
	const struct pam_asker asker = { ask_peer, m };

	if (login_pam(m) == NULL || !pam_login_authenticate(m->pam, &asker,
		m->settings.permit_empty_passwords))
		return false;
	if (password_is_vain(m) || !login_account(m))
		return false;
	if (m->login.password_expired &&
	    !pam_login_change_password(m->pam, &asker))
		return false;
	m->login.password_expired = false;
	return true;
}

static void
attempt_kbdint(struct monitor *m, const struct mon_auth *req)
{
	const struct login_proof none = { .text = "" };
	struct login *login = &m->login;
	bool proven = false;

	/* A name that is asked for twice is there once (CVE-2015-5600). */
	login->talk = (struct talk){ 0 };
	if (methods_offer(&m->login.methods, METHOD_KBDINT) && (req->devices.len == 0 ||
	    names_contain(req->devices, span_str("pam")))) {
		/* req dies with the first question. */
		proven = pam_converses(m);
		if (!proven && !login->talk.given_up)
			log_line(LOG_LEVEL_ERROR, false,
			    "PAM: %s for %s%s from %s",
			    pam_login_error(m->pam), login->account.valid
			    ? "" : "illegal user ", login->name,
			    peer_name(m->params->peer));
	}
	if (login->talk.given_up && login->talk.answers == 0)
		login_give_up(m);
	else
		login_finish(m, METHOD_KBDINT, proven, &none);
}

/* MON_REQ_AUTH_KBDINT */
bool
asroot_auth_kbdint(void *ctx, struct ipc_frame *frame)
{
	return login_serve(ctx, frame, attempt_kbdint);
}
