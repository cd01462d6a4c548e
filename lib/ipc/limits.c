/*
 * limits: codec of MON_ORDER_LIMITS.  Monitor and net.
 */
#include <string.h>

#include "ipc/limits.h"
#include "ipc/mon.h"

void
mon_limits_put(struct sink *out, const struct mon_limits *m)
{
	sink_u8(out, MON_ORDER_LIMITS);
	sink_u64(out, m->rekey_bytes);
	sink_u32(out, m->rekey_sec);
	sink_u32(out, m->client_alive_interval_sec);
	sink_u32(out, m->client_alive_count_max);
	sink_u32(out, m->unused_sec);
	sink_u32(out, m->tos_interactive);
	sink_u32(out, m->tos_bulk);
	sink_string(out, span(m->channel_timeouts, m->channel_timeouts_len));
}

static void
get_timeouts(struct cursor *in, struct mon_limits *m)
{
	struct span list = cursor_string(in);
	struct cursor item = cursor_of(list);

	while (item.left > 0) {
		(void)cursor_u32(&item);
		(void)cursor_string(&item);
	}
	if (item.err != WIRE_OK || list.len > sizeof m->channel_timeouts)
		cursor_fail(in, WIRE_BAD_VALUE);
	if (in->err != WIRE_OK || list.len == 0)
		return;
	memcpy(m->channel_timeouts, list.p, list.len);
	m->channel_timeouts_len = (uint32_t)list.len;
}

bool
mon_limits_get(struct cursor in, struct mon_limits *m)
{
	*m = (struct mon_limits){ 0 };
	m->rekey_bytes = cursor_u64(&in);
	m->rekey_sec = cursor_u32(&in);
	m->client_alive_interval_sec = cursor_u32(&in);
	m->client_alive_count_max = cursor_u32(&in);
	m->unused_sec = cursor_u32(&in);
	m->tos_interactive = cursor_u32(&in);
	m->tos_bulk = cursor_u32(&in);
	get_timeouts(&in, m);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_limits){ 0 };
	return false;
}
