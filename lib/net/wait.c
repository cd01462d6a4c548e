/*
 * wait: which commands' descriptors net waits for, and until when.  net only.
 */
#include "net/state.h"

static short
wants(const struct net *n, const struct net_chan *c, const struct chan *chan,
    int fd)
{
	bool held = n->gather.held_until_ms != 0 &&
	    c == n->chan[n->gather.id];
	short events = 0;

	if (fd < 0)
		return 0;
	/* A terminal without a session says POLLHUP for ever. */
	if (fd == c->in_fd && (held || c->pending.end > c->pending.start) &&
	    !(c->pty && c->exited))
		events |= POLLOUT;
	if (n->kex.state != KEX_IDLE || chan_room(chan) == 0 ||
	    !net_gather_more(n))
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
	     id < n->conn->end; id++) {
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
		/* Nobody has the terminal open, or will take what is left. */
		if (c->pty && fds[i].fd == c->in_fd &&
		    (fds[i].revents & POLLHUP) != 0)
			net_chan_close_in(c);
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
	if (c->exited)
		return c->pty && c->out_fd >= 0 && !c->out_ready;
	/* Nothing is said of its end to who has closed the channel. */
	return c->out_fd < 0 && !chan->got_close;
}

/* When the next such wait is over, or 0. */
int64_t
net_chan_deadline(const struct net *n)
{
	int64_t first = 0;

	/* Nothing could be done about it then: see net_pump(). */
	if (n->conn == NULL || n->conn->open_count == 0 || !net_may_speak(n))
		return 0;
	for (uint32_t id = 0; id < n->conn->end; id++) {
		const struct net_chan *c = n->chan[id];

		if (is_settling(c, &n->conn->chan[id]) &&
		    (first == 0 || c->settle_ms < first))
			first = c->settle_ms;
	}
	return first;
}
