/*
 * banner: read the Banner file, late and once.  Monitor.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "monitor/banner.h"
#include "run/log.h"

#define BANNER_MAX_BYTES 60000	/* of a frame of 64 KiB */

char *
banner_read(const char *path, size_t *len)
{
	char *text = NULL;
	struct stat st;
	int fd;

	*len = 0;
	if (path == NULL || strcasecmp(path, "none") == 0)
		return NULL;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !fd_read_all(fd, BANNER_MAX_BYTES, &text, len))
		log_line(LOG_LEVEL_ERROR, false, "Banner %s: %s", path,
		    errno != 0 ? strerror(errno) : "not a regular file");
	fd_close(&fd);
	return text;
}
