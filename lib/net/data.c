/*
 * data: from the peer's channels to the commands.  net only.
 *
 * Bytes are written from where their packets were opened, those of several
 * packets at once.  What a command does not take at once stays there for a
 * moment, during which nothing more is read of the peer; only what a slower
 * one leaves is copied, and never more than the window.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "net/state.h"
#include "wire/channel.h"

static struct cursor
body(struct span payload)
{
	return cursor_of(span(payload.p + 1, payload.len - 1));
}

static bool
malformed(struct net *n)
{
	return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "malformed channel message");
}

static bool
no_channel(struct net *n)
{
	return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "message for a channel that is not open");
}

struct net_chan *
net_chan_new(void)
{
	struct net_chan *c = calloc(1, sizeof *c);

	if (c != NULL)
		c->in_fd = c->out_fd = c->err_fd = -1;
	return c;
}

void
net_chan_close_in(struct net_chan *c)
{
	if (c->in_fd >= 0 && c->in_fd != c->out_fd)
		close(c->in_fd);
	else if (c->in_fd >= 0 && c->forward)
		(void)shutdown(c->in_fd, SHUT_WR);
	c->in_fd = -1;
	free(c->pending.p);
	c->pending = (struct net_pending){ 0 };
}

void
net_chan_close_out(struct net_chan *c)
{
	if (c->out_fd >= 0 && c->out_fd != c->in_fd)
		close(c->out_fd);
	else if (c->out_fd >= 0 && c->forward)
		(void)shutdown(c->out_fd, SHUT_RD);
	c->out_fd = -1;
}

void
net_chan_close_err(struct net_chan *c)
{
	if (c->err_fd >= 0)
		close(c->err_fd);
	c->err_fd = -1;
}

void
net_chan_free(struct net_chan *c)
{
	if (c == NULL)
		return;
	net_chan_close_out(c);
	net_chan_close_in(c);
	net_chan_close_err(c);
	free(c);
}

void
net_chan_peer_stopped_reading(struct net_chan *c)
{
	/* The command finds out by SIGPIPE; a terminal has no such end. */
	if (!c->pty)
		net_chan_close_out(c);
}

/* --- to the command ---------------------------------------------------------- */

/* Room for n bytes more; what is there moves to the front if need be. */
static bool
pending_room(struct net_pending *p, size_t n)
{
	size_t have = p->end - p->start, cap;
	uint8_t *bigger;

	if (p->cap - p->end >= n)
		return true;
	if (have > 0)
		memmove(p->p, p->p + p->start, have);
	p->start = 0;
	p->end = have;
	if (p->cap - have >= n)
		return true;
	/* The window bounds it: have + n is never more. */
	cap = MIN(MAX(p->cap * 2, have + n), CONN_WINDOW_BYTES);
	if (cap - have < n)
		return false;
	bigger = realloc(p->p, cap);
	if (bigger == NULL)
		return false;
	p->p = bigger;
	p->cap = cap;
	return true;
}

/*
 * Writes what the command takes now.  Returns how many bytes are dealt with,
 * written or, when the command has closed its input, thrown away.
 */
static size_t
write_some(struct net_chan *c, const struct iovec *iov, int count,
    size_t bytes)
{
	ssize_t k;

	do
		k = writev(c->in_fd, iov, count);
	while (k < 0 && errno == EINTR);
	if (k > 0)
		c->used = true;
	if (k >= 0)
		return (size_t)k;
	if (errno == EAGAIN)
		return 0;
	net_chan_close_in(c);
	c->eow_due = !c->forward;
	return bytes;
}

/* Keeps what is left of the pieces. */
static bool
keep(struct net_chan *c, const struct net_gather *g)
{
	struct net_pending *p = &c->pending;

	if (!pending_room(p, g->bytes))
		return false;
	for (int i = g->first; i < g->count; i++) {
		memcpy(p->p + p->end, g->iov[i].iov_base, g->iov[i].iov_len);
		p->end += g->iov[i].iov_len;
	}
	return true;
}

/* The first done bytes have been dealt with. */
static void
gather_advance(struct net_gather *g, size_t done)
{
	g->bytes -= done;
	while (done > 0) {
		struct iovec *v = &g->iov[g->first];
		size_t k = MIN(done, v->iov_len);

		v->iov_base = (uint8_t *)v->iov_base + k;
		v->iov_len -= k;
		done -= k;
		if (v->iov_len == 0)
			g->first++;
	}
	if (g->bytes == 0)
		*g = (struct net_gather){ 0 };
}

/* Writes what the command takes of the pieces now. */
static void
deliver_some(struct net *n)
{
	struct net_gather *g = &n->gather;
	struct net_chan *c = n->chan[g->id];
	size_t done = g->bytes;

	if (c->in_fd >= 0 && c->pending.start != c->pending.end)
		done = 0;
	else if (c->in_fd >= 0)
		done = write_some(c, g->iov + g->first, g->count - g->first,
		    g->bytes);
	chan_consume(&n->conn->chan[g->id], done);
	gather_advance(g, done);
}

bool
net_deliver(struct net *n)
{
	struct net_gather *g = &n->gather;

	if (g->count == 0)
		return true;
	deliver_some(n);
	if (g->count > 0 && !keep(n->chan[g->id], g))
		return net_die_env(n, "out of memory");
	*g = (struct net_gather){ 0 };
	return true;
}

bool
net_deliver_or_hold(struct net *n)
{
	struct net_gather *g = &n->gather;
	int64_t now_ms;

	if (g->count == 0)
		return true;
	deliver_some(n);
	if (g->count == 0)
		return true;
	/* One that has fallen behind already is not worth waiting for. */
	if (n->chan[g->id]->pending.start != n->chan[g->id]->pending.end)
		return net_deliver(n);
	now_ms = net_now_ms();
	if (g->held_until_ms == 0)
		g->held_until_ms = now_ms + NET_HOLD_MS;
	return now_ms < g->held_until_ms || net_deliver(n);
}

static void
drain_pending(struct net_chan *c, struct chan *chan)
{
	struct net_pending *p = &c->pending;
	struct iovec iov = { NULL, p->end - p->start };
	size_t done;

	if (iov.iov_len == 0 || c->in_fd < 0)
		return;
	iov.iov_base = p->p + p->start;
	done = write_some(c, &iov, 1, iov.iov_len);
	chan_consume(chan, done);
	if (c->in_fd < 0)
		return;
	p->start += done;
	if (p->start < p->end)
		return;
	p->start = p->end = 0;
	/* What it takes to keep up with a pipe is kept for the next time. */
	if (p->cap > NET_PENDING_KEEP_BYTES) {
		free(p->p);
		*p = (struct net_pending){ 0 };
	}
}

void
net_drain_pending(struct net *n, uint32_t id)
{
	drain_pending(n->chan[id], &n->conn->chan[id]);
}

/*
 * Adds to what is to be written at once.  It lies in the receive buffer,
 * which stays as it is until net_input() has looked at all that is there;
 * what was inflated lies where the next packet's will, and cannot wait.
 */
static bool
gather(struct net *n, uint32_t id, struct span data)
{
	struct net_gather *g = &n->gather;

	if (g->count > 0 && (g->id != id || g->count == NET_GATHER_MAX) &&
	    !net_deliver(n))
		return false;
	g->id = id;
	g->iov[g->count++] = (struct iovec){ (void *)(uintptr_t)data.p,
		data.len };
	g->bytes += data.len;
	return n->in.inflate == NULL || net_deliver(n);
}

bool
net_handle_channel_data(struct net *n, struct span payload)
{
	struct wire_channel_data m;
	struct chan *chan;

	if (wire_parse_channel_data(body(payload), &m) != WIRE_OK)
		return malformed(n);
	chan = conn_find(n->conn, m.chan);
	if (chan == NULL)
		return no_channel(n);
	m.data.len = chan_receive(chan, m.data.len);
	return m.data.len == 0 || gather(n, m.chan, m.data);
}

/* No extended data is meant for a session's input: credited and dropped. */
bool
net_handle_channel_extended(struct net *n, struct span payload)
{
	struct wire_channel_extended_data m;
	struct chan *chan;

	if (wire_parse_channel_extended_data(body(payload), &m) != WIRE_OK)
		return malformed(n);
	chan = conn_find(n->conn, m.chan);
	if (chan == NULL)
		return no_channel(n);
	chan_consume(chan, chan_receive(chan, m.data.len));
	return true;
}

/* For the messages that are a channel's number and nothing else. */
static struct chan *
find_named(struct net *n, struct span payload, uint32_t *id)
{
	struct chan *chan;

	if (wire_parse_channel_id(body(payload), id) != WIRE_OK) {
		malformed(n);
		return NULL;
	}
	chan = conn_find(n->conn, *id);
	if (chan == NULL)
		no_channel(n);
	return chan;
}

bool
net_handle_channel_eof(struct net *n, struct span payload)
{
	uint32_t id;
	struct chan *chan = find_named(n, payload, &id);

	if (chan == NULL)
		return false;
	chan->got_eof = true;
	return true;
}

bool
net_handle_channel_close(struct net *n, struct span payload)
{
	uint32_t id;
	struct chan *chan = find_named(n, payload, &id);

	if (chan == NULL)
		return false;
	chan->got_eof = true;
	chan->got_close = true;
	/* Nobody reads its output any more; its input is still delivered. */
	if (!n->chan[id]->pty)
		net_chan_close_out(n->chan[id]);
	net_chan_close_err(n->chan[id]);
	/* Now, not later: the next message may open another in its place. */
	return !chan->sent_close || net_chan_finish(n, id);
}

bool
net_handle_channel_adjust(struct net *n, struct span payload)
{
	struct wire_channel_window_adjust m;
	struct chan *chan;

	if (wire_parse_channel_window_adjust(body(payload), &m) != WIRE_OK)
		return malformed(n);
	chan = conn_find(n->conn, m.chan);
	/* It may cross our CLOSE: not an error, and nothing to adjust. */
	if (chan == NULL)
		return true;
	return chan_adjusted(chan, m.bytes) || net_die_peer(n,
	    SSH_DISCONNECT_PROTOCOL_ERROR, "window adjust overflows");
}
