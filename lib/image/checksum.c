/*
 * checksum: four independent lanes, so that a processor multiplies them side
 * by side.  Pure layer; every connection, over the whole image.
 */
#include <string.h>

#include "image/checksum.h"

#define BLOCK_BYTES	32	/* a word for each lane */
#define ODD		UINT64_C(0x9e3779b97f4a7c15)

static uint64_t
step(uint64_t h, uint64_t word)
{
	h = (h ^ word) * ODD;
	return h << 29 | h >> 35;
}

static uint64_t
word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

uint64_t
image_checksum(struct span bytes)
{
	uint64_t a = 1, b = 2, c = 3, d = 4;
	uint8_t last[BLOCK_BYTES] = { 0 };
	const uint8_t *p = bytes.p;
	size_t left;

	for (left = bytes.len; left >= BLOCK_BYTES; left -= BLOCK_BYTES) {
		a = step(a, word_at(p));
		b = step(b, word_at(p + 8));
		c = step(c, word_at(p + 16));
		d = step(d, word_at(p + 24));
		p += BLOCK_BYTES;
	}
	if (left > 0)
		memcpy(last, p, left);
	a = step(a, word_at(last));
	b = step(b, word_at(last + 8));
	c = step(c, word_at(last + 16));
	d = step(d, word_at(last + 24));
	a = step(step(step(step(bytes.len, a), b), c), d);
	return a ^ a >> 32;
}
