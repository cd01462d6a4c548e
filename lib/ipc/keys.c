/*
 * keys: codec of the monitor/keys edge.  Both roles; neither logs nor exits.
 */
#include "ipc/keys.h"
#include "ipc/policy.h"

void
keys_log_put(struct sink *out, const struct keys_log *m)
{
	sink_u8(out, KEYS_ANS_LOG);
	sink_u32(out, m->level);
	sink_string(out, m->text);
}

bool
keys_log_get(struct cursor in, struct keys_log *m)
{
	m->level = cursor_u32(&in);
	m->text = cursor_string(&in);
	if (m->text.len > KEYS_LOG_TEXT_MAX_BYTES)
		cursor_fail(&in, WIRE_BAD_VALUE);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct keys_log){ 0 };
	return false;
}

static void
put_options(struct sink *out, const struct keys_options *o)
{
	sink_bool(out, o->permit_pty);
	sink_bool(out, o->permit_user_rc);
	sink_bool(out, o->permit_port_forwarding);
	sink_bool(out, o->permit_agent_forwarding);
	sink_bool(out, o->permit_x11_forwarding);
	sink_bool(out, o->permit_tunnel);
	sink_bool(out, o->need_touch);
	sink_bool(out, o->need_verify);
	sink_bool(out, o->has_command);
	sink_string(out, o->command);
	sink_string(out, o->environment);
	sink_bool(out, o->has_permitopen);
	sink_string(out, o->permitopen);
	sink_bool(out, o->has_permitlisten);
	sink_string(out, o->permitlisten);
	sink_bool(out, o->has_tunnel);
	sink_u32(out, o->tunnel);
	sink_u64(out, o->expires);
}

static bool
has_nul(struct span text)
{
	return text.len > 0 && memchr(text.p, '\0', text.len) != NULL;
}

/* A string that somebody will take for a C string. */
static struct span
get_text(struct cursor *in)
{
	struct span text = cursor_string(in);

	if (has_nul(text))
		cursor_fail(in, WIRE_BAD_VALUE);
	return text;
}

static struct span
get_list(struct cursor *in)
{
	struct span list = cursor_string(in), rest = list, item;

	while (policy_next(&rest, &item)) {
		if (has_nul(item))
			cursor_fail(in, WIRE_BAD_VALUE);
	}
	if (rest.len > 0)
		cursor_fail(in, WIRE_BAD_VALUE);
	return list;
}

static void
get_options(struct cursor *in, struct keys_options *o)
{
	o->permit_pty = cursor_bool(in);
	o->permit_user_rc = cursor_bool(in);
	o->permit_port_forwarding = cursor_bool(in);
	o->permit_agent_forwarding = cursor_bool(in);
	o->permit_x11_forwarding = cursor_bool(in);
	o->permit_tunnel = cursor_bool(in);
	o->need_touch = cursor_bool(in);
	o->need_verify = cursor_bool(in);
	o->has_command = cursor_bool(in);
	o->command = get_text(in);
	o->environment = get_list(in);
	o->has_permitopen = cursor_bool(in);
	o->permitopen = get_list(in);
	o->has_permitlisten = cursor_bool(in);
	o->permitlisten = get_list(in);
	o->has_tunnel = cursor_bool(in);
	o->tunnel = cursor_u32(in);
	o->expires = cursor_u64(in);
	/* A value without its mark would be one that nobody looks at. */
	if ((!o->has_command && o->command.len > 0) ||
	    (!o->has_permitopen && o->permitopen.len > 0) ||
	    (!o->has_permitlisten && o->permitlisten.len > 0) ||
	    (!o->has_tunnel && o->tunnel != 0))
		cursor_fail(in, WIRE_BAD_VALUE);
}

void
keys_grant_put(struct sink *out, const struct keys_grant *m)
{
	sink_u8(out, KEYS_ANS_GRANT);
	sink_u32(out, m->verdict);
	sink_u32(out, m->more);
	sink_string(out, m->text);
	if (m->verdict != KEYS_ALLOWED)
		return;
	sink_string(out, m->signer);
	sink_string(out, m->algorithm);
	sink_string(out, m->auth_info);
	put_options(out, &m->options);
}

bool
keys_grant_get(struct cursor in, struct keys_grant *m)
{
	*m = (struct keys_grant){ 0 };
	m->verdict = cursor_u32(&in);
	m->more = cursor_u32(&in);
	m->text = get_text(&in);
	if (m->text.len > KEYS_TEXT_MAX_BYTES)
		cursor_fail(&in, WIRE_BAD_VALUE);
	switch (m->verdict) {
	case KEYS_DENIED:
		break;
	case KEYS_ALLOWED:
		m->signer = cursor_string(&in);
		m->algorithm = get_text(&in);
		m->auth_info = get_text(&in);
		get_options(&in, &m->options);
		if (m->more != 0 || m->signer.len == 0 ||
		    m->algorithm.len == 0)
			cursor_fail(&in, WIRE_BAD_VALUE);
		break;
	default:
		cursor_fail(&in, WIRE_BAD_VALUE);
		break;
	}
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct keys_grant){ 0 };
	return false;
}

void
keys_question_put(struct sink *out, const struct keys_job *job)
{
	sink_u32(out, job->kind);
	sink_string(out, job->algorithm);
	sink_string(out, job->key);
	sink_string(out, job->client_host);
	sink_string(out, job->client_user);
}

bool
keys_question_get(struct span in, struct keys_job *job)
{
	struct cursor c = cursor_of(in);

	job->kind = (enum keys_kind)cursor_u32(&c);
	job->algorithm = cursor_string(&c);
	job->key = cursor_string(&c);
	job->client_host = cursor_string(&c);
	job->client_user = cursor_string(&c);
	return cursor_end(&c) == WIRE_OK;
}

struct keys_options
keys_options_all(void)
{
	return (struct keys_options){
		.permit_pty = true,
		.permit_user_rc = true,
		.permit_port_forwarding = true,
		.permit_agent_forwarding = true,
		.permit_x11_forwarding = true,
		.permit_tunnel = true,
	};
}

static bool
is_listed(struct span list, struct span wanted)
{
	struct span item;

	while (policy_next(&list, &item)) {
		if (span_equal(item, wanted))
			return true;
	}
	return false;
}

/*
 * One of the lists, or what is in both.  An entry is compared as text: "*"
 * is no wildcard for another entry, so that too little may be left, and
 * never too much.
 */
static void
merge_places(bool a_has, struct span a, bool b_has, struct span b,
    struct sink *room, bool *has, struct span *out)
{
	size_t start = room->len;
	struct span item;

	*has = a_has || b_has;
	*out = a_has ? a : b;
	if (!a_has || !b_has)
		return;
	while (policy_next(&a, &item)) {
		if (is_listed(b, item))
			sink_string(room, item);
	}
	*out = sink_ok(room) ? span(room->p + start, room->len - start)
			     : span(NULL, 0);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0)
		return a == 0 ? b : a;
	return MIN(a, b);
}

bool
keys_options_merge(const struct keys_options *a, const struct keys_options *b,
    struct sink *room, struct keys_options *out)
{
	struct keys_options o = {
		.permit_pty = a->permit_pty && b->permit_pty,
		.permit_user_rc = a->permit_user_rc && b->permit_user_rc,
		.permit_port_forwarding = a->permit_port_forwarding &&
		    b->permit_port_forwarding,
		.permit_agent_forwarding = a->permit_agent_forwarding &&
		    b->permit_agent_forwarding,
		.permit_x11_forwarding = a->permit_x11_forwarding &&
		    b->permit_x11_forwarding,
		.permit_tunnel = a->permit_tunnel && b->permit_tunnel,
		.need_touch = a->need_touch || b->need_touch,
		.need_verify = a->need_verify || b->need_verify,
		.has_command = a->has_command || b->has_command,
		.command = a->has_command ? a->command : b->command,
		.environment = a->environment.len > 0 ? a->environment
						      : b->environment,
		.has_tunnel = a->has_tunnel || b->has_tunnel,
		.tunnel = a->has_tunnel ? a->tunnel : b->tunnel,
		.expires = earlier(a->expires, b->expires),
	};

	*out = (struct keys_options){ .need_touch = true,
		.need_verify = true };
	if (a->has_command && b->has_command &&
	    !span_equal(a->command, b->command))
		return false;
	merge_places(a->has_permitopen, a->permitopen, b->has_permitopen,
	    b->permitopen, room, &o.has_permitopen, &o.permitopen);
	merge_places(a->has_permitlisten, a->permitlisten,
	    b->has_permitlisten, b->permitlisten, room, &o.has_permitlisten,
	    &o.permitlisten);
	*out = o;
	return true;
}

/* Through the codec: what comes out borrows from nothing but room. */
bool
keys_options_adopt(const struct keys_options *a, const struct keys_options *b,
    struct sink room, struct keys_options *out)
{
	struct keys_options both;
	bool ok = keys_options_merge(a, b, &room, &both);
	size_t start = room.len;
	struct cursor in;

	put_options(&room, &both);
	in = cursor_of(span(room.p + start, room.len - start));
	get_options(&in, out);
	if (ok && sink_ok(&room) && cursor_end(&in) == WIRE_OK)
		return true;
	*out = (struct keys_options){ .need_touch = true,
		.need_verify = true };
	return false;
}
