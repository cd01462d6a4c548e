/*
 * audit: one message to the kernel, over netlink.  Monitor, as root; what
 * libaudit does, without the library.
 */
#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "run/audit.h"
#include "run/log.h"

#define AUDIT_USER_LOGIN 1112	/* of libaudit's, for user space */
#define NAME_MAX_CHARS	32
#define HEX_BYTES(n)	(2 * (n) + 1)

/* A value that could be taken for more than one is written in hex. */
static bool
needs_hex(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] == '"' || value[i] > '~')
			return true;
	}
	return false;
}

/* out: HEX_BYTES(max), and never less than three. */
static const char *
quote(const char *value, size_t max, char *out)
{
	size_t len = strnlen(value, max);

	if (needs_hex(value, len)) {
		for (size_t i = 0; i < len; i++)
			sprintf(out + 2 * i, "%02X", (unsigned char)value[i]);
	} else {
		sprintf(out, "\"%.*s\"", (int)len, value);
	}
	return out;
}

/* These fields have no hex: what could end them is a question mark. */
static const char *
plain(const char *value, char *out, size_t size)
{
	size_t len;

	snprintf(out, size, "%s", value == NULL ? "?" : value);
	len = strlen(out);
	for (size_t i = 0; i < len; i++) {
		if (needs_hex(out + i, 1) || out[i] == '=')
			out[i] = '?';
	}
	return out;
}

bool
audit_text(const struct audit_login *login, const char *exe, char *out,
    size_t size)
{
	char who[HEX_BYTES(NAME_MAX_CHARS) + 8], program[HEX_BYTES(PATH_MAX)];
	char quoted[HEX_BYTES(NAME_MAX_CHARS) + 2];
	char host[300], address[128], place[64];
	int n;

	if (login->name != NULL)
		snprintf(who, sizeof who, "acct=%s", quote(login->name,
		    NAME_MAX_CHARS, quoted));
	else
		snprintf(who, sizeof who, "id=%u", login->uid);
	n = snprintf(out, size, "op=login %s exe=%s hostname=%s addr=%s "
	    "terminal=%s res=%s", who, quote(exe, PATH_MAX - 2, program),
	    plain(login->host, host, sizeof host),
	    plain(login->address, address, sizeof address),
	    plain(login->place, place, sizeof place),
	    login->ok ? "success" : "failed");
	if (n >= 0 && (size_t)n < size)
		return true;
	out[0] = '\0';
	return false;
}

/* 0, or an errno: the kernel's answer is there when send(2) returns. */
static int
transact(int fd, const char *text)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		char text[AUDIT_TEXT_MAX_BYTES];
	} m = { .head = { .nlmsg_type = AUDIT_USER_LOGIN,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK, .nlmsg_seq = 1 } };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} answer;
	size_t len = strlen(text) + 1;

	memcpy(m.text, text, len);
	m.head.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(len));
	if (sendto(fd, &m, m.head.nlmsg_len, 0,
		(const struct sockaddr *)&kernel, sizeof kernel) < 0)
		return errno;
	if (recv(fd, &answer, sizeof answer, MSG_DONTWAIT | MSG_TRUNC) <
	    (ssize_t)sizeof answer ||
	    answer.head.nlmsg_type != NLMSG_ERROR)
		return 0;
	return -answer.error.error;
}

/* No audit in this kernel, or none for this container. */
static bool
is_absence(int error)
{
	return error == EINVAL || error == EPROTONOSUPPORT ||
	    error == EAFNOSUPPORT || error == ECONNREFUSED || error == EPERM;
}

static void
tell(const struct audit_login *login)
{
	char text[AUDIT_TEXT_MAX_BYTES], exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	int fd, error;

	exe[n < 0 ? 0 : n] = '\0';
	if (!audit_text(login, n < 0 ? "?" : exe, text, sizeof text))
		return;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	error = fd < 0 ? errno : transact(fd, text);
	fd_close(&fd);
	if (error != 0)
		log_line(is_absence(error) ? LOG_LEVEL_DEBUG1
			 : LOG_LEVEL_ERROR, false,
		    "linux_audit_write_entry failed: %s", strerror(error));
}

/* NULL for a peer that has none. */
static const char *
address_of(const struct peer *peer)
{
	return peer->transport == PEER_INET ||
	    peer->transport == PEER_INET6 ? peer->remote_host : NULL;
}

void
audit_session(const struct peer *peer, uint32_t uid, const char *tty)
{
	char path[64];

	snprintf(path, sizeof path, "/dev/%s", tty);
	tell(&(struct audit_login){ .uid = uid, .host = peer_name(peer),
	    .address = address_of(peer), .place = path, .ok = true });
}

void
audit_failure(const struct peer *peer, const char *name)
{
	tell(&(struct audit_login){ .address = address_of(peer),
	    .name = name == NULL ? "(invalid user)" : name,
	    .place = "sshd" });
}
