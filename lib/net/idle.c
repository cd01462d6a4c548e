/*
 * idle: ChannelTimeout, the end of channels that nothing goes through.  net
 * only.
 *
 * Traffic is what a command or a socket gave or took, never what the peer
 * sends: a peer cannot keep open what nobody reads.
 */
#include <stdio.h>

#include "base/pattern.h"
#include "net/state.h"

/* Stands for all channels together, and for no type. */
#define GLOBAL "global"

/* The first pattern for one of the names; none: no limit. */
static uint32_t
seconds_for(const struct mon_limits *limits, const char *a, const char *b)
{
	struct cursor in = cursor_of(span(limits->channel_timeouts,
	    limits->channel_timeouts_len));

	while (in.left > 0) {
		uint32_t sec = cursor_u32(&in);
		struct span pattern = cursor_string(&in);

		if (pattern_match(span_str(a), pattern) ||
		    (b[0] != '\0' && pattern_match(span_str(b), pattern)))
			return sec;
	}
	return 0;
}

static uint32_t
global_seconds(const struct mon_limits *limits)
{
	struct cursor in = cursor_of(span(limits->channel_timeouts,
	    limits->channel_timeouts_len));

	while (in.left > 0) {
		uint32_t sec = cursor_u32(&in);

		if (span_is(cursor_string(&in), GLOBAL))
			return sec;
	}
	return 0;
}

void
net_idle_name(struct net *n, struct net_chan *c, const char *type,
    const char *kind, struct span what)
{
	c->type = type;
	snprintf(c->label, sizeof c->label, "%s%s%.*s", type, kind,
	    (int)MIN(what.len, sizeof c->label), (const char *)what.p);
	c->idle_sec = seconds_for(&n->limits, c->type, c->label);
	c->used = true;
}

void
net_idle_limits(struct net *n)
{
	n->idle_sec = global_seconds(&n->limits);
	n->idle_watched = n->limits.channel_timeouts_len > 0;
	for (size_t i = 0; i < ARRAY_LEN(n->chan); i++) {
		struct net_chan *c = n->chan[i];

		if (c != NULL && c->type != NULL)
			c->idle_sec = seconds_for(&n->limits, c->type,
			    c->label);
	}
}

/* Is there something to end?  A request that user works on comes first. */
static bool
may_idle(const struct net *n, uint32_t id)
{
	const struct net_chan *c = n->chan[id];

	return c != NULL && c->started && !c->let_go &&
	    n->conn->chan[id].state == CHAN_OPEN &&
	    !n->conn->chan[id].sent_close &&
	    !(n->waiting.active && n->waiting.chan == id);
}

/* Traffic left a mark: here it gets its time. */
static void
take_marks(struct net *n, int64_t now_ms)
{
	for (uint32_t id = 0; id < n->conn->end; id++) {
		struct net_chan *c = n->chan[id];

		if (c == NULL || !c->used)
			continue;
		c->used = false;
		c->used_ms = n->used_ms = now_ms;
	}
}

/* When its time is up, by its own limit or by that of all; 0: never. */
static int64_t
end_of(const struct net *n, const struct net_chan *c)
{
	int64_t own = c->used_ms + 1000 * (int64_t)c->idle_sec;
	int64_t all = n->used_ms + 1000 * (int64_t)n->idle_sec;

	if (c->idle_sec == 0 || n->idle_sec == 0)
		return c->idle_sec != 0 ? own : n->idle_sec != 0 ? all : 0;
	return MIN(own, all);
}

/*
 * The command is left alone, but for its descriptors; user forgets the
 * channel now, and the peer is told without an exit status, as soon as it can
 * be told anything.
 */
static bool
let_go(struct net *n, uint32_t id, uint32_t sec)
{
	struct net_chan *c = n->chan[id];
	uint8_t frame[16];
	struct sink out = sink_of(frame, sizeof frame);
	char text[64];

	snprintf(text, sizeof text, "closing after %u seconds of inactivity",
	    sec);
	net_event(n, MON_EVENT_IDLE, id, span(NULL, 0), span_str(text));
	if (n->gather.id == id && !net_deliver(n))
		return false;
	net_chan_close_in(c);
	net_chan_close_out(c);
	net_chan_close_err(c);
	c->let_go = c->exited = c->exit_sent = true;
	c->eow_due = false;
	usr_chan_put(&out, USER_REQ_CLOSE, id);
	return net_ask_user(n, &out);
}

bool
net_idle_check(struct net *n, int64_t now_ms)
{
	bool any = false;

	if (!n->idle_watched || n->conn == NULL || n->conn->open_count == 0)
		return true;
	take_marks(n, now_ms);
	for (uint32_t id = 0; id < n->conn->end; id++) {
		const struct net_chan *c = n->chan[id];
		int64_t end = may_idle(n, id) ? end_of(n, c) : 0;

		if (end == 0 || now_ms < end)
			continue;
		if (!let_go(n, id, c->idle_sec != 0 && end ==
			c->used_ms + 1000 * (int64_t)c->idle_sec
			? c->idle_sec : n->idle_sec))
			return false;
		any = true;
	}
	/* The peer learns of it by what the ends of commands say anyway. */
	return !any || net_pump(n);
}

int64_t
net_idle_deadline(const struct net *n)
{
	int64_t first = 0;

	if (!n->idle_watched || n->conn == NULL || n->conn->open_count == 0)
		return 0;
	for (uint32_t id = 0; id < n->conn->end; id++) {
		int64_t end = may_idle(n, id) ? end_of(n, n->chan[id]) : 0;

		if (end != 0 && (first == 0 || end < first))
			first = end;
	}
	return first;
}
