/*
 * codec: put a message through all that may happen to its bytes.  Test
 * programs only.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define FRAME_MAX_BYTES 70000

static size_t
put(const struct codec *c, const void *m, uint8_t *frame)
{
	struct sink out = sink_of(frame, FRAME_MAX_BYTES);

	c->put(&out, m);
	assert_true(sink_ok(&out));
	assert_true(out.len >= 1);
	return out.len;
}

/* Parses a copy of exactly n bytes; *out points into *copy. */
static enum wire_err
parse(const struct codec *c, const uint8_t *body, size_t n, void *out,
    uint8_t **copy)
{
	*copy = malloc(n > 0 ? n : 1);
	assert_non_null(*copy);
	memcpy(*copy, body, n);
	memset(out, 0xa5, c->size);
	return c->parse(cursor_of(span(*copy, n)), out);
}

static void
check_cut(const struct codec *c, const uint8_t *frame, size_t len, void *m)
{
	uint8_t *empty = malloc(FRAME_MAX_BYTES);
	uint8_t *after = malloc(FRAME_MAX_BYTES), *copy;
	size_t empty_len;

	memset(m, 0, c->size);
	empty_len = put(c, m, empty);
	for (size_t n = 0; n < len - 1; n++) {
		if (parse(c, frame + 1, n, m, &copy) == WIRE_OK)
			fail_msg("%s: took %zu of %zu bytes", c->name, n,
			    len - 1);
		if (put(c, m, after) != empty_len ||
		    memcmp(after + 1, empty + 1, empty_len - 1) != 0)
			fail_msg("%s: not zero after %zu bytes", c->name, n);
		free(copy);
	}
	free(empty);
	free(after);
}

static void
check_longer(const struct codec *c, uint8_t *frame, size_t len, void *m)
{
	uint8_t *copy;
	enum wire_err err;

	frame[len] = 0;
	err = parse(c, frame + 1, len, m, &copy);
	if ((err == WIRE_OK) != c->open_end)
		fail_msg("%s: with a byte more: error %d", c->name, err);
	free(copy);
}

static void
check_changed(const struct codec *c, uint8_t *frame, size_t len, void *m)
{
	static const uint8_t change[] = { 0x01, 0x80, 0xff };
	uint8_t *copy;

	for (size_t i = 1; i < len; i++) {
		for (size_t j = 0; j < sizeof change; j++) {
			frame[i] ^= change[j];
			(void)parse(c, frame + 1, len - 1, m, &copy);
			free(copy);
			frame[i] ^= change[j];
		}
	}
}

void
codec_check(const struct codec *c, const void *m)
{
	uint8_t *frame = malloc(FRAME_MAX_BYTES);
	uint8_t *again = malloc(FRAME_MAX_BYTES), *copy;
	void *out = malloc(c->size);
	size_t len = put(c, m, frame);
	enum wire_err err = parse(c, frame + 1, len - 1, out, &copy);

	if (err != WIRE_OK)
		fail_msg("%s: error %d", c->name, err);
	memcpy(again, frame, len);
	if (put(c, out, again) != len ||
	    memcmp(frame + 1, again + 1, len - 1) != 0)
		fail_msg("%s: changed by the round trip", c->name);
	free(copy);
	check_cut(c, frame, len, out);
	check_longer(c, frame, len, out);
	check_changed(c, frame, len, out);
	free(frame);
	free(again);
	free(out);
}
