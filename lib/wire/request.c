/*
 * request: codec of channel requests.  Pure layer, net only; grants nothing.
 *
 * Trust: every parser's in is the peer's, to the last byte.  All return
 * WIRE_SHORT, WIRE_LONG or the error named, and *out all zero then.
 */
#include "wire/numbers.h"
#include "wire/request.h"

/*
 * wire_parse_channel_request - decode SSH_MSG_CHANNEL_REQUEST, RFC 4254 5.4
 *
 *	uint32	recipient channel
 *	string	request type			WIRE_BAD_NAME if it is none
 *	boolean	want reply
 *	....	type-specific data		left unparsed in out->rest
 */
enum wire_err
wire_parse_channel_request(struct cursor in, struct wire_channel_request *out)
{
	struct wire_channel_request m = {
		.chan = cursor_u32(&in),
	};

	m.type = cursor_name(&in);
	m.want_reply = cursor_bool(&in);
	m.rest = cursor_rest(&in);

	*out = (struct wire_channel_request){ 0 };
	if (in.err == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_channel_request_head(struct sink *out, uint32_t peer_id,
    const char *type, bool want_reply)
{
	sink_u8(out, SSH_MSG_CHANNEL_REQUEST);
	sink_u32(out, peer_id);
	sink_cstring(out, type);
	sink_bool(out, want_reply);
}

/*
 * wire_parse_pty_req - the rest of "pty-req", RFC 4254 section 6.2
 *
 *	string	TERM environment variable value (e.g., vt100)
 *	uint32	terminal width, characters (e.g., 80)
 *	uint32	terminal height, rows (e.g., 24)
 *	uint32	terminal width, pixels (e.g., 640)
 *	uint32	terminal height, pixels (e.g., 480)
 *	string	encoded terminal modes
 */
enum wire_err
wire_parse_pty_req(struct cursor in, struct wire_pty_req *out)
{
	struct wire_pty_req m = {
		.term = cursor_string(&in),
	};

	m.cols = cursor_u32(&in);
	m.rows = cursor_u32(&in);
	m.width = cursor_u32(&in);
	m.height = cursor_u32(&in);
	m.modes = cursor_string(&in);

	*out = (struct wire_pty_req){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/*
 * wire_next_tty_mode - the next opcode and its argument, RFC 4254 section 8
 *
 *	byte	opcode		1 to 159; 0 ends the stream
 *	uint32	argument
 *
 * Returns false at the end: TTY_OP_END, an opcode from 160 on (the RFC says
 * that parsing stops there), the last byte, or half an argument, which is
 * dropped.  Nothing that a terminal setting says is worth a disconnect.
 */
bool
wire_next_tty_mode(struct cursor *modes, uint8_t *op, uint32_t *value)
{
	uint8_t opcode = 0;

	*op = TTY_OP_END;
	*value = 0;
	if (modes->left > 0)
		opcode = cursor_u8(modes);
	if (opcode == TTY_OP_END || opcode >= TTY_OP_UNDEFINED_FROM) {
		(void)cursor_rest(modes);
		return false;
	}
	*value = cursor_u32(modes);
	if (modes->err != WIRE_OK)
		return false;
	*op = opcode;
	return true;
}

/*
 * wire_parse_window_change - the rest of "window-change", RFC 4254 6.7
 *
 *	uint32 x 4	as in "pty-req"
 */
enum wire_err
wire_parse_window_change(struct cursor in, struct wire_window_change *out)
{
	struct wire_window_change m = {
		.cols = cursor_u32(&in),
	};

	m.rows = cursor_u32(&in);
	m.width = cursor_u32(&in);
	m.height = cursor_u32(&in);

	*out = (struct wire_window_change){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/*
 * wire_parse_env - the rest of "env", RFC 4254 section 6.4
 *
 *	string	variable name
 *	string	variable value
 *
 * Either may hold any byte, NUL and '=' too: user refuses those.
 */
enum wire_err
wire_parse_env(struct cursor in, struct wire_env *out)
{
	struct wire_env m = {
		.name = cursor_string(&in),
	};

	m.value = cursor_string(&in);

	*out = (struct wire_env){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

static enum wire_err
parse_string(struct cursor in, struct span *out)
{
	struct span s = cursor_string(&in);

	*out = span(NULL, 0);
	if (cursor_end(&in) == WIRE_OK)
		*out = s;
	return in.err;
}

/*
 * wire_parse_exec - the rest of "exec", RFC 4254 section 6.5
 *
 *	string	command			any bytes
 */
enum wire_err
wire_parse_exec(struct cursor in, struct span *command)
{
	return parse_string(in, command);
}

/*
 * wire_parse_subsystem - the rest of "subsystem", RFC 4254 section 6.5
 *
 *	string	subsystem name		any bytes: it is only looked up
 */
enum wire_err
wire_parse_subsystem(struct cursor in, struct span *name)
{
	return parse_string(in, name);
}

/*
 * wire_parse_signal - the rest of "signal", RFC 4254 section 6.9
 *
 *	string	signal name (without the "SIG" prefix)
 */
enum wire_err
wire_parse_signal(struct cursor in, struct span *name)
{
	return parse_string(in, name);
}

/*
 * wire_parse_break - the rest of "break", RFC 4335 section 3
 *
 *	uint32	break-length in milliseconds
 */
enum wire_err
wire_parse_break(struct cursor in, uint32_t *length_ms)
{
	uint32_t n = cursor_u32(&in);

	*length_ms = cursor_end(&in) == WIRE_OK ? n : 0;
	return in.err;
}

/* RFC 4254 section 6.10; a status has no answer. */
void
wire_put_exit_status(struct sink *out, uint32_t peer_id, uint32_t status)
{
	wire_put_channel_request_head(out, peer_id, "exit-status", false);
	sink_u32(out, status);
}

/*
 * wire_put_exit_signal - RFC 4254 section 6.10
 *
 *	string	signal name (without the "SIG" prefix)
 *	boolean	core dumped
 *	string	error message in ISO-10646 UTF-8 encoding
 *	string	language tag		empty
 */
void
wire_put_exit_signal(struct sink *out, uint32_t peer_id, struct span name,
    bool core_dumped, struct span text)
{
	wire_put_channel_request_head(out, peer_id, "exit-signal", false);
	sink_string(out, name);
	sink_bool(out, core_dumped);
	sink_string(out, text);
	sink_cstring(out, "");
}

/* End of write, OpenSSH's PROTOCOL section 2.1: nobody reads any more. */
void
wire_put_eow(struct sink *out, uint32_t peer_id)
{
	wire_put_channel_request_head(out, peer_id, "eow@openssh.com", false);
}

/* Nobody knows this request: the answer is CHANNEL_FAILURE. */
void
wire_put_keepalive_channel(struct sink *out, uint32_t peer_id)
{
	wire_put_channel_request_head(out, peer_id, "keepalive@openssh.com",
	    true);
}
