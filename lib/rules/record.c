/*
 * record: the forms of login records.  Pure layer.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/base64.h"
#include "base/cursor.h"
#include "rules/record.h"

#define TTY_PREFIX	"pts/"
#define TTY_DIGITS_MAX	10

/* utmp's fields need not end in a NUL; what is longer is cut. */
static void
put_field(char *field, size_t size, const char *text)
{
	size_t len = MIN(strlen(text), size);

	memset(field, 0, size);
	memcpy(field, text, len);
}

/* Its name where there is one that fits: sshd's -u says what fits. */
static const char *
shown_name(const struct peer *peer)
{
	const char *name = peer_name(peer);

	return strlen(name) > peer->utmp_name_max ? peer->remote_host : name;
}

/* ut_id is the line's last characters, as other writers of utmp do. */
static void
put_id(struct utmpx *ut, const char *line)
{
	size_t len = strlen(line), size = sizeof ut->ut_id;

	put_field(ut->ut_id, size, len > size ? line + len - size : line);
}

static void
put_peer(struct utmpx *ut, const struct peer *peer)
{
	int family = peer->transport == PEER_INET6 ? AF_INET6 : AF_INET;

	put_field(ut->ut_host, sizeof ut->ut_host, shown_name(peer));
	if (peer->transport == PEER_INET || peer->transport == PEER_INET6)
		(void)inet_pton(family, peer->remote_host, ut->ut_addr_v6);
}

struct utmpx
record_utmp(const struct peer *peer, short type, const char *line, pid_t pid,
    const char *user)
{
	struct utmpx ut = { .ut_type = type, .ut_pid = pid };
	struct timeval now;

	put_field(ut.ut_line, sizeof ut.ut_line, line);
	if (type != LOGIN_PROCESS)	/* btmp's have none */
		put_id(&ut, line);
	gettimeofday(&now, NULL);
	ut.ut_tv.tv_sec = (int32_t)now.tv_sec;
	ut.ut_tv.tv_usec = (int32_t)now.tv_usec;
	if (user != NULL) {
		put_field(ut.ut_user, sizeof ut.ut_user, user);
		put_peer(&ut, peer);
	}
	return ut;
}

struct lastlog
record_lastlog(const struct peer *peer, const char *line)
{
	struct lastlog new = { .ll_time = (int32_t)time(NULL) };

	put_field(new.ll_line, sizeof new.ll_line, line);
	put_field(new.ll_host, sizeof new.ll_host, shown_name(peer));
	return new;
}

bool
record_is_tty(const char *name)
{
	const char *digits = name + strlen(TTY_PREFIX);
	size_t count;

	if (strncmp(name, TTY_PREFIX, strlen(TTY_PREFIX)) != 0)
		return false;
	count = strspn(digits, "0123456789");
	return count > 0 && count <= TTY_DIGITS_MAX && digits[count] == '\0';
}

bool
record_method(char **lines, const char *method, struct span key)
{
	const char *before = *lines != NULL ? *lines : "";
	struct cursor in = cursor_of(key);
	struct span type = cursor_string(&in);
	size_t room = key.len / 3 * 4 + 8;
	char *text = malloc(room), *more = NULL;
	int n = -1;

	if (text != NULL && key.len == 0)
		n = asprintf(&more, "%s%s\n", before, method);
	else if (text != NULL && base64_encode(key, text, room))
		n = asprintf(&more, "%s%s %.*s %s\n", before, method,
		    (int)type.len, (const char *)type.p, text);
	free(text);
	if (n < 0)
		return false;
	free(*lines);
	*lines = more;
	return true;
}
