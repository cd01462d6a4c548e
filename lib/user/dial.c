/*
 * dial: connect without waiting.  User process: the sockets are the user's,
 * and so is who the other side sees; must never be asked before forward.c.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/vis.h"
#include "user/forward.h"

#define SHOWN_BYTES	401

/* --- how it ends ------------------------------------------------------------- */

static void
forget(struct user *u, struct dial *d)
{
	u->dials[d->number] = NULL;
	u->dial_count--;
	fd_close(&d->fd);
	free(d);
}

static void resolve_next(struct user *u);

static void
give_up(struct user *u, struct dial *d, enum usr_refusal_reason why,
    const char *text)
{
	uint32_t number = d->number;

	forget(u, d);
	user_tell_refused(u, number, why, text);
}

/* fd is the connection; it is net's from now on. */
static void
connected(struct user *u, uint32_t number, int *fd)
{
	u->forwarded[number] = true;
	user_tell_dialed(u, number, *fd);
	fd_close(fd);
}

/* --- addresses, one after the other -------------------------------------------- */

static int
open_socket(int family)
{
	const int one = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* What the peer gathered, it gathered; here it only costs time. */
	if (fd >= 0 && family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof one);
	return fd;
}

static void
try_next(struct user *u, struct dial *d)
{
	char shown[SHOWN_BYTES];

	fd_close(&d->fd);
	while (d->next < d->resolved.count) {
		const struct resolved_address *to =
		    &d->resolved.to[d->next++];

		d->fd = open_socket(to->addr.ss_family);
		if (d->fd >= 0 && connect(d->fd,
		    (const struct sockaddr *)&to->addr, to->len) == 0) {
			connected(u, d->number, &d->fd);
			forget(u, d);
			return;
		}
		if (d->fd >= 0 && errno == EINPROGRESS) {
			d->state = DIAL_CONNECTING;
			return;
		}
		d->errnum = errno;
		fd_close(&d->fd);
	}
	user_event(u, SESS_EVENT_ERROR, d->number,
	    "connect_to %.100s port %u: failed.",
	    vis_text(span_str(d->host), shown, sizeof shown), d->port);
	give_up(u, d, USER_DIAL_FAILED, strerror(d->errnum));
}

/* It connected, or did not. */
static void
connecting_done(struct user *u, struct dial *d)
{
	socklen_t len = sizeof d->errnum;

	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &d->errnum, &len) != 0)
		d->errnum = errno;
	if (d->errnum != 0) {
		try_next(u, d);
		return;
	}
	connected(u, d->number, &d->fd);
	forget(u, d);
}

/* --- names ----------------------------------------------------------------------- */

static void
no_such_host(struct user *u, struct dial *d)
{
	const char *why = resolve_strerror(&d->resolved);
	char shown[SHOWN_BYTES];

	user_event(u, SESS_EVENT_ERROR, d->number,
	    "connect_to %.100s: unknown host (%s)",
	    vis_text(span_str(d->host), shown, sizeof shown), why);
	give_up(u, d, USER_DIAL_FAILED, why);
}

static void
resolving_done(struct user *u, struct dial *d)
{
	resolve_take(d->fd, &d->resolved);
	u->resolver_count--;
	if (d->resolved.error != 0)
		no_such_host(u, d);
	else
		try_next(u, d);
	resolve_next(u);
}

static void
start_resolver(struct user *u, struct dial *d)
{
	d->fd = resolve_start(d->host, d->port, resolve_family(&u->policy));
	if (d->fd < 0) {
		d->resolved = (struct resolved){ .error = EAI_SYSTEM,
			.errnum = errno };
		no_such_host(u, d);
		return;
	}
	d->state = DIAL_RESOLVING;
	u->resolver_count++;
}

/* Those that wait for a resolver get what has become free. */
static void
resolve_next(struct user *u)
{
	for (size_t i = 0; i < ARRAY_LEN(u->dials) &&
	     u->resolver_count < DIAL_RESOLVERS_MAX_COUNT; i++) {
		if (u->dials[i] != NULL && u->dials[i]->state == DIAL_QUEUED)
			start_resolver(u, u->dials[i]);
	}
}

void
dial_tcp(struct user *u, uint32_t number, const char *host, uint16_t port)
{
	struct dial *d = calloc(1, sizeof *d);

	if (d == NULL) {
		user_tell_refused(u, number, USER_DIAL_SHORTAGE,
		    "open failed");
		return;
	}
	d->number = number;
	d->fd = -1;
	d->port = port;
	memcpy(d->host, host, strlen(host) + 1);
	u->dials[number] = d;
	u->dial_count++;
	if (resolve_numeric(host, port, resolve_family(&u->policy),
	    &d->resolved))
		try_next(u, d);
	else
		resolve_next(u);
}

/* Never waits: a queue that is full is a failure, as for everybody. */
void
dial_unix(struct user *u, uint32_t number, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char shown[SHOWN_BYTES];
	int fd = -1;

	errno = ENAMETOOLONG;
	if (strlen(path) < sizeof to.sun_path) {
		memcpy(to.sun_path, path, strlen(path) + 1);
		fd = open_socket(AF_UNIX);
		if (fd >= 0 && connect(fd, (const struct sockaddr *)&to,
		    sizeof to) == 0) {
			connected(u, number, &fd);
			return;
		}
	}
	user_event(u, SESS_EVENT_ERROR, number, "connect to %.100s failed: %s",
	    vis_text(span_str(path), shown, sizeof shown), strerror(errno));
	fd_close(&fd);
	user_tell_refused(u, number, USER_DIAL_FAILED, "open failed");
}

/* --- the loop ------------------------------------------------------------------------ */

size_t
dial_poll(const struct user *u, struct pollfd *fds, uint32_t *who)
{
	size_t count = 0;

	for (uint32_t i = 0; u->dial_count > 0 && i < ARRAY_LEN(u->dials);
	     i++) {
		const struct dial *d = u->dials[i];

		if (d == NULL || d->fd < 0)
			continue;
		fds[count] = (struct pollfd){ .fd = d->fd,
			.events = d->state == DIAL_CONNECTING ? POLLOUT
							      : POLLIN };
		who[count++] = i;
	}
	return count;
}

void
dial_polled(struct user *u, const struct pollfd *fds, const uint32_t *who,
    size_t count)
{
	for (size_t i = 0; i < count && !u->over; i++) {
		struct dial *d = u->dials[who[i]];

		if (fds[i].revents == 0 || d == NULL || d->fd != fds[i].fd)
			continue;
		if (d->state == DIAL_CONNECTING)
			connecting_done(u, d);
		else
			resolving_done(u, d);
	}
}

void
dial_end_all(struct user *u)
{
	for (size_t i = 0; i < ARRAY_LEN(u->dials); i++) {
		if (u->dials[i] != NULL)
			forget(u, u->dials[i]);
	}
}
