/*
 * policy: settings and account, as the message that user obeys.  Monitor.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipc/policy.h"
#include "monitor/internal.h"

#ifndef DEFAULT_PATH
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/games"
#endif
#define SUPERUSER_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* A policy's list, written behind the ones before it. */
static struct span
put_list(struct sink *lists, const struct strlist *a, const struct strlist *b)
{
	size_t start = lists->len;

	for (size_t i = 0; i < a->n; i++) {
		sink_cstring(lists, a->v[i]);
		if (b != NULL && i < b->n)
			sink_cstring(lists, b->v[i]);
		else if (b != NULL)
			sink_cstring(lists, "");
	}
	return span(lists->p + start, lists->len - start);
}

/* These PAM variables are ours to set, or say too much about the key. */
static bool
is_private_env(const char *name_value)
{
	static const char *const names[] = { "SSH_AUTH_INFO",
		"SSH_CONNECTION" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strncmp(name_value, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static struct span
put_pam_env(const struct monitor *m, struct sink *lists)
{
	size_t start = lists->len;
	char **env = m->pam == NULL ? NULL : pam_login_env(m->pam);

	for (char **one = env; one != NULL && *one != NULL; one++) {
		if (!is_private_env(*one))
			sink_cstring(lists, *one);
	}
	pam_env_free(env);
	return span(lists->p + start, lists->len - start);
}

static void
put_identity(const struct monitor *m, struct user_policy *policy)
{
	const struct account *account = &m->login.account;
	const struct peer *peer = m->params->peer;

	policy->user = span_str(account->name);
	policy->home = span_str(account->home);
	policy->shell = span_str(account->shell);
	policy->uid = account->uid;
	policy->gid = account->gid;
	policy->remote_host = span_str(peer->remote_host);
	policy->remote_port = peer->remote_port;
	policy->local_host = span_str(peer->local_host);
	policy->local_port = peer->local_port;
	policy->default_path =
	    span_str(account->uid == 0 ? SUPERUSER_PATH : DEFAULT_PATH);
}

/* "yes" and "no", in any case, are no patterns of names. */
static struct span
user_environment(const struct settings *s)
{
	const char *text = s->permit_user_environment;

	if (text == NULL || strcasecmp(text, "no") == 0)
		return span(NULL, 0);
	return span_str(strcasecmp(text, "yes") == 0 ? "*" : text);
}

/*
 * PermitOpen and PermitListen, or a key's list (the settings' is NULL then),
 * as positive lists: "any" and "no list" become the place that all match.
 */
static struct span
put_places(struct sink *lists, const struct strlist *settings, bool has,
    struct span key)
{
	size_t start = lists->len;

	if (settings == NULL && has)
		return key;
	if (settings == NULL || (settings->n == 1 &&
	    strcasecmp(settings->v[0], "any") == 0))
		sink_cstring(lists, "*:*");
	else if (settings->n > 0 && strcasecmp(settings->v[0], "none") != 0)
		return put_list(lists, settings, NULL);
	return span(lists->p + start, lists->len - start);
}

static void
put_forwarding(const struct monitor *m, struct sink *lists,
    struct user_policy *policy)
{
	const struct settings *s = &m->settings;
	const struct keys_options *key = &m->login.key_options;
	/* Nor is there any for who may do no more than be told so. */
	bool on = !s->disable_forwarding && !m->login.password_expired &&
	    !m->login.session_refused;

	if (on && key->permit_port_forwarding) {
		policy->tcp_forwarding = s->allow_tcp_forwarding;
		policy->streamlocal_forwarding =
		    s->allow_streamlocal_forwarding;
	}
	policy->agent_forwarding = on && s->allow_agent_forwarding &&
	    key->permit_agent_forwarding;
	policy->x11_forwarding = on && s->x11_forwarding &&
	    key->permit_x11_forwarding;
	if (on && key->permit_tunnel)
		policy->tunnel_modes = s->permit_tunnel;
	policy->tunnel_device = key->has_tunnel ? key->tunnel
						: POLICY_TUNNEL_ANY;
	policy->gateway_ports = s->gateway_ports;
	policy->stream_bind_mask = s->stream_local_bind_mask;
	policy->stream_bind_unlink = s->stream_local_bind_unlink;
	policy->permit_open = put_places(lists, &s->permit_open, false,
	    span(NULL, 0));
	policy->key_permit_open = put_places(lists, NULL,
	    key->has_permitopen, key->permitopen);
	policy->permit_listen = put_places(lists, &s->permit_listen, false,
	    span(NULL, 0));
	policy->key_permit_listen = put_places(lists, NULL,
	    key->has_permitlisten, key->permitlisten);
}

/* What user enforces; each is decided here and never by net. */
static void
put_limits(const struct monitor *m, struct user_policy *policy)
{
	const struct settings *s = &m->settings;
	const struct keys_options *key = &m->login.key_options;

	policy->forced = s->force_command != NULL || key->has_command;
	policy->forced_by_key = s->force_command == NULL && key->has_command;
	policy->forced_command = policy->forced_by_key ? key->command
						: span_str(s->force_command);
	policy->max_sessions = s->max_sessions;
	policy->permit_tty = s->permit_tty && key->permit_pty;
	policy->permit_user_rc = s->permit_user_rc && key->permit_user_rc;
	policy->user_environment = user_environment(s);
	policy->key_env = key->environment;
	policy->in_chroot = s->chroot_directory != NULL;
	policy->password_expired = m->login.password_expired;
	policy->session_refused = m->login.session_refused;
	/* The session's: what came before was shown before the success. */
	if (m->pam != NULL)
		policy->login_text = span_str(pam_login_text(m->pam));
	if (s->expose_auth_info)
		policy->auth_info = span_str(m->login.info);
	policy->print_motd = s->print_motd;
	policy->print_last_log = s->print_last_log;
	policy->use_pam = s->use_pam;
	policy->check_nologin = !s->use_pam;
	policy->login_records = m->params->root;
	policy->debug = log_wanted(LOG_LEVEL_DEBUG1);
}

/* Match has other limits for this user than for the connection. */
void
policy_tell_net(struct monitor *m)
{
	struct mon_limits now = m->params->limits_of(&m->settings);
	struct mon_limits before = m->params->limits_of(m->params->settings);
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);

	if (memcmp(&now, &before, sizeof now) == 0)
		return;
	mon_limits_put(&out, &now);
	monitor_answer(m, m->net_fd, &out, NULL, 0);
}

/*
 * policy_build - SESS_ANS_POLICY for the account that was let in
 *
 * False without memory, or if the lists do not fit a frame.
 */
bool
policy_build(struct monitor *m, struct sink *out)
{
	const struct settings *s = &m->settings;
	uint8_t *room = malloc(IPC_FRAME_MAX_BYTES);
	struct sink lists = sink_of(room, IPC_FRAME_MAX_BYTES);
	struct user_policy policy = { 0 };
	bool ok;

	if (room == NULL)
		return false;
	put_identity(m, &policy);
	put_limits(m, &policy);
	put_forwarding(m, &lists, &policy);
	policy.session_env = put_pam_env(m, &lists);
	policy.set_env = put_list(&lists, &s->set_env, NULL);
	policy.accept_env = put_list(&lists, &s->accept_env, NULL);
	policy.subsystems = put_list(&lists, &s->subsystem_names,
	    &s->subsystem_commands);
	policy_put(out, &policy);
	ok = sink_ok(&lists) && sink_ok(out);
	free(room);
	return ok;
}
