/*
 * methods: see methods.h.  Pure.
 *
 * Nothing that one method learned counts for another: what a success leaves
 * here is its place in the lists.
 */
#include <string.h>
#include <strings.h>

#include "rules/methods.h"

static const struct method {
	const char *name;
	const char *full_name;	/* with its device, for the log */
	const char *device;	/* the one that it has, for "NAME:DEVICE" */
	size_t enabled;		/* where its flag is in struct settings */
	bool typed;
} table[METHOD_COUNT] = {
	[METHOD_NONE] = { "none", "none", NULL,
	    offsetof(struct settings, permit_empty_passwords), true },
	[METHOD_PUBLICKEY] = { "publickey", "publickey", NULL,
	    offsetof(struct settings, pubkey_authentication), false },
	[METHOD_PASSWORD] = { "password", "password", NULL,
	    offsetof(struct settings, password_authentication), true },
	[METHOD_KBDINT] = { "keyboard-interactive",
	    "keyboard-interactive/pam", "pam",
	    offsetof(struct settings, kbdint_authentication), true },
	[METHOD_HOSTBASED] = { "hostbased", "hostbased", NULL,
	    offsetof(struct settings, hostbased_authentication), false },
};

static bool
is_enabled(const struct settings *settings, enum method_id id)
{
	bool on;

	memcpy(&on, (const char *)settings + table[id].enabled, sizeof on);
	/* "none" is an empty password by another name. */
	return on && (id != METHOD_NONE || settings->password_authentication);
}

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
is_that(const struct element *e, enum method_id id)
{
	const struct method *method = &table[id];

	return span_is(e->method, method->name) && (e->device.p == NULL ||
	    (method->device != NULL && span_is(e->device, method->device)));
}

static bool
stands_first(const char *list, enum method_id id)
{
	struct element e = first_of(list);

	return list[0] != '\0' && is_that(&e, id);
}

static bool
is_usable(const struct settings *settings, const struct element *e)
{
	for (int id = 0; id < METHOD_COUNT; id++) {
		if (is_that(e, (enum method_id)id))
			return is_enabled(settings, (enum method_id)id);
	}
	return false;
}

static bool
can_be_satisfied(const struct settings *settings, const char *list)
{
	bool ok = list[0] != '\0';

	while (ok && list[0] != '\0') {
		struct element e = first_of(list);

		ok = is_usable(settings, &e);
		list = e.after;
	}
	return ok;
}

bool
methods_open(struct methods *methods, const struct settings *settings)
{
	const struct strlist *wanted = &settings->authentication_methods;

	*methods = (struct methods){ .settings = settings };
	methods->any = wanted->n == 0 ||
	    (wanted->n == 1 && strcasecmp(wanted->v[0], "any") == 0);
	for (size_t i = 0; !methods->any && i < wanted->n &&
	     methods->count < METHOD_LISTS_MAX_COUNT; i++) {
		if (can_be_satisfied(settings, wanted->v[i]))
			methods->rest[methods->count++] = wanted->v[i];
	}
	return methods->any || methods->count > 0;
}

bool
methods_offer(const struct methods *methods, enum method_id id)
{
	bool next = methods->any;

	for (size_t i = 0; i < methods->count && !next; i++)
		next = stands_first(methods->rest[i], id);
	return next && is_enabled(methods->settings, id);
}

bool
methods_pass(struct methods *methods, enum method_id id)
{
	bool complete = methods->any;

	for (size_t i = 0; i < methods->count; i++) {
		if (!stands_first(methods->rest[i], id))
			continue;
		methods->rest[i] = first_of(methods->rest[i]).after;
		complete = complete || methods->rest[i][0] == '\0';
	}
	return complete;
}

void
methods_list(const struct methods *methods, struct sink *out)
{
	for (int id = METHOD_NONE + 1; id < METHOD_COUNT; id++) {
		if (!methods_offer(methods, (enum method_id)id))
			continue;
		if (out->len > 0)
			sink_u8(out, ',');
		sink_bytes(out, span_str(table[id].name));
	}
}

const char *
method_name(enum method_id id)
{
	return table[id].name;
}

const char *
method_full_name(enum method_id id)
{
	return table[id].full_name;
}

bool
method_is_typed(enum method_id id)
{
	return table[id].typed;
}
