/*
 * resolve: names to addresses.  User process and its child; the child must
 * hold nothing of the role's, for it runs whatever nsswitch.conf(5) names.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/fd.h"
#include "base/sink.h"
#include "ipc/policy.h"
#include "user/resolve.h"

#define RESOLVE_MAX_SEC		120
/* One write of the child's, one read of ours: below PIPE_BUF. */
#define RESULT_MAX_BYTES	4000

static void
look_up(const char *host, uint16_t port, int family, int flags,
    struct resolved *out)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_family = family, .ai_flags = flags | AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	char service[8];

	*out = (struct resolved){ 0 };
	snprintf(service, sizeof service, "%u", port);
	out->error = getaddrinfo(host, service, &hints, &list);
	out->errnum = out->error == EAI_SYSTEM ? errno : 0;
	if (out->error != 0)
		return;
	for (const struct addrinfo *a = list;
	     a != NULL && out->count < RESOLVED_MAX_COUNT; a = a->ai_next) {
		struct resolved_address *to = &out->to[out->count];

		if (a->ai_addrlen > sizeof to->addr)
			continue;
		memcpy(&to->addr, a->ai_addr, a->ai_addrlen);
		to->len = a->ai_addrlen;
		out->count++;
	}
	freeaddrinfo(list);
}

bool
resolve_numeric(const char *host, uint16_t port, int family,
    struct resolved *out)
{
	look_up(host, port, family, AI_NUMERICHOST, out);
	return out->error == 0;
}

int
resolve_family(const struct user_policy *p)
{
	return p->address_family == POLICY_FAMILY_INET ? AF_INET
	    : p->address_family == POLICY_FAMILY_INET6 ? AF_INET6
						       : AF_UNSPEC;
}

void
resolve_keep(struct resolved *r, int family)
{
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++) {
		if (family == AF_UNSPEC || r->to[i].addr.ss_family == family)
			r->to[count++] = r->to[i];
	}
	r->count = count;
}

/* --- the two ends of the pipe ------------------------------------- */

static void
put_result(struct sink *out, const struct resolved *r)
{
	/* EAI_* are negative. */
	sink_u32(out, (uint32_t)-r->error);
	sink_u32(out, (uint32_t)r->errnum);
	for (size_t i = 0; i < r->count; i++)
		sink_string(out, span(&r->to[i].addr, r->to[i].len));
}

static bool
get_result(struct cursor in, struct resolved *r)
{
	*r = (struct resolved){ .error = -(int)cursor_u32(&in),
		.errnum = (int)cursor_u32(&in) };
	while (in.left > 0 && r->count < RESOLVED_MAX_COUNT) {
		struct span addr = cursor_string(&in);
		struct resolved_address *to = &r->to[r->count];

		if (in.err != WIRE_OK || addr.len > sizeof to->addr ||
		    addr.len < sizeof to->addr.ss_family)
			return false;
		memcpy(&to->addr, addr.p, addr.len);
		to->len = (socklen_t)addr.len;
		r->count++;
	}
	return cursor_end(&in) == WIRE_OK &&
	    (r->error != 0) == (r->count == 0);
}

static NORETURN void
child(int fd, pid_t parent, const char *host, uint16_t port, int family)
{
	uint8_t buf[RESULT_MAX_BYTES];
	struct sink out = sink_of(buf, sizeof buf);
	struct resolved r;
	sigset_t none;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
	    dup2(fd, 3) != 3)
		_exit(1);
	close_range(4, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(RESOLVE_MAX_SEC);
	look_up(host, port, family, 0, &r);
	put_result(&out, &r);
	_exit(sink_ok(&out) && fd_write_all(3, buf, out.len) ? 0 : 1);
}

int
resolve_start(const char *host, uint16_t port, int family)
{
	const pid_t parent = getpid();
	int pair[2];
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child(pair[1], parent, host, port, family);
	fd_close(&pair[1]);
	if (pid < 0)
		fd_close(&pair[0]);
	return pair[0];
}

void
resolve_take(int fd, struct resolved *out)
{
	uint8_t buf[RESULT_MAX_BYTES];
	ssize_t got;

	do
		got = read(fd, buf, sizeof buf);
	while (got < 0 && errno == EINTR);
	if (got <= 0 || !get_result(cursor_of(span(buf, (size_t)got)), out))
		*out = (struct resolved){ .error = EAI_AGAIN };
}

const char *
resolve_strerror(const struct resolved *r)
{
	return r->error == EAI_SYSTEM ? strerror(r->errnum)
				      : gai_strerror(r->error);
}
