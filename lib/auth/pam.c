/*
 * pam: the one file with PAM in it.  Monitor, root only.
 *
 * Conversations here only show text: nothing is ever asked, for the user is
 * authenticated already when a transaction starts.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/pam.h"
#include "run/dlopen_note.h"
#include "run/log.h"

#ifdef HAVE_PAM

#include <dlfcn.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <syslog.h>

#define LIBPAM		"libpam.so.0"
#define TEXT_BYTES	8192
#define CONV_MAX_COUNT	32
#define PAM_TTY_NAME	"ssh"	/* what log readers expect */

DLOPEN_NOTE([{"feature":"pam","description":"UsePAM",
    "priority":"recommended","soname":["libpam.so.0"]}]);

struct pam_api {
	__typeof__(pam_start) *start;
	__typeof__(pam_end) *end;
	__typeof__(pam_set_item) *set_item;
	__typeof__(pam_get_item) *get_item;
	__typeof__(pam_acct_mgmt) *acct_mgmt;
	__typeof__(pam_setcred) *setcred;
	__typeof__(pam_open_session) *open_session;
	__typeof__(pam_close_session) *close_session;
	__typeof__(pam_getenvlist) *getenvlist;
	__typeof__(pam_putenv) *putenv;
	__typeof__(pam_strerror) *strerror;
};

struct pam_login {
	struct pam_api api;
	pam_handle_t *handle;
	char *user;
	char *rhost;
	bool has_cred, has_session;
	int last;			/* result of the last call */
	size_t text_len;
	char text[TEXT_BYTES];
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
		{ "pam_start", &api->start },
		{ "pam_end", &api->end },
		{ "pam_set_item", &api->set_item },
		{ "pam_get_item", &api->get_item },
		{ "pam_acct_mgmt", &api->acct_mgmt },
		{ "pam_setcred", &api->setcred },
		{ "pam_open_session", &api->open_session },
		{ "pam_close_session", &api->close_session },
		{ "pam_getenvlist", &api->getenvlist },
		{ "pam_putenv", &api->putenv },
		{ "pam_strerror", &api->strerror },
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

/* What a module says is kept; what it asks is refused. */
static bool
take_message(struct pam_login *pam, const struct pam_message *message)
{
	size_t room = sizeof pam->text - pam->text_len;
	int n;

	if (message->msg_style != PAM_TEXT_INFO &&
	    message->msg_style != PAM_ERROR_MSG)
		return false;
	if (message->msg == NULL || message->msg[0] == '\0')
		return true;
	n = snprintf(pam->text + pam->text_len, room, "%s\n", message->msg);
	if (n > 0 && (size_t)n < room)
		pam->text_len += (size_t)n;
	else
		pam->text[pam->text_len] = '\0';
	return true;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *ctx)
{
	*responses = NULL;
	if (count <= 0 || count > CONV_MAX_COUNT)
		return PAM_CONV_ERR;
	for (int i = 0; i < count; i++) {
		if (!take_message(ctx, messages[i]))
			return PAM_CONV_ERR;
	}
	*responses = calloc((size_t)count, sizeof **responses);
	return *responses == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
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

static bool
set_items(struct pam_login *pam, const struct peer *peer)
{
	char connection[2 * PEER_HOST_MAX_BYTES + 64];

	snprintf(connection, sizeof connection, "SSH_CONNECTION=%s %u %s %u",
	    peer->remote_host, peer->remote_port, peer->local_host,
	    peer->local_port);
	return succeeded(pam, "PAM_RHOST", pam->api.set_item(pam->handle,
	    PAM_RHOST, peer->remote_host)) &&
	    succeeded(pam, "PAM_TTY", pam->api.set_item(pam->handle, PAM_TTY,
	    PAM_TTY_NAME)) &&
	    succeeded(pam, "pam_putenv", pam->api.putenv(pam->handle,
	    connection));
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
	pam->rhost = strdup(peer->remote_host);
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
pam_login_account(struct pam_login *pam)
{
	int result = pam->api.acct_mgmt(pam->handle, 0);

	pam->last = result;
	if (result == PAM_SUCCESS)
		return is_same_user(pam);
	/* PAM_NEW_AUTHTOK_REQD too: nobody can be asked for a new one yet. */
	log_line(LOG_LEVEL_ERROR, false, "PAM: %s for %.100s from %s",
	    pam->api.strerror(pam->handle, result), pam->user, pam->rhost);
	return false;
}

bool
pam_login_open(struct pam_login *pam)
{
	pam->has_cred = succeeded(pam, "pam_setcred",
	    pam->api.setcred(pam->handle, PAM_ESTABLISH_CRED));
	pam->has_session = pam->has_cred && succeeded(pam, "pam_open_session",
	    pam->api.open_session(pam->handle, 0));
	return pam->has_session && is_same_user(pam);
}

static void
release(struct pam_login *pam, int silent)
{
	if (pam->handle != NULL)
		pam->api.end(pam->handle, pam->last | silent);
	free(pam->user);
	free(pam->rhost);
	free(pam);
}

bool
pam_login_child(struct pam_login *pam)
{
	bool ok = succeeded(pam, "pam_setcred",
	    pam->api.setcred(pam->handle, PAM_REINITIALIZE_CRED));

	/* Silent: a module's cleanup must not undo what is the parent's. */
	release(pam, PAM_DATA_SILENT);
	return ok;
}

const char *
pam_login_text(const struct pam_login *pam)
{
	return pam->text;
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
		(void)succeeded(pam, "pam_close_session",
		    pam->api.close_session(pam->handle, 0));
	if (pam->has_cred)
		(void)succeeded(pam, "pam_setcred",
		    pam->api.setcred(pam->handle, PAM_DELETE_CRED));
	release(pam, 0);
}

#else /* !HAVE_PAM: nothing of it is ever reached, pam_built() says no. */

bool
pam_built(void)
{
	return false;
}

struct pam_login *
pam_login_new(const char *service, const char *user, const struct peer *peer)
{
	(void)service;
	(void)user;
	(void)peer;
	return NULL;
}

bool
pam_login_account(struct pam_login *pam)
{
	(void)pam;
	return false;
}

bool
pam_login_open(struct pam_login *pam)
{
	(void)pam;
	return false;
}

bool
pam_login_child(struct pam_login *pam)
{
	(void)pam;
	return false;
}

const char *
pam_login_text(const struct pam_login *pam)
{
	(void)pam;
	return "";
}

char **
pam_login_env(struct pam_login *pam)
{
	(void)pam;
	return NULL;
}

void
pam_login_free(struct pam_login *pam)
{
	(void)pam;
}

#endif /* HAVE_PAM */

void
pam_env_free(char **env)
{
	for (char **one = env; one != NULL && *one != NULL; one++)
		free(*one);
	free(env);
}
