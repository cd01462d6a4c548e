/*
 * fd: descriptors.  Every process; no policy.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"

bool
fd_set_nonblock(int fd, bool on)
{
	int now = fcntl(fd, F_GETFL);
	int want = on ? now | O_NONBLOCK : now & ~O_NONBLOCK;

	if (now < 0)
		return false;
	return now == want || fcntl(fd, F_SETFL, want) == 0;
}

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

bool
fd_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

bool
fd_read_all(int fd, size_t max, char **out, size_t *len)
{
	size_t cap = max < 4096 ? max : 4096, n = 0;
	char *p = malloc(cap + 1), *bigger;

	*out = NULL;
	*len = 0;
	while (p != NULL) {
		ssize_t got = read(fd, p + n, cap + 1 - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
		if (got == 0) {
			p[n] = '\0';
			*out = p;
			*len = n;
			return true;
		}
		if (n <= cap)
			continue;
		if (cap == max) {
			errno = EFBIG;
			break;
		}
		cap = cap > max / 2 ? max : cap * 2;
		bigger = malloc(cap + 1);
		if (bigger == NULL)
			break;
		memcpy(bigger, p, n);
		secret_wipe(p, n);
		free(p);
		p = bigger;
	}
	if (p != NULL)
		secret_wipe(p, n);
	free(p);
	return false;
}

bool
fd_same_file(int a, int b)
{
	struct stat x, y;

	if (fstat(a, &x) < 0 || fstat(b, &y) < 0)
		return false;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
