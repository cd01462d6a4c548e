/*
 * over: the ways in which a connection ends, and the words about it that go
 * to the monitor, who alone has a log.  net only.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "net/state.h"
#include "run/exits.h"
#include "wire/transport.h"

int64_t
net_now_ms(void)
{
	struct timespec t;

	/* Suspended time counts: a laptop's lid is no way around a limit. */
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
net_event(struct net *n, enum mon_event_kind kind, uint32_t code,
    struct span detail, struct span text)
{
	uint8_t frame[2 * MON_EVENT_TEXT_MAX_BYTES + 64] UNINITIALIZED;
	struct sink out = sink_of(frame, sizeof frame);
	struct mon_event event = { (uint8_t)kind, code, detail, text };

	event.detail.len = MIN(detail.len, MON_EVENT_TEXT_MAX_BYTES);
	event.text.len = MIN(text.len, MON_EVENT_TEXT_MAX_BYTES);
	mon_event_put(&out, &event);
	/* A monitor that is gone is noticed by the main loop. */
	if (ipc_send(n->params->monitor_fd, sink_span(&out), NULL, 0) !=
	    IPC_OK)
		n->over = true;
}

void
net_debug(struct net *n, unsigned int level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (n->params->debug_level < level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	net_event(n, MON_EVENT_DEBUG, level, span(NULL, 0), span_str(text));
}

/*
 * Says goodbye if the state of the packets allows it.  In the middle of a
 * key exchange too: RFC 4253 section 7.1 lets a DISCONNECT through.  The
 * connection is over before that: a peer that has hung up already is not a
 * second end to tell of.
 */
void
net_goodbye(struct net *n, uint32_t reason, struct span text)
{
	struct sink out;

	n->over = true;
	if (n->phase == NET_IDENT || !net_tx_has_room(n))
		return;
	out = net_message(n);
	text.len = MIN(text.len, MON_EVENT_TEXT_MAX_BYTES);
	wire_put_disconnect(&out, reason, text);
	/* There is nobody left to tell if this fails. */
	if (net_send(n, &out))
		(void)!net_flush(n);
}

bool
net_die_told(struct net *n, uint32_t reason, struct span text)
{
	if (n->over)
		return false;
	net_goodbye(n, reason, text);
	net_event(n, MON_EVENT_DISCONNECT, reason, span(NULL, 0), text);
	return false;
}

bool
net_die_peer(struct net *n, uint32_t reason, const char *text)
{
	if (n->over)
		return false;
	net_goodbye(n, reason, span_str(text));
	net_event(n, MON_EVENT_PROTOCOL, reason, span(NULL, 0),
	    span_str(text));
	return false;
}

bool
net_die_gone(struct net *n, enum mon_event_kind kind, const char *text)
{
	if (n->over)
		return false;
	n->over = true;
	net_event(n, kind, 0, span(NULL, 0), span_str(text));
	return false;
}

bool
net_die_packet(struct net *n, enum packet_err err)
{
	uint32_t reason = err == PACKET_BAD_DEFLATE
	    ? SSH_DISCONNECT_COMPRESSION_ERROR
	    : err == PACKET_BAD_TAG ? SSH_DISCONNECT_MAC_ERROR
				    : SSH_DISCONNECT_PROTOCOL_ERROR;

	if (n->over)
		return false;
	if (err == PACKET_FAILED)
		return net_die_env(n, packet_strerror(err));
	net_goodbye(n, reason, span_str(packet_strerror(err)));
	net_event(n, MON_EVENT_BAD_PACKET, reason, span(NULL, 0),
	    span_str(packet_strerror(err)));
	return false;
}

bool
net_die_bug(struct net *n, const char *text)
{
	if (n->over)
		return false;
	n->over = true;
	n->exit_status = EXIT_BUG;
	net_event(n, MON_EVENT_BUG, EXIT_BUG, span(NULL, 0), span_str(text));
	return false;
}

bool
net_die_env(struct net *n, const char *text)
{
	if (n->over)
		return false;
	n->over = true;
	n->exit_status = EXIT_ENV;
	net_event(n, MON_EVENT_BUG, EXIT_ENV, span(NULL, 0), span_str(text));
	return false;
}
