/*
 * log: where log lines go.  Monitor, keygen and main only: net and user have
 * no log of their own, they send the monitor events.
 *
 * One line a call, ident "sshd" (the log contract), the monitor's PID in
 * each.  Text that somebody else wrote goes through vis_text() first; this
 * file is the last wall and escapes what is left of control characters.
 */
#ifndef SSHD_CONN_RUN_LOG_H
#define SSHD_CONN_RUN_LOG_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "run/journal.h"

enum log_level {
	LOG_LEVEL_QUIET,
	LOG_LEVEL_FATAL,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_INFO,
	LOG_LEVEL_VERBOSE,
	LOG_LEVEL_DEBUG1,
	LOG_LEVEL_DEBUG2,
	LOG_LEVEL_DEBUG3,
};

enum log_target {
	LOG_TO_SYSLOG,		/* the journal, or /dev/log */
	LOG_TO_STDERR,		/* -e, -d */
	LOG_TO_FILE,		/* -E */
};

/*
 * log_open - choose target, level and facility (a LOG_* of syslog.h)
 *
 * file is for LOG_TO_FILE: opened for appending, 0600, kept open.  False if
 * it cannot be opened; errno says.  Nothing is connected before the first
 * line.  LOG_TO_STDERR with a standard error that is the connection itself
 * (inetd) writes nowhere: see log_forbid_stderr().
 */
bool log_open(enum log_target target, const char *file,
    enum log_level level, int facility) MUST_USE;

/* Fd 2 is the connection: never write there, whatever the options say. */
void log_forbid_stderr(void);

void log_set_level(enum log_level level);
bool log_wanted(enum log_level level);

/*
 * log_line - format and write one line
 *
 * Over 1 KiB is cut.  FATAL and ERROR get the prefix "fatal: " and "error: "
 * that the log contract's readers strip; preauth appends " [preauth]".
 * errno is kept.  Never fails, never blocks for long: a syslogd that does
 * not read loses lines, not logins.
 */
void log_line(enum log_level level, bool preauth, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * log_event - log_line() for an event that has a name
 *
 * The line is the same; where it goes to the journal, it has event's fields
 * and a MESSAGE_ID as well.  It goes there once: natively if /dev/log is the
 * journal's too, else through /dev/log and without fields.  event and what it
 * points to are read before the call returns; NULL is no event.
 */
void log_event(const struct log_event *event, enum log_level level,
    bool preauth, const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * log_prepare - a line for a signal handler to say, in_sec from now
 *
 * Encoded here, once, for the log that is open now: log_say_prepared() makes
 * one system call.  A line that is prepared later takes its place.
 */
void log_prepare(const struct log_event *event, enum log_level level,
    unsigned int in_sec, const char *fmt, ...) PRINTF_LIKE(4, 5);
void log_say_prepared(void);

/* An event that needs no fields but those of the connection. */
#define LOG_EVENT(k) (&(const struct log_event){ .kind = (k) })
#define LOG_ENDED(why) (&(const struct log_event){ \
	.kind = LOG_EVENT_DISCONNECT, .reason = (why) })

/*
 * log_about_peer, log_about - what all later lines of the connection are
 * about; fields of the journal only
 *
 * peer is borrowed for good.  value is copied, cut at LOG_ABOUT_BYTES, and
 * must have gone through vis_text() if somebody else wrote it.
 */
#define LOG_ABOUT_BYTES 128
struct peer;
void log_about_peer(const struct peer *peer);
void log_about(enum log_about what, const char *value);

#endif
