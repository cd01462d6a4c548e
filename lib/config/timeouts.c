/*
 * timeouts: ChannelTimeout, from its words to the list that net keeps.  Pure.
 */
#include <string.h>
#include <strings.h>

#include "config/internal.h"
#include "config/scan.h"
#include "config/timeouts.h"

static const char *
check_timeout(struct parser *p, const char *word, const char **keep)
{
	const char *equals = strchr(word, '=');
	int64_t sec;

	(void)p;
	(void)keep;
	return equals != NULL && equals > word &&
	    scan_time(equals + 1, &sec) ? NULL : "is not type=time";
}

static const char *
check_nothing(struct parser *p, const char *word, const char **keep)
{
	(void)p;
	(void)word;
	(void)keep;
	return NULL;
}

bool
parse_channel_timeout(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	const struct word *w = parse_peek(line);
	bool none = w != NULL && strcasecmp(w->s, "none") == 0;
	uint8_t room[TIMEOUTS_MAX_BYTES];
	struct sink list = sink_of(room, sizeof room);

	if (!parse_words(p, k, line, out, none ? check_nothing
		: check_timeout))
		return false;
	if (none)
		return out->list.n == 1 || parse_error(p, w->column,
		    "%s: none stands alone", k->name);
	timeouts_put(&out->list, &list);
	return sink_ok(&list) || parse_error(p, w->column,
	    "%s: more than %d bytes", k->name, TIMEOUTS_MAX_BYTES);
}

void
timeouts_put(const struct strlist *words, struct sink *out)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->v[i], *equals = strchr(word, '=');
		int64_t sec;

		if (equals == NULL || !scan_time(equals + 1, &sec))
			continue;
		sink_u32(out, (uint32_t)sec);
		sink_string(out, span(word, (size_t)(equals - word)));
	}
}
