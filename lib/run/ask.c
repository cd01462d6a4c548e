/*
 * ask: a client of a local socket for the length of one question.  Monitor.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/cursor.h"
#include "base/fd.h"
#include "run/ask.h"

static int
dial(const char *path)
{
	const struct timeval limit = { .tv_sec = ASK_WAIT_SEC };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	errno = ENAMETOOLONG;
	if (!span_copy_str(span_str(path), to.sun_path, sizeof(to.sun_path)))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
	    sizeof(limit)) < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO,
	    &limit, sizeof(limit)) < 0 || connect(fd,
	    (const struct sockaddr *)&to, sizeof(to)) < 0))
		fd_close(&fd);
	return fd;
}

static bool
receive(int fd, uint8_t *buf, size_t size, struct span *answer)
{
	uint8_t head[4];
	struct cursor c = cursor_of(span(head, sizeof(head)));
	size_t n;

	errno = EPROTO;		/* what an early end leaves */
	if (recv(fd, head, sizeof(head), MSG_WAITALL) != sizeof(head))
		return false;
	n = cursor_u32(&c);
	if (n > size || recv(fd, buf, n, MSG_WAITALL) != (ssize_t)n)
		return false;
	*answer = span(buf, n);
	return true;
}

bool
ask_socket(const char *path, struct span question, uint8_t *buf, size_t size,
    struct span *answer)
{
	int fd = dial(path), saved;
	bool good;

	*answer = span(NULL, 0);
	if (fd < 0)
		return false;
	good = fd_write_all(fd, question.p, question.len) &&
	    receive(fd, buf, size, answer);
	saved = errno;
	fd_close(&fd);
	errno = saved;
	return good;
}
