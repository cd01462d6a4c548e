/*
 * channel: windows and closings.  net only; pure.
 */
#include "conn/channel.h"

int
conn_open(struct conn *conn, uint32_t peer_id, uint32_t window_bytes,
    uint32_t packet_max_bytes)
{
	for (int i = 0; i < CONN_CHANNELS_MAX_COUNT; i++) {
		struct chan *c = &conn->chan[i];

		if (c->state != CHAN_FREE)
			continue;
		*c = (struct chan){
			.state = CHAN_OPENING,
			.peer_id = peer_id,
			.send_window = window_bytes,
			.send_packet_max = MIN(packet_max_bytes,
			    CONN_PACKET_MAX_BYTES),
			.recv_window = CONN_WINDOW_BYTES,
		};
		conn->open_count++;
		conn->end = MAX(conn->end, (uint32_t)i + 1);
		return i;
	}
	return -1;
}

void
conn_confirm(struct chan *chan, uint32_t peer_id, uint32_t window_bytes,
    uint32_t packet_max_bytes)
{
	chan->state = CHAN_OPEN;
	chan->peer_id = peer_id;
	chan->send_window = window_bytes;
	chan->send_packet_max = MIN(packet_max_bytes, CONN_PACKET_MAX_BYTES);
}

struct chan *
conn_find(struct conn *conn, uint32_t id)
{
	struct chan *c;

	if (id >= CONN_CHANNELS_MAX_COUNT)
		return NULL;
	c = &conn->chan[id];
	return c->state == CHAN_OPEN && !c->got_close ? c : NULL;
}

void
conn_free(struct conn *conn, struct chan *chan)
{
	if (chan->state != CHAN_FREE)
		conn->open_count--;
	*chan = (struct chan){ .state = CHAN_FREE };
}

size_t
chan_receive(struct chan *chan, size_t n)
{
	size_t taken = MIN(n, (size_t)chan->recv_window);

	if (chan->got_eof || chan->got_close)
		return 0;
	chan->recv_window -= (uint32_t)taken;
	return taken;
}

void
chan_consume(struct chan *chan, size_t n)
{
	/* Never more than was received, so never more than a window. */
	chan->owed += (uint32_t)n;
}

uint32_t
chan_adjust(struct chan *chan)
{
	uint32_t n = chan->owed;

	if (n < CONN_WINDOW_BYTES / 4 || chan->got_eof || chan->got_close ||
	    chan->sent_close)
		return 0;
	chan->owed = 0;
	chan->recv_window += n;
	return n;
}

size_t
chan_room(const struct chan *chan)
{
	if (chan->state != CHAN_OPEN || chan->sent_eof || chan->sent_close)
		return 0;
	return MIN(chan->send_window, chan->send_packet_max);
}

void
chan_sent(struct chan *chan, size_t n)
{
	chan->send_window -= (uint32_t)n;
}

bool
chan_adjusted(struct chan *chan, uint32_t n)
{
	if (n > UINT32_MAX - chan->send_window)
		return false;
	chan->send_window += n;
	return true;
}
