/*
 * timeouts: ChannelTimeout for who keeps it.  Pure layer.
 */
#ifndef SSHD_CONN_CONFIG_TIMEOUTS_H
#define SSHD_CONN_CONFIG_TIMEOUTS_H

#include "base/sink.h"
#include "config/settings.h"

/* No longer list than this is accepted in a configuration. */
#define TIMEOUTS_MAX_BYTES 2048

/*
 * timeouts_put - the words "type=time" as struct mon_limits has them
 *
 *	uint32  seconds			0: no limit
 *	string  pattern of the type	and again, in the order of the words
 */
void timeouts_put(const struct strlist *words, struct sink *out);

#endif
