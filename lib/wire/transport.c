/*
 * transport: codec of the generic transport messages.  Pure layer, net only;
 * acts on none of them.
 *
 * Trust: every parser's in is the peer's, to the last byte.  All return
 * WIRE_SHORT, WIRE_LONG or the error named, and *out all zero then.
 */
#include "wire/numbers.h"
#include "wire/transport.h"

enum wire_err
wire_parse_empty(struct cursor in)
{
	return cursor_end(&in);
}

/*
 * wire_parse_disconnect - decode SSH_MSG_DISCONNECT, RFC 4253 section 11.1
 *
 *	uint32	reason code
 *	string	description in ISO-10646 UTF-8 encoding
 *	string	language tag
 *
 * A sender that leaves out the language tag, or the description too, is
 * understood: it is leaving, and what it said belongs in the log.
 */
enum wire_err
wire_parse_disconnect(struct cursor in, struct wire_disconnect *out)
{
	struct wire_disconnect m = {
		.reason = cursor_u32(&in),
	};

	if (in.left > 0)
		m.text = cursor_string(&in);
	if (in.left > 0)
		m.lang = cursor_string(&in);

	*out = (struct wire_disconnect){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_disconnect(struct sink *out, uint32_t reason, struct span text)
{
	sink_u8(out, SSH_MSG_DISCONNECT);
	sink_u32(out, reason);
	sink_string(out, text);
	sink_cstring(out, "");
}

/*
 * wire_parse_unimplemented - decode SSH_MSG_UNIMPLEMENTED, RFC 4253 11.4
 *
 *	uint32	packet sequence number of rejected message
 */
enum wire_err
wire_parse_unimplemented(struct cursor in, uint32_t *seq)
{
	uint32_t n = cursor_u32(&in);

	*seq = cursor_end(&in) == WIRE_OK ? n : 0;
	return in.err;
}

void
wire_put_unimplemented(struct sink *out, uint32_t seq)
{
	sink_u8(out, SSH_MSG_UNIMPLEMENTED);
	sink_u32(out, seq);
}

/* A message that is one string: IGNORE, PING, SERVICE_REQUEST's cousins. */
static enum wire_err
parse_string(struct cursor in, struct span *out)
{
	struct span s = cursor_string(&in);

	*out = span(NULL, 0);
	if (cursor_end(&in) == WIRE_OK)
		*out = s;
	return in.err;
}

static void
put_string(struct sink *out, enum ssh_msg type, struct span s)
{
	sink_u8(out, (uint8_t)type);
	sink_string(out, s);
}

/*
 * wire_parse_ignore - decode SSH_MSG_IGNORE, RFC 4253 section 11.2
 *
 *	string	data
 */
enum wire_err
wire_parse_ignore(struct cursor in, struct span *data)
{
	return parse_string(in, data);
}

void
wire_put_ignore(struct sink *out, struct span data)
{
	put_string(out, SSH_MSG_IGNORE, data);
}

/*
 * wire_parse_debug - decode SSH_MSG_DEBUG, RFC 4253 section 11.3
 *
 *	boolean	always_display
 *	string	message in ISO-10646 UTF-8 encoding
 *	string	language tag
 */
enum wire_err
wire_parse_debug(struct cursor in, struct wire_debug *out)
{
	struct wire_debug m = {
		.always_display = cursor_bool(&in),
	};

	m.text = cursor_string(&in);
	m.lang = cursor_string(&in);

	*out = (struct wire_debug){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_debug(struct sink *out, bool always_display, struct span text)
{
	sink_u8(out, SSH_MSG_DEBUG);
	sink_bool(out, always_display);
	sink_string(out, text);
	sink_cstring(out, "");
}

/*
 * wire_parse_service_request - decode SSH_MSG_SERVICE_REQUEST, RFC 4253 10
 *
 *	string	service name		WIRE_BAD_NAME if it is none
 */
enum wire_err
wire_parse_service_request(struct cursor in, struct span *name)
{
	struct span s = cursor_name(&in);

	*name = span(NULL, 0);
	if (cursor_end(&in) == WIRE_OK)
		*name = s;
	return in.err;
}

void
wire_put_service_accept(struct sink *out, struct span name)
{
	put_string(out, SSH_MSG_SERVICE_ACCEPT, name);
}

/*
 * wire_parse_ext_info - decode SSH_MSG_EXT_INFO, RFC 8308 section 2.3
 *
 *	uint32	nr-extensions
 *	repeat the following 2 fields "nr-extensions" times:
 *	string	extension-name		WIRE_BAD_NAME if it is none
 *	string	extension-value (binary)
 *
 * The whole message is judged here, so that wire_next_ext() cannot fail
 * half-way.  Over WIRE_EXT_MAX_COUNT pairs is WIRE_BAD_VALUE.
 */
enum wire_err
wire_parse_ext_info(struct cursor in, struct wire_ext_info *out)
{
	struct wire_ext_info m = {
		.left = cursor_u32(&in),
	};

	m.in = in;
	if (m.left > WIRE_EXT_MAX_COUNT)
		cursor_fail(&in, WIRE_BAD_VALUE);
	for (uint32_t i = 0; i < m.left && in.err == WIRE_OK; i++) {
		(void)cursor_name(&in);
		(void)cursor_string(&in);
	}

	*out = (struct wire_ext_info){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/* The next pair; false, with *out empty, after the last one. */
bool
wire_next_ext(struct wire_ext_info *info, struct wire_ext *out)
{
	*out = (struct wire_ext){ 0 };
	if (info->left == 0)
		return false;
	info->left--;
	out->name = cursor_name(&info->in);
	out->value = cursor_string(&info->in);
	return info->in.err == WIRE_OK;
}

void
wire_put_ext_info(struct sink *out, const struct wire_ext *ext, size_t count)
{
	sink_u8(out, SSH_MSG_EXT_INFO);
	sink_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		sink_string(out, ext[i].name);
		sink_string(out, ext[i].value);
	}
}

void
wire_put_newkeys(struct sink *out)
{
	sink_u8(out, SSH_MSG_NEWKEYS);
}

/*
 * wire_parse_ping - decode SSH_MSG_PING, of ping@openssh.com
 *
 *	string	data		to be returned in SSH_MSG_PONG
 */
enum wire_err
wire_parse_ping(struct cursor in, struct span *data)
{
	return parse_string(in, data);
}

void
wire_put_ping(struct sink *out, struct span data)
{
	put_string(out, SSH_MSG_PING, data);
}

void
wire_put_pong(struct sink *out, struct span data)
{
	put_string(out, SSH_MSG_PONG, data);
}
