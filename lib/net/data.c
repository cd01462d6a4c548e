/*
 * data: bytes between the peer's channels and the commands.  net only.
 *
 * From a command they are read to where their packet will be sealed; to a
 * command they are written from where their packet was opened.  Only what a
 * command does not take at once is copied, and never more than the window.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

static void
close_in(struct net_chan *c)
{
	if (c->in_fd >= 0 && c->in_fd != c->out_fd)
		close(c->in_fd);
	c->in_fd = -1;
	free(c->pending.p);
	c->pending = (struct net_pending){ 0 };
}

static void
close_out(struct net_chan *c)
{
	if (c->out_fd >= 0 && c->out_fd != c->in_fd)
		close(c->out_fd);
	c->out_fd = -1;
}

static void
close_err(struct net_chan *c)
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
	close_out(c);
	close_in(c);
	close_err(c);
	free(c);
}

void
net_chan_peer_stopped_reading(struct net_chan *c)
{
	/* The command finds out by SIGPIPE; a terminal has no such end. */
	if (!c->pty)
		close_out(c);
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
write_some(struct net_chan *c, const uint8_t *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t k = write(c->in_fd, p + done, n - done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno == EAGAIN)
			return done;
		if (k < 0) {
			close_in(c);
			c->eow_due = true;
			return n;
		}
		done += (size_t)k;
	}
	return done;
}

static bool
deliver(struct net *n, struct net_chan *c, struct chan *chan,
    struct span data)
{
	size_t done = data.len;

	if (c->in_fd >= 0 && c->pending.start == c->pending.end)
		done = write_some(c, data.p, data.len);
	else if (c->in_fd >= 0)
		done = 0;
	chan_consume(chan, done);
	if (done == data.len)
		return true;
	if (!pending_room(&c->pending, data.len - done))
		return net_die_env(n, "out of memory");
	memcpy(c->pending.p + c->pending.end, data.p + done, data.len - done);
	c->pending.end += data.len - done;
	return true;
}

static void
drain_pending(struct net_chan *c, struct chan *chan)
{
	size_t have = c->pending.end - c->pending.start, done;

	if (have == 0 || c->in_fd < 0)
		return;
	done = write_some(c, c->pending.p + c->pending.start, have);
	chan_consume(chan, done);
	if (c->in_fd < 0)
		return;
	c->pending.start += done;
	if (c->pending.start == c->pending.end) {
		free(c->pending.p);
		c->pending = (struct net_pending){ 0 };
	}
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
	return deliver(n, n->chan[m.chan], chan, m.data);
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

bool
net_handle_channel_eof(struct net *n, struct span payload)
{
	struct chan *chan;
	uint32_t id;

	if (wire_parse_channel_id(body(payload), &id) != WIRE_OK)
		return malformed(n);
	chan = conn_find(n->conn, id);
	if (chan == NULL)
		return no_channel(n);
	chan->got_eof = true;
	return true;
}

bool
net_handle_channel_close(struct net *n, struct span payload)
{
	struct chan *chan;
	uint32_t id;

	if (wire_parse_channel_id(body(payload), &id) != WIRE_OK)
		return malformed(n);
	chan = conn_find(n->conn, id);
	if (chan == NULL)
		return no_channel(n);
	chan->got_eof = true;
	chan->got_close = true;
	/* Nobody reads its output any more; its input is still delivered. */
	if (!n->chan[id]->pty)
		close_out(n->chan[id]);
	close_err(n->chan[id]);
	return true;
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

/* --- from the command ------------------------------------------------------------ */

enum pumped { PUMPED, PUMP_DRY, PUMP_END };

/*
 * One packet's worth of a descriptor, read to behind its future head.
 * stream is 0 for stdout, else the extended data code.
 */
static enum pumped
pump_packet(struct net *n, struct chan *chan, int fd, uint32_t stream)
{
	struct sink out = net_message(n);
	size_t head = stream == 0 ? WIRE_CHANNEL_DATA_HEAD_BYTES
				  : WIRE_CHANNEL_EXTENDED_DATA_HEAD_BYTES;
	size_t max = MIN(chan_room(chan), out.cap - head);
	ssize_t got;

	do
		got = read(fd, out.p + head, max);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return PUMP_DRY;
	if (got <= 0)
		return PUMP_END;	/* a pty's slave closed: EIO */
	if (stream == 0)
		wire_put_channel_data_head(&out, chan->peer_id,
		    (uint32_t)got);
	else
		wire_put_channel_extended_data_head(&out, chan->peer_id,
		    stream, (uint32_t)got);
	chan_sent(chan, (size_t)got);
	if (!net_send_in_place(n, head + (size_t)got))
		return PUMP_DRY;
	return (size_t)got < max ? PUMP_DRY : PUMPED;
}

/* Is there room for another packet of data in what is to be written? */
static bool
gather_more(const struct net *n)
{
	return net_tx_pending(n) < NET_TX_GATHER_BYTES && !n->over;
}

static void
pump_out(struct net *n, struct net_chan *c, struct chan *chan)
{
	enum pumped got = PUMPED;

	while (c->out_fd >= 0 && c->out_ready && got == PUMPED &&
	    chan_room(chan) > 0 && gather_more(n)) {
		got = pump_packet(n, chan, c->out_fd, 0);
		if (got != PUMPED)
			c->out_ready = false;
		if (got == PUMP_END && c->pty)
			close_in(c);
		if (got == PUMP_END)
			close_out(c);
	}
}

static void
pump_err(struct net *n, struct net_chan *c, struct chan *chan)
{
	enum pumped got = PUMPED;

	while (c->err_fd >= 0 && c->err_ready && got == PUMPED &&
	    chan_room(chan) > 0 && gather_more(n)) {
		got = pump_packet(n, chan, c->err_fd,
		    SSH_EXTENDED_DATA_STDERR);
		if (got != PUMPED)
			c->err_ready = false;
		if (got == PUMP_END)
			close_err(c);
	}
}

/*
 * A terminal that a background process still holds never ends; once its
 * session's leader has exited and nothing came for a while, it has.
 */
static void
end_exited_pty(struct net_chan *c, int64_t now_ms)
{
	if (c->pty && c->exited && c->out_fd >= 0 && !c->out_ready &&
	    now_ms >= c->settle_ms) {
		close_in(c);
		close_out(c);
	}
}

static bool
send_exit(struct net *n, struct net_chan *c, const struct chan *chan)
{
	struct sink out = net_message(n);

	c->exit_sent = true;
	if (c->exit.signaled)
		wire_put_exit_signal(&out, chan->peer_id,
		    span_str(c->exit_signal), c->exit.core_dumped,
		    span(NULL, 0));
	else
		wire_put_exit_status(&out, chan->peer_id, c->exit.status);
	return net_send(n, &out);
}

static bool
send_simple(struct net *n, const struct chan *chan,
    void (*put)(struct sink *out, uint32_t peer_id))
{
	struct sink out = net_message(n);

	put(&out, chan->peer_id);
	return net_send(n, &out);
}

static bool
give_window(struct net *n, struct chan *chan)
{
	uint32_t bytes = chan_adjust(chan);
	struct sink out;

	if (bytes == 0)
		return true;
	out = net_message(n);
	wire_put_channel_window_adjust(&out, chan->peer_id, bytes);
	return net_send(n, &out);
}

/*
 * Has the command's output ended?  Its exit comes over another way, usually
 * a moment later, and is waited for: there are clients that close a channel
 * on EOF and would never see the exit status.
 */
static bool
output_ended(struct net_chan *c, int64_t now_ms)
{
	if (!c->started || c->out_fd >= 0 || c->err_fd >= 0)
		return false;
	if (c->exited)
		return true;
	if (c->settle_ms == 0)
		c->settle_ms = now_ms + NET_SETTLE_MS;
	return now_ms >= c->settle_ms;
}

/* What is said about a command that has ended, in this order. */
static bool
progress_end(struct net *n, struct net_chan *c, struct chan *chan,
    int64_t now_ms)
{
	if (chan->sent_close)
		return true;
	if (c->exited && !c->exit_sent && !send_exit(n, c, chan))
		return false;
	if (output_ended(c, now_ms) && !chan->sent_eof) {
		chan->sent_eof = true;
		if (!send_simple(n, chan, wire_put_channel_eof))
			return false;
	}
	if ((chan->got_close && c->pending.start == c->pending.end) ||
	    (chan->sent_eof && c->exit_sent)) {
		chan->sent_close = true;
		return send_simple(n, chan, wire_put_channel_close);
	}
	return true;
}

/* What the state of things on our side calls for. */
static bool
progress(struct net *n, struct net_chan *c, struct chan *chan, int64_t now_ms)
{
	if (chan->got_eof && c->pending.start == c->pending.end && !c->pty)
		close_in(c);
	if (!give_window(n, chan))
		return false;
	if (c->eow_due) {
		c->eow_due = false;
		if (n->client_is_openssh && !chan->sent_close &&
		    !send_simple(n, chan, wire_put_eow))
			return false;
	}
	return progress_end(n, c, chan, now_ms);
}

static bool
finish(struct net *n, uint32_t id)
{
	uint8_t frame[16];
	struct sink out = sink_of(frame, sizeof frame);

	conn_free(n->conn, &n->conn->chan[id]);
	net_chan_free(n->chan[id]);
	n->chan[id] = NULL;
	usr_chan_put(&out, USER_REQ_CLOSE, id);
	return net_ask_user(n, &out);
}

static bool
pump_channel(struct net *n, uint32_t id, int64_t now_ms)
{
	struct net_chan *c = n->chan[id];
	struct chan *chan = &n->conn->chan[id];

	drain_pending(c, chan);
	pump_err(n, c, chan);
	pump_out(n, c, chan);
	end_exited_pty(c, now_ms);
	if (!progress(n, c, chan, now_ms))
		return false;
	if (chan->sent_close && chan->got_close &&
	    !(n->waiting.active && n->waiting.chan == id))
		return finish(n, id);
	return !n->over;
}

/* Can channels say anything now?  Not during a key exchange. */
static bool
may_speak(const struct net *n)
{
	return n->kex.state == KEX_IDLE && net_tx_has_room(n);
}

/* What commands take waits for nobody: poll would never rest meanwhile. */
static bool
pump_inputs(struct net *n)
{
	for (uint32_t id = 0; id < CONN_CHANNELS_MAX_COUNT; id++) {
		if (n->conn->chan[id].state == CHAN_OPEN)
			drain_pending(n->chan[id], &n->conn->chan[id]);
	}
	return true;
}

bool
net_pump(struct net *n)
{
	int64_t now_ms;

	if (n->conn == NULL || n->conn->open_count == 0)
		return true;
	if (!may_speak(n))
		return pump_inputs(n);
	now_ms = net_now_ms();
	/* Another one goes first each time: what is gathered is bounded. */
	n->pump_first++;
	for (uint32_t i = 0; i < CONN_CHANNELS_MAX_COUNT; i++) {
		uint32_t id = (n->pump_first + i) % CONN_CHANNELS_MAX_COUNT;

		if (n->conn->chan[id].state != CHAN_OPEN)
			continue;
		if (!net_tx_has_room(n))
			return true;
		if (!pump_channel(n, id, now_ms))
			return false;
	}
	return true;
}

/* --- waiting ------------------------------------------------------------------------ */

static short
wants(const struct net *n, const struct net_chan *c, const struct chan *chan,
    int fd)
{
	short events = 0;

	if (fd < 0)
		return 0;
	/* A terminal without a session says POLLHUP for ever. */
	if (fd == c->in_fd && c->pending.end > c->pending.start &&
	    !(c->pty && c->exited))
		events |= POLLOUT;
	if (n->kex.state != KEX_IDLE || chan_room(chan) == 0 ||
	    !gather_more(n))
		return events;
	if (fd == c->out_fd || fd == c->err_fd)
		events |= POLLIN;
	return events;
}

/*
 * net_chan_poll - the descriptors of commands that something is awaited of
 *
 * who[i] is the channel of fds[i].  Returns how many there are.
 */
size_t
net_chan_poll(struct net *n, struct pollfd *fds, uint32_t *who, size_t max)
{
	size_t count = 0;

	for (uint32_t id = 0; n->conn != NULL && n->conn->open_count > 0 &&
	     id < CONN_CHANNELS_MAX_COUNT; id++) {
		const struct net_chan *c = n->chan[id];
		const struct chan *chan = &n->conn->chan[id];
		int fd[3];

		if (c == NULL || chan->state != CHAN_OPEN)
			continue;
		fd[0] = c->in_fd;
		fd[1] = c->out_fd == c->in_fd ? -1 : c->out_fd;
		fd[2] = c->err_fd;
		for (size_t i = 0; i < ARRAY_LEN(fd) && count < max; i++) {
			short events = wants(n, c, chan, fd[i]);

			if (events == 0)
				continue;
			fds[count] = (struct pollfd){ fd[i], events, 0 };
			who[count++] = id;
		}
	}
	return count;
}

void
net_chan_polled(struct net *n, const struct pollfd *fds, const uint32_t *who,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct net_chan *c = n->chan[who[i]];

		if (c == NULL || fds[i].revents == 0)
			continue;
		if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
			continue;
		if (fds[i].fd == c->out_fd)
			c->out_ready = true;
		if (fds[i].fd == c->err_fd)
			c->err_ready = true;
	}
}

/* Is this channel waiting for the other half of an end? */
static bool
is_settling(const struct net_chan *c, const struct chan *chan)
{
	if (c == NULL || c->settle_ms == 0 || chan->sent_eof ||
	    chan->sent_close)
		return false;
	/* Output that is there waits for the peer's window, not for time. */
	return c->exited ? c->pty && c->out_fd >= 0 && !c->out_ready
			 : c->out_fd < 0;
}

/* When the next such wait is over, or 0. */
int64_t
net_chan_deadline(const struct net *n)
{
	int64_t first = 0;

	/* Nothing could be done about it then: see net_pump(). */
	if (n->conn == NULL || n->conn->open_count == 0 || !may_speak(n))
		return 0;
	for (uint32_t id = 0; id < CONN_CHANNELS_MAX_COUNT; id++) {
		const struct net_chan *c = n->chan[id];

		if (is_settling(c, &n->conn->chan[id]) &&
		    (first == 0 || c->settle_ms < first))
			first = c->settle_ms;
	}
	return first;
}
