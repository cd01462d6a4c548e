/*
 * packet: the binary packet protocol.  net only; pure.
 */
#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "transport/compress.h"
#include "transport/packet.h"

#define PADDING_MIN_BYTES	4	/* RFC 4253 section 6 */
#define PLAIN_ALIGN_BYTES	8
#define LENGTH_BYTES		4

const char *
packet_strerror(enum packet_err err)
{
	static const char *const text[] = {
		[PACKET_OK] = "no error",
		[PACKET_MORE] = "incomplete packet",
		[PACKET_BAD_LENGTH] = "Bad packet length",
		[PACKET_BAD_PADDING] = "Corrupted padding",
		[PACKET_BAD_TAG] = "message authentication code incorrect",
		[PACKET_BAD_DEFLATE] = "Corrupted compressed data",
		[PACKET_SEQ_WRAP] =
		    "outgoing sequence number wraps before key exchange",
		[PACKET_FAILED] = "internal error",
	};

	return (size_t)err < ARRAY_LEN(text) ? text[err] : "unknown error";
}

/* Reads packet_length, once per packet. */
static enum packet_err
peek(struct packet_in *in, uint8_t *data, size_t have, size_t *want)
{
	size_t need = in->cipher == NULL ? LENGTH_BYTES
					 : packet_peek_bytes(in->cipher);
	struct cursor head = cursor_of(span(data, LENGTH_BYTES));

	if (in->peeked)
		return PACKET_OK;
	if (have < need) {
		*want = need;
		return PACKET_MORE;
	}
	if (in->cipher == NULL)
		in->length = cursor_u32(&head);
	else if (!packet_peek(in->cipher, in->seq, data, &in->length))
		return PACKET_FAILED;
	in->peeked = true;
	return PACKET_OK;
}

/*
 * Is the length one that a packet of this cipher can have?  At least one
 * byte of payload, four of padding, and whole blocks.
 */
static bool
length_fits(const struct packet_in *in)
{
	size_t align = in->cipher == NULL ? PLAIN_ALIGN_BYTES
					  : packet_align(in->cipher);
	size_t aad = in->cipher == NULL ? 0 : packet_aad(in->cipher);

	if (in->length > PACKET_LENGTH_MAX_BYTES)
		return false;
	if (in->length < 1 + 1 + PADDING_MIN_BYTES)
		return false;
	return (LENGTH_BYTES - aad + in->length) % align == 0;
}

/* Whether a wrong length has to be told from a wrong MAC by nobody. */
static bool
length_is_exposed(const struct packet_in *in)
{
	return in->cipher != NULL && packet_aad(in->cipher) == 0;
}

/* All that a packet can be is read before any word of what is wrong. */
static enum packet_err
wrong_in_the_end(const struct packet_in *in, size_t have, size_t *want)
{
	if (!length_is_exposed(in))
		return PACKET_BAD_LENGTH;
	*want = LENGTH_BYTES + PACKET_LENGTH_MAX_BYTES;
	return have < *want ? PACKET_MORE : PACKET_BAD_TAG;
}

static enum packet_err
strip_padding(uint8_t *data, uint32_t length, struct span *payload)
{
	size_t padding = data[LENGTH_BYTES];

	/* One byte is padding_length itself; a payload has at least its type. */
	if (padding < PADDING_MIN_BYTES || padding + 2 > length)
		return PACKET_BAD_PADDING;
	*payload = span(data + PACKET_HEAD_BYTES, length - padding - 1);
	return PACKET_OK;
}

static enum packet_err
advance(struct packet_in *in, size_t bytes)
{
	in->peeked = false;
	in->bytes += bytes;
	in->packets++;
	in->seq++;
	/* Then no number may come twice under the same keys, whoever asks. */
	return (in->seq == 0 && in->first_kex) || in->packets > UINT32_MAX
	    ? PACKET_SEQ_WRAP : PACKET_OK;
}

enum packet_err
packet_next(struct packet_in *in, uint8_t *data, size_t have, size_t *used,
    size_t *want, struct span *payload)
{
	size_t tag = in->cipher == NULL ? 0 : packet_tag_bytes(in->cipher);
	enum packet_err err;

	*used = 0;
	*want = 0;
	*payload = span(NULL, 0);
	err = peek(in, data, have, want);
	if (err != PACKET_OK)
		return err;
	if (in->doomed || !length_fits(in))
		return wrong_in_the_end(in, have, want);
	*want = LENGTH_BYTES + in->length + tag;
	if (have < *want)
		return PACKET_MORE;
	if (in->cipher != NULL && !packet_open(in->cipher, in->seq, data,
	    LENGTH_BYTES + in->length)) {
		in->doomed = packet_hides_errors(in->cipher);
		return in->doomed ? wrong_in_the_end(in, have, want)
				  : PACKET_BAD_TAG;
	}
	err = strip_padding(data, in->length, payload);
	if (err != PACKET_OK)
		return err;
	*used = *want;
	err = advance(in, *used);
	if (err == PACKET_OK && in->inflate != NULL &&
	    !compress_inflate(in->inflate, payload))
		err = PACKET_BAD_DEFLATE;
	return err;
}

/* Padding bytes come from a pool: a getrandom(2) a packet is too dear. */
static bool
pad(struct packet_out *out, uint8_t *at, size_t n)
{
	if (n > out->pad_left) {
		if (!random_bytes(out->pad, sizeof out->pad))
			return false;
		out->pad_left = sizeof out->pad;
	}
	out->pad_left -= n;
	memcpy(at, out->pad + out->pad_left, n);
	return true;
}

static size_t
padding_for(const struct packet_out *out, size_t len)
{
	size_t align = out->cipher == NULL ? PLAIN_ALIGN_BYTES
					   : packet_align(out->cipher);
	size_t aad = out->cipher == NULL ? 0 : packet_aad(out->cipher);
	size_t n = align - (PACKET_HEAD_BYTES - aad + len) % align;

	return n < PADDING_MIN_BYTES ? n + align : n;
}

size_t
packet_sealed_bytes(const struct packet_out *out, size_t len)
{
	size_t tag = out->cipher == NULL ? 0 : packet_tag_bytes(out->cipher);

	return PACKET_HEAD_BYTES + len + padding_for(out, len) + tag;
}

enum packet_err
packet_finish(struct packet_out *out, uint8_t *at, size_t size, size_t len,
    size_t *packet_bytes)
{
	size_t tag = out->cipher == NULL ? 0 : packet_tag_bytes(out->cipher);
	struct sink head = sink_of(at, PACKET_HEAD_BYTES);
	size_t padding, whole;

	*packet_bytes = 0;
	if (out->deflate != NULL && !compress_deflate(out->deflate,
	    at + PACKET_HEAD_BYTES, &len, size - PACKET_HEAD_BYTES))
		return PACKET_FAILED;
	padding = padding_for(out, len);
	whole = PACKET_HEAD_BYTES + len + padding;
	if (size < whole + tag)
		return PACKET_FAILED;
	sink_u32(&head, (uint32_t)(whole - LENGTH_BYTES));
	sink_u8(&head, (uint8_t)padding);
	if (!pad(out, at + PACKET_HEAD_BYTES + len, padding))
		return PACKET_FAILED;
	if (out->cipher != NULL &&
	    !packet_seal(out->cipher, out->seq, at, whole))
		return PACKET_FAILED;
	out->seq++;
	out->packets++;
	out->bytes += whole + tag;
	*packet_bytes = whole + tag;
	return PACKET_OK;
}

void
packet_in_clear(struct packet_in *in)
{
	packet_cipher_free(in->cipher);
	compress_free(in->inflate);
	*in = (struct packet_in){ 0 };
}

void
packet_out_clear(struct packet_out *out)
{
	packet_cipher_free(out->cipher);
	compress_free(out->deflate);
	secret_wipe(out, sizeof *out);
}
