/*
 * origin: addresses of the connection.  Runs in main, as root.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sysdef.h"
#include "run/origin.h"

#define UNKNOWN_HOST	"UNKNOWN"
#define UNKNOWN_PORT	65535

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

/* Numeric text and port of an IP address; false for any other family. */
static bool
describe(const union address *a, char host[static PEER_HOST_MAX_BYTES],
    uint16_t *port)
{
	if (a->sa.sa_family == AF_INET) {
		*port = ntohs(a->in.sin_port);
		return inet_ntop(AF_INET, &a->in.sin_addr, host,
		    PEER_HOST_MAX_BYTES) != NULL;
	}
	if (a->sa.sa_family != AF_INET6)
		return false;
	*port = ntohs(a->in6.sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return inet_ntop(AF_INET, a->in6.sin6_addr.s6_addr + 12,
		    host, PEER_HOST_MAX_BYTES) != NULL;
	return inet_ntop(AF_INET6, &a->in6.sin6_addr, host,
	    PEER_HOST_MAX_BYTES) != NULL;
}

static bool
parse_port(const char *text, uint16_t *port)
{
	char *end;
	long v = text == NULL ? -1 : strtol(text, &end, 10);

	if (v < 0 || v > UINT16_MAX || *text == '\0' || *end != '\0')
		return false;
	*port = (uint16_t)v;
	return true;
}

/* Takes an address that a spawner wrote, if it is one. */
static bool
take(const char *host, const char *port, char out[static PEER_HOST_MAX_BYTES],
    uint16_t *out_port)
{
	union address a = { .storage = { 0 } };
	uint16_t number;

	/* Of another kind of address not even the port: vsock has some. */
	if (host == NULL || !parse_port(port, &number))
		return false;
	if (inet_pton(AF_INET, host, &a.in.sin_addr) == 1)
		a.sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &a.in6.sin6_addr) == 1)
		a.sa.sa_family = AF_INET6;
	else
		return false;
	a.in.sin_port = htons(number);	/* in6's is at the same place */
	return describe(&a, out, out_port);
}

/* tcpsvd writes address and port in one: "192.0.2.7:40000". */
static bool
take_joined(const char *joined, char out[static PEER_HOST_MAX_BYTES],
    uint16_t *out_port)
{
	char host[PEER_HOST_MAX_BYTES];
	const char *colon = joined == NULL ? NULL : strrchr(joined, ':');

	if (colon == NULL || (size_t)(colon - joined) >= sizeof host)
		return false;
	memcpy(host, joined, (size_t)(colon - joined));
	host[colon - joined] = '\0';
	return take(host, colon + 1, out, out_port);
}

static bool
from_environment(struct peer *out)
{
	static const struct {
		const char *host, *port, *local_host, *local_port;
	} names[] = {
		{ "REMOTE_ADDR", "REMOTE_PORT", NULL, NULL },
		{ "TCPREMOTEIP", "TCPREMOTEPORT", "TCPLOCALIP",
		    "TCPLOCALPORT" },
		{ "SOCAT_PEERADDR", "SOCAT_PEERPORT", "SOCAT_SOCKADDR",
		    "SOCAT_SOCKPORT" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!take(getenv(names[i].host), getenv(names[i].port),
		    out->remote_host, &out->remote_port))
			continue;
		if (names[i].local_host == NULL || !take(
		    getenv(names[i].local_host), getenv(names[i].local_port),
		    out->local_host, &out->local_port)) {
			strcpy(out->local_host, UNKNOWN_HOST);
			out->local_port = UNKNOWN_PORT;
		}
		return true;
	}
	return take_joined(getenv("TCPREMOTEADDR"), out->remote_host,
	    &out->remote_port);
}

void
origin_find(int fd, struct peer *out)
{
	union address remote, local;
	socklen_t remote_len = sizeof remote, local_len = sizeof local;

	*out = (struct peer){ .transport = PEER_PIPE,
		.remote_port = UNKNOWN_PORT, .local_port = UNKNOWN_PORT,
		.utmp_name_max = PEER_UTMP_NAME_MAX };
	strcpy(out->remote_host, UNKNOWN_HOST);
	strcpy(out->local_host, UNKNOWN_HOST);
	memset(&remote, 0, sizeof remote);
	memset(&local, 0, sizeof local);
	if (getsockname(fd, &local.sa, &local_len) == 0 &&
	    local.sa.sa_family == AF_UNIX)
		out->transport = PEER_UNIX;
	if (local.sa.sa_family == AF_VSOCK)
		out->transport = PEER_VSOCK;
	if (local.sa.sa_family != AF_INET && local.sa.sa_family != AF_INET6) {
		from_environment(out);
		return;
	}
	out->transport = local.sa.sa_family == AF_INET ? PEER_INET
						       : PEER_INET6;
	describe(&local, out->local_host, &out->local_port);
	if (getpeername(fd, &remote.sa, &remote_len) == 0)
		describe(&remote, out->remote_host, &out->remote_port);
}

bool
origin_has_ip_options(int fd)
{
	unsigned char options[64];
	socklen_t len = sizeof options;

	return getsockopt(fd, IPPROTO_IP, IP_OPTIONS, options, &len) == 0 &&
	    len > 0;
}

void
origin_tune(int fd, bool keepalive)
{
	int one = 1;

	/* Neither is worth a refusal, and a pipe or AF_UNIX has neither. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (keepalive)
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one,
		    sizeof one);
}
