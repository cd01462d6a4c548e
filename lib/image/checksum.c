/*
 * checksum: four independent lanes, so that a processor multiplies them side
 * by side.  Pure layer; every connection, over the whole image.
 */
#include <string.h>

#include "image/checksum.h"

#define LANES_COUNT	4
#define WORD_BYTES	8
#define ODD		UINT64_C(0x9e3779b97f4a7c15)

static uint64_t
step(uint64_t h, uint64_t word)
{
	h = (h ^ word) * ODD;
	return h << 29 | h >> 35;
}

uint64_t
image_checksum(struct span bytes)
{
	uint64_t lane[LANES_COUNT] = { 1, 2, 3, 4 }, word, h = bytes.len;
	size_t i;

	while (bytes.len >= LANES_COUNT * WORD_BYTES) {
		for (i = 0; i < LANES_COUNT; i++) {
			memcpy(&word, bytes.p + i * WORD_BYTES, WORD_BYTES);
			lane[i] = step(lane[i], word);
		}
		bytes.p += LANES_COUNT * WORD_BYTES;
		bytes.len -= LANES_COUNT * WORD_BYTES;
	}
	for (i = 0; bytes.len > 0; i++) {
		size_t n = bytes.len < WORD_BYTES ? bytes.len : WORD_BYTES;

		word = 0;
		memcpy(&word, bytes.p, n);
		lane[i] = step(lane[i], word);
		bytes.p += n;
		bytes.len -= n;
	}
	for (i = 0; i < LANES_COUNT; i++)
		h = step(h, lane[i]);
	return h ^ h >> 32;
}
