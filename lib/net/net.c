/*
 * net: the loop of the role that faces the peer.  net only.
 *
 * Each turn: look at what the peer sent, move what the commands have or
 * take, write what came of it, then wait.  Nothing in here blocks but the
 * poll and the questions to the monitor.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/state.h"
#include "run/exits.h"
#include "wire/channel.h"

/* How long the last words may take to be written. */
#define LINGER_MS 2000

/* Where the fixed descriptors stand in the poll set. */
enum { POLL_PEER_IN, POLL_PEER_OUT, POLL_MONITOR, POLL_USER, POLL_FIXED };
#define POLL_MAX (POLL_FIXED + 3 * CONN_CHANNELS_MAX_COUNT)

/* n is all zero: it is large, and most of its pages are never needed. */
static bool
setup(struct net *n, const struct net_params *params,
    const struct net_first_flight *first)
{
	n->params = params;
	n->limits = params->limits;
	net_idle_limits(n);
	n->phase = NET_IDENT;
	n->user_fd = -1;
	n->kex.state = KEX_SENT;
	n->in.first_kex = true;
	n->out.seq = 1;
	n->sent_bytes = first->len;
	n->alive_ms = net_now_ms();
	if (params->login_grace_sec != 0)
		n->grace_ms = n->alive_ms +
		    (int64_t)params->login_grace_sec * 1000;
	memcpy(n->kex.server_kexinit, first->bytes + first->kexinit_at,
	    first->kexinit_len);
	n->kex.server_kexinit_len = first->kexinit_len;
	n->ipc_buf = malloc(IPC_FRAME_MAX_BYTES);
	return n->ipc_buf != NULL && net_io_open(n);
}

static void
teardown(struct net *n)
{
	for (size_t i = 0; i < CONN_CHANNELS_MAX_COUNT; i++)
		net_chan_free(n->chan[i]);
	net_command_drop(n);
	net_kex_close(n);
	net_io_close(n);
	free(n->conn);
	free(n->ipc_buf);
	if (n->user_fd >= 0)
		close(n->user_fd);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* When the loop has to wake up if nothing happens; 0: never. */
static int64_t
deadline(const struct net *n)
{
	int64_t at = earlier(n->grace_ms, net_chan_deadline(n));

	at = earlier(at, n->gather.held_until_ms);
	if (n->phase != NET_OPEN)
		return at;
	if (n->limits.client_alive_interval_sec != 0)
		at = earlier(at, n->alive_ms + (n->alive_asked + 1) * 1000 *
		    (int64_t)n->limits.client_alive_interval_sec);
	if (n->unused_ms != 0)
		at = earlier(at, n->unused_ms);
	at = earlier(at, net_idle_deadline(n));
	/* Without room its KEXINIT has to wait for the peer to read. */
	if (n->limits.rekey_sec != 0 && n->kex.state == KEX_IDLE &&
	    net_tx_has_room(n))
		at = earlier(at, n->kex.done_ms +
		    1000 * (int64_t)n->limits.rekey_sec);
	return at;
}

/* ClientAliveInterval: ask, and give up after ClientAliveCountMax silences. */
static bool
check_alive(struct net *n, int64_t now_ms)
{
	int64_t interval_ms =
	    1000 * (int64_t)n->limits.client_alive_interval_sec;
	struct sink out;

	if (interval_ms == 0 || n->phase != NET_OPEN ||
	    now_ms < n->alive_ms + (n->alive_asked + 1) * interval_ms)
		return true;
	if (n->limits.client_alive_count_max != 0 &&
	    n->alive_asked >= n->limits.client_alive_count_max)
		return net_die_gone(n, MON_EVENT_TIMEOUT,
		    "client not responding");
	n->alive_asked++;
	if (!net_tx_has_room(n))
		return true;
	out = net_message(n);
	wire_put_keepalive_global(&out);
	return net_send(n, &out);
}

/*
 * UnusedConnectionTimeout: from the last channel's end, or from the login
 * on, the peer has so long to open one.
 */
static bool
check_unused(struct net *n, int64_t now_ms)
{
	if (n->limits.unused_sec == 0 || n->phase != NET_OPEN ||
	    n->conn->open_count > 0)
		n->unused_ms = 0;
	else if (n->unused_ms == 0)
		n->unused_ms = now_ms + 1000 * (int64_t)n->limits.unused_sec;
	else if (now_ms >= n->unused_ms)
		return net_die_gone(n, MON_EVENT_UNUSED, "");
	return true;
}

static bool
check_time(struct net *n)
{
	int64_t now_ms = net_now_ms();

	if (n->grace_ms != 0 && now_ms >= n->grace_ms)
		return net_die_gone(n, MON_EVENT_GRACE, "");
	if (!check_alive(n, now_ms) || !check_unused(n, now_ms) ||
	    !net_idle_check(n, now_ms))
		return false;
	if (net_kex_due(n, now_ms) && net_tx_has_room(n))
		return net_kex_start(n);
	return true;
}

/* The peer has closed its side, and all that it sent has been looked at. */
static bool
check_peer_closed(struct net *n)
{
	if (!n->read_closed || n->waiting.active || n->user_full ||
	    n->gather.held_until_ms != 0 || !net_tx_has_room(n) ||
	    n->look_again)
		return true;
	return net_die_gone(n, n->phase == NET_IDENT ? MON_EVENT_NO_IDENT
	    : MON_EVENT_PEER_CLOSED, "");
}

static bool
handle_events(struct net *n, const struct pollfd *fds, const uint32_t *who,
    size_t chan_count)
{
	if (fds[POLL_MONITOR].revents != 0 && !net_monitor_speaks(n))
		return false;
	if (fds[POLL_USER].revents & (POLLOUT | POLLHUP | POLLERR))
		n->user_full = false;
	if (fds[POLL_USER].revents != 0 && !net_user_speaks(n))
		return false;
	if (fds[POLL_PEER_IN].revents != 0 && !net_read(n))
		return false;
	net_chan_polled(n, fds + POLL_FIXED, who, chan_count);
	return true;
}

static int
poll_timeout(const struct net *n)
{
	int64_t at = deadline(n), left;

	if (n->look_again)
		return 0;
	if (at == 0)
		return -1;
	left = at - net_now_ms();
	return left <= 0 ? 0 : (int)MIN(left, INT32_MAX);
}

static bool
wait_for_events(struct net *n)
{
	struct pollfd fds[POLL_MAX] UNINITIALIZED;
	uint32_t who[POLL_MAX] UNINITIALIZED;
	size_t chan_count;
	bool can_take = !n->read_closed && n->gather.held_until_ms == 0 &&
	    (n->rx.end < n->rx.cap || n->rx.start > 0);
	int rc;

	fds[POLL_PEER_IN] = (struct pollfd){ can_take && net_tx_has_room(n)
	    ? n->params->in_fd : -1, POLLIN, 0 };
	fds[POLL_PEER_OUT] = (struct pollfd){ net_tx_pending(n) == 0 ? -1
	    : n->params->out_fd, POLLOUT, 0 };
	fds[POLL_MONITOR] = (struct pollfd){ n->params->monitor_fd, POLLIN,
	    0 };
	/* Answers are not looked at while they could not be passed on. */
	fds[POLL_USER] = (struct pollfd){ net_tx_has_room(n) ? n->user_fd
	    : -1, n->user_full ? POLLIN | POLLOUT : POLLIN, 0 };
	chan_count = net_chan_poll(n, fds + POLL_FIXED, who,
	    POLL_MAX - POLL_FIXED);
	rc = poll(fds, (nfds_t)(POLL_FIXED + chan_count), poll_timeout(n));
	if (rc < 0)
		return errno == EINTR || net_die_env(n, "poll failed");
	return handle_events(n, fds, who, chan_count);
}

/*
 * Whoever stopped for want of room goes on when there is some: nothing else
 * may ever wake the loop, for the peer can be waiting for the rest.
 */
static bool
flush(struct net *n)
{
	bool full = !net_tx_has_room(n);

	if (!net_flush(n))
		return false;
	n->look_again |= full && net_tx_has_room(n);
	return true;
}

static void
serve(struct net *n)
{
	while (!n->over) {
		n->look_again = false;
		if (!net_input(n) || !net_pump(n) || !flush(n) ||
		    !check_time(n) || !check_peer_closed(n) || !flush(n))
			return;
		if (n->phase == NET_FIRST_KEXINIT)
			net_kex_prepare(n);
		if (!wait_for_events(n))
			return;
	}
}

/* Lets the last words out, but not for longer than LINGER_MS. */
static void
linger(struct net *n)
{
	int64_t until_ms = net_now_ms() + LINGER_MS;

	while (net_tx_pending(n) > 0) {
		struct pollfd fd = { n->params->out_fd, POLLOUT, 0 };
		int64_t left = until_ms - net_now_ms();

		if (left <= 0 || poll(&fd, 1, (int)left) <= 0)
			return;
		if (!net_flush(n))
			return;
	}
}

static void
report_done(struct net *n)
{
	uint8_t frame[64];
	struct sink out = sink_of(frame, sizeof frame);
	struct mon_done done = { n->sent_bytes, n->received_bytes,
		n->kex.rekeys };

	mon_done_put(&out, &done);
	if (ipc_send(n->params->monitor_fd, sink_span(&out), NULL, 0) !=
	    IPC_OK)
		n->over = true;
}

int
net_run(const struct net_params *params, const struct net_first_flight *first)
{
	struct net *n = calloc(1, sizeof *n);
	int status;

	if (n == NULL || !setup(n, params, first))
		return EXIT_ENV;
	serve(n);
	linger(n);
	report_done(n);
	status = n->exit_status;
	teardown(n);
	free(n);
	return status;
}
