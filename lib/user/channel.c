/*
 * channel: the table of session channels and what each may carry into its
 * command's environment.  User process; must never believe net's numbers.
 */
#include <stdlib.h>

#include "base/pattern.h"
#include "user/role.h"

struct channel *
channel_find(struct user *u, uint32_t number)
{
	return number < ARRAY_LEN(u->channels) ? u->channels[number] : NULL;
}

struct channel *
channel_of_pid(struct user *u, pid_t pid)
{
	for (size_t i = 0; i < ARRAY_LEN(u->channels); i++) {
		struct channel *ch = u->channels[i];

		if (ch != NULL && ch->state == CHANNEL_STARTED &&
		    ch->pid == pid)
			return ch;
	}
	return NULL;
}

struct channel *
channel_new(struct user *u, uint32_t number)
{
	struct channel *ch;

	if (u->channel_count >= u->policy.max_sessions)
		return NULL;
	ch = calloc(1, sizeof *ch);
	if (ch == NULL)
		return NULL;
	ch->number = number;
	ch->state = CHANNEL_OPEN;
	ch->pty.master = ch->pty.slave = -1;
	u->channels[number] = ch;
	u->channel_count++;
	return ch;
}

void
channel_drop_command(struct channel *ch)
{
	free(ch->command);
	ch->command = NULL;
	ch->command_len = 0;
}

void
channel_end(struct user *u, struct channel *ch)
{
	ask_monitor_pty_close(u, ch);
	user_event(u, SESS_EVENT_CLOSE, ch->number, "%s", "");
	pty_close(&ch->pty);
	for (size_t i = 0; i < ch->env_count; i++)
		free(ch->env[i]);
	channel_drop_command(ch);
	u->channels[ch->number] = NULL;
	u->channel_count--;
	free(ch);
	user_show(u);
}

/* What only the server says, whatever AcceptEnv would let pass. */
static bool
is_ours(struct span name)
{
	static const char *const ours[] = {
		"SSH_CLIENT", "SSH_CONNECTION", "SSH_ORIGINAL_COMMAND",
		"SSH_TTY", "SSH_USER_AUTH",
	};

	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		if (span_is(name, ours[i]))
			return true;
	}
	return false;
}

static bool
is_accepted(const struct user *u, struct span name)
{
	struct span list = u->policy.accept_env, pattern;

	while (policy_next(&list, &pattern)) {
		if (pattern_match(name, pattern))
			return !is_ours(name);
	}
	return false;
}

/*
 * A name with '=' in it would set another variable than AcceptEnv judged; a
 * NUL would cut off what was judged.
 */
static bool
is_sane(struct span name, struct span value)
{
	return name.len > 0 && memchr(name.p, '=', name.len) == NULL &&
	    memchr(name.p, '\0', name.len) == NULL &&
	    (value.len == 0 || memchr(value.p, '\0', value.len) == NULL);
}

bool
channel_env(const struct user *u, struct channel *ch, struct span name,
    struct span value)
{
	size_t room = CHANNEL_ENV_MAX_BYTES - ch->env_bytes;
	char *pair;

	if (!is_sane(name, value) || !is_accepted(u, name))
		return false;
	/* '=' and NUL count, or empty values would be free. */
	if (ch->env_count >= CHANNEL_ENV_MAX_COUNT || room < 2 ||
	    name.len > room - 2 || value.len > room - 2 - name.len)
		return false;
	pair = malloc(name.len + value.len + 2);
	if (pair == NULL)
		return false;
	memcpy(pair, name.p, name.len);
	pair[name.len] = '=';
	if (value.len > 0)
		memcpy(pair + name.len + 1, value.p, value.len);
	pair[name.len + 1 + value.len] = '\0';
	ch->env[ch->env_count++] = pair;
	ch->env_bytes += name.len + value.len + 2;
	return true;
}
