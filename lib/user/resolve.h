/*
 * resolve: names to addresses, in a process of its own, for getaddrinfo(3)
 * may hang for minutes and the role may not.
 */
#ifndef SSHD_CONN_USER_RESOLVE_H
#define SSHD_CONN_USER_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/sysdef.h"

/* More addresses than these of one name are not tried. */
#define RESOLVED_MAX_COUNT	16

struct resolved {
	int error;		/* 0, or EAI_* */
	int errnum;		/* errno of EAI_SYSTEM */
	size_t count;
	struct resolved_address {
		struct sockaddr_storage addr;
		socklen_t len;
	} to[RESOLVED_MAX_COUNT];
};

/* AddressFamily, as socket(2) has it; AF_UNSPEC for any. */
struct user_policy;
int resolve_family(const struct user_policy *p);

/* Only the addresses of this family, if it is one. */
void resolve_keep(struct resolved *r, int family);

/* Is host an address already?  Never waits for anybody then. */
bool resolve_numeric(const char *host, uint16_t port, int family,
    struct resolved *out) MUST_USE;

/*
 * resolve_start - ask for host in a child
 *
 * Returns the descriptor that becomes readable when it is done; -1: errno
 * says.  The child is reaped like any other, dies with this process, and of
 * itself after RESOLVE_MAX_SEC.
 */
int resolve_start(const char *host, uint16_t port, int family) MUST_USE;

/* The result; what makes no sense, or is none, is EAI_AGAIN. */
void resolve_take(int fd, struct resolved *out);

/* In words, for the peer and for the log. */
const char *resolve_strerror(const struct resolved *r);

#endif
