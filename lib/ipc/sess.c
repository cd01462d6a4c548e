/*
 * sess: codec of the user/monitor edge.  Both roles; neither logs nor exits.
 */
#include "ipc/sess.h"

void
sess_pty_put(struct sink *out, enum sess_req type, const struct sess_pty *m)
{
	sink_u8(out, (uint8_t)type);
	sink_string(out, m->tty);
	sink_u32(out, m->pid);
}

bool
sess_pty_get(struct cursor in, struct sess_pty *m)
{
	m->tty = cursor_string(&in);
	m->pid = cursor_u32(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct sess_pty){ 0 };
	return false;
}

void
sess_last_put(struct sink *out, const struct sess_last *m)
{
	sink_u8(out, SESS_ANS_PTY);
	sink_u64(out, m->time_sec);
	sink_string(out, m->host);
}

bool
sess_last_get(struct cursor in, struct sess_last *m)
{
	m->time_sec = cursor_u64(&in);
	m->host = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct sess_last){ 0 };
	return false;
}

void
sess_event_put(struct sink *out, const struct sess_event *m)
{
	sink_u8(out, SESS_REQ_EVENT);
	sink_u8(out, m->kind);
	sink_u32(out, m->code);
	sink_string(out, m->text);
}

bool
sess_event_get(struct cursor in, struct sess_event *m)
{
	m->kind = cursor_u8(&in);
	m->code = cursor_u32(&in);
	m->text = cursor_string(&in);
	if (m->kind == SESS_EVENT_NONE || m->kind >= SESS_EVENT_COUNT ||
	    m->text.len > SESS_TEXT_MAX_BYTES)
		cursor_fail(&in, WIRE_BAD_VALUE);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct sess_event){ 0 };
	return false;
}
