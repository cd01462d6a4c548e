/*
 * pam: the one file with PAM in it.  Monitor, root only.
 *
 * It must never tell success for any result but PAM_SUCCESS, nor go on with
 * a user that a module has put in the place of the one who logs in.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/pam.h"
#include "base/secret.h"
#include "base/text.h"
#include "run/dlopen_note.h"
#include "run/log.h"

#ifdef HAVE_PAM

#include <dlfcn.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#define LIBPAM		"libpam.so.0"
#define CONV_MAX_COUNT	32
#define TEXT_MAX_BYTES	16384	/* two of it fit a frame */
#define PAM_TTY_NAME	"ssh"	/* what log readers expect */

DLOPEN_NOTE([{"feature":"pam","description":"UsePAM",
    "priority":"recommended","soname":["libpam.so.0"]}]);

/* All of libpam that is used here. */
#define PAM_FUNCTIONS(X) X(start) X(end) X(set_item) X(get_item) \
	X(authenticate) X(acct_mgmt) X(chauthtok) X(setcred) X(open_session) \
	X(close_session) X(getenvlist) X(putenv) X(strerror)
#define PAM_SLOT(name)	__typeof__(pam_##name) *name;
#define PAM_WANTED(name) { "pam_" #name, &api->name },

struct pam_api {
	PAM_FUNCTIONS(PAM_SLOT)
};

struct pam_login {
	struct pam_api api;
	pam_handle_t *handle;
	char *user;
	char *rhost;
	bool has_cred, has_session;
	int last;			/* result of the last call */
	const struct pam_asker *asker;	/* NULL: nobody can be asked */
	bool authenticated;		/* by it */
	bool unanswered;		/* somebody was asked in vain */
	bool text_seen;			/* by the caller: forget it */
	char *text;			/* lines nobody has seen; or NULL */
};

bool
pam_built(void)
{
	return true;
}

static bool
load_api(struct pam_api *api)
{
	const struct {
		const char *name;
		void *slot;
	} wanted[] = {
		PAM_FUNCTIONS(PAM_WANTED)
	};
	/* Modules look for libpam's symbols themselves: global. */
	void *lib = dlopen(LIBPAM, RTLD_NOW | RTLD_GLOBAL);

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		void *symbol = lib == NULL ? NULL : dlsym(lib, wanted[i].name);

		if (symbol == NULL) {
			log_line(LOG_LEVEL_ERROR, false,
			    "UsePAM: cannot load %s", LIBPAM);
			return false;
		}
		memcpy(wanted[i].slot, &symbol, sizeof symbol);
	}
	return true;
}

static void
forget_text(struct pam_login *pam)
{
	free(pam->text);
	pam->text = NULL;
	pam->text_seen = false;
}

/* One message of a module; *answer is for a question only. */
static int
take_message(struct pam_login *pam, const struct pam_message *message,
    char **answer)
{
	const char *text = message->msg == NULL ? "" : message->msg;
	int style = message->msg_style;

	if (pam->text_seen)
		forget_text(pam);
	if (style == PAM_TEXT_INFO || style == PAM_ERROR_MSG) {
		if (text[0] != '\0' && (pam->text == NULL ||
		    strlen(pam->text) < TEXT_MAX_BYTES))
			(void)!text_add(&pam->text, "%.*s\n",
			    TEXT_MAX_BYTES, text);
		return PAM_SUCCESS;
	}
	if ((style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON) ||
	    pam->asker == NULL || pam->unanswered)
		return PAM_CONV_ERR;
	*answer = pam->asker->ask(pam->asker->ctx,
	    pam->text == NULL ? "" : pam->text, text,
	    style == PAM_PROMPT_ECHO_ON);
	forget_text(pam);
	pam->unanswered = *answer == NULL;
	return pam->unanswered ? PAM_CONV_ERR : PAM_SUCCESS;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *ctx)
{
	struct pam_response *made;
	int result = PAM_SUCCESS;

	*responses = NULL;
	if (count <= 0 || count > CONV_MAX_COUNT)
		return PAM_CONV_ERR;
	made = calloc((size_t)count, sizeof *made);
	if (made == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count && result == PAM_SUCCESS; i++)
		result = take_message(ctx, messages[i], &made[i].resp);
	if (result == PAM_SUCCESS) {
		*responses = made;
		return PAM_SUCCESS;
	}
	for (int i = 0; i < count; i++) {
		if (made[i].resp != NULL)
			secret_wipe(made[i].resp, strlen(made[i].resp));
		free(made[i].resp);
	}
	free(made);
	return result;
}

/* pam_fail_delay(3): a peer that has left need not be waited for. */
static void
delay_failure_of_module(int result, unsigned int usec, void *ctx)
{
	const struct pam_login *pam = ctx;

	if (result != PAM_SUCCESS && !pam->unanswered)
		usleep(usec);
}

static bool
succeeded(struct pam_login *pam, const char *what, int result)
{
	pam->last = result;
	if (result == PAM_SUCCESS)
		return true;
	log_line(LOG_LEVEL_ERROR, false, "PAM: %s: %s", what,
	    pam->api.strerror(pam->handle, result));
	return false;
}

bool
pam_login_put_env(struct pam_login *pam, const char *name, const char *value)
{
	char *text = NULL;
	bool ok = asprintf(&text, "%s=%s", name, value) >= 0 &&
	    succeeded(pam, "pam_putenv", pam->api.putenv(pam->handle, text));

	free(text);
	return ok;
}

static bool
set_items(struct pam_login *pam, const struct peer *peer)
{
	void (*delay)(int, unsigned int, void *) = delay_failure_of_module;
	char connection[2 * PEER_HOST_MAX_BYTES + 64];
	const void *delay_item;

	memcpy(&delay_item, &delay, sizeof delay);
	snprintf(connection, sizeof connection, "%s %u %s %u",
	    peer->remote_host, peer->remote_port, peer->local_host,
	    peer->local_port);
	return succeeded(pam, "PAM_FAIL_DELAY", pam->api.set_item(pam->handle,
	    PAM_FAIL_DELAY, delay_item)) && succeeded(pam, "PAM_RHOST", pam->api.set_item(pam->handle,
	    PAM_RHOST, peer_name(peer))) &&
	    succeeded(pam, "PAM_TTY", pam->api.set_item(pam->handle, PAM_TTY,
	    PAM_TTY_NAME)) &&
	    pam_login_put_env(pam, "SSH_CONNECTION", connection);
}

void
pam_warm_up(void)
{
	struct pam_api api;

	(void)load_api(&api);
}

struct pam_login *
pam_login_new(const char *service, const char *user, const struct peer *peer)
{
	struct pam_login *pam = calloc(1, sizeof *pam);
	struct pam_conv conv = { converse, pam };

	if (pam == NULL)
		return NULL;
	/* Modules log for themselves: under the name that readers know. */
	openlog("sshd", LOG_PID, LOG_AUTH);
	pam->user = strdup(user);
	pam->rhost = strdup(peer_name(peer));
	if (pam->user != NULL && pam->rhost != NULL && load_api(&pam->api) &&
	    succeeded(pam, "pam_start", pam->api.start(service, user, &conv,
	    &pam->handle)) && set_items(pam, peer))
		return pam;
	pam_login_free(pam);
	return NULL;
}

/* A module that maps one user to another would log in a stranger. */
static bool
is_same_user(struct pam_login *pam)
{
	const void *now = NULL;

	if (pam->api.get_item(pam->handle, PAM_USER, &now) == PAM_SUCCESS &&
	    now != NULL && strcmp(now, pam->user) == 0)
		return true;
	log_line(LOG_LEVEL_ERROR, false,
	    "PAM: a module changed the user; login refused");
	return false;
}

bool
pam_login_authenticate(struct pam_login *pam, const struct pam_asker *asker,
    bool empty_ok)
{
	char *shown;
	bool ok;

	forget_text(pam);
	pam->unanswered = false;
	pam->asker = asker;
	pam->last = pam->api.authenticate(pam->handle,
	    empty_ok ? 0 : (int)PAM_DISALLOW_NULL_AUTHTOK);
	ok = pam->last == PAM_SUCCESS && is_same_user(pam) &&
	    !pam->unanswered;
	/* The last words, which no question follows. */
	if (pam->text != NULL && !pam->unanswered) {
		shown = asker->ask(asker->ctx, pam->text, NULL, false);
		ok = ok && shown != NULL;
		free(shown);
	}
	pam->asker = NULL;
	pam->authenticated = pam->authenticated || ok;
	return ok;
}

const char *
pam_login_error(const struct pam_login *pam)
{
	return pam == NULL ? "" : pam->api.strerror(pam->handle, pam->last);
}

enum pam_account
pam_login_account(struct pam_login *pam)
{
	pam->last = pam->api.acct_mgmt(pam->handle, 0);
	if (!is_same_user(pam))
		return PAM_ACCOUNT_DENIED;
	switch (pam->last) {
	case PAM_SUCCESS:
		return PAM_ACCOUNT_ADMITTED;
	case PAM_NEW_AUTHTOK_REQD:
		return PAM_ACCOUNT_NEW_PASSWORD;
	default:
		log_line(LOG_LEVEL_ERROR, false, "PAM: %s for %.100s from %s",
		    pam_login_error(pam), pam->user, pam->rhost);
		return PAM_ACCOUNT_DENIED;
	}
}

bool
pam_login_change_password(struct pam_login *pam,
    const struct pam_asker *asker)
{
	pam->unanswered = false;
	pam->asker = asker;
	pam->last = pam->api.chauthtok(pam->handle,
	    PAM_CHANGE_EXPIRED_AUTHTOK);
	pam->asker = NULL;
	return pam->last == PAM_SUCCESS && is_same_user(pam);
}

bool
pam_login_open(struct pam_login *pam, bool *session)
{
	pam->has_cred = succeeded(pam, "pam_setcred()",
	    pam->api.setcred(pam->handle, PAM_ESTABLISH_CRED));
	/* Modules that a key has not passed through may have none to give. */
	if (!pam->has_cred && pam->authenticated)
		return false;
	pam->has_session = succeeded(pam, "pam_open_session()",
	    pam->api.open_session(pam->handle, 0));
	*session = pam->has_session;
	return is_same_user(pam);
}

static void
release(struct pam_login *pam, int silent)
{
	if (pam->handle != NULL)
		pam->api.end(pam->handle, pam->last | silent);
	free(pam->user);
	free(pam->rhost);
	free(pam->text);
	free(pam);
}

bool
pam_login_child(struct pam_login *pam)
{
	bool ok = !pam->has_cred || succeeded(pam, "pam_setcred()",
	    pam->api.setcred(pam->handle, PAM_REINITIALIZE_CRED));

	/* Silent: a module's cleanup must not undo what is the parent's. */
	release(pam, PAM_DATA_SILENT);
	return ok;
}

const char *
pam_login_text(struct pam_login *pam)
{
	pam->text_seen = true;
	return pam->text == NULL ? "" : pam->text;
}

char **
pam_login_env(struct pam_login *pam)
{
	return pam->api.getenvlist(pam->handle);
}

void
pam_login_free(struct pam_login *pam)
{
	if (pam == NULL)
		return;
	if (pam->has_session)
		(void)succeeded(pam, "pam_close_session()",
		    pam->api.close_session(pam->handle, 0));
	if (pam->has_cred)
		(void)succeeded(pam, "pam_setcred()",
		    pam->api.setcred(pam->handle, PAM_DELETE_CRED));
	release(pam, 0);
}

#endif /* HAVE_PAM: else pam.h has all that is left of it. */

void
pam_env_free(char **env)
{
	for (char **one = env; one != NULL && *one != NULL; one++)
		free(*one);
	free(env);
}
