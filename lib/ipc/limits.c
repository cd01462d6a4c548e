/*
 * limits: codec of MON_ORDER_LIMITS.  Monitor and net.
 */
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
}

bool
mon_limits_get(struct cursor in, struct mon_limits *m)
{
	m->rekey_bytes = cursor_u64(&in);
	m->rekey_sec = cursor_u32(&in);
	m->client_alive_interval_sec = cursor_u32(&in);
	m->client_alive_count_max = cursor_u32(&in);
	m->unused_sec = cursor_u32(&in);
	m->tos_interactive = cursor_u32(&in);
	m->tos_bulk = cursor_u32(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_limits){ 0 };
	return false;
}
