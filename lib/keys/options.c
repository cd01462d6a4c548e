/*
 * options: no-pty,command="...",from="...".  Keys role; pure, no log.
 *
 * Anything that is not understood in full is a refusal: a restriction that
 * was misread would be one that nobody enforces.
 */
#include <stdlib.h>
#include <strings.h>

#include "base/pattern.h"
#include "ipc/policy.h"
#include "keys/options.h"

#define PORT_MAX	65535
#define HOST_MAX_BYTES	1024
#define TUNNEL_MAX	0x7ffffffd

struct parser {
	struct span in;			/* what is left of the options */
	struct sink values, environment, permitopen, permitlisten;
	unsigned int environment_count, permitopen_count, permitlisten_count;
	struct key_line_options out;
};

struct flag {
	const char *name;
	size_t offset;			/* of a bool in key_line_options */
	bool negatable;			/* "no-" may stand before it */
	bool inverted;			/* the flag's yes is the bool's no */
};

#define AT(field) offsetof(struct key_line_options, field)

static const struct flag flags[] = {
	{ "agent-forwarding", AT(keys.permit_agent_forwarding), true, false },
	{ "cert-authority", AT(cert_authority), false, false },
	{ "port-forwarding", AT(keys.permit_port_forwarding), true, false },
	{ "pty", AT(keys.permit_pty), true, false },
	{ "touch-required", AT(no_touch), true, true },
	{ "user-rc", AT(keys.permit_user_rc), true, false },
	{ "verify-required", AT(keys.need_verify), true, false },
	{ "x11-forwarding", AT(keys.permit_x11_forwarding), true, false },
};

static bool
is_named(struct span word, const char *name)
{
	return word.len == strlen(name) &&
	    strncasecmp((const char *)word.p, name, word.len) == 0;
}

static struct span
without(struct span text, size_t n)
{
	return span(text.p + n, text.len - n);
}

/* "restrict" takes all that there is; what follows may give some back. */
static void
restrict_all(struct keys_options *keys)
{
	keys->permit_pty = false;
	keys->permit_user_rc = false;
	keys->permit_port_forwarding = false;
	keys->permit_agent_forwarding = false;
	keys->permit_x11_forwarding = false;
	keys->permit_tunnel = false;
}

static const char *
take_flag(struct parser *p, struct span word)
{
	bool no = word.len > 3 && is_named(span(word.p, 3), "no-");
	struct span bare = no ? without(word, 3) : word;

	if (is_named(word, "restrict")) {
		restrict_all(&p->out.keys);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		const struct flag *f = &flags[i];

		if (!is_named(bare, f->name) || (no && !f->negatable))
			continue;
		*(bool *)((char *)&p->out + f->offset) = no == f->inverted;
		return NULL;
	}
	return "unknown option";
}

/* --- options with a value ----------------------------------------------------- */

static const char *
take_once(bool *has, struct span *out, struct span value, const char *twice)
{
	if (*has)
		return twice;
	*has = true;
	*out = value;
	return NULL;
}

static const char *
take_command(struct parser *p, struct span value)
{
	return take_once(&p->out.keys.has_command, &p->out.keys.command,
	    value, "more than one command");
}

static const char *
take_principals(struct parser *p, struct span value)
{
	return take_once(&p->out.has_principals, &p->out.principals, value,
	    "more than one principals");
}

static const char *
take_from(struct parser *p, struct span value)
{
	return take_once(&p->out.has_from, &p->out.from, value,
	    "more than one from");
}

static const char *
take_expiry(struct parser *p, struct span value)
{
	uint64_t at;

	if (!key_time_parse(value, &at) || at == 0)
		return "expiry-time is no time";
	if (p->out.keys.expires == 0 || at < p->out.keys.expires)
		p->out.keys.expires = at;
	return NULL;
}

/* Letters, digits and underscores, then '='; its length without that. */
static size_t
env_name_len(struct span pair)
{
	size_t n = 0;

	for (; n < pair.len && pair.p[n] != '='; n++) {
		uint8_t c = pair.p[n];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '_')
			return 0;
	}
	return n < pair.len ? n : 0;
}

static const char *
take_environment(struct parser *p, struct span value)
{
	struct span list = sink_span(&p->environment), item;
	size_t n = env_name_len(value);

	if (n == 0)
		return "environment is not NAME=VALUE";
	/* The first of a name counts. */
	while (policy_next(&list, &item)) {
		if (env_name_len(item) == n &&
		    memcmp(item.p, value.p, n) == 0)
			return NULL;
	}
	if (++p->environment_count > KEY_ENVIRONMENT_MAX_COUNT)
		return "too many environment variables";
	sink_string(&p->environment, value);
	return NULL;
}

static bool
is_port(struct span text)
{
	unsigned int port = 0;

	if (span_is(text, "*"))
		return true;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		port = port * 10 + (text.p[i] - '0');
		if (port > PORT_MAX)
			return false;
	}
	return port > 0;
}

/* HOST:PORT, [HOST]:PORT and, of old, HOST/PORT. */
static bool
split_place(struct span text, struct span *host, struct span *port)
{
	size_t n = 0;

	if (text.len > 0 && text.p[0] == '[') {
		while (n < text.len && text.p[n] != ']')
			n++;
		*host = span(text.p + 1, n == 0 ? 0 : n - 1);
		n++;
	} else {
		while (n < text.len && text.p[n] != ':' && text.p[n] != '/')
			n++;
		*host = span(text.p, n);
	}
	if (n >= text.len || (text.p[n] != ':' && text.p[n] != '/'))
		return false;
	*port = without(text, n + 1);
	return host->len > 0 && host->len <= HOST_MAX_BYTES;
}

static const char *
take_place(struct sink *list, unsigned int *count, struct span value,
    bool bare_port)
{
	struct span host = span_str("*"), port = value;
	size_t mark;
	bool v6;

	if ((!bare_port || memchr(value.p, ':', value.len) != NULL) &&
	    !split_place(value, &host, &port))
		return "not HOST:PORT";
	if (!is_port(port))
		return "not a port";
	if (++*count > KEY_PLACES_MAX_COUNT)
		return "too many places";
	v6 = memchr(host.p, ':', host.len) != NULL;
	mark = sink_string_begin(list);
	if (v6)
		sink_u8(list, '[');
	sink_bytes(list, host);
	if (v6)
		sink_u8(list, ']');
	sink_u8(list, ':');
	sink_bytes(list, port);
	sink_string_end(list, mark);
	return NULL;
}

static const char *
take_permitopen(struct parser *p, struct span value)
{
	p->out.keys.has_permitopen = true;
	return take_place(&p->permitopen, &p->permitopen_count, value, false);
}

static const char *
take_permitlisten(struct parser *p, struct span value)
{
	p->out.keys.has_permitlisten = true;
	return take_place(&p->permitlisten, &p->permitlisten_count, value,
	    true);
}

static const char *
take_tunnel(struct parser *p, struct span value)
{
	uint32_t n = 0;

	p->out.keys.has_tunnel = true;
	p->out.keys.tunnel = KEYS_TUNNEL_ANY;
	if (is_named(value, "any"))
		return NULL;
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] < '0' || value.p[i] > '9' ||
		    n > TUNNEL_MAX / 10)
			return "not a tunnel device";
		n = n * 10 + (uint32_t)(value.p[i] - '0');
	}
	p->out.keys.tunnel = n;
	return value.len > 0 && n <= TUNNEL_MAX ? NULL
						: "not a tunnel device";
}

static const struct {
	const char *name;
	const char *(*take)(struct parser *p, struct span value);
} valued[] = {
	{ "command", take_command },
	{ "environment", take_environment },
	{ "expiry-time", take_expiry },
	{ "from", take_from },
	{ "permitlisten", take_permitlisten },
	{ "permitopen", take_permitopen },
	{ "principals", take_principals },
	{ "tunnel", take_tunnel },
};

static const char *
take_valued(struct parser *p, struct span name, struct span value)
{
	for (size_t i = 0; i < ARRAY_LEN(valued); i++) {
		if (is_named(name, valued[i].name))
			return valued[i].take(p, value);
	}
	return "unknown option";
}

/* --- the list ------------------------------------------------------------------- */

/* The value behind '=', out of its quotes.  A NUL would cut it short in C. */
static const char *
read_value(struct parser *p, struct span *out)
{
	struct span in = p->in;
	size_t start = p->values.len, n = 1;

	*out = span(NULL, 0);
	if (in.len == 0 || in.p[0] != '"')
		return "a value without its quotes";
	for (; n < in.len && in.p[n] != '"'; n++) {
		if (in.p[n] == '\\' && n + 1 < in.len && in.p[n + 1] == '"')
			n++;
		if (in.p[n] == '\0')
			return "a NUL in a value";
		sink_u8(&p->values, in.p[n]);
	}
	if (n >= in.len)
		return "quotes that do not end";
	p->in = without(in, n + 1);
	*out = span(p->values.p + start, p->values.len - start);
	return NULL;
}

/* One option, and the comma behind it. */
static const char *
take_option(struct parser *p)
{
	struct span name, value;
	const char *why;
	size_t n = 0;

	while (n < p->in.len && p->in.p[n] != '=' && p->in.p[n] != ',')
		n++;
	name = span(p->in.p, n);
	p->in = without(p->in, n);
	if (p->in.len > 0 && p->in.p[0] == '=') {
		p->in = without(p->in, 1);
		why = read_value(p, &value);
		if (why == NULL)
			why = take_valued(p, name, value);
	} else {
		why = take_flag(p, name);
	}
	if (why != NULL || p->in.len == 0)
		return why;
	if (p->in.p[0] != ',' || p->in.len == 1)
		return "unknown option";
	p->in = without(p->in, 1);
	return NULL;
}

bool
key_options_parse(struct span text, struct key_options_room *room,
    struct key_line_options *out, const char **why)
{
	struct parser p = {
		.in = text,
		.values = sink_of(room->values, sizeof room->values),
		.environment = sink_of(room->environment,
		    sizeof room->environment),
		.permitopen = sink_of(room->permitopen,
		    sizeof room->permitopen),
		.permitlisten = sink_of(room->permitlisten,
		    sizeof room->permitlisten),
		.out = { .keys = keys_options_all() },
	};

	*why = NULL;
	while (p.in.len > 0 && *why == NULL)
		*why = take_option(&p);
	if (!sink_ok(&p.values) || !sink_ok(&p.environment) ||
	    !sink_ok(&p.permitopen) || !sink_ok(&p.permitlisten))
		*why = "too long";
	p.out.keys.environment = sink_span(&p.environment);
	p.out.keys.permitopen = sink_span(&p.permitopen);
	p.out.keys.permitlisten = sink_span(&p.permitlisten);
	*out = (struct key_line_options){ .keys = { .need_verify = true } };
	if (*why == NULL)
		*out = p.out;
	return *why == NULL;
}
