/*
 * command: AuthorizedKeysCommand and AuthorizedPrincipalsCommand.  Keys
 * role, which is the command's user already and nobody else.
 *
 * Nothing of ours goes along: a clean environment, no descriptor but three,
 * and what it may take of time and say of text is bounded.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "keys/internal.h"
#include "keys/strictmodes.h"
#include "keys/words.h"

#define WAIT_MS			60000
#define OUTPUT_MAX_BYTES	(4 * 1024 * 1024)
#define ERRORS_MAX_BYTES	4096
#define ERROR_LINES_MAX_COUNT	16
#define ARGS_MAX_COUNT		64
#define ARG_MAX_BYTES		32768
#define STD_PATH "/usr/bin:/bin:/usr/sbin:/sbin"

struct run {
	const char *keyword;		/* for the log */
	char *args[ARGS_MAX_COUNT + 2];	/* the NULL as well */
	size_t arg_count;
	pid_t pid;
	int out, err;			/* our ends; -1: at their end */
	char *output;
	size_t output_len;
	char errors[ERRORS_MAX_BYTES];
	size_t errors_len;
	const char *wrong;		/* NULL, or why it does not count */
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the command line --------------------------------------------------------- */

/* What this module knows itself, before what the caller does. */
#define OWN_TOKENS 5

static bool
add_arg(struct run *run, const char *pattern, const struct token *tokens,
    size_t count)
{
	char *text = malloc(ARG_MAX_BYTES);
	struct sink out = sink_of(text, ARG_MAX_BYTES);

	if (text == NULL || run->arg_count >= ARGS_MAX_COUNT ||
	    !tokens_expand(&out, pattern, tokens, count)) {
		free(text);
		return false;
	}
	sink_u8(&out, '\0');
	if (!sink_ok(&out)) {
		free(text);
		return false;
	}
	run->args[run->arg_count++] = text;
	return true;
}

/*
 * Words first, tokens then: what a token stands for is never more than one
 * argument.
 */
static bool
split(struct run *run, const char *command, const struct token *tokens,
    size_t count)
{
	char *word = malloc(ARG_MAX_BYTES);
	bool ok = word != NULL, end = false;

	while (ok && !end) {
		ok = keys_next_word(&command, word, ARG_MAX_BYTES, &end);
		/* The program's name has no tokens. */
		if (ok && !end && run->arg_count == 0)
			ok = (run->args[run->arg_count++] = strdup(word)) !=
			    NULL;
		else if (ok && !end)
			ok = add_arg(run, word, tokens, count);
	}
	free(word);
	return ok && run->arg_count > 0;
}

static bool
make_args(struct keys *k, struct run *run, const char *command,
    bool user_argument, const struct token *tokens, size_t count)
{
	const struct keys_job *job = k->job;
	struct token all[OWN_TOKENS + 16] = { { 'h', job->home },
		{ 'u', job->user } };
	char number[16], connection[2 * PEER_HOST_MAX_BYTES + 16];

	if (count > ARRAY_LEN(all) - OWN_TOKENS)
		return false;
	snprintf(number, sizeof number, "%u", job->uid);
	/* Ours first: so does OpenSSH, whatever its manual says. */
	snprintf(connection, sizeof connection, "%s %u %s %u",
	    job->peer->local_host, job->peer->local_port,
	    job->peer->remote_host, job->peer->remote_port);
	all[2] = (struct token){ 'U', number };
	all[3] = (struct token){ 'C', connection };
	all[4] = (struct token){ 'D', "" };
	if (count > 0)
		memcpy(all + OWN_TOKENS, tokens, count * sizeof *tokens);
	if (!split(run, command, all, OWN_TOKENS + count))
		return false;
	return run->arg_count > 1 || !user_argument ||
	    add_arg(run, "%u", all, OWN_TOKENS);
}

/* Could anybody but root have written what we are about to run? */
static bool
is_safe(struct keys *k, const struct run *run)
{
	const char *path = run->args[0];
	char why[STRICTMODES_WHY_BYTES];
	struct stat st;

	if (path[0] != '/')
		keys_log(k, LOG_LEVEL_ERROR, "%s path is not absolute",
		    run->keyword);
	else if (stat(path, &st) < 0)
		keys_log(k, LOG_LEVEL_ERROR, "Could not stat %s \"%s\": %s",
		    run->keyword, path, strerror(errno));
	else if (!strictmodes_check(path, &st, 0, NULL, why))
		keys_log(k, LOG_LEVEL_ERROR, "Unsafe %s \"%s\": %s",
		    run->keyword, path, why);
	else
		return true;
	return false;
}

/* --- the child -------------------------------------------------------------------- */

static char *
variable(const char *name, const char *value)
{
	char *pair;

	return asprintf(&pair, "%s=%s", name, value) < 0 ? NULL : pair;
}

static void NORETURN
become_command(const struct keys_job *job, struct run *run, int out, int err,
    pid_t parent)
{
	const char *lang = getenv("LANG");
	char *env[] = { variable("PATH", STD_PATH),
		variable("USER", job->runner), variable("LOGNAME", job->runner),
		variable("HOME", job->runner_home),
		lang == NULL ? NULL : variable("LANG", lang), NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct rlimit cpu;

	/* Three that are in nobody's way, then in their places. */
	out = fcntl(out, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	err = fcntl(err, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (env[0] == NULL || env[1] == NULL || env[2] == NULL ||
	    env[3] == NULL || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0u, 0) < 0)
		_exit(127);
	(void)setsid();
	umask(022);
	/* Our own bound is time, not work. */
	if (getrlimit(RLIMIT_CPU, &cpu) == 0) {
		cpu.rlim_cur = cpu.rlim_max;
		(void)!setrlimit(RLIMIT_CPU, &cpu);
	}
	if (chdir("/") < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != parent)
		_exit(127);
	execve(run->args[0], run->args, env);
	dprintf(STDERR_FILENO, "exec %s: %s\n", run->args[0],
	    strerror(errno));
	_exit(127);
}

static bool
start(const struct keys_job *job, struct run *run)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };
	pid_t self = getpid();
	bool ok = pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0;

	run->pid = ok ? fork() : -1;
	if (run->pid == 0)
		become_command(job, run, out[1], err[1], self);
	if (run->pid > 0) {
		run->out = out[0];
		run->err = err[0];
		out[0] = err[0] = -1;
	}
	for (int i = 0; i < 2; i++) {
		fd_close(&out[i]);
		fd_close(&err[i]);
	}
	return run->pid > 0;
}

/* --- its output --------------------------------------------------------------------- */

static void
read_output(struct run *run)
{
	ssize_t n = read(run->out, run->output + run->output_len,
	    OUTPUT_MAX_BYTES - run->output_len);

	if (n > 0)
		run->output_len += (size_t)n;
	else if (n == 0 || errno != EINTR)
		fd_close(&run->out);
	if (run->output_len >= OUTPUT_MAX_BYTES)
		run->wrong = "said too much";
}

/* What is over the bound is read and forgotten. */
static void
read_errors(struct run *run)
{
	char rest[512];
	size_t room = sizeof run->errors - run->errors_len;
	ssize_t n = room > 0
	    ? read(run->err, run->errors + run->errors_len, room)
	    : read(run->err, rest, sizeof rest);

	if (n > 0 && room > 0)
		run->errors_len += (size_t)n;
	else if (n == 0 || (n < 0 && errno != EINTR))
		fd_close(&run->err);
}

/* To the end of both, or of our patience. */
static void
collect(struct run *run)
{
	int64_t until = now_ms() + WAIT_MS;

	while (run->wrong == NULL && (run->out >= 0 || run->err >= 0)) {
		struct pollfd fds[] = { { .fd = run->out, .events = POLLIN },
			{ .fd = run->err, .events = POLLIN } };
		int64_t left = until - now_ms();

		if (left <= 0 || (poll(fds, ARRAY_LEN(fds), (int)left) < 0 &&
				     errno != EINTR)) {
			run->wrong = "took too long";
			break;
		}
		if (fds[0].revents != 0)
			read_output(run);
		if (fds[1].revents != 0)
			read_errors(run);
	}
}

/* It has closed both and may still run; nobody waits for that for ever. */
static int
reap(struct run *run)
{
	const struct timespec nap = { .tv_nsec = 10 * 1000 * 1000 };
	int64_t until = now_ms() + WAIT_MS;
	int status = 0;
	pid_t got = 0;

	while (run->wrong == NULL) {
		got = waitpid(run->pid, &status, WNOHANG);
		if (got != 0 && !(got < 0 && errno == EINTR))
			break;
		if (now_ms() > until)
			run->wrong = "took too long";
		else
			nanosleep(&nap, NULL);
	}
	if (got == run->pid)
		return status;
	kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void
log_errors(struct keys *k, const struct run *run)
{
	struct span rest = span(run->errors, run->errors_len);

	for (int i = 0; rest.len > 0 && i < ERROR_LINES_MAX_COUNT; i++) {
		const uint8_t *end = memchr(rest.p, '\n', rest.len);
		size_t n = end == NULL ? rest.len : (size_t)(end - rest.p);

		keys_log(k, LOG_LEVEL_INFO, "%s: %.*s", run->keyword,
		    (int)MIN(n, (size_t)400), (const char *)rest.p);
		n += end != NULL;
		rest = span(rest.p + n, rest.len - n);
	}
}

/* Did it end well?  Only then its output counts, whatever that says. */
static bool
ended_well(struct keys *k, const struct run *run, int status)
{
	const char *name = run->args[0];

	log_errors(k, run);
	if (run->wrong != NULL)
		keys_log(k, LOG_LEVEL_ERROR, "%s %s %s", run->keyword, name,
		    run->wrong);
	else if (WIFSIGNALED(status))
		keys_log(k, LOG_LEVEL_ERROR, "%s %s exited on signal %d",
		    run->keyword, name, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		keys_log(k, LOG_LEVEL_INFO, "%s %s failed, status %d",
		    run->keyword, name, WEXITSTATUS(status));
	else
		return true;
	return false;
}

static bool
each_line(struct keys *k, const struct run *run, keys_line_fn *fn)
{
	struct span rest = span(run->output, run->output_len);
	char where[64];

	for (unsigned int number = 1; rest.len > 0; number++) {
		const uint8_t *end = memchr(rest.p, '\n', rest.len);
		size_t n = end == NULL ? rest.len : (size_t)(end - rest.p);

		snprintf(where, sizeof where, "%s:%u", run->keyword, number);
		if (n <= KEY_LINE_MAX_BYTES &&
		    fn(k, span(rest.p, n), where))
			return true;
		n += end != NULL;
		rest = span(rest.p + n, rest.len - n);
	}
	return false;
}

static void
run_free(struct run *run)
{
	for (size_t i = 0; i < run->arg_count; i++)
		free(run->args[i]);
	fd_close(&run->out);
	fd_close(&run->err);
	free(run->output);
	free(run);
}

bool
keys_run_command(struct keys *k, const char *keyword, const char *command,
    bool user_argument, const struct token *tokens, size_t token_count,
    keys_line_fn *fn)
{
	struct run *run = calloc(1, sizeof *run);
	bool found = false;

	if (run == NULL)
		return false;
	run->keyword = keyword;
	run->out = run->err = -1;
	run->output = malloc(OUTPUT_MAX_BYTES);
	if (run->output == NULL || !make_args(k, run, command, user_argument,
		tokens, token_count)) {
		keys_log(k, LOG_LEVEL_ERROR, "%s \"%s\" cannot be taken apart",
		    keyword, command);
	} else if (is_safe(k, run)) {
		if (!start(k->job, run)) {
			keys_log(k, LOG_LEVEL_ERROR, "%s: %s", keyword,
			    strerror(errno));
		} else {
			collect(run);
			found = ended_well(k, run, reap(run)) &&
			    each_line(k, run, fn);
		}
	}
	run_free(run);
	return found;
}
