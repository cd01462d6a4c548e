/*
 * session: START: what will run on a channel, and its start.  User process.
 * A forced command is decided here and nowhere else: nothing else may ever
 * run while the policy has one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/vis.h"
#include "user/env.h"
#include "user/role.h"
#include "user/spawn.h"

#define INTERNAL_SFTP	"internal-sftp"

/* What was decided; the spans borrow from the frame. */
struct plan {
	const char *command;		/* NULL: login shell */
	const struct span *original;	/* NULL: none to tell */
	bool subsystem;
	char *text;			/* command's memory, or NULL */
	const char *why;		/* it cannot run, for the log; or NULL */
	struct span asked;		/* original's */
};

/* With or without arguments, as sshd_config(5) has it. */
static bool
is_internal_sftp(struct span command)
{
	size_t n = strlen(INTERNAL_SFTP);

	return command.len >= n && memcmp(command.p, INTERNAL_SFTP, n) == 0 &&
	    (command.len == n || command.p[n] == ' ' || command.p[n] == '\t');
}

static bool
lacks_sftp(struct plan *plan)
{
	plan->why = INTERNAL_SFTP " is not built in";
	return false;
}

/* The subsystem's command; false: there is no such subsystem. */
static bool
find_subsystem(const struct user *u, struct span name, struct span *command)
{
	struct span list = u->policy.subsystems, item;

	while (policy_next(&list, &item) && policy_next(&list, command)) {
		if (span_equal(item, name))
			return true;
	}
	return false;
}

/*
 * plan_make - decide what will run
 *
 * Whatever was asked for, a forced command is what runs; SSH_ORIGINAL_COMMAND
 * then tells it.  False: nothing may run.
 */
static bool
plan_make(const struct user *u, const struct usr_start *m, struct plan *plan)
{
	*plan = (struct plan){ .asked = m->command,
		.subsystem = m->kind == USER_START_SUBSYSTEM };
	if (plan->subsystem && !find_subsystem(u, m->command, &plan->asked)) {
		plan->asked = span(NULL, 0);
		plan->why = "subsystem not found";
		return false;
	}
	if (plan->asked.len > 0 &&
	    memchr(plan->asked.p, '\0', plan->asked.len) != NULL)
		return false;
	if (u->forced != NULL) {
		if (m->kind != USER_START_SHELL)
			plan->original = &plan->asked;
		plan->command = u->forced;
		/* Until sftp is in here, nothing else may stand in for it. */
		return !is_internal_sftp(span_str(u->forced)) ||
		    lacks_sftp(plan);
	}
	if (m->kind == USER_START_SHELL)
		return true;
	if (plan->subsystem && is_internal_sftp(plan->asked))
		return lacks_sftp(plan);
	plan->text = strndup(plan->asked.len > 0 ?
	    (const char *)plan->asked.p : "", plan->asked.len);
	plan->command = plan->text;
	return plan->text != NULL;
}

/* "Starting session: TEXT", as the log contract's readers know it. */
static void
tell_start(struct user *u, const struct channel *ch, const struct usr_start *m)
{
	char shown[600];
	const char *on = ch->pty.master >= 0 ? " on " : "";

	if (u->forced != NULL)
		user_event(u, SESS_EVENT_START, ch->number,
		    "forced-command %s '%s'%s%s",
		    u->policy.forced_by_key ? "(key-option)" : "(config)",
		    vis_text(span_str(u->forced), shown, sizeof shown), on,
		    ch->pty.name);
	else if (m->kind == USER_START_SUBSYSTEM)
		user_event(u, SESS_EVENT_START, ch->number,
		    "subsystem '%s'%s%s",
		    vis_text(m->command, shown, sizeof shown), on,
		    ch->pty.name);
	else
		user_event(u, SESS_EVENT_START, ch->number, "%s%s%s",
		    m->kind == USER_START_SHELL ? "shell" : "command", on,
		    ch->pty.name);
}

/*
 * What an administrator may have to mend, in OpenSSH's words; the rest for
 * debugging only: a peer could fill a log with these.
 */
static void
tell_refused(struct user *u, const struct usr_start *m, const struct plan *plan)
{
	static const char *const kinds[USER_START_COUNT] = {
		[USER_START_SHELL] = "shell", [USER_START_EXEC] = "exec",
		[USER_START_SUBSYSTEM] = "subsystem",
	};
	char shown[200], who[200];

	vis_text(m->command, shown, sizeof shown);
	if (plan->why == NULL)
		user_event(u, SESS_EVENT_DEBUG, 1, "%s request refused: %s",
		    kinds[m->kind], shown);
	else
		user_event(u, SESS_EVENT_INFO, 0,
		    "%s request%s%.100s by user %s failed, %s",
		    kinds[m->kind], shown[0] != '\0' ? " for " : "", shown,
		    vis_text(span_str(u->user), who, sizeof who), plan->why);
}

static enum login_stop
what_stops(struct user *u)
{
	const struct user_policy *p = &u->policy;

	if (p->password_expired)
		return LOGIN_PASSWORD_EXPIRED;
	if (p->check_nologin && login_is_closed(p->uid)) {
		user_event(u, SESS_EVENT_NOLOGIN, 0, "%s", "");
		return LOGIN_CLOSED;
	}
	return p->session_refused ? LOGIN_NO_SESSION : LOGIN_GOES_ON;
}

/* What is to happen before the command. */
static void
fill_login(struct user *u, struct channel *ch, const struct plan *plan,
    struct login *login)
{
	const struct user_policy *p = &u->policy;

	login->stop = what_stops(u);
	login->home_may_miss = p->in_chroot;
	/* A key's command does not keep the user's own rc out. */
	login->rc = login_find_rc(u->home, p->permit_user_rc &&
	    !plan->subsystem && (u->forced == NULL || p->forced_by_key));
	/* PAM said it once for the connection: so is it shown, or not. */
	login->text = u->told ? span(NULL, 0) : p->login_text;
	u->told = true;
	if (plan->command != NULL || login_is_quiet(u->home))
		return;
	login->greets = login->text.len > 0;
	if (ch->pty.master < 0)
		return;
	if (p->print_last_log && ch->recorded) {
		ask_monitor_last(u, ch);
		login->last = ch->last_sec != 0;
		login->last_sec = ch->last_sec;
		login->last_host = ch->last_host;
	}
	login->motd = p->print_motd;
	login->greets = login->greets || login->last || login->motd;
}

/* Starts it and answers with the descriptors; false: it did not start. */
static bool
start_on(struct user *u, struct channel *ch, struct spawn *s)
{
	struct spawn_pipes pipes;

	s->tty = ch->pty.master >= 0;
	if (s->tty) {
		for (int i = 0; i < 3; i++)
			s->fds[i] = ch->pty.slave;
		if (!fd_set_nonblock(ch->pty.master, true))
			return false;
		ch->pid = spawn_start(s);
		if (ch->pid < 0)
			return false;
		fd_close(&ch->pty.slave);
		user_answer_started(u, USER_ANS_STARTED_PTY, ch->number,
		    &ch->pty.master, 1);
		return true;
	}
	if (!spawn_pipes_open(&pipes))
		return false;
	memcpy(s->fds, pipes.theirs, sizeof s->fds);
	ch->pid = spawn_start(s);
	if (ch->pid > 0)
		user_answer_started(u, USER_ANS_STARTED_PIPES, ch->number,
		    pipes.ours, 3);
	spawn_pipes_close(&pipes);
	return ch->pid > 0;
}

/*
 * Everything a command needs is made before the fork, where a failure can
 * still be answered with a no.
 */
static bool
start(struct user *u, struct channel *ch, const struct plan *plan)
{
	struct spawn s = { .shell = u->shell, .home = u->home,
		.command = plan->command };
	struct env env;
	bool ok = false;

	fill_login(u, ch, plan, &s.login);
	if (env_build(u, ch, plan->original, &env)) {
		s.envp = env.vars;
		s.complaint = env.complaint;
		ok = start_on(u, ch, &s);
	} else {
		errno = ENOMEM;
	}
	if (!ok)
		user_event(u, SESS_EVENT_ERROR, ch->number,
		    "cannot start a session: %s", strerror(errno));
	env_free(&env);
	return ok;
}

void
session_start(struct user *u, struct channel *ch, const struct usr_start *m)
{
	struct plan plan;

	if (plan_make(u, m, &plan) && start(u, ch, &plan)) {
		ch->state = CHANNEL_STARTED;
		ch->deaf = u->forced != NULL || plan.subsystem;
		tell_start(u, ch, m);	/* after the answer: it can wait */
	} else {
		user_answer(u, m->chan, false);
		tell_refused(u, m, &plan);
	}
	free(plan.text);
}
