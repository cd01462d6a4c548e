/*
 * channel: codec of the channel messages and of global requests.  Pure
 * layer, net only; knows no channel.
 *
 * Trust: every parser's in is the peer's, to the last byte.  All return
 * WIRE_SHORT, WIRE_LONG or the error named, and *out all zero then.  Only
 * form is judged: an absurd window or an unknown type is conn/'s business.
 */
#include "wire/channel.h"
#include "wire/numbers.h"

/*
 * wire_parse_channel_open - decode SSH_MSG_CHANNEL_OPEN, RFC 4254 section 5.1
 *
 *	string	channel type			WIRE_BAD_NAME if it is none
 *	uint32	sender channel
 *	uint32	initial window size		bytes
 *	uint32	maximum packet size		bytes
 *	....	channel type specific data	left unparsed in out->rest
 */
enum wire_err
wire_parse_channel_open(struct cursor in, struct wire_channel_open *out)
{
	struct wire_channel_open m = {
		.type = cursor_name(&in),
	};

	m.peer_id = cursor_u32(&in);
	m.window_bytes = cursor_u32(&in);
	m.packet_max_bytes = cursor_u32(&in);
	m.rest = cursor_rest(&in);

	*out = (struct wire_channel_open){ 0 };
	if (in.err == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_channel_open(struct sink *out, const char *type, uint32_t our_id,
    uint32_t window_bytes, uint32_t packet_max_bytes)
{
	sink_u8(out, SSH_MSG_CHANNEL_OPEN);
	sink_cstring(out, type);
	sink_u32(out, our_id);
	sink_u32(out, window_bytes);
	sink_u32(out, packet_max_bytes);
}

/*
 * wire_parse_channel_open_confirmation - RFC 4254 section 5.1
 *
 *	uint32	recipient channel
 *	uint32	sender channel
 *	uint32	initial window size		bytes
 *	uint32	maximum packet size		bytes
 *	....	channel type specific data	left unparsed in out->rest
 */
enum wire_err
wire_parse_channel_open_confirmation(struct cursor in,
    struct wire_channel_open_confirmation *out)
{
	struct wire_channel_open_confirmation m = {
		.chan = cursor_u32(&in),
	};

	m.peer_id = cursor_u32(&in);
	m.window_bytes = cursor_u32(&in);
	m.packet_max_bytes = cursor_u32(&in);
	m.rest = cursor_rest(&in);

	*out = (struct wire_channel_open_confirmation){ 0 };
	if (in.err == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_channel_open_confirmation(struct sink *out, uint32_t peer_id,
    uint32_t our_id, uint32_t window_bytes, uint32_t packet_max_bytes)
{
	sink_u8(out, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	sink_u32(out, peer_id);
	sink_u32(out, our_id);
	sink_u32(out, window_bytes);
	sink_u32(out, packet_max_bytes);
}

/*
 * wire_parse_channel_open_failure - RFC 4254 section 5.1
 *
 *	uint32	recipient channel
 *	uint32	reason code
 *	string	description in ISO-10646 UTF-8 encoding
 *	string	language tag
 */
enum wire_err
wire_parse_channel_open_failure(struct cursor in,
    struct wire_channel_open_failure *out)
{
	struct wire_channel_open_failure m = {
		.chan = cursor_u32(&in),
	};

	m.reason = cursor_u32(&in);
	m.text = cursor_string(&in);
	m.lang = cursor_string(&in);

	*out = (struct wire_channel_open_failure){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_channel_open_failure(struct sink *out, uint32_t peer_id,
    uint32_t reason, struct span text)
{
	sink_u8(out, SSH_MSG_CHANNEL_OPEN_FAILURE);
	sink_u32(out, peer_id);
	sink_u32(out, reason);
	sink_string(out, text);
	sink_cstring(out, "");
}

/*
 * wire_parse_channel_window_adjust - RFC 4254 section 5.2
 *
 *	uint32	recipient channel
 *	uint32	bytes to add
 */
enum wire_err
wire_parse_channel_window_adjust(struct cursor in,
    struct wire_channel_window_adjust *out)
{
	struct wire_channel_window_adjust m = {
		.chan = cursor_u32(&in),
	};

	m.bytes = cursor_u32(&in);

	*out = (struct wire_channel_window_adjust){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_channel_window_adjust(struct sink *out, uint32_t peer_id,
    uint32_t bytes)
{
	sink_u8(out, SSH_MSG_CHANNEL_WINDOW_ADJUST);
	sink_u32(out, peer_id);
	sink_u32(out, bytes);
}

/*
 * wire_parse_channel_data - RFC 4254 section 5.2
 *
 *	uint32	recipient channel
 *	string	data
 */
enum wire_err
wire_parse_channel_data(struct cursor in, struct wire_channel_data *out)
{
	struct wire_channel_data m = {
		.chan = cursor_u32(&in),
	};

	m.data = cursor_string(&in);

	*out = (struct wire_channel_data){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/*
 * wire_put_channel_data_head - all of SSH_MSG_CHANNEL_DATA but the data
 *
 * Writes WIRE_CHANNEL_DATA_HEAD_BYTES; the caller has read len bytes into
 * the place behind them already.
 */
void
wire_put_channel_data_head(struct sink *out, uint32_t peer_id, uint32_t len)
{
	sink_u8(out, SSH_MSG_CHANNEL_DATA);
	sink_u32(out, peer_id);
	sink_u32(out, len);
}

/*
 * wire_parse_channel_extended_data - RFC 4254 section 5.2
 *
 *	uint32	recipient channel
 *	uint32	data_type_code
 *	string	data
 */
enum wire_err
wire_parse_channel_extended_data(struct cursor in,
    struct wire_channel_extended_data *out)
{
	struct wire_channel_extended_data m = {
		.chan = cursor_u32(&in),
	};

	m.code = cursor_u32(&in);
	m.data = cursor_string(&in);

	*out = (struct wire_channel_extended_data){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/* Likewise WIRE_CHANNEL_EXTENDED_DATA_HEAD_BYTES. */
void
wire_put_channel_extended_data_head(struct sink *out, uint32_t peer_id,
    uint32_t code, uint32_t len)
{
	sink_u8(out, SSH_MSG_CHANNEL_EXTENDED_DATA);
	sink_u32(out, peer_id);
	sink_u32(out, code);
	sink_u32(out, len);
}

/*
 * wire_parse_channel_id - CHANNEL_EOF, _CLOSE, RFC 4254 5.3; _SUCCESS,
 * _FAILURE, 5.4
 *
 *	uint32	recipient channel
 */
enum wire_err
wire_parse_channel_id(struct cursor in, uint32_t *chan)
{
	uint32_t n = cursor_u32(&in);

	*chan = cursor_end(&in) == WIRE_OK ? n : 0;
	return in.err;
}

static void
put_channel_id(struct sink *out, enum ssh_msg type, uint32_t peer_id)
{
	sink_u8(out, (uint8_t)type);
	sink_u32(out, peer_id);
}

void
wire_put_channel_eof(struct sink *out, uint32_t peer_id)
{
	put_channel_id(out, SSH_MSG_CHANNEL_EOF, peer_id);
}

void
wire_put_channel_close(struct sink *out, uint32_t peer_id)
{
	put_channel_id(out, SSH_MSG_CHANNEL_CLOSE, peer_id);
}

void
wire_put_channel_success(struct sink *out, uint32_t peer_id)
{
	put_channel_id(out, SSH_MSG_CHANNEL_SUCCESS, peer_id);
}

void
wire_put_channel_failure(struct sink *out, uint32_t peer_id)
{
	put_channel_id(out, SSH_MSG_CHANNEL_FAILURE, peer_id);
}

/*
 * wire_parse_global_request - decode SSH_MSG_GLOBAL_REQUEST, RFC 4254 4
 *
 *	string	request name			WIRE_BAD_NAME if it is none
 *	boolean	want reply
 *	....	request-specific data		left unparsed in out->rest
 */
enum wire_err
wire_parse_global_request(struct cursor in, struct wire_global_request *out)
{
	struct wire_global_request m = {
		.name = cursor_name(&in),
	};

	m.want_reply = cursor_bool(&in);
	m.rest = cursor_rest(&in);

	*out = (struct wire_global_request){ 0 };
	if (in.err == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_global_request_head(struct sink *out, const char *name,
    bool want_reply)
{
	sink_u8(out, SSH_MSG_GLOBAL_REQUEST);
	sink_cstring(out, name);
	sink_bool(out, want_reply);
}

/* What the request's kind wants in its answer, the caller appends. */
void
wire_put_request_success(struct sink *out)
{
	sink_u8(out, SSH_MSG_REQUEST_SUCCESS);
}

void
wire_put_request_failure(struct sink *out)
{
	sink_u8(out, SSH_MSG_REQUEST_FAILURE);
}

/* Nobody knows this request: a live peer answers REQUEST_FAILURE. */
void
wire_put_keepalive_global(struct sink *out)
{
	wire_put_global_request_head(out, "keepalive@openssh.com", true);
}

/*
 * wire_put_hostkeys - hostkeys-00@openssh.com: all host keys of this server
 *
 *	string[]	public key blobs, to the end
 */
void
wire_put_hostkeys(struct sink *out, const struct span *blobs, size_t count)
{
	wire_put_global_request_head(out, "hostkeys-00@openssh.com", false);
	for (size_t i = 0; i < count; i++)
		sink_string(out, blobs[i]);
}

/*
 * wire_parse_hostkeys_prove - the rest of hostkeys-prove-00@openssh.com
 *
 *	string[]	public key blobs, to the end
 *
 * More than max is WIRE_LONG, none WIRE_SHORT; *count is 0 then.
 */
enum wire_err
wire_parse_hostkeys_prove(struct cursor in, struct span *blobs, size_t max,
    size_t *count)
{
	size_t n = 0;

	*count = 0;
	do {
		if (n == max) {
			cursor_fail(&in, WIRE_LONG);
			break;
		}
		blobs[n++] = cursor_string(&in);
	} while (in.err == WIRE_OK && in.left > 0);
	if (in.err == WIRE_OK)
		*count = n;
	return in.err;
}
