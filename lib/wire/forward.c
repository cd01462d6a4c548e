/*
 * forward: codec of forwarding's fields.  Pure layer, net only; connects
 * nothing.
 *
 * Trust: every parser's in is the peer's, to the last byte.  All return
 * WIRE_SHORT, WIRE_LONG or the error named, and *out all zero then.
 */
#include "wire/forward.h"

static enum wire_err
give(struct cursor *in, const struct wire_direct_tcpip *m,
    struct wire_direct_tcpip *out)
{
	*out = (struct wire_direct_tcpip){ 0 };
	if (cursor_end(in) == WIRE_OK)
		*out = *m;
	return in->err;
}

/*
 * wire_parse_direct_tcpip - the rest of "direct-tcpip", RFC 4254 section 7.2
 *
 *	string	host to connect
 *	uint32	port to connect
 *	string	originator IP address
 *	uint32	originator port
 */
enum wire_err
wire_parse_direct_tcpip(struct cursor in, struct wire_direct_tcpip *out)
{
	struct wire_direct_tcpip m = {
		.host = cursor_string(&in),
	};

	m.port = cursor_u32(&in);
	m.origin_host = cursor_string(&in);
	m.origin_port = cursor_u32(&in);
	return give(&in, &m, out);
}

/*
 * wire_parse_direct_streamlocal - the rest of
 * "direct-streamlocal@openssh.com", PROTOCOL section 2.4
 *
 *	string	socket path		in out->host
 *	string	reserved
 *	uint32	reserved
 */
enum wire_err
wire_parse_direct_streamlocal(struct cursor in, struct wire_direct_tcpip *out)
{
	struct wire_direct_tcpip m = {
		.host = cursor_string(&in),
	};

	m.origin_host = cursor_string(&in);
	m.origin_port = cursor_u32(&in);
	return give(&in, &m, out);
}
