/*
 * log: one line a call, to the journal, syslog's socket, standard error or a
 * file.
 * Monitor, main and keygen only.
 *
 * It must never write to the connection, never block a login for long, and
 * never let a line become two.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "run/log.h"

#define LINE_MAX_BYTES	1024
#define IDENT		"sshd"
#define SYSLOG_SOCKET	"/dev/log"
#define JOURNAL_SOCKET	"/run/systemd/journal/socket"
#define JOURNAL_SYSLOG	"/run/systemd/journal/dev-log"
#define WRITE_WAIT_MS	200

/*
 * The one mutable static of the program: a log that had to be passed through
 * every function would end up in every struct.
 */
static struct {
	enum log_target target;
	enum log_level level;
	int facility;
	int fd;			/* -1: nothing connected yet */
	bool native;		/* fd: the journal's own protocol */
	pid_t pid;		/* the monitor's, also in its children */
	bool stderr_forbidden;
	const struct peer *peer;
	char about[LOG_ABOUT_COUNT][LOG_ABOUT_BYTES];
	volatile size_t prepared_len;
} state = { .target = LOG_TO_STDERR, .level = LOG_LEVEL_INFO,
	.facility = LOG_AUTH, .fd = -1 };

/* Its line for a signal handler, where it takes no room in the file. */
static uint8_t prepared[JOURNAL_MAX_BYTES];

bool
log_open(enum log_target target, const char *file, enum log_level level,
    int facility)
{
	fd_close(&state.fd);
	state.target = target;
	state.level = level;
	state.facility = facility;
	state.pid = getpid();
	if (target != LOG_TO_FILE)
		return true;
	state.fd = open(file,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0600);
	return state.fd >= 0;
}

void
log_forbid_stderr(void)
{
	state.stderr_forbidden = true;
}

void
log_set_level(enum log_level level)
{
	state.level = level;
}

bool
log_wanted(enum log_level level)
{
	return level != LOG_LEVEL_QUIET && level <= state.level;
}

static int
priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_QUIET:
	case LOG_LEVEL_FATAL:
		return LOG_CRIT;
	case LOG_LEVEL_ERROR:
		return LOG_ERR;
	case LOG_LEVEL_INFO:
	case LOG_LEVEL_VERBOSE:
		return LOG_INFO;
	case LOG_LEVEL_DEBUG1:
	case LOG_LEVEL_DEBUG2:
	case LOG_LEVEL_DEBUG3:
		break;
	}
	return LOG_DEBUG;
}

static const char *
prefix(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_FATAL:
		return "fatal: ";
	case LOG_LEVEL_ERROR:
		return "error: ";
	case LOG_LEVEL_DEBUG1:
		return "debug1: ";
	case LOG_LEVEL_DEBUG2:
		return "debug2: ";
	case LOG_LEVEL_DEBUG3:
		return "debug3: ";
	case LOG_LEVEL_QUIET:
	case LOG_LEVEL_INFO:
	case LOG_LEVEL_VERBOSE:
		break;
	}
	return "";
}

/* The last wall: control characters that a caller let through. */
static size_t
escape_controls(const char *in, char *out, size_t size)
{
	size_t at = 0;

	for (; *in != '\0'; in++) {
		unsigned char c = (unsigned char)*in;
		bool bad = c < ' ' || c == 0x7f;
		size_t n = bad ? sizeof("\\000") - 1 : 1;

		if (n >= size - at)
			break;
		if (bad)
			snprintf(out + at, size - at, "\\%03o", c);
		else
			out[at] = (char)c;
		at += n;
	}
	out[at] = '\0';
	return at;
}

static int
dial(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(sun.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0)
		fd_close(&fd);
	return fd;
}

/*
 * Does what goes to /dev/log reach the journal?  Where a syslogd has a
 * socket of its own there, its readers must not miss a line of ours.
 */
static bool
journal_is_syslog(void)
{
	struct stat log, journal;

	if (stat(JOURNAL_SYSLOG, &journal) < 0)
		return false;
	if (stat(SYSLOG_SOCKET, &log) < 0)
		return errno == ENOENT;
	return log.st_dev == journal.st_dev && log.st_ino == journal.st_ino;
}

static void
connect_syslog(void)
{
	state.native = journal_is_syslog();
	if (state.native)
		state.fd = dial(JOURNAL_SOCKET);
	if (state.fd >= 0)
		return;
	state.native = false;
	state.fd = dial(SYSLOG_SOCKET);
}

static struct span
syslog_packet(struct sink *out, enum log_level level, const char *line,
    unsigned int in_sec)
{
	char head[64], when[32] = "";
	time_t now = time(NULL) + (time_t)in_sec;
	struct tm tm;

	/* Always English: the C locale is never left. */
	if (localtime_r(&now, &tm) != NULL)
		strftime(when, sizeof when, "%b %e %H:%M:%S", &tm);
	snprintf(head, sizeof head, "<%d>%s " IDENT "[%ld]: ",
	    state.facility | priority(level), when, (long)state.pid);
	sink_bytes(out, span_str(head));
	sink_bytes(out, span_str(line));
	return sink_span(out);
}

static struct span
journal_packet(struct sink *out, enum log_level level, const char *line,
    const struct log_event *event)
{
	struct journal_line entry = {
		.message = line,
		.ident = IDENT,
		.priority = priority(level),
		.facility = state.facility >> 3,
		.pid = state.pid,
		.event = event,
		.peer = state.peer,
	};

	for (size_t i = 0; i < LOG_ABOUT_COUNT; i++)
		entry.about[i] = state.about[i];
	journal_encode(out, &entry);
	return sink_span(out);
}

/*
 * The socket is non-blocking: a syslogd that is stuck loses this line and
 * the login goes on.  One that was restarted is found again at once.
 */
static void
to_syslog(enum log_level level, const char *line,
    const struct log_event *event)
{
	uint8_t buffer[JOURNAL_MAX_BYTES];
	struct sink out;
	struct span packet;

	for (int tries = 0; tries < 2; tries++) {
		if (state.fd < 0)
			connect_syslog();
		if (state.fd < 0)
			return;
		out = sink_of(buffer, sizeof buffer);
		packet = state.native ? journal_packet(&out, level, line, event)
				      : syslog_packet(&out, level, line, 0);
		if (send(state.fd, packet.p, packet.len, MSG_NOSIGNAL) >= 0 ||
		    errno == EAGAIN)
			return;
		fd_close(&state.fd);
	}
}

/* In one write, so that lines of several processes do not mix. */
static void
to_fd(int fd, char *line, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	line[len++] = '\n';
	if (poll(&ready, 1, WRITE_WAIT_MS) != 1 ||
	    (ready.revents & POLLOUT) == 0)
		return;
	if (write(fd, line, len) < 0)
		return;		/* nobody to tell */
}

/* Its length; line has room for an end of line more. */
static size_t PRINTF_LIKE(4, 0)
format_line(char line[static LINE_MAX_BYTES + 2], enum log_level level,
    bool preauth, const char *fmt, va_list ap)
{
	static const char tail[] = " [preauth]";
	char raw[LINE_MAX_BYTES];
	size_t room = sizeof raw - (preauth ? sizeof tail : 1), n;

	n = (size_t)snprintf(raw, sizeof raw, "%s", prefix(level));
	/* Cut here, so that the tail is there even behind the longest. */
	vsnprintf(raw + n, room - n, fmt, ap);
	if (preauth)
		strncat(raw, tail, sizeof raw - strlen(raw) - 1);
	return escape_controls(raw, line, LINE_MAX_BYTES);
}

static void PRINTF_LIKE(4, 0)
write_line(const struct log_event *event, enum log_level level, bool preauth,
    const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES + 2];
	int saved = errno;
	size_t n;

	if (!log_wanted(level))
		return;
	n = format_line(line, level, preauth, fmt, ap);
	if (state.target == LOG_TO_SYSLOG)
		to_syslog(level, line, event);
	else if (state.target == LOG_TO_FILE && state.fd >= 0)
		to_fd(state.fd, line, n);
	else if (state.target == LOG_TO_STDERR && !state.stderr_forbidden)
		to_fd(STDERR_FILENO, line, n);
	errno = saved;
}

void
log_line(enum log_level level, bool preauth, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(NULL, level, preauth, fmt, ap);
	va_end(ap);
}

void
log_event(const struct log_event *event, enum log_level level, bool preauth,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(event, level, preauth, fmt, ap);
	va_end(ap);
}

void
log_prepare(const struct log_event *event, enum log_level level,
    unsigned int in_sec, const char *fmt, ...)
{
	/* Room for to_fd()'s end of line. */
	struct sink out = sink_of(prepared, sizeof prepared - 1);
	char line[LINE_MAX_BYTES + 2];
	va_list ap;

	/* A handler that comes now has nothing to say. */
	state.prepared_len = 0;
	if (!log_wanted(level))
		return;
	va_start(ap, fmt);
	(void)format_line(line, level, false, fmt, ap);
	va_end(ap);
	if (state.target == LOG_TO_SYSLOG && state.fd < 0)
		connect_syslog();
	if (state.target != LOG_TO_SYSLOG)
		sink_bytes(&out, span_str(line));
	else if (state.native)
		(void)journal_packet(&out, level, line, event);
	else
		(void)syslog_packet(&out, level, line, in_sec);
	state.prepared_len = out.len;
}

void
log_say_prepared(void)
{
	int fd = state.target == LOG_TO_STDERR ? STDERR_FILENO : state.fd;

	if (state.prepared_len == 0 || state.level == LOG_LEVEL_QUIET)
		return;
	if (state.target == LOG_TO_SYSLOG)
		(void)!send(fd, prepared, state.prepared_len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	else if (state.target == LOG_TO_FILE || !state.stderr_forbidden)
		to_fd(fd, (char *)prepared, state.prepared_len);
}

void
log_about_peer(const struct peer *peer)
{
	state.peer = peer;
}

void
log_about(enum log_about what, const char *value)
{
	snprintf(state.about[what], LOG_ABOUT_BYTES, "%s", value);
}
