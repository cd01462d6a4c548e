/*
 * fuzz_packets: the binary packet protocol under every cipher.
 *
 *	byte	cipher and MAC, in the order of suites[]
 *	byte	bits: ROUND_TRIP, COMPRESS
 *	byte	how many bytes arrive at a time
 *	....	what the peer sends; with ROUND_TRIP: a payload of ours
 *
 * What a peer without the keys sends is never taken for a packet; what we
 * send comes back the same, and with any bit changed not at all.
 */
#include <stdlib.h>

#include "crypto/init.h"
#include "fuzz.h"
#include "transport/compress.h"
#include "transport/packet.h"

#define ROUND_TRIP	0x01
#define COMPRESS	0x02
#define PAYLOAD_MAX	32768
#define BUFFER_BYTES	(PACKET_LENGTH_MAX_BYTES + 4096)

const unsigned long fuzz_mutations = 1000;

static const struct {
	const char *cipher, *mac;
} suites[] = {
	{ NULL, NULL },
	{ "chacha20-poly1305@openssh.com", NULL },
	{ "aes128-gcm@openssh.com", NULL },
	{ "aes256-gcm@openssh.com", NULL },
	{ "aes128-ctr", "hmac-sha2-256" },
	{ "aes256-ctr", "hmac-sha2-512" },
	{ "aes128-ctr", "hmac-sha2-256-etm@openssh.com" },
	{ "aes192-ctr", "hmac-sha2-512-etm@openssh.com" },
};

static struct packet_cipher *
new_cipher(size_t suite, enum packet_direction direction)
{
	static const uint8_t key[64] = "0123456789abcdef0123456789abcdef";
	const struct cipher_alg *cipher;
	const struct mac_alg *mac = NULL;
	struct packet_cipher *pc;

	if (suites[suite].cipher == NULL)
		return NULL;
	cipher = cipher_find(span_str(suites[suite].cipher));
	FUZZ_CHECK(cipher != NULL);
	if (suites[suite].mac != NULL) {
		mac = mac_find(span_str(suites[suite].mac));
		FUZZ_CHECK(mac != NULL);
	}
	pc = packet_cipher_new(cipher, mac, direction, key, key, key);
	FUZZ_CHECK(pc != NULL);
	return pc;
}

/*
 * Feeds data to in, step bytes at a time, in a buffer of its own.  Returns
 * the last answer; the payload is copied, for the inflater is gone then.
 */
static enum packet_err
feed(struct packet_in *in, struct span data, size_t step, uint8_t *copy,
    size_t *len)
{
	uint8_t *buffer = malloc(BUFFER_BYTES);
	size_t have = 0, used, want = 0;
	enum packet_err err = PACKET_MORE;
	struct span payload = { NULL, 0 };

	FUZZ_CHECK(buffer != NULL && data.len <= BUFFER_BYTES);
	*len = 0;
	while (err == PACKET_MORE && have < data.len) {
		size_t n = MIN(step, data.len - have);

		memcpy(buffer + have, data.p + have, n);
		have += n;
		err = packet_next(in, buffer, have, &used, &want, &payload);
		FUZZ_CHECK(err != PACKET_FAILED);
		FUZZ_CHECK(err != PACKET_MORE || want > have);
		FUZZ_CHECK(want <= BUFFER_BYTES);
	}
	if (err == PACKET_OK) {
		FUZZ_CHECK(used <= have && payload.len > 0);
		FUZZ_CHECK(payload.len <= PACKET_LENGTH_MAX_BYTES);
		if (in->inflate == NULL)
			fuzz_inside(payload, buffer, used);
		memcpy(copy, payload.p, payload.len);
		*len = payload.len;
	}
	free(buffer);
	return err;
}

static void
hostile(size_t suite, uint8_t bits, size_t step, struct span data)
{
	static uint8_t payload[PACKET_LENGTH_MAX_BYTES];
	struct packet_in in = { .cipher = new_cipher(suite, PACKET_OPEN) };
	size_t len;

	if ((bits & COMPRESS) && compress_available())
		in.inflate = compress_new_inflate();
	if (feed(&in, data, step, payload, &len) == PACKET_OK)
		FUZZ_CHECK(in.cipher == NULL);
	packet_in_clear(&in);
}

static size_t
seal(size_t suite, uint8_t bits, struct span payload, uint8_t *packet,
    size_t size)
{
	struct packet_out out = { .cipher = new_cipher(suite, PACKET_SEAL) };
	size_t n = 0;

	if ((bits & COMPRESS) && compress_available())
		out.deflate = compress_new_deflate();
	memcpy(packet + PACKET_HEAD_BYTES, payload.p, payload.len);
	FUZZ_CHECK(packet_finish(&out, packet, size, payload.len, &n) ==
	    PACKET_OK);
	FUZZ_CHECK(n <= size && out.seq == 1 && out.bytes == n);
	packet_out_clear(&out);
	return n;
}

static void
round_trip(size_t suite, uint8_t bits, size_t step, struct span payload)
{
	static uint8_t packet[PAYLOAD_MAX * 2], got[PACKET_LENGTH_MAX_BYTES];
	struct packet_in in = { .cipher = new_cipher(suite, PACKET_OPEN) };
	size_t n = seal(suite, bits, payload, packet, sizeof packet), len;

	if ((bits & COMPRESS) && compress_available())
		in.inflate = compress_new_inflate();
	FUZZ_CHECK(feed(&in, span(packet, n), step, got, &len) == PACKET_OK);
	FUZZ_CHECK(span_equal(span(got, len), payload));
	FUZZ_CHECK(in.seq == 1 && in.bytes == n);
	packet_in_clear(&in);
	if (suites[suite].cipher == NULL)
		return;
	in = (struct packet_in){ .cipher = new_cipher(suite, PACKET_OPEN) };
	packet[payload.p[0] % n] ^= (uint8_t)(1u << (payload.len % 8));
	FUZZ_CHECK(feed(&in, span(packet, n), step, got, &len) != PACKET_OK);
	packet_in_clear(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct cursor in = cursor_of(span(data, size));
	size_t suite = cursor_u8(&in) % ARRAY_LEN(suites);
	uint8_t bits = cursor_u8(&in);
	size_t step = cursor_u8(&in) + 1u;
	struct span rest = cursor_rest(&in);

	if (!ready)
		ready = crypto_init();
	FUZZ_CHECK(ready);
	/* One byte at a time is for short inputs only. */
	if (rest.len > 1024)
		step *= 64;
	if (rest.len == 0 || rest.len > PAYLOAD_MAX)
		return 0;
	if (bits & ROUND_TRIP)
		round_trip(suite, bits, step, rest);
	else
		hostile(suite, bits, step, rest);
	return 0;
}
