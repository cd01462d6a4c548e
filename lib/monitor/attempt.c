/*
 * attempt: what all attempts to log in are measured by, and what each leaves
 * in the log.  Monitor.
 */
#include <string.h>

#include "config/access.h"
#include "base/secret.h"
#include "monitor/internal.h"

bool
login_root_may(const struct monitor *m, enum method_id id)
{
	bool forced = m->login.key_options.has_command;

	if (m->login.account.uid != 0)
		return true;
	if (!config_lets_root_in(&m->settings, method_name(id), forced)) {
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
	login_log(m, verb, method_full_name(id), key);
	if (verb[0] == 'F' && method_is_typed(id))
		records_failed(m);
}
