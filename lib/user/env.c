/*
 * env: the environment of a command.  User process; the spawner's variables
 * (LISTEN_FDS, NOTIFY_SOCKET, ...) must never get in.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/pattern.h"
#include "user/env.h"
#include "user/role.h"

#define ENV_FILE_MAX_BYTES	65536
#define ENV_FILE_MAX_LINES	1000
/* Told of; few, for whoever writes them must not come to wait. */
#define ENV_BAD_LINES_MAX_COUNT	8
#define ENV_GROW_COUNT		32
#define MAIL_DIR		"/var/mail/"

/* name_len counts the '='. */
static char **
find(const struct env *env, const char *pair, size_t name_len)
{
	for (size_t i = 0; i < env->count; i++) {
		if (strncmp(env->vars[i], pair, name_len) == 0)
			return &env->vars[i];
	}
	return NULL;
}

/* Keeps room for one more and the NULL behind it. */
static bool
grow(struct env *env)
{
	char **more;

	if (env->count + 1 < env->cap)
		return true;
	more = reallocarray(env->vars, env->cap + ENV_GROW_COUNT,
	    sizeof *more);
	if (more == NULL)
		return false;
	env->vars = more;
	env->cap += ENV_GROW_COUNT;
	return true;
}

/* Takes over pair. */
static void
put(struct env *env, char *pair)
{
	char **slot;

	if (pair == NULL || !grow(env)) {
		env->failed = true;
		free(pair);
		return;
	}
	slot = find(env, pair, (size_t)(strchr(pair, '=') - pair) + 1);
	if (slot != NULL) {
		free(*slot);
		*slot = pair;
		return;
	}
	env->vars[env->count++] = pair;
	env->vars[env->count] = NULL;
}

void
env_put_pair(struct env *env, struct span pair)
{
	/* Without a name, or cut short by a NUL, it is no variable. */
	if (pair.len == 0 || pair.p[0] == '=' ||
	    memchr(pair.p, '=', pair.len) == NULL ||
	    memchr(pair.p, '\0', pair.len) != NULL)
		return;
	put(env, strndup((const char *)pair.p, pair.len));
}

void
env_put(struct env *env, const char *name, struct span value)
{
	char *pair;

	if (asprintf(&pair, "%s=%.*s", name, (int)value.len,
	    value.len > 0 ? (const char *)value.p : "") < 0)
		pair = NULL;
	put(env, pair);
}

void
env_free(struct env *env)
{
	for (size_t i = 0; i < env->count; i++)
		free(env->vars[i]);
	free(env->vars);
	free(env->complaint);
	*env = (struct env){ 0 };
}

static void
put_list(struct env *env, struct span list)
{
	struct span pair;

	while (policy_next(&list, &pair))
		env_put_pair(env, pair);
}

/*
 * PermitUserEnvironment: a variable of the key's or of the user's file gets
 * in only if its name is in the patterns.
 */
static void
put_users_pair(struct env *env, struct span patterns, struct span pair)
{
	const uint8_t *end = pair.len == 0 ? NULL
					   : memchr(pair.p, '=', pair.len);

	if (end != NULL &&
	    pattern_list(span(pair.p, (size_t)(end - pair.p)), patterns,
		false) == PATTERN_YES)
		env_put_pair(env, pair);
}

static void
put_key_list(struct env *env, const struct user_policy *p)
{
	struct span list = p->key_env, pair;

	while (policy_next(&list, &pair))
		put_users_pair(env, p->user_environment, pair);
}

static void
note_bad_line(struct env *env, const char *path, int line)
{
	char *more;

	if (++env->bad_count > ENV_BAD_LINES_MAX_COUNT ||
	    asprintf(&more, "%sBad line %d in %.100s\n",
		env->complaint == NULL ? "" : env->complaint, line, path) < 0)
		return;
	free(env->complaint);
	env->complaint = more;
}

static void
put_lines(struct env *env, struct span patterns, const char *path,
    const char *text, size_t len)
{
	struct span rest = span(text, len);

	for (int line = 0; rest.len > 0 && line < ENV_FILE_MAX_LINES; line++) {
		const uint8_t *nl = memchr(rest.p, '\n', rest.len);
		size_t n = nl == NULL ? rest.len : (size_t)(nl - rest.p);
		struct span pair = span(rest.p, n);

		while (pair.len > 0 && (*pair.p == ' ' || *pair.p == '\t'))
			pair = span(pair.p + 1, pair.len - 1);
		if (pair.len > 0 && *pair.p != '#' &&
		    memchr(pair.p, '=', pair.len) == NULL)
			note_bad_line(env, path, line + 1);
		else if (pair.len > 0 && *pair.p != '#')
			put_users_pair(env, patterns, pair);
		n += nl != NULL;
		rest = span(rest.p + n, rest.len - n);
	}
}

/* ~/.ssh/environment: one that is no regular file could stall us for ever. */
static void
put_user_file(struct env *env, const char *home, struct span patterns)
{
	struct stat st;
	char *path, *text;
	size_t len;
	int fd;

	if (asprintf(&path, "%s/.ssh/environment", home) < 0) {
		env->failed = true;
		return;
	}
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    fd_read_all(fd, ENV_FILE_MAX_BYTES, &text, &len)) {
		put_lines(env, patterns, path, text, len);
		free(text);
	}
	fd_close(&fd);
	free(path);
}

/*
 * TZ is the one variable that is taken from where we were started: it is
 * the machine's, and a login shell may have nowhere else to get it.
 */
static void
put_account(struct env *env, const struct user *u, const struct channel *ch)
{
	const struct user_policy *p = &u->policy;
	const char *tz = getenv("TZ");

	env_put(env, "USER", p->user);
	env_put(env, "LOGNAME", p->user);
	env_put(env, "HOME", p->home);
	env_put(env, "PATH", p->default_path);
	if (!p->use_pam) {	/* pam_mail's business otherwise */
		char mail[512];
		int n = snprintf(mail, sizeof mail, MAIL_DIR "%s", u->user);

		if (n > 0 && (size_t)n < sizeof mail)
			env_put(env, "MAIL", span_str(mail));
	}
	env_put(env, "SHELL", span_str(u->shell));
	if (tz != NULL)
		env_put(env, "TZ", span_str(tz));
	if (ch->term[0] != '\0')
		env_put(env, "TERM", span_str(ch->term));
	if (u->agent_path != NULL)
		env_put(env, "SSH_AUTH_SOCK", span_str(u->agent_path));
}

/* A peer without an address (pipes) is "UNKNOWN", port 65535. */
static void
put_connection(struct env *env, const struct user_policy *p)
{
	char text[512];

	snprintf(text, sizeof text, "%.*s %u %u",
	    (int)MIN(p->remote_host.len, (size_t)100),
	    (const char *)p->remote_host.p, p->remote_port, p->local_port);
	env_put(env, "SSH_CLIENT", span_str(text));
	snprintf(text, sizeof text, "%.*s %u %.*s %u",
	    (int)MIN(p->remote_host.len, (size_t)100),
	    (const char *)p->remote_host.p, p->remote_port,
	    (int)MIN(p->local_host.len, (size_t)100),
	    (const char *)p->local_host.p, p->local_port);
	env_put(env, "SSH_CONNECTION", span_str(text));
}

bool
env_build(const struct user *u, const struct channel *ch,
    const struct span *original, struct env *env)
{
	char tty[PTY_NAME_MAX_BYTES + 8];

	*env = (struct env){ 0 };
	for (size_t i = 0; i < ch->env_count; i++)
		env_put_pair(env, span_str(ch->env[i]));
	put_account(env, u, ch);
	if (u->policy.user_environment.len > 0) {
		put_key_list(env, &u->policy);
		put_user_file(env, u->home, u->policy.user_environment);
	}
	put_list(env, u->policy.session_env);
	put_list(env, u->policy.set_env);
	put_connection(env, &u->policy);
	if (u->auth_info != NULL)
		env_put(env, "SSH_USER_AUTH", span_str(u->auth_info));
	if (ch->pty.master >= 0) {
		snprintf(tty, sizeof tty, "/dev/%s", ch->pty.name);
		env_put(env, "SSH_TTY", span_str(tty));
	}
	if (original != NULL)
		env_put(env, "SSH_ORIGINAL_COMMAND", *original);
	return !env->failed;
}
