/*
 * hostbased: may a user of another host log in because that host says so?
 * RFC 4252 section 9.  Keys role.
 */
#ifndef SSHD_CONN_KEYS_HOSTBASED_H
#define SSHD_CONN_KEYS_HOSTBASED_H

#include <stdbool.h>

#include "base/sysdef.h"

struct keys;
struct keys_job;

/* The administrator's files, which may be root's alone.  Tests have others. */
enum hostbased_file {
	HOSTBASED_EQUIV,
	HOSTBASED_EQUIV_SSH,
	HOSTBASED_KNOWN,
	HOSTBASED_KNOWN_2,	/* for old times' sake */
	HOSTBASED_FILE_COUNT
};
struct hostbased_files {
	const char *path[HOSTBASED_FILE_COUNT];
};
extern const struct hostbased_files hostbased_system_files;

/* Opens them into job->host_fd and host_errno: start.c, still as root. */
void keys_hostbased_open(struct keys_job *job,
    const struct hostbased_files *files);

/*
 * keys_hostbased - the whole decision, but for the signature
 *
 * k->plain, info, algorithm and text are keys_form()'s.  Two things have to
 * hold: hosts.equiv or the user's own .shosts or .rhosts lets this user of
 * this host in, and the known hosts say that the key is that host's.  The
 * host is the one that the peer's address leads to, or with
 * HostbasedUsesNameFromPacketOnly the one that the client names.
 *
 * files are those that keys_hostbased_open() has opened.
 *
 * On true k->options permits all: the files name hosts and users, no more.
 * k->no_access is set when other groups could read more.
 */
bool keys_hostbased(struct keys *k, const struct hostbased_files *files)
    MUST_USE;

#endif
