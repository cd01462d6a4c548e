/*
 * names: comma-separated name-lists.  Pure layer, every process.
 */
#include "base/names.h"

bool
names_next(struct span *list, struct span *name)
{
	const uint8_t *comma;

	*name = span(NULL, 0);
	if (list->len == 0)
		return false;
	comma = memchr(list->p, ',', list->len);
	if (comma == NULL) {
		*name = *list;
		*list = span(NULL, 0);
		return true;
	}
	*name = span(list->p, (size_t)(comma - list->p));
	list->len -= name->len + 1;
	list->p = comma + 1;
	return true;
}

bool
names_contain(struct span list, struct span name)
{
	struct span one;

	if (name.len == 0)
		return false;
	while (names_next(&list, &one)) {
		if (span_equal(one, name))
			return true;
	}
	return false;
}

struct span
names_match(struct span client, struct span server)
{
	struct span one;

	while (names_next(&client, &one)) {
		if (names_contain(server, one))
			return one;
	}
	return span(NULL, 0);
}

struct span
names_first(struct span list)
{
	struct span one;

	names_next(&list, &one);
	return one;
}
