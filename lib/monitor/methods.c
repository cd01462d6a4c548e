/*
 * methods: which ways to log in there are, which of them may come next, and
 * what each attempt leaves in the log.  Monitor.
 *
 * Nothing that one method learned counts for another: what a success leaves
 * is its place in the lists, the keys it used up and a line of text.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/access.h"
#include "base/secret.h"
#include "monitor/internal.h"

#define FULL_NAME_BYTES 64

/* In the order in which clients are told of them. */
static const struct method {
	const char *name;
	const char *device;	/* the one that it has, for "NAME:DEVICE" */
	size_t enabled;		/* where its flag is in struct settings */
	bool typed;		/* somebody typed it: failures go to btmp */
} methods[METHOD_COUNT] = {
	[METHOD_NONE] = { "none", NULL,
	    offsetof(struct settings, permit_empty_passwords), true },
	[METHOD_PUBLICKEY] = { "publickey", NULL,
	    offsetof(struct settings, pubkey_authentication), false },
	[METHOD_PASSWORD] = { "password", NULL,
	    offsetof(struct settings, password_authentication), true },
	[METHOD_KBDINT] = { "keyboard-interactive", "pam",
	    offsetof(struct settings, kbdint_authentication), true },
	[METHOD_HOSTBASED] = { "hostbased", NULL,
	    offsetof(struct settings, hostbased_authentication), false },
};

static bool
is_enabled(const struct settings *settings, enum method_id id)
{
	bool on;

	memcpy(&on, (const char *)settings + methods[id].enabled, sizeof on);
	/* "none" is an empty password by another name. */
	return on && (id != METHOD_NONE || settings->password_authentication);
}

static bool
is_usable(const void *ctx, struct span name, struct span device)
{
	for (int id = 0; id < METHOD_COUNT; id++) {
		const struct method *method = &methods[id];

		if (span_is(name, method->name))
			return is_enabled(ctx, (enum method_id)id) &&
			    (device.p == NULL || (method->device != NULL &&
			    span_is(device, method->device)));
	}
	return false;
}

bool
login_open_lists(struct monitor *m)
{
	return method_lists_open(&m->login.lists,
	    &m->settings.authentication_methods, is_usable, &m->settings);
}

bool
login_offers(const struct monitor *m, enum method_id id)
{
	return is_enabled(&m->settings, id) && method_lists_allow(
	    &m->login.lists, methods[id].name, methods[id].device);
}

bool
login_passes(struct monitor *m, enum method_id id)
{
	return method_lists_pass(&m->login.lists, methods[id].name,
	    methods[id].device);
}

void
login_can_continue(const struct monitor *m, struct sink *out)
{
	for (int id = METHOD_NONE + 1; id < METHOD_COUNT; id++) {
		if (!login_offers(m, (enum method_id)id))
			continue;
		if (out->len > 0)
			sink_u8(out, ',');
		sink_bytes(out, span_str(methods[id].name));
	}
}

bool
login_root_may(const struct monitor *m, enum method_id id)
{
	bool forced = m->login.key_options.has_command;

	if (m->login.account.uid != 0)
		return true;
	if (!config_lets_root_in(&m->settings, methods[id].name, forced)) {
		log_line(LOG_LEVEL_INFO, false,
		    "ROOT LOGIN REFUSED FROM %s port %u",
		    m->params->peer->remote_host,
		    m->params->peer->remote_port);
		return false;
	}
	if (m->settings.permit_root_login == ROOT_FORCED_COMMANDS_ONLY)
		log_line(LOG_LEVEL_INFO, false,
		    "Root login accepted for forced command.");
	return true;
}

bool
login_uses_key(struct monitor *m, struct span key)
{
	struct login *login = &m->login;
	uint8_t print[HASH_MAX_BYTES] = { 0 };

	if (!hash_spans(HASH_SHA256, &key, 1, print) ||
	    login->used_count == ARRAY_LEN(login->used))
		return false;
	for (size_t i = 0; i < login->used_count; i++) {
		if (secret_equal(login->used[i], print, sizeof print))
			return false;
	}
	memcpy(login->used[login->used_count++], print, sizeof print);
	return true;
}

/* "keyboard-interactive/pam" */
static const char *
full_name(enum method_id id, char name[static FULL_NAME_BYTES])
{
	const struct method *method = &methods[id];

	snprintf(name, FULL_NAME_BYTES, "%s%s%s", method->name,
	    method->device == NULL ? "" : "/",
	    method->device == NULL ? "" : method->device);
	return name;
}

bool
login_note(struct monitor *m, enum method_id id, struct span key)
{
	char name[FULL_NAME_BYTES];

	return login_add_info(&m->login, full_name(id, name), key);
}

/*
 * "Accepted", "Failed", "Partial", "Postponed": the words and levels that
 * ban tools count.  The address stays behind the name, where no name can
 * forge it.
 */
void
login_log(const struct monitor *m, const char *verb, const char *method,
    const char *key)
{
	const struct login *login = &m->login;
	bool accepted = verb[0] == 'A', failed = verb[0] == 'F';
	enum log_level level = LOG_LEVEL_VERBOSE;

	if (accepted || !login->account.valid ||
	    login->failures >= m->settings.max_auth_tries / 2 ||
	    strcmp(method, "password") == 0)
		level = LOG_LEVEL_INFO;
	log_event(&(struct log_event){ .method = method, .key = key,
	    .kind = accepted ? LOG_EVENT_ACCEPTED
	    : failed ? LOG_EVENT_FAILED : LOG_EVENT_NONE },
	    level, strcmp(verb, "Postponed") == 0,
	    "%s %s for %s%s from %s port %u ssh2%s", verb, method,
	    login->account.valid ? "" : "invalid user ", login->name,
	    m->params->peer->remote_host, m->params->peer->remote_port, key);
}

void
login_log_method(const struct monitor *m, const char *verb,
    enum method_id id, const char *key)
{
	char name[FULL_NAME_BYTES];

	login_log(m, verb, full_name(id, name), key);
	if (verb[0] == 'F' && methods[id].typed)
		records_failed(m);
}
