/*
 * policy: what settings, an account and a key's options add up to for the
 * user role.  Pure.
 */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "rules/policy.h"

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
put_pam_env(const struct policy_facts *f, struct sink *lists)
{
	size_t start = lists->len;

	for (char *const *one = f->pam_env; one != NULL && *one != NULL;
	    one++) {
		if (!is_private_env(*one))
			sink_cstring(lists, *one);
	}
	return span(lists->p + start, lists->len - start);
}

static void
put_identity(const struct policy_facts *f, struct user_policy *policy)
{
	policy->user = span_str(f->user);
	policy->home = span_str(f->home);
	policy->shell = span_str(f->shell);
	policy->uid = f->uid;
	policy->gid = f->gid;
	policy->remote_host = span_str(f->peer->remote_host);
	policy->remote_port = f->peer->remote_port;
	policy->local_host = span_str(f->peer->local_host);
	policy->local_port = f->peer->local_port;
	policy->default_path =
	    span_str(f->uid == 0 ? SUPERUSER_PATH : DEFAULT_PATH);
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
put_forwarding(const struct policy_facts *f, struct sink *lists,
    struct user_policy *policy)
{
	const struct settings *s = f->settings;
	const struct keys_options *key = f->key;
	/* Nor is there any for who may do no more than be told so. */
	bool on = !s->disable_forwarding && !f->password_expired &&
	    !f->session_refused;

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
	policy->address_family = s->address_family == AF_INET
	    ? POLICY_FAMILY_INET : s->address_family == AF_INET6
	    ? POLICY_FAMILY_INET6 : POLICY_FAMILY_ANY;
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
put_limits(const struct policy_facts *f, struct user_policy *policy)
{
	const struct settings *s = f->settings;
	const struct keys_options *key = f->key;

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
	policy->password_expired = f->password_expired;
	policy->session_refused = f->session_refused;
	policy->login_text = span_str(f->login_text);
	if (s->expose_auth_info)
		policy->auth_info = span_str(f->auth_info);
	policy->print_motd = s->print_motd;
	policy->print_last_log = s->print_last_log;
	policy->use_pam = s->use_pam;
	policy->check_nologin = !s->use_pam;
	policy->login_records = f->login_records;
	policy->debug = f->debug;
}

struct user_policy
policy_of(const struct policy_facts *facts, struct sink *lists)
{
	const struct settings *s = facts->settings;
	struct user_policy policy = { 0 };

	put_identity(facts, &policy);
	put_limits(facts, &policy);
	put_forwarding(facts, lists, &policy);
	policy.session_env = put_pam_env(facts, lists);
	policy.set_env = put_list(lists, &s->set_env, NULL);
	policy.accept_env = put_list(lists, &s->accept_env, NULL);
	policy.subsystems = put_list(lists, &s->subsystem_names,
	    &s->subsystem_commands);
	return policy;
}
