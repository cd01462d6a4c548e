/*
 * records: utmp, wtmp, lastlog and btmp.  Monitor, as root.
 *
 * Nothing here may keep a user out: a record that cannot be written is a
 * debug line.  Every record that was opened is closed, however user ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <lastlog.h>
#include <paths.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utmpx.h>

#include "base/fd.h"
#include "monitor/internal.h"
#include "rules/record.h"
#include "run/audit.h"

#define LOCK_TRIES_COUNT 10	/* 20 ms each: lastlog is nobody's to hold */
#define FILE_BTMP	"/var/log/btmp"
#define NO_TERMINAL	"ssh:notty"	/* what lastb shows of a failure */

static void
write_login_record(const struct monitor *m, const struct record *record,
    short type)
{
	struct utmpx ut = record_utmp(m->params->peer, type, record->line,
	    record->pid, type == USER_PROCESS ? m->login.account.name : NULL);

	setutxent();
	if (pututxline(&ut) == NULL)
		log_line(LOG_LEVEL_DEBUG1, false, "no utmp record: %s",
		    strerror(errno));
	endutxent();
	updwtmpx(_PATH_WTMP, &ut);
}

/*
 * records_failed - btmp's record of a wrong password or answer
 *
 * The file is not made where an administrator has none, and one that others
 * may read is not written: a user name in it may be a password that somebody
 * typed too early.
 */
void
records_failed(const struct monitor *m)
{
	struct utmpx ut = record_utmp(m->params->peer, LOGIN_PROCESS,
	    NO_TERMINAL, getpid(), m->login.name);
	int fd = !m->params->root ? -1 : open(FILE_BTMP,
	    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		;
	else if (st.st_uid != 0 || (st.st_mode & (S_IXGRP | S_IRWXO)) != 0)
		log_line(LOG_LEVEL_INFO, false,
		    "Excess permission or bad ownership on file " FILE_BTMP);
	else if (write(fd, &ut, sizeof ut) != (ssize_t)sizeof ut)
		log_line(LOG_LEVEL_ERROR, false, "Failed to write to "
		    FILE_BTMP ": %s", strerror(errno));
	fd_close(&fd);
}

static bool
lock_lastlog(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const struct timespec pause = { 0, 20 * 1000000L };

	for (int i = 0; i < LOCK_TRIES_COUNT; i++) {
		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/*
 * The file is an array by uid.  One that is not there was not wanted by the
 * administrator and is not made.
 */
static void
exchange_lastlog(const struct monitor *m, const char *tty,
    uint64_t *last_sec, char host[static RECORD_HOST_BYTES])
{
	off_t at = (off_t)m->login.account.uid * (off_t)sizeof(struct lastlog);
	struct lastlog new = record_lastlog(m->params->peer, tty), old;
	int fd = open(_PATH_LASTLOG, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	if (lock_lastlog(fd)) {
		if (pread(fd, &old, sizeof old, at) == (ssize_t)sizeof old) {
			*last_sec = (uint64_t)old.ll_time;
			snprintf(host, RECORD_HOST_BYTES, "%.*s",
			    (int)sizeof old.ll_host, old.ll_host);
		}
		if (pwrite(fd, &new, sizeof new, at) !=
		    (ssize_t)sizeof new)
			log_line(LOG_LEVEL_DEBUG1, false,
			    "no lastlog record: %s", strerror(errno));
	}
	fd_close(&fd);
}

static struct record *
find(struct monitor *m, const char *tty)
{
	for (size_t i = 0; i < RECORDS_MAX_COUNT; i++) {
		if (strcmp(m->records[i].line, tty) == 0)
			return &m->records[i];
	}
	return NULL;
}

/*
 * records_open - log the terminal in
 *
 * *last_sec and host: the user's last login before, 0 and "" if none is
 * known.
 */
void
records_open(struct monitor *m, const char *tty, pid_t pid,
    uint64_t *last_sec, char host[static RECORD_HOST_BYTES])
{
	struct record *record = find(m, tty);

	*last_sec = 0;
	host[0] = '\0';
	if (record == NULL)
		record = find(m, "");
	exchange_lastlog(m, tty, last_sec, host);
	if (record == NULL)
		return;
	snprintf(record->line, sizeof record->line, "%s", tty);
	record->pid = pid;
	write_login_record(m, record, USER_PROCESS);
	audit_session(m->params->peer, m->login.account.uid, tty);
}

static void
close_record(struct monitor *m, struct record *record)
{
	write_login_record(m, record, DEAD_PROCESS);
	*record = (struct record){ 0 };
}

/* records_close - log the terminal out, if we had logged it in */
void
records_close(struct monitor *m, const char *tty)
{
	struct record *record = tty[0] == '\0' ? NULL : find(m, tty);

	if (record != NULL)
		close_record(m, record);
}

void
records_close_all(struct monitor *m)
{
	for (size_t i = 0; i < RECORDS_MAX_COUNT; i++) {
		if (m->records[i].line[0] != '\0')
			close_record(m, &m->records[i]);
	}
}
