/*
 * Tests of transport/packet: what is sealed opens, for every cipher and MAC
 * and every way to cut the stream; and nothing else does.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/init.h"
#include "packet_keys.h"
#include "unit.h"

#define BIG_BYTES	(256u * 1024)
#define STREAM_BYTES	(BIG_BYTES + PACKET_OVERHEAD_MAX_BYTES)

static struct packet_keys keys[KEYS_MAX_COUNT];
static size_t key_count;
static uint8_t stream[2 * STREAM_BYTES], whole[2 * STREAM_BYTES];

static const char *
name_of(const struct packet_keys *k)
{
	return k->cipher == NULL ? "plain" : k->cipher->name;
}

static void
fill(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 31 + len);
}

static void
start_in(const struct packet_keys *k, struct packet_in *in)
{
	*in = (struct packet_in){ .cipher = packet_keys_new(k, PACKET_OPEN) };
	assert_true(k->cipher == NULL || in->cipher != NULL);
}

static void
start_out(const struct packet_keys *k, struct packet_out *out)
{
	*out = (struct packet_out){ .cipher = packet_keys_new(k,
	    PACKET_SEAL) };
	assert_true(k->cipher == NULL || out->cipher != NULL);
}

/* One packet with len bytes of payload at p; how long it came out. */
static size_t
seal(struct packet_out *out, uint8_t *p, size_t size, size_t len)
{
	size_t bytes;

	fill(p + PACKET_HEAD_BYTES, len);
	assert_int_equal(packet_finish(out, p, size, len, &bytes), PACKET_OK);
	return bytes;
}

static void
expect_payload(struct span payload, size_t len)
{
	assert_int_equal(payload.len, len);
	for (size_t i = 0; i < len; i++)
		if (payload.p[i] != (uint8_t)(i * 31 + len))
			fail_msg("byte %zu of %zu differs", i, len);
}

static enum packet_err
open_all(struct packet_in *in, uint8_t *p, size_t have, size_t *used,
    struct span *payload)
{
	size_t want;

	return packet_next(in, p, have, used, &want, payload);
}

static void
test_round_trips(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		struct packet_out out;
		struct packet_in in;
		uint64_t bytes = 0;

		start_out(&keys[i], &out);
		start_in(&keys[i], &in);
		for (size_t len = 1; len <= 202; len++) {
			size_t n = len == 201 ? 32768 : len == 202
			    ? BIG_BYTES - 300 : len, used;
			size_t made = seal(&out, stream, sizeof stream, n);
			struct span payload;

			assert_true(made <= n + PACKET_OVERHEAD_MAX_BYTES);
			assert_int_equal(open_all(&in, stream, made, &used,
			    &payload), PACKET_OK);
			assert_int_equal(used, made);
			expect_payload(payload, n);
			bytes += made;
		}
		assert_int_equal(in.seq, 202);
		assert_int_equal(in.bytes, bytes);
		assert_int_equal(out.bytes, bytes);
		assert_int_equal(in.packets, out.packets);
		packet_in_clear(&in);
		packet_out_clear(&out);
	}
}

/* The largest packet_length is taken, the next one is not. */
static void
test_largest(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		struct packet_out out;
		struct packet_in in;
		struct span payload;
		size_t used, made, fits = 0;
		enum packet_err err;

		for (size_t n = BIG_BYTES - 40; n <= BIG_BYTES; n++) {
			start_out(&keys[i], &out);
			start_in(&keys[i], &in);
			made = seal(&out, stream, sizeof stream, n);
			memset(stream + made, 0, sizeof stream - made);
			err = open_all(&in, stream, sizeof stream, &used,
			    &payload);
			if (err == PACKET_OK)
				fits = n;
			else
				assert_int_equal(payload.len, 0);
			packet_in_clear(&in);
			packet_out_clear(&out);
		}
		/* Head, padding and block leave no more than that. */
		assert_in_range(fits, BIG_BYTES - 21, BIG_BYTES - 5);
	}
}

/* Byte by byte: PACKET_MORE until the last, and *want never lies. */
static void
test_byte_by_byte(void **state)
{
	static const size_t sizes[] = { 1, 3, 11, 12, 60, 255, 700 };

	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		struct packet_out out;
		struct packet_in in;

		start_out(&keys[i], &out);
		start_in(&keys[i], &in);
		for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
			size_t made = seal(&out, stream, sizeof stream,
			    sizes[s]), used, want = 0;
			struct span payload;

			for (size_t have = 0; have < made; have++) {
				assert_int_equal(packet_next(&in, stream,
				    have, &used, &want, &payload),
				    PACKET_MORE);
				assert_int_equal(used, 0);
				assert_in_range(want, have + 1, made);
			}
			assert_int_equal(packet_next(&in, stream, made,
			    &used, &want, &payload), PACKET_OK);
			assert_int_equal(used, made);
			expect_payload(payload, sizes[s]);
		}
		packet_in_clear(&in);
		packet_out_clear(&out);
	}
}

/* A second packet behind the first is left alone. */
static void
test_two_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		struct packet_out out;
		struct packet_in in;
		struct span payload;
		size_t a, b, used;

		start_out(&keys[i], &out);
		start_in(&keys[i], &in);
		a = seal(&out, stream, sizeof stream, 40);
		b = seal(&out, stream + a, sizeof stream - a, 77);
		assert_int_equal(open_all(&in, stream, a + b, &used,
		    &payload), PACKET_OK);
		assert_int_equal(used, a);
		expect_payload(payload, 40);
		assert_int_equal(open_all(&in, stream + a, b, &used,
		    &payload), PACKET_OK);
		assert_int_equal(used, b);
		expect_payload(payload, 77);
		packet_in_clear(&in);
		packet_out_clear(&out);
	}
}

/* What a changed packet comes to, however much follows it. */
static enum packet_err
open_changed(const struct packet_keys *k, size_t made, uint32_t seq)
{
	struct packet_in in;
	struct span payload;
	size_t used;
	enum packet_err err;

	start_in(k, &in);
	in.seq = seq;
	/* A long length waits for a long packet: let it have one. */
	memset(stream + made, 0x5a, sizeof stream - made);
	err = open_all(&in, stream, sizeof stream, &used, &payload);
	if (err != PACKET_OK && (used != 0 || payload.len != 0))
		fail_msg("a payload beside an error");
	packet_in_clear(&in);
	return err;
}

static void
test_every_bit_flipped(void **state)
{
	(void)state;
	for (size_t i = 1; i < key_count; i++) {
		struct packet_out out;
		size_t made;

		start_out(&keys[i], &out);
		made = seal(&out, whole, sizeof whole, 20);
		for (size_t bit = 0; bit < made * 8; bit++) {
			enum packet_err err;

			memcpy(stream, whole, made);
			stream[bit / 8] ^= (uint8_t)(1u << bit % 8);
			err = open_changed(&keys[i], made, 0);
			if (err == PACKET_OK || err == PACKET_FAILED ||
			    err == PACKET_MORE)
				fail_msg("%s: bit %zu: %d", name_of(&keys[i]),
				    bit, (int)err);
			/* Not authenticated apart: one error for all. */
			if (keys[i].mac != NULL && !keys[i].mac->etm)
				assert_int_equal(err, PACKET_BAD_TAG);
		}
		memcpy(stream, whole, made);
		assert_int_equal(open_changed(&keys[i], made, 0), PACKET_OK);
		/* The same packet once more, or out of its turn. */
		memcpy(stream, whole, made);
		if (keys[i].mac != NULL || strncmp(keys[i].cipher->name,
		    "chacha", 6) == 0)
			assert_int_not_equal(open_changed(&keys[i], made, 1),
			    PACKET_OK);
		packet_out_clear(&out);
	}
}

static void
test_replay(void **state)
{
	(void)state;
	for (size_t i = 1; i < key_count; i++) {
		struct packet_out out;
		struct packet_in in;
		struct span payload;
		size_t made, used;

		start_out(&keys[i], &out);
		start_in(&keys[i], &in);
		made = seal(&out, whole, sizeof whole, 20);
		memcpy(stream, whole, made);
		assert_int_equal(open_all(&in, stream, made, &used,
		    &payload), PACKET_OK);
		memcpy(stream, whole, made);
		memset(stream + made, 0, sizeof stream - made);
		assert_int_not_equal(open_all(&in, stream, sizeof stream,
		    &used, &payload), PACKET_OK);
		packet_in_clear(&in);
		packet_out_clear(&out);
	}
}

static enum packet_err
open_plain(uint32_t length, uint8_t padding, size_t have, size_t *want)
{
	struct packet_in in = { 0 };
	struct sink s = sink_of(stream, sizeof stream);
	struct span payload;
	size_t used;
	enum packet_err err;

	memset(stream, 0, 64);
	sink_u32(&s, length);
	sink_u8(&s, padding);
	err = packet_next(&in, stream, have, &used, want, &payload);
	packet_in_clear(&in);
	return err;
}

static void
test_plain_lengths(void **state)
{
	static const uint32_t absurd[] = { 0x7fffffff, 0x80000000, 0xfffffffc,
		0xffffffff, BIG_BYTES + 4, BIG_BYTES + 1, 0x53534820 };
	size_t want;

	(void)state;
	for (uint32_t n = 0; n <= 40; n++) {
		bool ok = n >= 12 && (n + 4) % 8 == 0;

		assert_int_equal(open_plain(n, 4, 64, &want),
		    ok ? PACKET_OK : PACKET_BAD_LENGTH);
		/* Four bytes are enough to know. */
		assert_int_equal(open_plain(n, 4, 4, &want),
		    ok ? PACKET_MORE : PACKET_BAD_LENGTH);
	}
	for (size_t i = 0; i < ARRAY_LEN(absurd); i++)
		assert_int_equal(open_plain(absurd[i], 4, 4, &want),
		    PACKET_BAD_LENGTH);
	assert_int_equal(open_plain(BIG_BYTES - 4, 4, 4, &want), PACKET_MORE);
	assert_int_equal(want, BIG_BYTES);
}

static void
test_plain_padding(void **state)
{
	size_t want;

	(void)state;
	for (unsigned int p = 0; p < 256; p++) {
		/* 28: one byte of padding_length, 27 for the others. */
		bool ok = p >= 4 && p <= 26;

		assert_int_equal(open_plain(28, (uint8_t)p, 64, &want),
		    ok ? PACKET_OK : PACKET_BAD_PADDING);
	}
}

/*
 * Sealed by somebody who has the keys but no manners: the length fits the
 * tag and nothing else.
 */
static enum packet_err
open_rude(const struct packet_keys *k, uint32_t length, uint8_t padding)
{
	struct packet_cipher *pc = packet_keys_new(k, PACKET_SEAL);
	struct sink s = sink_of(stream, sizeof stream);
	enum packet_err err;
	size_t tag = packet_tag_bytes(pc);

	memset(stream, 0, 4096);
	sink_u32(&s, length);
	sink_u8(&s, padding);
	if (!packet_seal(pc, 0, stream, 4 + (size_t)length))
		err = PACKET_BAD_LENGTH;	/* libgcrypt would not */
	else
		err = open_changed(k, 4 + length + tag, 0);
	packet_cipher_free(pc);
	return err;
}

static void
test_sealed_but_wrong(void **state)
{
	(void)state;
	for (size_t i = 1; i < key_count; i++) {
		struct packet_cipher *pc = packet_keys_new(&keys[i],
		    PACKET_SEAL);
		size_t align = packet_align(pc), aad = packet_aad(pc);

		packet_cipher_free(pc);
		for (uint32_t n = 1; n <= 80; n++) {
			bool whole_blocks = (4 - aad + n) % align == 0;
			enum packet_err err;

			if (!whole_blocks && keys[i].mac != NULL)
				continue; /* no cipher text is so long */
			err = open_rude(&keys[i], n, 4);
			if ((err == PACKET_OK) != (whole_blocks && n >= 6))
				fail_msg("%s: length %u: %d",
				    name_of(&keys[i]), n, (int)err);
		}
		for (unsigned int p = 0; p < 256; p++) {
			uint32_t n = (uint32_t)(4 * align + aad - 4);
			enum packet_err err = open_rude(&keys[i], n,
			    (uint8_t)p);

			assert_int_equal(err, p >= 4 && p + 2 <= n
			    ? PACKET_OK : PACKET_BAD_PADDING);
		}
	}
}

/* CVE-2008-5161: a bad length that nothing protects costs what a MAC does. */
static void
test_length_is_no_oracle(void **state)
{
	(void)state;
	for (size_t i = 1; i < key_count; i++) {
		struct packet_in in;
		struct span payload;
		size_t used, want;

		if (keys[i].mac == NULL || keys[i].mac->etm)
			continue;
		start_in(&keys[i], &in);
		memset(stream, 0x33, sizeof stream);
		assert_int_equal(packet_next(&in, stream, 16, &used, &want,
		    &payload), PACKET_MORE);
		assert_int_equal(want, 4 + BIG_BYTES);
		assert_int_equal(packet_next(&in, stream, 3 + BIG_BYTES,
		    &used, &want, &payload), PACKET_MORE);
		assert_int_equal(packet_next(&in, stream, 4 + BIG_BYTES,
		    &used, &want, &payload), PACKET_BAD_TAG);
		packet_in_clear(&in);
	}
}

/* The other half of it: in CBC a wrong MAC ends at the same byte. */
static void
test_mac_is_no_oracle(void **state)
{
	int seen = 0;

	(void)state;
	for (size_t i = 1; i < key_count; i++) {
		bool cbc = strstr(keys[i].cipher->name, "-cbc") != NULL &&
		    !keys[i].mac->etm;
		struct packet_out out;
		struct packet_in in;
		struct span payload;
		size_t used, want, made;

		start_out(&keys[i], &out);
		start_in(&keys[i], &in);
		made = seal(&out, stream, sizeof stream, 20);
		stream[made - 1] ^= 1;
		assert_int_equal(open_all(&in, stream, made, &used,
		    &payload), cbc ? PACKET_MORE : PACKET_BAD_TAG);
		packet_out_clear(&out);
		if (!cbc) {
			packet_in_clear(&in);
			continue;
		}
		assert_int_equal(packet_next(&in, stream, 3 + BIG_BYTES,
		    &used, &want, &payload), PACKET_MORE);
		assert_int_equal(want, 4 + BIG_BYTES);
		assert_int_equal(packet_next(&in, stream, 4 + BIG_BYTES,
		    &used, &want, &payload), PACKET_BAD_TAG);
		packet_in_clear(&in);
		seen++;
	}
	assert_true(seen >= 4);
}

static void
test_sequence_wrap(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		for (size_t i = 0; i < key_count; i++) {
			struct packet_out out;
			struct packet_in in;
			struct span payload;
			size_t used, made;

			start_out(&keys[i], &out);
			start_in(&keys[i], &in);
			in.first_kex = first;
			in.seq = out.seq = UINT32_MAX - 1;
			made = seal(&out, stream, sizeof stream, 5);
			assert_int_equal(open_all(&in, stream, made, &used,
			    &payload), PACKET_OK);
			made = seal(&out, stream, sizeof stream, 5);
			assert_int_equal(open_all(&in, stream, made, &used,
			    &payload), first ? PACKET_SEQ_WRAP : PACKET_OK);
			packet_in_clear(&in);
			packet_out_clear(&out);
		}
	}
}

/* Before the login nobody is asked for new keys, and later some refuse. */
static void
test_never_rekeyed(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		struct packet_out out;
		struct packet_in in;
		struct span payload;
		size_t used, made;

		start_out(&keys[i], &out);
		start_in(&keys[i], &in);
		in.packets = UINT32_MAX - 1;
		made = seal(&out, stream, sizeof stream, 5);
		assert_int_equal(open_all(&in, stream, made, &used,
		    &payload), PACKET_OK);
		made = seal(&out, stream, sizeof stream, 5);
		assert_int_equal(open_all(&in, stream, made, &used,
		    &payload), PACKET_SEQ_WRAP);
		packet_in_clear(&in);
		packet_out_clear(&out);
	}
}

static void
test_no_room(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		struct packet_out out;
		size_t made, bytes = 1;

		start_out(&keys[i], &out);
		made = seal(&out, stream, sizeof stream, 50);
		assert_int_equal(packet_finish(&out, stream, made - 1, 50,
		    &bytes), PACKET_FAILED);
		assert_int_equal(bytes, 0);
		assert_int_equal(out.seq, 1);
		packet_out_clear(&out);
	}
}

static void
test_padding_is_random(void **state)
{
	struct packet_out out = { 0 };
	uint8_t last[8] = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		size_t made = seal(&out, stream, sizeof stream, 7);

		/* 5 + 7 + 4: the padding is the last four bytes. */
		assert_int_equal(made, 16);
		assert_memory_not_equal(stream + 12, last, 4);
		memcpy(last, stream + 12, 4);
	}
	packet_out_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_every_bit_flipped),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_plain_lengths),
		cmocka_unit_test(test_plain_padding),
		cmocka_unit_test(test_sealed_but_wrong),
		cmocka_unit_test(test_length_is_no_oracle),
		cmocka_unit_test(test_mac_is_no_oracle),
		cmocka_unit_test(test_sequence_wrap),
		cmocka_unit_test(test_never_rekeyed),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_padding_is_random),
	};

	if (!crypto_init())
		return 1;
	key_count = packet_keys_all(keys);
	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
