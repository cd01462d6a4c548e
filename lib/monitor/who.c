/*
 * who: from the first request's user name to an account and its settings.
 * Monitor.
 *
 * A name that is nobody's takes every step that a good one takes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/access.h"
#include "base/vis.h"
#include "monitor/internal.h"
#include "run/title.h"

static bool
in_group(void *ctx, const char *patterns)
{
	return account_in_groups(ctx, patterns);
}

/*
 * What the configuration says for this user, known or not: a name decides
 * Match blocks also when nobody has it.
 */
static bool
resolve_settings(struct monitor *m, struct span user)
{
	const struct peer *peer = m->params->peer;
	char name[ACCOUNT_NAME_MAX_BYTES];
	struct config_spec spec = {
		.user = name,
		.host = peer_name(peer),
		.addr = peer->remote_host,
		.laddr = peer->local_host,
		.lport = peer->local_port,
		.invalid_user = !m->login.account.known,
		.in_group = in_group,
		.ctx = &m->login.account,
	};

	if (m->login.account.known)
		snprintf(name, sizeof name, "%s", m->login.account.name);
	else if (!span_copy_str(user, name, sizeof name))
		name[0] = '\0';
	if (!config_resolve(m->params->config, &spec, &m->settings))
		return false;
	/* Without root there is no PAM, and nothing that it could decide. */
	if (!m->params->root || !pam_built())
		m->settings.use_pam = false;
	if (!m->params->root)
		m->settings.password_authentication = false;
	if (!m->settings.use_pam)
		m->settings.kbdint_authentication = false;
	/* -d and -q speak for the whole connection, Match for this user. */
	if (m->settings.log_level != m->params->settings->log_level)
		log_set_level((enum log_level)m->settings.log_level);
	return true;
}

/* "user:style" asks for a style of authentication that nothing here has. */
struct span
login_without_style(struct span user)
{
	const uint8_t *colon = user.len == 0 ? NULL
					     : memchr(user.p, ':', user.len);

	return colon == NULL ? user : span(user.p, (size_t)(colon - user.p));
}

static bool
copy_span(struct span in, uint8_t **out, size_t *len)
{
	*out = malloc(in.len + 1);
	*len = in.len;
	if (*out == NULL)
		return false;
	if (in.len > 0)
		memcpy(*out, in.p, in.len);
	return true;
}

/*
 * The name for PAM, whose modules tell an unknown user in the log by
 * themselves; but not a name that could be read as a path (threats: modules
 * keep files by it).
 */
static void
fill_pam_user(struct login *login, struct span user)
{
	char *name = login->pam_user;

	if (!login->account.known &&
	    span_copy_str(user, name, sizeof login->pam_user) &&
	    name[0] != '\0' && name[0] != '.' &&
	    strpbrk(name, "/\n\r") == NULL)
		return;
	strcpy(name, login->account.name);
}

static void
log_refused(const struct monitor *m)
{
	log_event(LOG_EVENT(LOG_EVENT_DENIED), LOG_LEVEL_INFO, false,
	    "administratively prohibited connection for %s%s from %s port %u",
	    m->login.account.known ? "" : "invalid user ", m->login.name,
	    m->params->peer->remote_host, m->params->peer->remote_port);
}

/*
 * login_fix_user - the first request says who logs in, for good
 *
 * Finds the account, the settings in force for it, and whether it may log in
 * at all.  False without memory.
 */
bool
login_fix_user(struct monitor *m, const struct mon_auth *req)
{
	struct login *login = &m->login;
	struct span user = login_without_style(req->user);
	const struct peer *peer = m->params->peer;

	if (!copy_span(req->user, &login->user, &login->user_len) ||
	    !copy_span(req->service, &login->service, &login->service_len))
		return false;
	keys_ask_peer_name(m);
	if (!account_lookup(&login->account, user, m->params->root) ||
	    !resolve_settings(m, user))
		return false;
	vis_text(user, login->name, sizeof login->name);
	login->fixed = true;
	/* A method without a key narrows nothing. */
	login->key_options = keys_options_all();
	log_about(LOG_ABOUT_USER, login->name);
	log_about(LOG_ABOUT_USER_VALID, login->account.known ? "yes" : "no");
	if (!login->account.known)
		log_event(LOG_EVENT(LOG_EVENT_DENIED), LOG_LEVEL_INFO, false,
		    "Invalid user %s from %s port %u", login->name,
		    peer->remote_host, peer->remote_port);
	access_admit(&login->account, &m->settings, peer, m->params->root);
	fill_pam_user(login, user);
	title_set("%s [priv]", login->account.valid ? login->name : "unknown");
	login->methods_known = methods_open(&login->methods,
	    &m->settings);
	login->refused = m->settings.refuse_connection;
	if (login->refused)
		log_refused(m);
	return true;
}
