/*
 * fuzz_channel: payloads of RFC 4254, from their type byte on.
 */
#include "fuzz.h"
#include "wire/channel.h"
#include "wire/forward.h"
#include "wire/numbers.h"

static void
session_request(struct span type, struct span rest)
{
	struct cursor in = cursor_of(rest), modes;
	struct wire_pty_req pty;
	struct wire_window_change size;
	struct wire_env env;
	struct span s;
	uint32_t n, value;
	uint8_t op;
	size_t count = 0;

	if (span_is(type, "pty-req") &&
	    wire_parse_pty_req(in, &pty) == WIRE_OK) {
		fuzz_inside(pty.term, rest.p, rest.len);
		modes = cursor_of(pty.modes);
		while (wire_next_tty_mode(&modes, &op, &value)) {
			FUZZ_CHECK(op != 0 && op < TTY_OP_UNDEFINED_FROM);
			count++;
		}
		FUZZ_CHECK(count <= pty.modes.len / 5 && modes.left == 0);
	}
	fuzz_use(wire_parse_window_change(in, &size));
	fuzz_use(wire_parse_env(in, &env));
	fuzz_inside(env.value, rest.p, rest.len);
	fuzz_use(wire_parse_exec(in, &s));
	fuzz_inside(s, rest.p, rest.len);
	fuzz_use(wire_parse_subsystem(in, &s));
	fuzz_use(wire_parse_signal(in, &s));
	fuzz_use(wire_parse_break(in, &n));
}

static void
opening(uint8_t type, struct cursor in, const uint8_t *data, size_t size)
{
	struct wire_channel_open open;
	struct wire_channel_open_confirmation yes;
	struct wire_channel_open_failure no;

	struct wire_direct_tcpip to;

	if (type == SSH_MSG_CHANNEL_OPEN) {
		if (wire_parse_channel_open(in, &open) != WIRE_OK)
			FUZZ_CHECK(open.type.len == 0 && open.peer_id == 0);
		fuzz_inside(open.rest, data, size);
		fuzz_use(wire_parse_direct_tcpip(cursor_of(open.rest), &to));
		fuzz_inside(to.host, data, size);
		fuzz_inside(to.origin_host, data, size);
		fuzz_use(wire_parse_direct_streamlocal(cursor_of(open.rest),
		    &to));
		fuzz_inside(to.host, data, size);
	} else if (type == SSH_MSG_CHANNEL_OPEN_CONFIRMATION) {
		fuzz_use(wire_parse_channel_open_confirmation(in, &yes));
		fuzz_inside(yes.rest, data, size);
	} else {
		fuzz_use(wire_parse_channel_open_failure(in, &no));
		fuzz_inside(no.lang, data, size);
	}
}

/* The head that we would have put is the head that was parsed. */
static void
data_message(struct cursor in, const uint8_t *data, size_t size)
{
	uint8_t head[WIRE_CHANNEL_DATA_HEAD_BYTES];
	struct sink out = sink_of(head, sizeof head);
	struct wire_channel_data m;

	if (wire_parse_channel_data(in, &m) != WIRE_OK)
		return;
	fuzz_inside(m.data, data, size);
	FUZZ_CHECK(m.data.len == size - sizeof head);
	wire_put_channel_data_head(&out, m.chan, (uint32_t)m.data.len);
	FUZZ_CHECK(span_equal(sink_span(&out), span(data, sizeof head)));
}

static void
other(uint8_t type, struct cursor in, const uint8_t *data, size_t size)
{
	struct wire_channel_extended_data extended;
	struct wire_channel_window_adjust adjust;
	struct wire_channel_request request;
	struct wire_global_request global;
	struct span blobs[4];
	struct wire_listen at;
	size_t count;
	uint32_t chan;

	switch (type) {
	case SSH_MSG_CHANNEL_EXTENDED_DATA:
		fuzz_use(wire_parse_channel_extended_data(in, &extended));
		fuzz_inside(extended.data, data, size);
		break;
	case SSH_MSG_CHANNEL_WINDOW_ADJUST:
		fuzz_use(wire_parse_channel_window_adjust(in, &adjust));
		break;
	case SSH_MSG_CHANNEL_REQUEST:
		if (wire_parse_channel_request(in, &request) == WIRE_OK)
			session_request(request.type, request.rest);
		break;
	case SSH_MSG_GLOBAL_REQUEST:
		fuzz_use(wire_parse_global_request(in, &global));
		fuzz_inside(global.rest, data, size);
		fuzz_use(wire_parse_tcpip_forward(cursor_of(global.rest),
		    &at));
		fuzz_inside(at.host, data, size);
		fuzz_use(wire_parse_streamlocal_forward(
		    cursor_of(global.rest), &at));
		fuzz_inside(at.host, data, size);
		fuzz_use(wire_parse_hostkeys_prove(cursor_of(global.rest),
		    blobs, ARRAY_LEN(blobs), &count));
		for (size_t i = 0; i < count; i++)
			fuzz_inside(blobs[i], data, size);
		break;
	default:
		fuzz_use(wire_parse_channel_id(in, &chan));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(span(data, size));
	uint8_t type = cursor_u8(&in);

	if (type >= SSH_MSG_CHANNEL_OPEN &&
	    type <= SSH_MSG_CHANNEL_OPEN_FAILURE)
		opening(type, in, data, size);
	else if (type == SSH_MSG_CHANNEL_DATA)
		data_message(in, data, size);
	else
		other(type, in, data, size);
	return 0;
}
