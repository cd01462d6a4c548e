/*
 * banner: the Banner file's text, late and once.  Monitor.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "image/gather.h"
#include "monitor/banner.h"
#include "monitor/internal.h"
#include "run/log.h"

char *
banner_read(const struct image *image, const char *path, size_t *len)
{
	char *text;

	*len = 0;
	if (path == NULL || strcasecmp(path, "none") == 0)
		return NULL;
	text = image_banner(image, path, len);
	if (text == NULL)
		log_line(LOG_LEVEL_ERROR, false, "Banner %s: %s", path,
		    errno != 0 ? strerror(errno) : "not a regular file");
	return text;
}

struct span
banner_ahead(struct monitor *m, struct span text)
{
	while (text.len > MON_BANNER_MAX_BYTES) {
		struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
		const uint8_t *line = memrchr(text.p, '\n',
		    MON_BANNER_MAX_BYTES);
		size_t n = line == NULL ? MON_BANNER_MAX_BYTES
					: (size_t)(line - text.p) + 1;

		mon_banner_put(&out, span(text.p, n));
		if (!monitor_answer(m, m->net_fd, &out, NULL, 0))
			break;
		text = span(text.p + n, text.len - n);
	}
	return span(text.p, MIN(text.len, MON_BANNER_MAX_BYTES));
}
