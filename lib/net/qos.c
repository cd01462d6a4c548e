/*
 * qos: IPQoS.  net only; setsockopt(2) is allowed for nothing else.
 */
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include "net/state.h"

#define TOS_MAX 255

/*
 * net_mark - mark what is sent as interactive, or as bulk data
 *
 * A terminal makes a connection interactive, for good.  A peer that is no
 * address family with such marks is none of our business.
 */
void
net_mark(struct net *n, bool interactive)
{
	uint32_t tos = interactive ? n->limits.tos_interactive
				   : n->limits.tos_bulk;
	int value = (int)tos, fd = n->params->out_fd;

	if (tos > TOS_MAX || !n->params->stream_socket ||
	    n->marked == (interactive ? NET_MARK_TTY : NET_MARK_BULK) ||
	    n->marked == NET_MARK_TTY)
		return;
	n->marked = interactive ? NET_MARK_TTY : NET_MARK_BULK;
	(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &value, sizeof value);
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value,
	    sizeof value);
}
