/*
 * io: the connection's bytes, and packets made of them.  net only; the one
 * file that reads and writes the peer's descriptors.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "net/state.h"
#include "transport/compress.h"

/* Mapped, not allocated: a page that no byte reached costs nothing. */
static bool
buf_open(struct net_buf *b, size_t cap)
{
	void *p = mmap(NULL, cap, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	*b = (struct net_buf){ .p = p, .cap = cap };
	return true;
}

bool
net_io_open(struct net *n)
{
	return buf_open(&n->rx, NET_RX_BYTES) &&
	    buf_open(&n->tx, NET_TX_BYTES);
}

void
net_io_close(struct net *n)
{
	packet_in_clear(&n->in);
	packet_out_clear(&n->out);
	if (n->rx.p != NULL)
		munmap(n->rx.p, n->rx.cap);
	if (n->tx.p != NULL)
		munmap(n->tx.p, n->tx.cap);
}

/* Moves what is there to the front when the tail has under room bytes. */
static void
buf_make_room(struct net_buf *b, size_t room)
{
	if (b->start == b->end)
		b->start = b->end = 0;
	if (b->start == 0 || b->cap - b->end >= room)
		return;
	memmove(b->p, b->p + b->start, b->end - b->start);
	b->end -= b->start;
	b->start = 0;
}

bool
net_read(struct net *n)
{
	struct net_buf *b = &n->rx;
	size_t room;
	ssize_t got;

	buf_make_room(b, PACKET_LENGTH_MAX_BYTES + PACKET_OVERHEAD_MAX_BYTES);
	room = MIN(b->cap - b->end, NET_READ_BYTES);
	if (room == 0)
		return true;
	do {
		if (n->params->stream_socket)
			got = recv(n->params->in_fd, b->p + b->end, room,
			    MSG_DONTWAIT);
		else
			got = read(n->params->in_fd, b->p + b->end, room);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return true;
	if (got < 0)
		return net_die_gone(n, MON_EVENT_PEER_RESET, strerror(errno));
	if (got == 0) {
		n->read_closed = true;
		return true;
	}
	b->end += (size_t)got;
	n->received_bytes += (uint64_t)got;
	n->alive_ms = net_now_ms();
	n->alive_asked = 0;
	return true;
}

size_t
net_tx_pending(const struct net *n)
{
	return n->tx.end - n->tx.start;
}

bool
net_flush(struct net *n)
{
	struct net_buf *b = &n->tx;

	while (b->start < b->end) {
		ssize_t done;

		if (n->params->stream_socket)
			done = send(n->params->out_fd, b->p + b->start,
			    b->end - b->start, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			done = write(n->params->out_fd, b->p + b->start,
			    b->end - b->start);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (done < 0) {
			b->start = b->end = 0;
			return net_die_gone(n, errno == EPIPE
			    ? MON_EVENT_PEER_CLOSED : MON_EVENT_PEER_RESET,
			    strerror(errno));
		}
		b->start += (size_t)done;
		n->sent_bytes += (uint64_t)done;
	}
	b->start = b->end = 0;
	return true;
}

bool
net_tx_has_room(const struct net *n)
{
	return n->tx.cap - net_tx_pending(n) >= NET_TX_RESERVE_BYTES;
}

struct sink
net_message(struct net *n)
{
	struct net_buf *b = &n->tx;
	size_t room;

	buf_make_room(b, NET_TX_RESERVE_BYTES);
	room = b->cap - b->end;
	if (room < PACKET_OVERHEAD_MAX_BYTES + PACKET_HEAD_BYTES)
		return sink_of(b->p, 0);
	return sink_of(b->p + b->end + PACKET_HEAD_BYTES,
	    MIN(room - PACKET_OVERHEAD_MAX_BYTES - PACKET_HEAD_BYTES,
	    NET_MESSAGE_MAX_BYTES));
}

uint8_t *
net_bulk_place(struct net *n, size_t *room)
{
	struct net_buf *b = &n->tx;

	buf_make_room(b, NET_TX_GATHER_BYTES);
	*room = b->cap - b->end;
	return b->p + b->end;
}

/* May this message go out while keys are being exchanged? RFC 4253 7.1. */
static bool
passes_kex(uint8_t type)
{
	return type == SSH_MSG_DISCONNECT || type == SSH_MSG_IGNORE ||
	    type == SSH_MSG_DEBUG || type == SSH_MSG_UNIMPLEMENTED ||
	    (type >= SSH_MSG_KEXINIT && type <= 49);
}

/*
 * Only what answers a message that the peer sent before its own KEXINIT gets
 * here, so a peer that fills this is up to something.
 */
static bool
defer(struct net *n, struct span payload)
{
	struct sink out;

	if (n->deferred == NULL) {
		n->deferred = mmap(NULL, NET_DEFERRED_BYTES,
		    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
		if (n->deferred == MAP_FAILED) {
			n->deferred = NULL;
			return net_die_env(n, "out of memory");
		}
	}
	out = sink_of(n->deferred + n->deferred_len,
	    NET_DEFERRED_BYTES - n->deferred_len);
	sink_string(&out, payload);
	if (!sink_ok(&out))
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "too many messages during key exchange");
	n->deferred_len += out.len;
	return true;
}

bool
net_send_in_place(struct net *n, size_t len)
{
	struct net_buf *b = &n->tx;
	uint8_t *payload = b->p + b->end + PACKET_HEAD_BYTES;
	size_t bytes;

	if (n->kex.state != KEX_IDLE && !passes_kex(payload[0]))
		return defer(n, span(payload, len));
	if (packet_finish(&n->out, b->p + b->end, b->cap - b->end, len,
	    &bytes) != PACKET_OK)
		return net_die_env(n, "cannot seal a packet");
	b->end += bytes;
	return true;
}

bool
net_send(struct net *n, struct sink *message)
{
	if (!sink_ok(message) || message->len == 0)
		return net_die_env(n, "message does not fit");
	return net_send_in_place(n, message->len);
}

bool
net_send_deferred(struct net *n)
{
	struct cursor in = cursor_of(span(n->deferred, n->deferred_len));

	while (in.left > 0) {
		struct sink out;

		/* Sealed, many small messages take far more room. */
		if (!net_tx_has_room(n) && !net_flush(n))
			return false;
		if (!net_tx_has_room(n))
			return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
			    "too many messages during key exchange");
		out = net_message(n);
		sink_bytes(&out, cursor_string(&in));
		if (!net_send(n, &out))
			return false;
	}
	n->deferred_len = 0;
	return true;
}
