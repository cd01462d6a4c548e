/*
 * methods: see methods.h.  Pure layer: it decides nothing but the order.
 */
#include <string.h>
#include <strings.h>

#include "config/methods.h"

/* One element of a list: "publickey", "keyboard-interactive:pam". */
struct element {
	struct span method;
	struct span device;	/* empty: none is named */
	const char *after;	/* the rest of the list, "" at its end */
};

static struct element
first_of(const char *list)
{
	size_t len = strcspn(list, ","), name = strcspn(list, ",:");
	struct element e = {
		.method = span(list, name),
		.after = list[len] == ',' ? list + len + 1 : list + len,
	};

	if (name < len)
		e.device = span(list + name + 1, len - name - 1);
	return e;
}

/*
 * A list that names a device is not content with another one; the whole name
 * counts, never a prefix (CVE-2015-5600).
 */
static bool
stands_first(const char *list, const char *method, const char *device)
{
	struct element e = first_of(list);

	if (list[0] == '\0' || !span_is(e.method, method))
		return false;
	return e.device.p == NULL || device == NULL ||
	    span_is(e.device, device);
}

bool
method_lists_open(struct method_lists *lists, const struct strlist *wanted,
    bool (*usable)(const void *ctx, struct span method, struct span device),
    const void *ctx)
{
	*lists = (struct method_lists){ 0 };
	lists->any = wanted->n == 0 ||
	    (wanted->n == 1 && strcasecmp(wanted->v[0], "any") == 0);
	for (size_t i = 0; !lists->any && i < wanted->n &&
	     lists->count < METHOD_LISTS_MAX_COUNT; i++) {
		const char *rest = wanted->v[i];
		bool ok = rest[0] != '\0';

		while (ok && rest[0] != '\0') {
			struct element e = first_of(rest);

			ok = usable(ctx, e.method, e.device);
			rest = e.after;
		}
		if (ok)
			lists->rest[lists->count++] = wanted->v[i];
	}
	return lists->any || lists->count > 0;
}

bool
method_lists_allow(const struct method_lists *lists, const char *method,
    const char *device)
{
	for (size_t i = 0; i < lists->count; i++) {
		if (stands_first(lists->rest[i], method, device))
			return true;
	}
	return lists->any;
}

bool
method_lists_pass(struct method_lists *lists, const char *method,
    const char *device)
{
	bool complete = lists->any;

	for (size_t i = 0; i < lists->count; i++) {
		if (!stands_first(lists->rest[i], method, device))
			continue;
		lists->rest[i] = first_of(lists->rest[i]).after;
		complete = complete || lists->rest[i][0] == '\0';
	}
	return complete;
}
