/*
 * audit: records for the kernel's audit log.  Monitor, as root.
 */
#ifndef SSHD_CONN_RUN_AUDIT_H
#define SSHD_CONN_RUN_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sysdef.h"
#include "run/peer.h"

#define AUDIT_TEXT_MAX_BYTES 1024

struct audit_login {
	const char *name;	/* NULL: uid says who */
	uint32_t uid;
	const char *host;	/* name, or address again; NULL: not said */
	const char *address;	/* NULL: there is none */
	const char *place;	/* "/dev/pts/3", or "sshd" */
	bool ok;
};

/*
 * audit_text - what the record says, in the words of Linux's audit library,
 * which ausearch(8) and aureport(8) read
 *
 * exe is the program's path.  False, with out empty, if it does not fit.
 *
 * Trust: name and host may be anybody's: no byte of them can end a field.
 */
bool audit_text(const struct audit_login *login, const char *exe, char *out,
    size_t size) MUST_USE;

/*
 * audit_session, audit_failure - an AUDIT_USER_LOGIN: uid has logged in on
 * the terminal "pts/3", or an attempt has failed; name is NULL for nobody's
 *
 * A kernel without audit, and a container that may not, are no fault; any
 * other failure is a line in the log, and never keeps anybody out.
 */
void audit_session(const struct peer *peer, uint32_t uid, const char *tty);
void audit_failure(const struct peer *peer, const char *name);

#endif
