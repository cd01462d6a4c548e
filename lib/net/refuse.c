/*
 * refuse: the whole conversation with a peer that cannot be served.  Main,
 * before there is a net role.
 *
 * Must never look at what the peer sends: it is read to be thrown away.
 */
#include <assert.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "net/state.h"
#include "wire/transport.h"

#define REFUSE_WAIT_MS	1000

static_assert(NET_REFUSE_NO_HOST_KEY == SSH_DISCONNECT_HOST_KEY_NOT_VERIFIABLE,
    "one number, RFC 4253 section 11.1");

/*
 * A socket that is closed with bytes unread is reset, and a reset takes our
 * last words away from a peer that has not read them.
 */
static void
drain(int fd, int64_t until_ms)
{
	uint8_t waste[4096] UNINITIALIZED;
	struct pollfd in = { fd, POLLIN, 0 };
	int64_t left;

	while ((left = until_ms - net_now_ms()) > 0 &&
	    poll(&in, 1, (int)left) > 0 && read(fd, waste, sizeof waste) > 0)
		;
}

void
net_refuse(const struct net_params *params, uint32_t reason, const char *text)
{
	uint8_t bytes[1024];
	struct packet_out plain = { 0 };
	struct sink line = sink_of(bytes, sizeof bytes / 2), message;
	size_t len;

	sink_bytes(&line, span_str(params->server_ident));
	sink_bytes(&line, span_str("\r\n"));
	message = sink_of(bytes + line.len + PACKET_HEAD_BYTES,
	    sizeof bytes - line.len - PACKET_OVERHEAD_MAX_BYTES);
	wire_put_disconnect(&message, reason, span_str(text));
	if (!sink_ok(&line) || !sink_ok(&message) ||
	    packet_finish(&plain, bytes + line.len, sizeof bytes - line.len,
	    message.len, &len) != PACKET_OK ||
	    !fd_write_all(params->out_fd, bytes, line.len + len))
		return;
	if (!params->stream_socket)
		return;
	(void)shutdown(params->out_fd, SHUT_WR);
	drain(params->in_fd, net_now_ms() + REFUSE_WAIT_MS);
}
