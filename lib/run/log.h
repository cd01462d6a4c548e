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
	LOG_TO_SYSLOG,		/* /dev/log: syslogd, or the journal */
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

#endif
