/*
 * dispatch: which message is legal when, and what becomes of the others.
 * net only.
 *
 * One const table; the phase is the only state that it looks at.  What is
 * not in it gets UNIMPLEMENTED (RFC 4253 section 11.4), but for the ranges
 * that must not come at all in a phase.
 */
#include <string.h>

#include "net/state.h"
#include "wire/ident.h"
#include "wire/transport.h"

#define AFTER_FIRST_KEX (NET_SERVICE | NET_AUTH | NET_PROMPT | NET_OPEN)
#define METHOD (NET_KEX | NET_GEX_REQUEST | NET_GEX_INIT)
#define EXCHANGE (METHOD | NET_NEWKEYS)
#define ANY_PHASE (NET_FIRST_KEXINIT | EXCHANGE | AFTER_FIRST_KEX)

static struct cursor
body(struct span payload)
{
	return cursor_of(span(payload.p + 1, payload.len - 1));
}

static bool
malformed(struct net *n)
{
	return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "malformed message");
}

static bool
handle_disconnect(struct net *n, struct span payload)
{
	struct wire_disconnect m;

	if (wire_parse_disconnect(body(payload), &m) != WIRE_OK)
		return malformed(n);
	n->over = true;
	net_event(n, MON_EVENT_PEER_DISCONNECT, m.reason, span(NULL, 0),
	    m.text);
	return false;
}

static bool
handle_ignore(struct net *n, struct span payload)
{
	(void)n, (void)payload;
	return true;
}

static bool
handle_debug(struct net *n, struct span payload)
{
	struct wire_debug m;

	if (wire_parse_debug(body(payload), &m) == WIRE_OK)
		net_event(n, MON_EVENT_DEBUG, 1, span_str("peer"), m.text);
	return !n->over;
}

static bool
handle_ping(struct net *n, struct span payload)
{
	struct cursor in = body(payload);
	struct span data = cursor_string(&in);
	struct sink out;

	/* As OpenSSH: what follows the string is nobody's. */
	if (in.err != WIRE_OK)
		return malformed(n);
	/* Before authentication it is passed over, as OpenSSH does. */
	if (n->phase != NET_OPEN)
		return true;
	if (data.len > CONN_PACKET_MAX_BYTES)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "PING too large");
	out = net_message(n);
	wire_put_pong(&out, data);
	return net_send(n, &out);
}

/* An answer of the peer to a request of ours: keepalives only, so far. */
static bool
handle_reply(struct net *n, struct span payload)
{
	(void)payload;
	n->alive_asked = 0;
	return true;
}

static const struct rule {
	unsigned int phases;
	bool (*handle)(struct net *n, struct span payload);
} rules[] = {
	[SSH_MSG_DISCONNECT] = { ANY_PHASE, handle_disconnect },
	[SSH_MSG_IGNORE] = { ANY_PHASE, handle_ignore },
	[SSH_MSG_UNIMPLEMENTED] = { ANY_PHASE, handle_ignore },
	[SSH_MSG_DEBUG] = { ANY_PHASE, handle_debug },
	[SSH_MSG_SERVICE_REQUEST] = { NET_SERVICE | NET_AUTH,
	    net_handle_service_request },
	[SSH_MSG_EXT_INFO] = { NET_SERVICE, net_handle_ext_info },
	[SSH_MSG_KEXINIT] = { NET_FIRST_KEXINIT | AFTER_FIRST_KEX,
	    net_handle_kexinit },
	[SSH_MSG_NEWKEYS] = { NET_NEWKEYS, net_handle_newkeys },
	[SSH_MSG_KEX_ECDH_INIT] = { NET_KEX, net_handle_kex_init },
	[SSH_MSG_KEX_DH_GEX_REQUEST] = { NET_GEX_REQUEST,
	    net_handle_gex_request },
	[SSH_MSG_KEX_DH_GEX_INIT] = { NET_GEX_INIT, net_handle_kex_init },
	[SSH_MSG_USERAUTH_REQUEST] = { NET_AUTH | NET_PROMPT,
	    net_handle_userauth },
	[SSH_MSG_USERAUTH_INFO_RESPONSE] = { NET_PROMPT,
	    net_handle_info_response },
	[SSH_MSG_GLOBAL_REQUEST] = { NET_OPEN, net_handle_global_request },
	[SSH_MSG_REQUEST_SUCCESS] = { NET_OPEN, handle_reply },
	[SSH_MSG_REQUEST_FAILURE] = { NET_OPEN, handle_reply },
	[SSH_MSG_CHANNEL_OPEN] = { NET_OPEN, net_handle_channel_open },
	[SSH_MSG_CHANNEL_OPEN_CONFIRMATION] = { NET_OPEN,
	    net_handle_open_confirmation },
	[SSH_MSG_CHANNEL_OPEN_FAILURE] = { NET_OPEN,
	    net_handle_open_failure },
	[SSH_MSG_CHANNEL_WINDOW_ADJUST] = { NET_OPEN,
	    net_handle_channel_adjust },
	[SSH_MSG_CHANNEL_DATA] = { NET_OPEN, net_handle_channel_data },
	[SSH_MSG_CHANNEL_EXTENDED_DATA] = { NET_OPEN,
	    net_handle_channel_extended },
	[SSH_MSG_CHANNEL_EOF] = { NET_OPEN, net_handle_channel_eof },
	[SSH_MSG_CHANNEL_CLOSE] = { NET_OPEN, net_handle_channel_close },
	[SSH_MSG_CHANNEL_REQUEST] = { NET_OPEN, net_handle_channel_request },
	[SSH_MSG_CHANNEL_SUCCESS] = { NET_OPEN, handle_reply },
	[SSH_MSG_CHANNEL_FAILURE] = { NET_OPEN, handle_reply },
	[SSH_MSG_PING] = { NET_FIRST_KEXINIT | AFTER_FIRST_KEX, handle_ping },
	[SSH_MSG_PONG] = { NET_FIRST_KEXINIT | AFTER_FIRST_KEX, handle_ignore },
};

/*
 * Ranges that end the connection where they are not legal, instead of an
 * UNIMPLEMENTED.  First row that covers the type and the phase.
 */
static const struct forbidden {
	unsigned int from, to;
	unsigned int phases;
	const char *text;
} forbidden[] = {
	{ 0, 0, ANY_PHASE, "invalid message type" },
	{ 255, 255, ANY_PHASE, "invalid message type" },
	/* RFC 4253 7.1: in an exchange nothing but its own messages. */
	{ 5, 7, EXCHANGE, "message during key exchange" },
	{ SSH_MSG_KEXINIT, SSH_MSG_KEXINIT, EXCHANGE,
	    "RFC 4253 7.1: KEXINIT during key exchange" },
	{ SSH_MSG_NEWKEYS, 49, EXCHANGE,
	    "out of order key exchange message" },
	{ 50, 254, EXCHANGE, "message during key exchange" },
	{ 50, 191, NET_FIRST_KEXINIT, "message before key exchange" },
	{ 194, 254, NET_FIRST_KEXINIT, "message before key exchange" },
	/* RFC 4252 section 6. */
	{ 80, 127, NET_SERVICE | NET_AUTH | NET_PROMPT,
	    "connection protocol before authentication" },
};

static unsigned int
phase_of(const struct net *n)
{
	switch (n->kex.state) {
	case KEX_INIT:
		return n->kex.want.kex->kind == KEX_GEX ? NET_GEX_REQUEST
							: NET_KEX;
	case KEX_GROUP:
		return NET_GEX_INIT;
	case KEX_NEWKEYS:
		return NET_NEWKEYS;
	case KEX_IDLE:
	case KEX_SENT:
		break;
	}
	return n->phase;
}

/* OpenSSH's strict kex: the first exchange lets nothing else through. */
static bool
strict_violation(const struct net *n, uint8_t type, unsigned int phase)
{
	if (!n->kex.strict || n->kex.first_done || type == SSH_MSG_DISCONNECT)
		return false;
	/* What the table has for these phases only, no debug and the like. */
	return (phase & EXCHANGE) != 0 && (type >= ARRAY_LEN(rules) ||
	    (rules[type].phases & phase) == 0 ||
	    (rules[type].phases & ~(unsigned int)EXCHANGE) != 0);
}

static bool
dispatch(struct net *n, struct span payload)
{
	uint8_t type = payload.p[0];
	unsigned int phase = phase_of(n);
	struct sink out;

	if (n->kex.skip_guess && n->kex.state == KEX_INIT) {
		/* RFC 4253 7.1: the guess was wrong, silently ignored. */
		n->kex.skip_guess = false;
		return true;
	}
	if (strict_violation(n, type, phase))
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "strict KEX violation: unexpected packet type");
	/* What is gathered goes first: the rest sees channels as they are. */
	if (type != SSH_MSG_CHANNEL_DATA && !net_deliver(n))
		return false;
	if (type < ARRAY_LEN(rules) && (rules[type].phases & phase) != 0)
		return rules[type].handle(n, payload);
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
		const struct forbidden *f = &forbidden[i];

		if (type >= f->from && type <= f->to && (f->phases & phase))
			return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
			    f->text);
	}
	net_debug(n, 1, "unimplemented packet type %u", type);
	out = net_message(n);
	wire_put_unimplemented(&out, n->in.seq - 1);
	return net_send(n, &out);
}

/* What a browser or a scanner sent is told in plain text, then goodbye. */
static bool
die_ident(struct net *n, struct span line, const char *told)
{
	struct net_buf *b = &n->tx;

	b->end = b->start = 0;
	memcpy(b->p, told, strlen(told));
	b->end = strlen(told);
	/* One that has hung up already is told of all the same. */
	n->over = true;
	(void)!net_flush(n);
	net_event(n, MON_EVENT_BAD_IDENT, 0, span(NULL, 0), line);
	return false;
}

/* The first line, RFC 4253 section 4.2.  True with the phase unchanged: more. */
static bool
identify(struct net *n)
{
	struct net_buf *b = &n->rx;
	size_t have = MIN(b->end - b->start, SSH_IDENT_MAX_BYTES + 2u);
	struct span line = span(b->p + b->start, have);
	const uint8_t *lf = have == 0 ? NULL : memchr(line.p, '\n', have);
	struct wire_ident ident;
	enum wire_err err;

	if (lf == NULL && have < SSH_IDENT_MAX_BYTES + 2u)
		return true;
	if (lf != NULL)
		line.len = (size_t)(lf - line.p);
	if (lf != NULL && line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	err = wire_parse_ident(line, &ident);
	if (lf == NULL || err == WIRE_LONG || err == WIRE_BAD_NAME)
		return die_ident(n, line,
		    "Invalid SSH identification string.\r\n");
	if (err != WIRE_OK)
		return die_ident(n, line, "Protocol major versions differ.\r\n");
	if (!span_copy_str(line, n->client_ident, sizeof n->client_ident))
		return die_ident(n, line,
		    "Invalid SSH identification string.\r\n");
	b->start += (size_t)(lf - (b->p + b->start)) + 1;
	n->client_is_openssh = ident.software.len >= 7 &&
	    memcmp(ident.software.p, "OpenSSH", 7) == 0;
	n->phase = NET_FIRST_KEXINIT;
	net_event(n, MON_EVENT_IDENT, 0, span(NULL, 0), line);
	return !n->over;
}

bool
net_input(struct net *n)
{
	struct net_buf *b = &n->rx;

	if (n->phase == NET_IDENT && !identify(n))
		return false;
	if (n->gather.held_until_ms != 0 && !net_deliver_or_hold(n))
		return false;
	while (n->phase != NET_IDENT && !n->waiting.active && !n->user_full &&
	    n->gather.held_until_ms == 0 && !n->over && net_tx_has_room(n)) {
		size_t used, want;
		struct span payload;
		enum packet_err err = packet_next(&n->in, b->p + b->start,
		    b->end - b->start, &used, &want, &payload);

		if (err == PACKET_MORE)
			break;
		if (err != PACKET_OK)
			return net_die_packet(n, err);
		n->packets_since_newkeys++;
		b->start += used;
		if (!dispatch(n, payload))
			return false;
	}
	return net_deliver_or_hold(n) && !n->over;
}
