/*
 * pump: from the commands to the peer's channels.  net only.
 *
 * Output is read to where its packets will be sealed, several packets at
 * once: a command that has a lot to say is then woken once, not once a
 * packet.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "net/state.h"
#include "wire/channel.h"

/* Packets that one read may fill. */
#define PUMP_SLOTS_MAX 16

enum pumped { PUMPED, PUMP_DRY, PUMP_END };

/*
 * One read's places: payload i lies at first + i * stride, where a sealed
 * packet of full size ends exactly before the next one's head.
 */
struct slots {
	uint8_t *first;
	size_t stride;
	size_t data_bytes;	/* read into all of them at most */
	struct iovec iov[PUMP_SLOTS_MAX];
	int count;
};

static void
lay_out(struct net *n, const struct chan *chan, size_t head,
    struct slots *out)
{
	size_t room, window = chan->send_window, max = chan_room(chan);
	uint8_t *place = net_bulk_place(n, &room);

	*out = (struct slots){ .first = place + PACKET_HEAD_BYTES + head };
	/* Deflated, a packet's size is known when it is made: one by one. */
	out->stride = packet_sealed_bytes(&n->out, head + max);
	while (out->count < PUMP_SLOTS_MAX && window > 0 && max > 0) {
		size_t len = MIN(max, window), i = (size_t)out->count;

		if (i > 0 && (n->out.deflate != NULL ||
		    out->data_bytes >= NET_TX_GATHER_BYTES ||
		    (i + 1) * out->stride + NET_TX_RESERVE_BYTES > room))
			break;
		out->iov[out->count++] = (struct iovec){
			out->first + i * out->stride, len };
		out->data_bytes += len;
		window -= len;
	}
}

/* Seals what was read: full slots, and one that may be not. */
static bool
seal_slots(struct net *n, struct chan *chan, const struct slots *slots,
    size_t head, uint32_t stream, size_t got)
{
	for (int i = 0; got > 0; i++) {
		size_t len = MIN(got, slots->iov[i].iov_len);
		struct sink out = sink_of((uint8_t *)slots->iov[i].iov_base -
		    head, head);

		if (stream == 0)
			wire_put_channel_data_head(&out, chan->peer_id,
			    (uint32_t)len);
		else
			wire_put_channel_extended_data_head(&out,
			    chan->peer_id, stream, (uint32_t)len);
		chan_sent(chan, len);
		if (!net_send_in_place(n, head + len))
			return false;
		got -= len;
	}
	return true;
}

/* stream is 0 for standard output, else the extended data code. */
static enum pumped
pump_read(struct net *n, struct net_chan *c, struct chan *chan, int fd,
    uint32_t stream)
{
	size_t head = stream == 0 ? WIRE_CHANNEL_DATA_HEAD_BYTES
				  : WIRE_CHANNEL_EXTENDED_DATA_HEAD_BYTES;
	struct slots slots;
	ssize_t got;

	lay_out(n, chan, head, &slots);
	do
		got = readv(fd, slots.iov, slots.count);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return PUMP_DRY;
	if (got <= 0)
		return PUMP_END;	/* a pty's slave closed: EIO */
	c->used = true;
	/* What fills no buffer of ours would come without an end: in turns. */
	if (c->mute && stream != 0)
		return PUMP_DRY;
	if (!seal_slots(n, chan, &slots, head, stream, (size_t)got))
		return PUMP_DRY;
	return (size_t)got < slots.data_bytes ? PUMP_DRY : PUMPED;
}

/* Is there room for another packet of data in what is to be written? */
bool
net_gather_more(const struct net *n)
{
	return net_tx_pending(n) < NET_TX_GATHER_BYTES && !n->over;
}

static void
pump_out(struct net *n, struct net_chan *c, struct chan *chan)
{
	enum pumped got = PUMPED;

	while (c->out_fd >= 0 && c->out_ready && got == PUMPED &&
	    chan_room(chan) > 0 && net_gather_more(n)) {
		got = pump_read(n, c, chan, c->out_fd, 0);
		if (got != PUMPED)
			c->out_ready = false;
		if (got == PUMP_END && c->pty)
			net_chan_close_in(c);
		if (got == PUMP_END)
			net_chan_close_out(c);
	}
}

static void
pump_err(struct net *n, struct net_chan *c, struct chan *chan)
{
	enum pumped got = PUMPED;

	while (c->err_fd >= 0 && c->err_ready && got == PUMPED &&
	    chan_room(chan) > 0 && net_gather_more(n)) {
		got = pump_read(n, c, chan, c->err_fd,
		    SSH_EXTENDED_DATA_STDERR);
		if (got != PUMPED)
			c->err_ready = false;
		if (got == PUMP_END)
			net_chan_close_err(c);
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
		net_chan_close_in(c);
		net_chan_close_out(c);
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

bool
net_send_simple(struct net *n, const struct chan *chan,
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

/*
 * Is the peer still to be told how the command ends, though it has closed
 * the channel?  ssh closes as soon as both directions have ended, and takes
 * an exit status until our CLOSE.  A terminal is hung up by that instead.
 */
static bool
owes_exit(const struct net_chan *c)
{
	return c->started && !c->exited && !c->pty;
}

/* What is left of a command that has ended is owed nothing more. */
static bool
is_delivered(const struct net_chan *c)
{
	return c->pending.start == c->pending.end || c->exited;
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
	if (output_ended(c, now_ms) && !chan->sent_eof && !chan->got_close) {
		chan->sent_eof = true;
		if (!net_send_simple(n, chan, wire_put_channel_eof))
			return false;
	}
	if ((chan->got_close && is_delivered(c) && !owes_exit(c)) ||
	    (chan->sent_eof && c->exit_sent)) {
		chan->sent_close = true;
		return net_send_simple(n, chan, wire_put_channel_close);
	}
	return true;
}

/* What the state of things on our side calls for. */
static bool
progress(struct net *n, struct net_chan *c, struct chan *chan, int64_t now_ms)
{
	if (chan->got_eof && c->pending.start == c->pending.end && !c->pty)
		net_chan_close_in(c);
	if (!give_window(n, chan))
		return false;
	if (c->eow_due) {
		c->eow_due = false;
		if (n->client_is_openssh && !chan->sent_close &&
		    !net_send_simple(n, chan, wire_put_eow))
			return false;
	}
	return c->forward ? net_forward_progress(n, c, chan)
			  : progress_end(n, c, chan, now_ms);
}

bool
net_chan_finish(struct net *n, uint32_t id)
{
	uint8_t frame[16];
	struct sink out = sink_of(frame, sizeof frame);
	bool known = n->chan[id]->let_go;

	net_chan_forget(n, id);
	if (known)
		return true;
	usr_chan_put(&out, USER_REQ_CLOSE, id);
	return net_ask_user(n, &out);
}

static bool
pump_channel(struct net *n, uint32_t id, int64_t now_ms)
{
	struct net_chan *c = n->chan[id];
	struct chan *chan = &n->conn->chan[id];

	net_drain_pending(n, id);
	pump_err(n, c, chan);
	pump_out(n, c, chan);
	end_exited_pty(c, now_ms);
	if (!progress(n, c, chan, now_ms))
		return false;
	if (chan->sent_close && chan->got_close &&
	    !(n->waiting.active && n->waiting.chan == id))
		return net_chan_finish(n, id);
	return !n->over;
}

/* Can channels say anything now?  Not during a key exchange. */
bool
net_may_speak(const struct net *n)
{
	return n->kex.state == KEX_IDLE && net_tx_has_room(n);
}

/* What commands take waits for nobody: poll would never rest meanwhile. */
static bool
pump_inputs(struct net *n)
{
	for (uint32_t id = 0; id < n->conn->end; id++) {
		if (n->conn->chan[id].state == CHAN_OPEN)
			net_drain_pending(n, id);
	}
	return true;
}

bool
net_pump(struct net *n)
{
	int64_t now_ms;

	if (n->conn == NULL || n->conn->open_count == 0)
		return true;
	if (!net_may_speak(n))
		return pump_inputs(n);
	now_ms = net_now_ms();
	/* Another one goes first each time: what is gathered is bounded. */
	n->pump_first++;
	for (uint32_t i = 0; i < n->conn->end; i++) {
		uint32_t id = (n->pump_first + i) % n->conn->end;

		if (n->conn->chan[id].state != CHAN_OPEN)
			continue;
		if (!net_tx_has_room(n))
			return true;
		if (!pump_channel(n, id, now_ms))
			return false;
	}
	return true;
}
