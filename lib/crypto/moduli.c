/*
 * moduli: groups for diffie-hellman-group-exchange, RFC 4419.  Pure layer;
 * tests no number for being prime, and opens no file.
 */
#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "crypto/kex_impl.h"
#include "crypto/moduli.h"

/* moduli(5): timestamp type tests trials size generator modulus. */
enum column { TIMESTAMP, TYPE, TESTS, TRIALS, SIZE, GENERATOR, MODULUS,
	COLUMN_COUNT };
#define TYPE_SAFE		2
#define TESTS_COMPOSITE		0x01u	/* found to be no prime */
#define GENERATOR_MAX_BYTES	4

/* --- from text ------------------------------------------------------------ */

static struct span
next_until(struct span *in, const char *ends)
{
	struct span word = *in;

	for (word.len = 0; word.len < in->len &&
	    strchr(ends, in->p[word.len]) == NULL;)
		word.len++;
	in->p += word.len;
	in->len -= word.len;
	if (in->len > 0) {
		in->p++;
		in->len--;
	}
	return word;
}

static size_t
split(struct span line, struct span column[static COLUMN_COUNT])
{
	size_t n = 0;

	while (line.len > 0) {
		struct span word = next_until(&line, " \t\r");

		if (word.len > 0 && n == COLUMN_COUNT)
			return 0;
		if (word.len > 0)
			column[n++] = word;
	}
	return n;
}

/* A number that fits; 0 for what is none. */
static uint32_t
decimal(struct span in)
{
	uint32_t v = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.p[i] < '0' || in.p[i] > '9' || v > 10 * GEX_MAX_BITS)
			return 0;
		v = 10 * v + (uint32_t)(in.p[i] - '0');
	}
	return v;
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Without leading zeros, an odd digit in front; no bytes: not hexadecimal. */
static struct span
unhex(struct span in, uint8_t *out, size_t size)
{
	size_t n = 0;

	while (in.len > 0 && in.p[0] == '0') {
		in.p++;
		in.len--;
	}
	if ((in.len + 1) / 2 > size)
		return span(NULL, 0);
	for (size_t i = 0; i < in.len; i++) {
		int digit = hex_digit(in.p[i]);

		if (digit < 0)
			return span(NULL, 0);
		if (i == 0 || (in.len - i) % 2 == 0)
			out[n++] = (uint8_t)digit;
		else
			out[n - 1] = (uint8_t)(out[n - 1] << 4 | digit);
	}
	return span(out, n);
}

static uint32_t
bit_length(struct span v)
{
	uint32_t bits = (uint32_t)v.len * 8;

	if (v.len == 0)
		return 0;
	for (uint8_t first = v.p[0]; (first & 0x80) == 0; bits--)
		first = (uint8_t)(first << 1);
	return bits;
}

/* Does the line promise a safe prime that was tested? */
static bool
is_tested(const struct span *column)
{
	uint32_t tests = decimal(column[TESTS]);

	return decimal(column[TYPE]) == TYPE_SAFE && tests != 0 &&
	    (tests & TESTS_COMPOSITE) == 0 && decimal(column[TRIALS]) != 0;
}

void
moduli_pack(struct span text, struct sink *out)
{
	uint8_t had[GEX_MAX_BITS + 1] = { 0 };

	while (text.len > 0) {
		struct span line = next_until(&text, "\n");
		struct span column[COLUMN_COUNT], p, g;
		uint8_t p_buf[GEX_MAX_BITS / 8], g_buf[GENERATOR_MAX_BYTES];
		uint32_t bits;

		if (split(line, column) != COLUMN_COUNT ||
		    !is_tested(column))
			continue;
		p = unhex(column[MODULUS], p_buf, sizeof(p_buf));
		g = unhex(column[GENERATOR], g_buf, sizeof(g_buf));
		bits = bit_length(p);
		/* The text's size is one less than the modulus has bits. */
		if (bits < GEX_MIN_BITS || decimal(column[SIZE]) != bits - 1 ||
		    bit_length(g) < 2 || (p.p[p.len - 1] & 1) == 0 ||
		    had[bits] == MODULI_OF_A_SIZE_COUNT ||
		    out->cap - out->len < 12 + g.len + p.len)
			continue;
		had[bits]++;
		sink_u32(out, bits);
		sink_string(out, g);
		sink_string(out, p);
	}
}

/* --- to one group --------------------------------------------------------- */

static bool
next_group(struct cursor *list, struct gex_group *group)
{
	if (list->left == 0)
		return false;
	group->bits = cursor_u32(list);
	group->generator = cursor_string(list);
	group->prime = cursor_string(list);
	return list->err == WIRE_OK && group->prime.len > 0 &&
	    group->prime.len <= GEX_MAX_BITS / 8 &&
	    bit_length(group->prime) == group->bits;
}

/* Is size a better answer than best, which is 0 for none? */
static bool
is_better(uint32_t size, uint32_t best, const struct gex_want *want)
{
	if (size < MAX(want->min, GEX_MIN_BITS) || size > want->max)
		return false;
	if (best == 0)
		return true;
	return best < want->n ? size > best : size >= want->n && size < best;
}

static uint32_t
best_size(struct span list, const struct gex_want *want, uint32_t *count)
{
	struct cursor in = cursor_of(list);
	struct gex_group group;
	uint32_t best = 0;

	*count = 0;
	while (next_group(&in, &group)) {
		if (is_better(group.bits, best, want)) {
			best = group.bits;
			*count = 0;
		}
		*count += group.bits == best;
	}
	return best;
}

static bool
pick_of_list(struct span list, const struct gex_want *want,
    struct gex_group *out)
{
	struct cursor in = cursor_of(list);
	uint32_t count, skip, best = best_size(list, want, &count);

	/* Which of count: a bias of 2^-32 hurts nobody. */
	if (best == 0 || !random_bytes(&skip, sizeof(skip)))
		return false;
	skip %= count;
	while (next_group(&in, out)) {
		if (out->bits == best && skip-- == 0)
			return true;
	}
	return false;
}

static bool
pick_built_in(const struct gex_want *want, struct gex_group *out)
{
	static const char *const names[] = { "group14", "group16",
		"group18" };
	static const uint8_t two[] = { 2 };
	uint32_t best = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct kex_group *group = kex_group_find(names[i]);
		uint32_t bits = bit_length(group->prime);

		if (!is_better(bits, best, want))
			continue;
		best = bits;
		*out = (struct gex_group){ group->prime,
			{ two, sizeof(two) }, bits };
	}
	return best != 0;
}

bool
moduli_pick(struct span list, const struct gex_want *want,
    struct gex_group *out)
{
	struct gex_want w = {
		.min = want->min,
		.n = MIN(MAX(want->n, GEX_MIN_BITS), GEX_MAX_BITS),
		.max = MIN(want->max, GEX_MAX_BITS),
	};
	bool sane = want->min <= want->n && want->n <= want->max &&
	    want->max >= GEX_MIN_BITS;

	if (sane && (pick_of_list(list, &w, out) || pick_built_in(&w, out)))
		return true;
	*out = (struct gex_group){ 0 };
	return false;
}
