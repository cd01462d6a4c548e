/*
 * sink: putters for RFC 4251 data types.  Pure layer, every process.
 */
#include <string.h>

#include "base/sink.h"

/* Room for n bytes, or NULL; the sink then counts them as written. */
static uint8_t *
sink_room(struct sink *s, size_t n)
{
	uint8_t *at;

	if (s->overflow || n > s->cap - s->len) {
		s->overflow = true;
		return NULL;
	}
	at = s->p + s->len;
	s->len += n;
	return at;
}

static void
sink_be(struct sink *s, uint64_t v, size_t n)
{
	uint8_t *at = sink_room(s, n);

	if (at == NULL)
		return;
	while (n-- > 0) {
		at[n] = (uint8_t)(v & 0xff);
		v >>= 8;
	}
}

void
sink_u8(struct sink *s, uint8_t v)
{
	sink_be(s, v, 1);
}

void
sink_bool(struct sink *s, bool v)
{
	sink_be(s, v ? 1 : 0, 1);
}

void
sink_u32(struct sink *s, uint32_t v)
{
	sink_be(s, v, 4);
}

void
sink_u64(struct sink *s, uint64_t v)
{
	sink_be(s, v, 8);
}

void
sink_bytes(struct sink *s, struct span v)
{
	uint8_t *at = sink_room(s, v.len);

	if (at != NULL && v.len > 0)
		memcpy(at, v.p, v.len);
}

void
sink_string(struct sink *s, struct span v)
{
	if (v.len > UINT32_MAX) {
		s->overflow = true;
		return;
	}
	sink_u32(s, (uint32_t)v.len);
	sink_bytes(s, v);
}

void
sink_cstring(struct sink *s, const char *v)
{
	sink_string(s, span_str(v));
}

void
sink_mpint(struct sink *s, struct span v)
{
	while (v.len > 0 && v.p[0] == 0) {
		v.p++;
		v.len--;
	}
	if (v.len > 0 && (v.p[0] & 0x80)) {
		sink_u32(s, (uint32_t)v.len + 1);
		sink_u8(s, 0);
		sink_bytes(s, v);
		return;
	}
	sink_string(s, v);
}

size_t
sink_string_begin(struct sink *s)
{
	size_t mark = s->len;

	sink_u32(s, 0);
	return mark;
}

void
sink_string_end(struct sink *s, size_t mark)
{
	struct sink at;

	if (s->overflow)
		return;
	at = sink_of(s->p + mark, sizeof(uint32_t));
	sink_u32(&at, (uint32_t)(s->len - mark - sizeof(uint32_t)));
}
