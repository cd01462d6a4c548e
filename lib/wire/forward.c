/*
 * forward: codec of forwarding's fields.  Pure layer, net only; connects
 * nothing.
 *
 * Trust: every parser's in is the peer's, to the last byte.  All return
 * WIRE_SHORT, WIRE_LONG or the error named, and *out all zero then.
 */
#include "wire/forward.h"
#include "wire/numbers.h"

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

static enum wire_err
give_listen(struct cursor *in, const struct wire_listen *m,
    struct wire_listen *out)
{
	*out = (struct wire_listen){ 0 };
	if (cursor_end(in) == WIRE_OK)
		*out = *m;
	return in->err;
}

/*
 * wire_parse_tcpip_forward - the rest of "tcpip-forward" and
 * "cancel-tcpip-forward", RFC 4254 section 7.1
 *
 *	string	address to bind
 *	uint32	port number to bind
 */
enum wire_err
wire_parse_tcpip_forward(struct cursor in, struct wire_listen *out)
{
	struct wire_listen m = { .host = cursor_string(&in) };

	m.port = cursor_u32(&in);
	return give_listen(&in, &m, out);
}

/*
 * wire_parse_streamlocal_forward - the rest of
 * "streamlocal-forward@openssh.com" and its cancellation, PROTOCOL 2.4
 *
 *	string	socket path
 */
enum wire_err
wire_parse_streamlocal_forward(struct cursor in, struct wire_listen *out)
{
	const struct wire_listen m = { .host = cursor_string(&in) };

	return give_listen(&in, &m, out);
}

void
wire_put_tcpip_forward_success(struct sink *out, bool with_port,
    uint32_t port)
{
	sink_u8(out, SSH_MSG_REQUEST_SUCCESS);
	if (with_port)
		sink_u32(out, port);
}

/*
 * wire_put_forwarded_tcpip - RFC 4254 section 7.2
 *
 *	string	address that was connected
 *	uint32	port that was connected
 *	string	originator IP address
 *	uint32	originator port
 */
void
wire_put_forwarded_tcpip(struct sink *out, struct span host, uint32_t port,
    struct span origin_host, uint32_t origin_port)
{
	sink_string(out, host);
	sink_u32(out, port);
	sink_string(out, origin_host);
	sink_u32(out, origin_port);
}

/*
 * wire_put_forwarded_streamlocal - PROTOCOL section 2.4
 *
 *	string	socket path
 *	string	reserved
 */
void
wire_put_forwarded_streamlocal(struct sink *out, struct span path)
{
	sink_string(out, path);
	sink_cstring(out, "");
}
