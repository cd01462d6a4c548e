/*
 * enter: the first steps of net's process: out of everything that main had.
 *
 * Still root here.  Must never look at a byte of the peer's before the
 * sandbox is around it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/frame.h"
#include "ipc/mon.h"
#include "net/net.h"
#include "run/exits.h"
#include "sandbox/confine.h"

/* net has no log any more: the monitor writes why it cannot go on. */
static void NORETURN
give_up(int edge, const char *what)
{
	uint8_t frame[512];
	char text[256];
	struct sink out = sink_of(frame, sizeof frame);
	struct mon_event event = { .kind = MON_EVENT_BUG, .code = EXIT_ENV };

	snprintf(text, sizeof text, "cannot confine the network role: %s: %s",
	    what, strerror(errno));
	event.text = span_str(text);
	mon_event_put(&out, &event);
	(void)!ipc_send(edge, sink_span(&out), NULL, 0);
	_exit(EXIT_ENV);
}

void
net_enter(struct net_params *params, const struct net_first_flight *first,
    const struct confine *confine, int edge)
{
	const char *failed;

	signal(SIGPIPE, SIG_IGN);
	/*
	 * A terminal's signals, and orders to all of a group or of a unit, are
	 * the monitor's to obey: net is what tells the peer.
	 */
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	if (!confine_descriptors(params->in_fd, &edge))
		give_up(edge, "descriptors");
	failed = confine_net(confine);
	if (failed != NULL)
		give_up(edge, failed);
	params->monitor_fd = edge;
	_exit(net_run(params, first));
}
