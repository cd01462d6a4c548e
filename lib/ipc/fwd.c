/*
 * fwd: codec of forwarding's part of the net/user edge.  Both roles; neither
 * logs nor exits.
 */
#include "ipc/fwd.h"

/* No longer than any system takes one. */
static struct span
get_host(struct cursor *in)
{
	struct span host = cursor_string(in);

	if (host.len > USER_HOST_MAX_BYTES)
		cursor_fail(in, WIRE_BAD_VALUE);
	return host;
}

static uint32_t
get_channel(struct cursor *in)
{
	uint32_t chan = cursor_u32(in);

	if (chan >= USER_CHANNELS_MAX_COUNT)
		cursor_fail(in, WIRE_BAD_VALUE);
	return chan;
}

/* Kinds from end on may not come. */
static uint8_t
get_kind(struct cursor *in, enum usr_socket_kind end)
{
	uint8_t kind = cursor_u8(in);

	if (kind >= end)
		cursor_fail(in, WIRE_BAD_VALUE);
	return kind;
}

static uint32_t
get_port(struct cursor *in)
{
	uint32_t port = cursor_u32(in);

	if (port > UINT16_MAX)
		cursor_fail(in, WIRE_BAD_VALUE);
	return port;
}

void
usr_dial_put(struct sink *out, const struct usr_dial *m)
{
	sink_u8(out, USER_REQ_DIAL);
	sink_u32(out, m->chan);
	sink_u8(out, m->kind);
	sink_string(out, m->host);
	sink_u32(out, m->port);
	sink_string(out, m->origin_host);
	sink_u32(out, m->origin_port);
}

bool
usr_dial_get(struct cursor in, struct usr_dial *m)
{
	m->chan = get_channel(&in);
	m->kind = get_kind(&in, USER_SOCKET_AGENT);
	m->host = get_host(&in);
	m->port = get_port(&in);
	m->origin_host = get_host(&in);
	m->origin_port = cursor_u32(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_dial){ 0 };
	return false;
}

void
usr_refusal_put(struct sink *out, const struct usr_refusal *m)
{
	sink_u8(out, USER_EVT_DIAL_FAILED);
	sink_u32(out, m->chan);
	sink_u32(out, m->reason);
	sink_string(out, m->text);
}

bool
usr_refusal_get(struct cursor in, struct usr_refusal *m)
{
	m->chan = get_channel(&in);
	m->reason = cursor_u32(&in);
	m->text = get_host(&in);
	if (m->reason != USER_DIAL_PROHIBITED &&
	    m->reason != USER_DIAL_FAILED && m->reason != USER_DIAL_SHORTAGE)
		cursor_fail(&in, WIRE_BAD_VALUE);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_refusal){ 0 };
	return false;
}

void
usr_listen_put(struct sink *out, enum user_req type,
    const struct usr_listen *m)
{
	sink_u8(out, (uint8_t)type);
	sink_u8(out, m->kind);
	sink_string(out, m->host);
	sink_u32(out, m->port);
}

bool
usr_listen_get(struct cursor in, struct usr_listen *m)
{
	m->kind = get_kind(&in, USER_SOCKET_AGENT);
	m->host = get_host(&in);
	m->port = get_port(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_listen){ 0 };
	return false;
}

void
usr_listening_put(struct sink *out, const struct usr_listening *m)
{
	sink_u8(out, USER_ANS_LISTENING);
	sink_bool(out, m->ok);
	sink_u32(out, m->port);
}

bool
usr_listening_get(struct cursor in, struct usr_listening *m)
{
	m->ok = cursor_bool(&in);
	m->port = get_port(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_listening){ 0 };
	return false;
}

void
usr_accepted_put(struct sink *out, const struct usr_accepted *m)
{
	sink_u8(out, USER_EVT_ACCEPTED);
	sink_u8(out, m->kind);
	sink_string(out, m->host);
	sink_u32(out, m->port);
	sink_string(out, m->origin_host);
	sink_u32(out, m->origin_port);
}

bool
usr_accepted_get(struct cursor in, struct usr_accepted *m)
{
	m->kind = get_kind(&in, USER_SOCKET_COUNT);
	m->host = get_host(&in);
	m->port = get_port(&in);
	m->origin_host = get_host(&in);
	m->origin_port = cursor_u32(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_accepted){ 0 };
	return false;
}
