/*
 * policy: tells user, and net, what is in force for the user who was let in.
 * Monitor.
 */
#include <stdlib.h>
#include <string.h>

#include "monitor/internal.h"
#include "rules/policy.h"

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

/* Likewise other signatures; net tells the client, if it wants to know. */
void
policy_tell_signatures(struct monitor *m)
{
	const char *names = m->settings.pubkey_accepted_algorithms;
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);

	if (strcmp(names, m->params->server_sig_algs) == 0)
		return;
	mon_sig_algs_put(&out, span_str(names));
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
	const struct login *login = &m->login;
	uint8_t *room = malloc(IPC_FRAME_MAX_BYTES);
	struct sink lists = sink_of(room, IPC_FRAME_MAX_BYTES);
	char **env = m->pam == NULL ? NULL : pam_login_env(m->pam);
	const struct policy_facts facts = {
		.settings = &m->settings,
		.key = &login->key_options,
		.peer = m->params->peer,
		.user = login->account.name,
		.home = login->account.home,
		.shell = login->account.shell,
		.uid = login->account.uid,
		.gid = login->account.gid,
		.pam_env = env,
		/* What came before was shown before the success. */
		.login_text = m->pam == NULL ? login->account.warning
		    : pam_login_text(m->pam),
		.auth_info = login->info,
		.password_expired = login->password_expired,
		.session_refused = login->session_refused,
		.login_records = m->params->root,
		.debug = log_wanted(LOG_LEVEL_DEBUG1),
	};
	struct user_policy policy;
	bool ok = false;

	if (room != NULL) {
		policy = policy_of(&facts, &lists);
		policy_put(out, &policy);
		ok = sink_ok(&lists) && sink_ok(out);
	}
	pam_env_free(env);
	free(room);
	return ok;
}
