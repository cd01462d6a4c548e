/*
 * fuzz_inflate: transport/compress.  The bytes are a stream of zlib's, in
 * packets of 16-bit length each; then they are a payload, which must come
 * through both directions as it was.
 */
#include <string.h>

#include "config.h"

#include "fuzz.h"
#include "transport/compress.h"
#include "transport/packet.h"

#define PAYLOAD_BYTES	((size_t)1 << 17)

static uint8_t buf[PAYLOAD_BYTES + COMPRESS_GROWTH_MAX_BYTES(PAYLOAD_BYTES)];

/* Big-endian, as corpora have it. */
static uint16_t
take_u16(struct cursor *c)
{
	uint16_t high = cursor_u8(c);

	return (uint16_t)(high << 8 | cursor_u8(c));
}

static void
inflate_packets(struct cursor in)
{
	struct compress *c = compress_new_inflate();
	bool going = c != NULL;

	while (going && in.left > 2) {
		size_t len = take_u16(&in);
		struct span packet = cursor_bytes(&in, len < in.left ? len
		    : in.left);

		if (packet.len == 0)
			break;
		going = compress_inflate(c, &packet);
		FUZZ_CHECK(going == (packet.len > 0));
		FUZZ_CHECK(packet.len <= PACKET_LENGTH_MAX_BYTES);
	}
	compress_free(c);
}

static void
there_and_back(const uint8_t *data, size_t size)
{
	struct compress *d = compress_new_deflate();
	struct compress *i = compress_new_inflate();

	for (int again = 0; again < 2; again++) {
		size_t len = size;
		struct span got;

		memcpy(buf, data, size);
		FUZZ_CHECK(compress_deflate(d, buf, &len, size +
		    COMPRESS_GROWTH_MAX_BYTES(size)));
		got = span(buf, len);
		FUZZ_CHECK(compress_inflate(i, &got));
		FUZZ_CHECK(span_equal(got, span(data, size)));
	}
	compress_free(d);
	compress_free(i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!compress_available())
		return 0;
	inflate_packets(cursor_of(span(data, size)));
	if (size > 0 && size <= PAYLOAD_BYTES)
		there_and_back(data, size);
	return 0;
}
