/*
 * fuzz_cursor: base/ as a little machine.  The first byte is the number of
 * instructions that follow it, one byte each; the rest is what they read.
 */
#include "base/base64.h"
#include "base/names.h"
#include "base/pattern.h"
#include "base/vis.h"
#include "fuzz.h"

static struct span
step(struct cursor *c, uint8_t op)
{
	switch (op % 10) {
	case 0:
		(void)cursor_u8(c);
		break;
	case 1:
		(void)cursor_bool(c);
		break;
	case 2:
		(void)cursor_bytes(c, 2);
		break;
	case 3:
		(void)cursor_u32(c);
		break;
	case 4:
		(void)cursor_u64(c);
		break;
	case 5:
		return cursor_string(c);
	case 6:
		return cursor_name(c);
	case 7:
		return cursor_mpint(c);
	case 8:
		return cursor_bytes(c, op);
	default:
		if (op > 250)
			return cursor_rest(c);
		break;
	}
	return span(NULL, 0);
}

/* What one string may be taken for. */
static void
use_text(struct span s, struct span other)
{
	char line[64];
	uint8_t bin[64];
	struct span list = s, name;
	size_t len, names = 0, bytes = 0;

	vis_text(s, line, sizeof line);
	FUZZ_CHECK(strlen(line) < sizeof line);
	if (base64_decode(s, bin, sizeof bin, &len))
		FUZZ_CHECK(len <= sizeof bin);
	else
		FUZZ_CHECK(len == 0);
	while (names_next(&list, &name)) {
		names++;
		bytes += name.len;
	}
	FUZZ_CHECK(bytes <= s.len && bytes + names <= s.len + 1);
	name = names_match(s, other);
	FUZZ_CHECK(name.len == 0 ||
	    (names_contain(s, name) && names_contain(other, name)));
	if (pattern_match(s, other) && other.len > 0)
		FUZZ_CHECK(pattern_match(s, span("*", 1)));
	(void)pattern_list(s, other, true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor ops = cursor_of(span(data, size)), c;
	struct span code, last = { NULL, 0 };

	code = cursor_bytes(&ops, cursor_u8(&ops));
	c = cursor_of(cursor_rest(&ops));
	for (size_t i = 0; i < code.len; i++) {
		size_t before = c.left;
		enum wire_err err = c.err;
		struct span s = step(&c, code.p[i]);

		fuzz_inside(s, data, size);
		FUZZ_CHECK(c.left <= before);
		FUZZ_CHECK(err == WIRE_OK || (c.err == err && s.len == 0));
		FUZZ_CHECK(c.err == WIRE_OK || c.left == 0);
		if (s.len > 0) {
			use_text(s, last);
			last = s;
		}
	}
	fuzz_use(cursor_end(&c));
	return 0;
}
