/*
 * channel: the numbers of RFC 4254's channels: who is open, whose window has
 * how much room, which way is closed.
 *
 * Pure layer, net only: no descriptor, no message, no key is known here.
 */
#ifndef SSHD_CONN_CONN_CHANNEL_H
#define SSHD_CONN_CONN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sysdef.h"

#define CONN_CHANNELS_MAX_COUNT		256
/* What a peer may send before we have consumed any: a session's input. */
#define CONN_WINDOW_BYTES		(2u * 1024 * 1024)
/* The largest data field that we take in one message. */
#define CONN_PACKET_MAX_BYTES		(32u * 1024)

enum chan_state {
	CHAN_FREE,
	CHAN_OPENING,	/* asked for, not confirmed yet */
	CHAN_OPEN,
};

struct chan {
	enum chan_state state;
	uint32_t peer_id;
	uint32_t send_window;		/* bytes we may send */
	uint32_t send_packet_max;	/* bytes of data in one message */
	uint32_t recv_window;		/* bytes the peer may send */
	uint32_t owed;			/* consumed, not given back yet */
	bool sent_eof, got_eof, sent_close, got_close;
};

struct conn {
	struct chan chan[CONN_CHANNELS_MAX_COUNT];
	size_t open_count;		/* not CHAN_FREE */
	uint32_t end;			/* over all numbers ever taken */
};

/*
 * conn_open - take the lowest free number for a channel that the peer opens
 *
 * Returns the number, or -1 when all are taken.  A packet maximum of the
 * peer's over ours is cut to ours: nothing forces us to send larger ones.
 */
int conn_open(struct conn *conn, uint32_t peer_id, uint32_t window_bytes,
    uint32_t packet_max_bytes) MUST_USE;

/*
 * conn_confirm - the peer has confirmed a channel that we opened
 *
 * Such a one was taken by conn_open() with zeroes: nothing of the peer's was
 * known then.
 */
void conn_confirm(struct chan *chan, uint32_t peer_id, uint32_t window_bytes,
    uint32_t packet_max_bytes);

/*
 * conn_find - the channel of this number if it is open and not closed by the
 * peer, else NULL
 *
 * Trust: id is the peer's; NULL means that it spoke of a channel that is
 * not there, which ends the connection.
 */
struct chan *conn_find(struct conn *conn, uint32_t id);

void conn_free(struct conn *conn, struct chan *chan);

/*
 * chan_receive - account for n bytes that came in
 *
 * Returns how many of them the window allowed: RFC 4254 5.2 lets us drop
 * the rest.  0 after the peer's EOF.
 */
size_t chan_receive(struct chan *chan, size_t n) MUST_USE;

/* n of them were delivered, or thrown away: the peer may have them back. */
void chan_consume(struct chan *chan, size_t n);

/*
 * chan_adjust - how much to give back in a WINDOW_ADJUST now, or 0
 *
 * Whatever it returns counts as sent.  Small amounts wait for more: at a
 * quarter of the window the peer is far from running dry.
 */
uint32_t chan_adjust(struct chan *chan) MUST_USE;

/* How much data one message may carry now. */
size_t chan_room(const struct chan *chan);
void chan_sent(struct chan *chan, size_t n);

/* The peer's WINDOW_ADJUST; false if it overflows 2^32-1 (RFC 4254 5.2). */
bool chan_adjusted(struct chan *chan, uint32_t n) MUST_USE;

#endif
