/*
 * usr: codec of the net/user edge.  Both roles; neither logs nor exits.
 */
#include "ipc/usr.h"

/* Every message starts with a channel number, and judges it the same way. */
static uint32_t
get_chan(struct cursor *in)
{
	uint32_t chan = cursor_u32(in);

	if (chan >= USER_CHANNELS_MAX_COUNT) {
		cursor_fail(in, WIRE_BAD_VALUE);
		return 0;
	}
	return chan;
}

void
usr_chan_put(struct sink *out, enum user_req type, uint32_t chan)
{
	sink_u8(out, (uint8_t)type);
	sink_u32(out, chan);
}

bool
usr_chan_get(struct cursor in, uint32_t *chan)
{
	*chan = get_chan(&in);
	return cursor_end(&in) == WIRE_OK;
}

void
usr_env_put(struct sink *out, const struct usr_env *m)
{
	sink_u8(out, USER_REQ_ENV);
	sink_u32(out, m->chan);
	sink_string(out, m->name);
	sink_string(out, m->value);
}

bool
usr_env_get(struct cursor in, struct usr_env *m)
{
	m->chan = get_chan(&in);
	m->name = cursor_string(&in);
	m->value = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_env){ 0 };
	return false;
}

void
usr_pty_put(struct sink *out, const struct usr_pty *m)
{
	sink_u8(out, USER_REQ_PTY);
	sink_u32(out, m->chan);
	sink_string(out, m->term);
	sink_u32(out, m->cols);
	sink_u32(out, m->rows);
	sink_u32(out, m->width);
	sink_u32(out, m->height);
	sink_u32(out, (uint32_t)m->mode_count);
	for (size_t i = 0; i < m->mode_count; i++) {
		sink_u8(out, m->modes[i].opcode);
		sink_u32(out, m->modes[i].value);
	}
}

bool
usr_pty_get(struct cursor in, struct usr_pty *m)
{
	*m = (struct usr_pty){ 0 };
	m->chan = get_chan(&in);
	m->term = cursor_string(&in);
	m->cols = cursor_u32(&in);
	m->rows = cursor_u32(&in);
	m->width = cursor_u32(&in);
	m->height = cursor_u32(&in);
	m->mode_count = cursor_u32(&in);
	if (m->mode_count > USER_MODES_MAX_COUNT) {
		cursor_fail(&in, WIRE_BAD_VALUE);
		m->mode_count = 0;
	}
	for (size_t i = 0; i < m->mode_count; i++) {
		m->modes[i].opcode = cursor_u8(&in);
		m->modes[i].value = cursor_u32(&in);
	}
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_pty){ 0 };
	return false;
}

void
usr_resize_put(struct sink *out, const struct usr_resize *m)
{
	sink_u8(out, USER_REQ_RESIZE);
	sink_u32(out, m->chan);
	sink_u32(out, m->cols);
	sink_u32(out, m->rows);
	sink_u32(out, m->width);
	sink_u32(out, m->height);
}

bool
usr_resize_get(struct cursor in, struct usr_resize *m)
{
	m->chan = get_chan(&in);
	m->cols = cursor_u32(&in);
	m->rows = cursor_u32(&in);
	m->width = cursor_u32(&in);
	m->height = cursor_u32(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_resize){ 0 };
	return false;
}

void
usr_start_put(struct sink *out, const struct usr_start *m)
{
	sink_u8(out, USER_REQ_START);
	sink_u32(out, m->chan);
	sink_u8(out, m->kind);
	sink_string(out, m->command);
	sink_bool(out, m->more);
}

bool
usr_start_get(struct cursor in, struct usr_start *m)
{
	m->chan = get_chan(&in);
	m->kind = cursor_u8(&in);
	m->command = cursor_string(&in);
	m->more = cursor_bool(&in);
	if (m->kind >= USER_START_COUNT)
		cursor_fail(&in, WIRE_BAD_VALUE);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_start){ 0 };
	return false;
}

void
usr_signal_put(struct sink *out, const struct usr_signal *m)
{
	sink_u8(out, USER_REQ_SIGNAL);
	sink_u32(out, m->chan);
	sink_string(out, m->name);
}

bool
usr_signal_get(struct cursor in, struct usr_signal *m)
{
	m->chan = get_chan(&in);
	m->name = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_signal){ 0 };
	return false;
}

void
usr_break_put(struct sink *out, const struct usr_break *m)
{
	sink_u8(out, USER_REQ_BREAK);
	sink_u32(out, m->chan);
	sink_u32(out, m->length_ms);
}

bool
usr_break_get(struct cursor in, struct usr_break *m)
{
	m->chan = get_chan(&in);
	m->length_ms = cursor_u32(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_break){ 0 };
	return false;
}

void
usr_ans_put(struct sink *out, enum user_ans type, const struct usr_ans *m)
{
	sink_u8(out, (uint8_t)type);
	sink_u32(out, m->chan);
	sink_bool(out, m->ok);
}

bool
usr_ans_get(struct cursor in, struct usr_ans *m)
{
	m->chan = get_chan(&in);
	m->ok = cursor_bool(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_ans){ 0 };
	return false;
}

void
usr_exit_put(struct sink *out, const struct usr_exit *m)
{
	sink_u8(out, USER_EVT_EXIT);
	sink_u32(out, m->chan);
	sink_bool(out, m->signaled);
	sink_u32(out, m->status);
	sink_string(out, m->signal);
	sink_bool(out, m->core_dumped);
}

bool
usr_exit_get(struct cursor in, struct usr_exit *m)
{
	m->chan = get_chan(&in);
	m->signaled = cursor_bool(&in);
	m->status = cursor_u32(&in);
	m->signal = cursor_string(&in);
	m->core_dumped = cursor_bool(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct usr_exit){ 0 };
	return false;
}
