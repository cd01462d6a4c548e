/*
 * listen: sockets that the user has this side listen on, RFC 4254 section
 * 7.1, and streamlocal-forward@openssh.com.  User process: the kernel judges
 * by the user's rights; must never listen where the policy does not permit.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/vis.h"
#include "user/forward.h"

#define SHOWN_BYTES		401
#define LISTEN_BACKLOG		128
/* A name to bind, which only "clientspecified" has, is waited for. */
#define BIND_NAME_WAIT_MS	10000
/* After an accept(2) for which there were no descriptors. */
#define ACCEPT_PAUSE_MS		1000

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- where ------------------------------------------------------------------------ */

static void
add_ipv4(struct resolved *r, uint32_t addr, uint16_t port)
{
	const struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port), .sin_addr.s_addr = htonl(addr) };

	memcpy(&r->to[r->count].addr, &in, sizeof in);
	r->to[r->count++].len = sizeof in;
}

static void
add_ipv6(struct resolved *r, struct in6_addr addr, uint16_t port)
{
	const struct sockaddr_in6 in = { .sin6_family = AF_INET6,
		.sin6_port = htons(port), .sin6_addr = addr };

	memcpy(&r->to[r->count].addr, &in, sizeof in);
	r->to[r->count++].len = sizeof in;
}

static void
look_up_bind(const char *host, uint16_t port, int family, struct resolved *r)
{
	struct pollfd fd = { .events = POLLIN };

	if (resolve_numeric(host, port, family, r))
		return;
	fd.fd = resolve_start(host, port, family);
	*r = (struct resolved){ .error = EAI_AGAIN };
	if (fd.fd < 0)
		return;
	if (poll(&fd, 1, BIND_NAME_WAIT_MS) == 1)
		resolve_take(fd.fd, r);
	close(fd.fd);
}

/*
 * GatewayPorts: no is loopback whatever was asked for, yes is every address,
 * clientspecified is what was asked for.
 */
static void
bind_addresses(const struct user_policy *p, const char *host, uint16_t port,
    struct resolved *r)
{
	const bool any = *host == '\0' || strcmp(host, "*") == 0;
	const bool client = p->gateway_ports == POLICY_GATEWAY_CLIENT;

	*r = (struct resolved){ 0 };
	if (p->gateway_ports == POLICY_GATEWAY_YES || (client && any)) {
		add_ipv4(r, INADDR_ANY, port);
		add_ipv6(r, in6addr_any, port);
	} else if (strcmp(host, "127.0.0.1") == 0) {
		add_ipv4(r, INADDR_LOOPBACK, port);
	} else if (strcmp(host, "::1") == 0) {
		add_ipv6(r, in6addr_loopback, port);
	} else if (client && strcmp(host, "localhost") != 0) {
		look_up_bind(host, port, resolve_family(p), r);
	} else {
		add_ipv4(r, INADDR_LOOPBACK, port);
		add_ipv6(r, in6addr_loopback, port);
	}
	resolve_keep(r, resolve_family(p));
}

static uint16_t *
port_of(struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6
	    ? &((struct sockaddr_in6 *)addr)->sin6_port
	    : &((struct sockaddr_in *)addr)->sin_port;
}

static int
listen_at(const struct resolved_address *at)
{
	const int one = 1;
	int fd = socket(at->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (at->addr.ss_family != AF_UNIX)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
		    sizeof one);
	if (at->addr.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
		    sizeof one);
	if (bind(fd, (const struct sockaddr *)&at->addr, at->len) != 0 ||
	    listen(fd, LISTEN_BACKLOG) != 0)
		fd_close(&fd);
	return fd;
}

/* --- starting --------------------------------------------------------------------- */

bool
listen_add(struct user *u, uint8_t kind, struct span host, uint16_t port,
    int fd)
{
	struct listener *l = NULL;

	if (u->listener_count < USER_LISTENERS_MAX_COUNT)
		l = calloc(1, sizeof *l);
	if (l == NULL) {
		close(fd);
		return false;
	}
	*l = (struct listener){ .kind = kind, .fd = fd, .port = port };
	(void)span_copy_str(host, l->host, sizeof l->host);
	u->listeners[u->listener_count++] = l;
	return true;
}

static void
tell_no_listen(struct user *u, const struct usr_listen *m, int errnum)
{
	char shown[SHOWN_BYTES];

	user_event(u, SESS_EVENT_ERROR, 0, "bind [%.100s]:%u: %s",
	    vis_text(m->host, shown, sizeof shown), m->port,
	    strerror(errnum));
	if (m->kind == USER_SOCKET_TCP)
		user_event(u, SESS_EVENT_ERROR, 0,
		    "cannot listen to port: %u", m->port);
}

/* One address is enough; they share a port, the one asked for or another. */
static bool
listen_tcp(struct user *u, const struct usr_listen *m, const char *host,
    uint16_t *port)
{
	struct resolved r;
	int errnum = EADDRNOTAVAIL;
	bool ok = false;

	*port = (uint16_t)m->port;
	bind_addresses(&u->policy, host, *port, &r);
	for (size_t i = 0; i < r.count; i++) {
		socklen_t len = sizeof r.to[i].addr;
		int fd;

		*port_of(&r.to[i].addr) = htons(*port);
		fd = listen_at(&r.to[i]);
		if (fd < 0) {
			errnum = errno;
			continue;
		}
		if (*port == 0 && getsockname(fd,
		    (struct sockaddr *)&r.to[i].addr, &len) == 0)
			*port = ntohs(*port_of(&r.to[i].addr));
		ok |= listen_add(u, m->kind, m->host, *port, fd);
	}
	if (!ok)
		tell_no_listen(u, m, errnum);
	return ok;
}

int
listen_unix_at(const char *path, mode_t mask)
{
	struct resolved_address at = { .len = sizeof(struct sockaddr_un) };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	mode_t old;
	int fd;

	/* No path is a name that the kernel makes up. */
	errno = *path == '\0' ? EINVAL : ENAMETOOLONG;
	if (*path == '\0' || strlen(path) >= sizeof to.sun_path)
		return -1;
	memcpy(to.sun_path, path, strlen(path) + 1);
	memcpy(&at.addr, &to, sizeof to);
	old = umask(mask);
	fd = listen_at(&at);
	umask(old);
	return fd;
}

static bool
listen_unix(struct user *u, const struct usr_listen *m, const char *path)
{
	int fd;

	if (u->policy.stream_bind_unlink && unlink(path) != 0 &&
	    errno != ENOENT)
		user_event(u, SESS_EVENT_ERROR, 0, "unlink: %s",
		    strerror(errno));
	fd = listen_unix_at(path, (mode_t)(u->policy.stream_bind_mask &
	    0777));
	if (fd < 0)
		tell_no_listen(u, m, errno);
	return fd >= 0 && listen_add(u, m->kind, m->host, 0, fd);
}

static bool
may_listen(struct user *u, const struct usr_listen *m)
{
	const struct user_policy *p = &u->policy;
	char host[SHOWN_BYTES], who[SHOWN_BYTES];

	if (m->kind == USER_SOCKET_UNIX)
		return (p->streamlocal_forwarding & POLICY_FORWARD_REMOTE) !=
		    0;
	if ((p->tcp_forwarding & POLICY_FORWARD_REMOTE) == 0)
		return false;
	if (forward_in_listen_list(p->permit_listen, m->host, m->port) &&
	    forward_in_listen_list(p->key_permit_listen, m->host, m->port))
		return true;
	user_event(u, SESS_EVENT_INFO, 0, "Received request from %.100s port "
	    "%u to remote forward to host %.100s port %u, but the request "
	    "was denied.", vis_text(p->remote_host, who, sizeof who),
	    p->remote_port, vis_text(m->host, host, sizeof host), m->port);
	return false;
}

static void
answer(struct user *u, bool ok, uint16_t port)
{
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);

	usr_listening_put(&out, &(struct usr_listening){ ok, ok ? port : 0 });
	user_tell_net(u, &out, NULL, 0);
}

bool
asuser_listen(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct usr_listen m;
	char host[USER_HOST_MAX_BYTES + 1];
	uint16_t port = 0;
	bool ok;

	if (!usr_listen_get(frame->body, &m))
		return false;
	ok = span_copy_str(m.host, host, sizeof host) && may_listen(u, &m);
	if (ok && m.kind == USER_SOCKET_TCP)
		ok = listen_tcp(u, &m, host, &port);
	else if (ok)
		ok = listen_unix(u, &m, host);
	answer(u, ok, port);
	return true;
}

/* --- ending ------------------------------------------------------------------------- */

static void
end_listener(struct user *u, size_t i)
{
	close(u->listeners[i]->fd);
	free(u->listeners[i]);
	u->listeners[i] = u->listeners[--u->listener_count];
}

/* All that one LISTEN made, by the name that it was made with. */
bool
asuser_unlisten(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct usr_listen m;
	bool ok = false;

	if (!usr_listen_get(frame->body, &m))
		return false;
	for (size_t i = u->listener_count; i-- > 0;) {
		const struct listener *l = u->listeners[i];

		if (l->kind != m.kind || l->port != m.port ||
		    !span_is(m.host, l->host))
			continue;
		end_listener(u, i);
		ok = true;
	}
	answer(u, ok, (uint16_t)m.port);
	return true;
}

void
listen_end_all(struct user *u)
{
	while (u->listener_count > 0)
		end_listener(u, 0);
}

/* --- the loop ------------------------------------------------------------------------ */

size_t
listen_poll(struct user *u, struct pollfd *fds, int *timeout_ms)
{
	struct pollfd net = { .fd = u->net_fd, .events = POLLOUT };

	*timeout_ms = -1;
	if (u->listener_count == 0)
		return 0;
	if (u->accept_after_ms > now_ms()) {
		*timeout_ms = ACCEPT_PAUSE_MS;
		return 0;
	}
	/* Who connects waits in the kernel while net cannot be told. */
	if (poll(&net, 1, 0) == 0) {
		fds[0] = net;
		return 1;
	}
	for (size_t i = 0; i < u->listener_count; i++)
		fds[i] = (struct pollfd){ .fd = u->listeners[i]->fd,
			.events = POLLIN };
	return u->listener_count;
}

static void
tell_accepted(struct user *u, const struct listener *l, int fd,
    const struct sockaddr_storage *from, socklen_t len)
{
	const int one = 1;
	char host[64] = "", service[16] = "0";
	uint8_t buf[2 * USER_HOST_MAX_BYTES];
	struct sink out = sink_of(buf, sizeof buf);

	if (l->kind == USER_SOCKET_TCP) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof one);
		(void)getnameinfo((const struct sockaddr *)from, len, host,
		    sizeof host, service, sizeof service,
		    NI_NUMERICHOST | NI_NUMERICSERV);
	}
	usr_accepted_put(&out, &(struct usr_accepted){ l->kind,
	    span_str(l->host), l->port, span_str(host),
	    (uint32_t)strtoul(service, NULL, 10) });
	user_tell_net(u, &out, &fd, 1);
}

static void
accept_one(struct user *u, const struct listener *l)
{
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof from;
	int fd = accept4(l->fd, (struct sockaddr *)&from, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		tell_accepted(u, l, fd, &from, len);
		close(fd);
	} else if (errno != EAGAIN && errno != EINTR &&
	    errno != ECONNABORTED) {
		u->accept_after_ms = now_ms() + ACCEPT_PAUSE_MS;
	}
}

void
listen_polled(struct user *u, const struct pollfd *fds, size_t count)
{
	/* One each: what comes in between may have ended some. */
	for (size_t i = 0; i < count && !u->over; i++) {
		if (fds[i].revents == 0)
			continue;
		for (size_t j = 0; j < u->listener_count; j++) {
			if (u->listeners[j]->fd == fds[i].fd)
				accept_one(u, u->listeners[j]);
		}
	}
}
