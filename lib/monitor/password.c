/*
 * password: the methods "password" (RFC 4252 section 8) and "none".  Monitor.
 *
 * The password lies in m->in, in one copy here, and in what PAM was given and
 * wipes itself; the first two are wiped on every path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/shadow.h"
#include "base/secret.h"
#include "base/text.h"
#include "monitor/internal.h"
#include "rules/password.h"

#define PASSWORD_MAX_BYTES	1024

/* Nobody's, or root's who may not: whatever it is, it is wrong. */
bool
password_is_vain(const struct monitor *m)
{
	const struct account *account = &m->login.account;

	return !account->valid || (account->uid == 0 &&
	    m->settings.permit_root_login != ROOT_YES);
}

struct typed {
	struct monitor *m;
	const char *password;
};

static char *
give_password(void *ctx, const char *text, const char *prompt, bool echo)
{
	const struct typed *typed = ctx;

	(void)!text_add(&typed->m->login.notice, "%s", text);
	if (prompt == NULL)
		return strdup("");
	return echo ? NULL : strdup(typed->password);
}

static bool
pam_proves(struct monitor *m, const char *password)
{
	struct typed typed = { m, password };
	const struct pam_asker asker = { give_password, &typed };
	bool ok = login_pam(m) != NULL && pam_login_authenticate(m->pam, &asker,
	    m->settings.permit_empty_passwords);

	if (!ok) {
		/* What modules said is for somebody who got in. */
		free(m->login.notice);
		m->login.notice = NULL;
		log_line(LOG_LEVEL_DEBUG1, true,
		    "PAM: password authentication failed for %s: %s",
		    m->login.name, pam_login_error(m->pam));
	}
	return ok;
}

static bool
shadow_proves(struct monitor *m, const char *password)
{
	struct account *account = &m->login.account;

	m->login.password_expired = shadow_has_aged(account);
	return shadow_password_ok(account, password);
}

/* The whole password decision; the same steps for whoever it is. */
static bool
is_right(struct monitor *m, struct span given)
{
	char password[PASSWORD_MAX_BYTES + 1];
	bool vain = password_is_vain(m), ok = false;

	/* Longer, or with a NUL: C would check another password. */
	if (span_copy_str(given, password, sizeof password) &&
	    (given.len > 0 || m->settings.permit_empty_passwords)) {
		if (vain)
			password_make_wrong(password);
		ok = m->settings.use_pam ? pam_proves(m, password)
					 : shadow_proves(m, password);
	}
	secret_wipe(password, sizeof password);
	return ok && !vain;
}

/*
 * A change that the client asks for is never a way in (CVE-2012-5975): it is
 * a failure, whatever the old password is.
 */
static void
attempt_password(struct monitor *m, const struct mon_auth *req)
{
	const struct login_proof none = { .text = "" };
	bool proven = methods_offer(&m->login.methods, METHOD_PASSWORD) && !req->change &&
	    is_right(m, req->password);

	if (req->change)
		log_line(LOG_LEVEL_INFO, true,
		    "password change not supported");
	login_finish(m, METHOD_PASSWORD, proven, &none);
}

/* An empty password by another name, where such are permitted, and once. */
static void
attempt_none(struct monitor *m, const struct mon_auth *req)
{
	const struct login_proof none = { .text = "" };
	bool proven = m->login.requests == 1 &&
	    methods_offer(&m->login.methods, METHOD_NONE) && is_right(m, span(NULL, 0));

	(void)req;
	login_finish(m, METHOD_NONE, proven, &none);
}

/* MON_REQ_AUTH_PASSWORD */
bool
asroot_auth_password(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	bool ok = login_serve(m, frame, attempt_password);

	secret_wipe(m->in, frame->size + 1);
	return ok;
}

/*
 * MON_REQ_AUTH_NONE: tells the methods, RFC 4252 section 5.2.  Every client
 * starts with it to learn them, so one at the start is no failed attempt.
 */
bool
asroot_auth_none(void *ctx, struct ipc_frame *frame)
{
	return login_serve(ctx, frame, attempt_none);
}
