/*
 * descriptors: the spawner's gifts.  Runs in main, as root.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "launch/descriptors.h"

#define LISTEN_FDS_START 3	/* sd_listen_fds(3) */

static bool
is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* sd_listen_fds(3): meant for us, and just the one connection. */
static bool
passed_as_third(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

	if (pid == NULL || count == NULL)
		return false;
	return strtol(pid, NULL, 10) == (long)getpid() &&
	    strtol(count, NULL, 10) == 1 && is_socket(LISTEN_FDS_START);
}

/* So that no descriptor of ours ever becomes 0, 1 or 2. */
static bool
open_missing(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

const char *
descriptors_find(struct connection *out)
{
	bool third = passed_as_third();

	*out = (struct connection){ .in_fd = STDIN_FILENO,
		.out_fd = STDOUT_FILENO, .restore_fd = { -1, -1 } };
	if (!open_missing())
		return "cannot open /dev/null";
	if (third) {
		out->in_fd = out->out_fd = LISTEN_FDS_START;
	} else if (is_socket(STDIN_FILENO) &&
	    fd_same_file(STDIN_FILENO, STDOUT_FILENO)) {
		out->out_fd = STDIN_FILENO;
	}
	out->stream_socket = is_socket(out->in_fd) && is_socket(out->out_fd);
	out->stderr_is_peer = fd_same_file(STDERR_FILENO, out->in_fd) ||
	    fd_same_file(STDERR_FILENO, out->out_fd);
	if (close_range(third ? LISTEN_FDS_START + 1 : LISTEN_FDS_START, ~0u,
	    0) != 0 && errno != ENOSYS)
		return "cannot close inherited descriptors";
	return NULL;
}

bool
descriptors_set_nonblock(struct connection *c)
{
	const int fds[] = { c->in_fd, c->out_fd };

	if (c->stream_socket)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		c->restore_fd[i] = fcntl(fds[i], F_DUPFD_CLOEXEC,
		    LISTEN_FDS_START + 1);
		c->restore_flags[i] = fcntl(fds[i], F_GETFL);
		if (c->restore_fd[i] < 0 || c->restore_flags[i] < 0 ||
		    !fd_set_nonblock(fds[i], true))
			return false;
	}
	return true;
}

void
descriptors_restore(const struct connection *c)
{
	/* Backwards: if both are one open file, the first has its flags. */
	for (size_t i = ARRAY_LEN(c->restore_fd); i-- > 0;) {
		if (c->restore_fd[i] >= 0)
			(void)fcntl(c->restore_fd[i], F_SETFL,
			    c->restore_flags[i]);
	}
}

bool
descriptors_leave(const struct connection *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDOUT_FILENO) >= 0;

	if (ok && c->stderr_is_peer)
		ok = dup2(null, STDERR_FILENO) >= 0;
	if (c->in_fd > STDERR_FILENO)
		close(c->in_fd);
	if (null >= 0)
		close(null);
	return ok;
}
