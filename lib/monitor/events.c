/*
 * events: what net saw, in the words of the log contract.  Monitor.
 *
 * net has no log of its own.  Its texts are the peer's: each is escaped and
 * cut before it gets near a line.
 */
#include <stdio.h>
#include <string.h>

#include "base/vis.h"
#include "monitor/internal.h"
#include "run/exits.h"
#include "run/grace.h"

/* An honest net says a few things a connection; more are not logged. */
#define EVENTS_MAX_COUNT	100
#define OFFER_MAX_BYTES		700	/* a list of algorithms in full */

bool
monitor_preauth(const struct monitor *m)
{
	return !m->accepted;
}

const char *
monitor_who(const struct monitor *m, char out[static WHO_BYTES])
{
	const char *kind = !monitor_preauth(m) ? ""
	    : m->login.account.valid ? "authenticating " : "invalid ";

	out[0] = '\0';
	if (m->login.fixed)
		snprintf(out, WHO_BYTES, "%suser %s ", kind, m->login.name);
	return out;
}

/* VERB [authenticating user X ]ADDR port N */
static void
log_who(const struct monitor *m, const char *verb)
{
	char who[WHO_BYTES];

	log_event(LOG_ENDED(verb), LOG_LEVEL_INFO, monitor_preauth(m),
	    "%s %s%s port %u", verb, monitor_who(m, who),
	    m->params->peer->remote_host,
	    m->params->peer->remote_port);
}

/* BEFORE ADDR port N: TEXT */
static void
log_at(const struct monitor *m, bool preauth, const char *before,
    const char *text)
{
	log_event(LOG_ENDED(text), LOG_LEVEL_INFO, preauth,
	    "%s %s port %u: %s", before, m->params->peer->remote_host,
	    m->params->peer->remote_port, text);
}

/* No blank between port and code: that is how readers know the line. */
static void
log_peer_disconnect(const struct monitor *m, uint32_t code, const char *text)
{
	log_event(LOG_ENDED(text), LOG_LEVEL_INFO, monitor_preauth(m),
	    "Received disconnect from %s port %u:%u: %s",
	    m->params->peer->remote_host, m->params->peer->remote_port, code,
	    text);
	log_who(m, "Disconnected from");
}

static void
log_disconnect(const struct monitor *m, const char *text)
{
	char who[WHO_BYTES];

	log_event(LOG_ENDED(text), LOG_LEVEL_INFO, monitor_preauth(m),
	    "Disconnecting %s%s port %u: %s", monitor_who(m, who),
	    m->params->peer->remote_host, m->params->peer->remote_port, text);
}

static void
log_bad_ident(const struct monitor *m, const char *text)
{
	/* One line at the default level: a port scan is worth no more. */
	log_line(LOG_LEVEL_VERBOSE, false, "kex_exchange_identification: "
	    "client sent invalid protocol identifier \"%s\"", text);
	log_at(m, false, "banner exchange: Connection from",
	    "invalid format");
}

static void
log_no_match(const struct monitor *m, const char *what, struct span offer)
{
	char list[OFFER_MAX_BYTES];

	vis_text(offer, list, sizeof list);
	log_event(LOG_ENDED(what), LOG_LEVEL_INFO, true, "Unable to negotiate "
	    "with %s port %u: no matching %s found. Their offer: %s",
	    m->params->peer->remote_host, m->params->peer->remote_port, what,
	    list);
}

static void
log_debug(const struct monitor *m, uint32_t code, struct span text)
{
	enum log_level level = code <= 1 ? LOG_LEVEL_DEBUG1
	    : code == 2 ? LOG_LEVEL_DEBUG2 : LOG_LEVEL_DEBUG3;
	char shown[OFFER_MAX_BYTES];

	if (log_wanted(level))
		log_line(level, monitor_preauth(m), "net: %s",
		    vis_text(text, shown, sizeof shown));
}

/* How the connection ended, by the peer's doing or its silence. */
static void
log_gone(const struct monitor *m, const struct mon_event *ev, const char *text)
{
	switch (ev->kind) {
	case MON_EVENT_PEER_CLOSED:
		log_who(m, "Connection closed by");
		break;
	case MON_EVENT_PEER_RESET:
		log_who(m, "Connection reset by");
		break;
	case MON_EVENT_PEER_DISCONNECT:
		log_peer_disconnect(m, ev->code, text);
		break;
	case MON_EVENT_NO_IDENT:
		log_event(LOG_EVENT(LOG_EVENT_DISCONNECT), LOG_LEVEL_INFO,
		    false, "Did not receive identification string from "
		    "%s port %u",
		    m->params->peer->remote_host,
		    m->params->peer->remote_port);
		break;
	case MON_EVENT_GRACE:
		grace_said();
		log_event(LOG_EVENT(LOG_EVENT_DISCONNECT), LOG_LEVEL_FATAL,
		    false, "Timeout before authentication for %s port %u",
		    m->params->peer->remote_host,
		    m->params->peer->remote_port);
		break;
	case MON_EVENT_UNUSED:
		log_who(m, "terminating inactive connection from");
		break;
	case MON_EVENT_IDLE:
		log_line(LOG_LEVEL_VERBOSE, false, "channel %u: %s", ev->code,
		    text);
		break;
	case MON_EVENT_TIMEOUT:
		log_who(m, "Timeout, client not responding from");
		break;
	default:
		break;
	}
}

/* What was wrong with it, by the peer's doing or, at the end, by ours. */
static void
log_fault(struct monitor *m, const struct mon_event *ev, const char *text)
{
	char kind[LOG_NAME_BYTES];

	switch (ev->kind) {
	case MON_EVENT_DISCONNECT:
		/* The monitor has logged why, if it was its decision. */
		if (!m->goodbye_logged)
			log_disconnect(m, text);
		break;
	case MON_EVENT_BAD_IDENT:
		log_bad_ident(m, text);
		if (m->params->peer->transport == PEER_PIPE)
			m->status = EXIT_NOT_SSH;
		break;
	case MON_EVENT_NO_MATCH:
		log_no_match(m, vis_text(ev->detail, kind, sizeof kind),
		    ev->text);
		break;
	case MON_EVENT_PROTOCOL:
	case MON_EVENT_BAD_PACKET:
		log_at(m, monitor_preauth(m),
		    "ssh_dispatch_run_fatal: Connection from", text);
		break;
	case MON_EVENT_BUG:
		log_line(LOG_LEVEL_ERROR, monitor_preauth(m), "%s: %s",
		    ev->code == EXIT_ENV ? "net cannot go on"
					 : "internal error in net", text);
		monitor_fail(m, ev->code == EXIT_ENV ? EXIT_ENV : EXIT_BUG);
		break;
	default:
		log_gone(m, ev, text);
		break;
	}
}

/* MON_REQ_EVENT */
bool
asroot_event(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	struct mon_event ev;
	char text[4 * LOG_NAME_BYTES];
	unsigned int *count;

	if (!mon_event_get(frame->body, &ev))
		return false;
	switch (ev.kind) {
	case MON_EVENT_DEBUG:
		log_debug(m, ev.code, ev.text);
		return true;
	case MON_EVENT_IDENT:
		log_about(LOG_ABOUT_CLIENT, vis_text(ev.text, text,
		    LOG_ABOUT_BYTES));
		log_debug(m, 1, ev.text);
		return true;
	case MON_EVENT_NEGOTIATED:
		log_debug(m, 1, ev.text);
		return true;
	default:
		break;
	}
	/* Of those there may be many, and the end is still to be told. */
	count = ev.kind == MON_EVENT_IDLE ? &m->idle_events : &m->events;
	if (++*count > EVENTS_MAX_COUNT && ev.kind != MON_EVENT_BUG)
		return true;
	/* A name or a line of the peer's is 100 bytes; our own texts more. */
	vis_text(ev.text, text, ev.kind == MON_EVENT_BAD_IDENT ?
	    LOG_NAME_BYTES : sizeof text);
	log_fault(m, &ev, text);
	return true;
}

/* MON_REQ_DONE: net's last message. */
bool
asroot_done(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	struct mon_done done;

	if (!mon_done_get(frame->body, &done))
		return false;
	if (!monitor_preauth(m)) {
		log_event(&(struct log_event){ .kind = LOG_EVENT_TRANSFERRED,
		    .bytes_in = done.received_bytes,
		    .bytes_out = done.sent_bytes }, LOG_LEVEL_VERBOSE, false,
		    "Transferred: sent %llu, received %llu bytes",
		    (unsigned long long)done.sent_bytes,
		    (unsigned long long)done.received_bytes);
		log_line(LOG_LEVEL_VERBOSE, false,
		    "Closing connection to %s port %u",
		    m->params->peer->remote_host,
		    m->params->peer->remote_port);
	}
	m->phase = PHASE_END;
	return true;
}
