/*
 * Tests of transport/compress: streams that go on from packet to packet, and
 * what a peer may not do to the one that inflates.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "base/secret.h"
#include "base/sysdef.h"
#include "transport/compress.h"
#include "transport/packet.h"
#include "unit.h"

#ifdef HAVE_ZLIB
#define ROOM_BYTES (PACKET_LENGTH_MAX_BYTES + 4096)

static uint8_t text[ROOM_BYTES], wire[ROOM_BYTES];

/* One payload through both streams. */
static void
pass(struct compress *d, struct compress *i, size_t len)
{
	size_t n = len;
	struct span got;

	memcpy(wire, text, len);
	assert_true(compress_deflate(d, wire, &n, len +
	    COMPRESS_GROWTH_MAX_BYTES(len)));
	got = span(wire, n);
	if (!compress_inflate(i, &got))
		fail_msg("%zu bytes do not inflate", len);
	assert_int_equal(got.len, len);
	assert_memory_equal(got.p, text, len);
}

static void
test_streams(void **state)
{
	struct compress *d = compress_new_deflate();
	struct compress *i = compress_new_inflate();

	(void)state;
	for (size_t n = 0; n < sizeof text; n++)
		text[n] = (uint8_t)"lorem ipsum dolor "[n % 18];
	for (size_t len = 1; len <= 300; len++)
		pass(d, i, len);
	for (size_t len = 301; len <= 40000; len += 1237)
		pass(d, i, len);
	/* Nothing shrinks: the growth is bounded all the same. */
	assert_true(random_bytes(text, sizeof text));
	for (size_t len = 1; len <= 300; len++)
		pass(d, i, len);
	for (size_t len = 8190; len <= 40000; len += 2)
		if (len % 8192 < 8 || len % 1237 == 0 || len % 16383 < 8)
			pass(d, i, len);
	pass(d, i, 32768);
	compress_free(d);
	compress_free(i);
}

static void
test_largest(void **state)
{
	struct compress *d = compress_new_deflate();
	struct compress *i = compress_new_inflate();

	(void)state;
	memset(text, 'x', sizeof text);
	pass(d, i, PACKET_LENGTH_MAX_BYTES - 6);
	pass(d, i, 5);
	compress_free(d);
	compress_free(i);
}

/* How much does the peer's whole stream of zeroes come to? */
static size_t
make_bomb(uint8_t *out, size_t cap, size_t bytes)
{
	z_stream z = { 0 };
	uint8_t zero[4096] = { 0 };

	assert_int_equal(deflateInit(&z, 9), Z_OK);
	z.next_out = out;
	z.avail_out = (uInt)cap;
	while (bytes > 0) {
		size_t n = MIN(bytes, sizeof zero);

		z.next_in = zero;
		z.avail_in = (uInt)n;
		bytes -= n;
		assert_int_equal(deflate(&z, bytes == 0 ? Z_PARTIAL_FLUSH
		    : Z_NO_FLUSH), Z_OK);
	}
	deflateEnd(&z);
	return cap - z.avail_out;
}

static void
test_bomb(void **state)
{
	static const size_t sizes[] = { PACKET_LENGTH_MAX_BYTES + 1,
		1u << 20, 32u << 20 };

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
		struct compress *i = compress_new_inflate();
		struct span got = span(wire, make_bomb(wire, sizeof wire,
		    sizes[k]));

		assert_true(got.len < 40000);
		assert_false(compress_inflate(i, &got));
		assert_int_equal(got.len, 0);
		compress_free(i);
	}
}

static bool
inflates(struct compress *i, const void *p, size_t len)
{
	struct span got = span(p, len);
	bool ok = compress_inflate(i, &got);

	assert_true(ok == (got.len > 0));
	return ok;
}

static void
test_garbage(void **state)
{
	static const struct span bad[] = {
		{ (const uint8_t *)"\x78\x9c", 2 },	/* a head alone */
		{ (const uint8_t *)"\x00", 1 },
		{ (const uint8_t *)"\x78\x9d", 2 },	/* its check fails */
		{ (const uint8_t *)"\x78\xbb\x01\x02\x03\x04", 6 }, /* dict */
		{ (const uint8_t *)"\x78\x9c\xff\xff\xff", 5 },
		{ (const uint8_t *)"\x78\x9c\x07", 3 },	/* block type 3 */
		{ (const uint8_t *)"\x78\x9c\x00\x01\x00\x01\x00z", 8 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
		struct compress *i = compress_new_inflate();
		uint8_t copy[16];

		memcpy(copy, bad[k].p, bad[k].len);
		if (inflates(i, copy, bad[k].len))
			fail_msg("garbage %zu inflates", k);
		compress_free(i);
	}
}

/* A stream that ends is over: RFC 4253 6.2 has it go on for ever. */
static void
test_stream_end(void **state)
{
	struct compress *i = compress_new_inflate();
	uLongf len = sizeof wire;

	(void)state;
	assert_int_equal(compress2(wire, &len, (const Bytef *)"hello", 5, 9),
	    Z_OK);
	assert_false(inflates(i, wire, len));
	assert_false(inflates(i, wire, len));
	compress_free(i);
}

/* A packet that inflates to nothing has no type. */
static void
test_nothing(void **state)
{
	struct compress *d = compress_new_deflate();
	struct compress *i = compress_new_inflate();

	(void)state;
	memcpy(text, "abc", 3);
	pass(d, i, 3);
	/* An empty stored block, as Z_SYNC_FLUSH makes them. */
	assert_false(inflates(i, "\x00\x00\x00\xff\xff", 5));
	compress_free(d);
	compress_free(i);
}

/* Every byte of a good packet changed: an answer, never a crash or a flood. */
static void
test_flips(void **state)
{
	uint8_t good[512], bad[512];
	size_t len = 300;
	struct compress *d = compress_new_deflate();

	(void)state;
	for (size_t n = 0; n < len; n++)
		good[n] = (uint8_t)(n * n >> 3);
	assert_true(compress_deflate(d, good, &len, sizeof good));
	compress_free(d);
	for (size_t bit = 0; bit < len * 8; bit++) {
		struct compress *i = compress_new_inflate();
		struct span got;

		memcpy(bad, good, len);
		bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
		got = span(bad, len);
		if (compress_inflate(i, &got))
			assert_in_range(got.len, 1, PACKET_LENGTH_MAX_BYTES);
		compress_free(i);
	}
}

static void
test_no_room(void **state)
{
	struct compress *d = compress_new_deflate();
	uint8_t p[256];
	size_t len = 200;

	(void)state;
	assert_true(random_bytes(p, sizeof p));
	assert_false(compress_deflate(d, p, &len, 200));
	compress_free(d);
	compress_free(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_streams),
	cmocka_unit_test(test_largest),
	cmocka_unit_test(test_bomb),
	cmocka_unit_test(test_garbage),
	cmocka_unit_test(test_stream_end),
	cmocka_unit_test(test_nothing),
	cmocka_unit_test(test_flips),
	cmocka_unit_test(test_no_room),
};

#else

static void
test_not_built_in(void **state)
{
	(void)state;
	assert_false(compress_available());
	assert_null(compress_new_deflate());
	assert_null(compress_new_inflate());
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_not_built_in),
};

#endif

int
main(void)
{
	return cmocka_run_group_tests_name("compress", tests, NULL, NULL);
}
