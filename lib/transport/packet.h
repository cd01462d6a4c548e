/*
 * packet: RFC 4253 section 6, the binary packet protocol in both directions.
 *
 * Pure layer, net only: bytes in a buffer become payloads and payloads
 * become bytes in a buffer, in place; no I/O, no log, no exit.
 */
#ifndef SSHD_CONN_TRANSPORT_PACKET_H
#define SSHD_CONN_TRANSPORT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sink.h"
#include "base/span.h"
#include "base/sysdef.h"
#include "crypto/cipher.h"

/* packet_length and padding_length: what stands before a payload. */
#define PACKET_HEAD_BYTES	5
/* RFC 4253 6.1 demands 35000 of a whole packet; peers in use send 256 KiB. */
#define PACKET_LENGTH_MAX_BYTES	(256u * 1024)
/* Head, padding, tag: what a payload grows by at most when it is sealed. */
#define PACKET_OVERHEAD_MAX_BYTES (PACKET_HEAD_BYTES + 255 + 64)

enum packet_err {
	PACKET_OK,
	PACKET_MORE,		/* not there yet */
	PACKET_BAD_LENGTH,	/* packet_length is absurd */
	PACKET_BAD_PADDING,
	PACKET_BAD_TAG,		/* the MAC does not fit */
	PACKET_BAD_DEFLATE,	/* zlib stream broken, or over the limit */
	PACKET_SEQ_WRAP,	/* 2^32 packets, and no new keys */
	PACKET_FAILED,		/* ours: libgcrypt or memory */
};
const char *packet_strerror(enum packet_err err);

struct compress;

/* The peer's packets. */
struct packet_in {
	struct packet_cipher *cipher;	/* NULL: plain */
	struct compress *inflate;	/* NULL: none */
	uint32_t seq;			/* of the next packet */
	uint32_t length;		/* of the packet at hand, once peeked */
	bool peeked;
	bool first_kex;			/* a wrap of seq is fatal (10.4, Go) */
	bool doomed;			/* it was wrong, and must not show */
	uint64_t bytes, packets;	/* under the present keys */
};

/*
 * packet_next - take one packet off the front of data
 *
 * data has have bytes; what is decrypted is decrypted in place.  On
 * PACKET_OK *used is the packet's whole size and *payload its payload
 * (never empty), which borrows from data, or from the inflater when there is
 * one, until the next call.  On PACKET_MORE *used is 0 and *want the number
 * of bytes that data has to hold before another call can do more.
 *
 * Trust: all of data is hostile.  Any error ends the connection: the state
 * is useless after it.  The errors of an encrypted packet look alike to the
 * peer: a bad length waits for PACKET_LENGTH_MAX_BYTES first where the
 * cipher does not authenticate it, and so does a bad MAC where it would tell
 * one from the other (CVE-2008-5161).
 */
enum packet_err packet_next(struct packet_in *in, uint8_t *data, size_t have,
    size_t *used, size_t *want, struct span *payload) MUST_USE;

/* Our packets. */
struct packet_out {
	struct packet_cipher *cipher;
	struct compress *deflate;
	uint32_t seq;
	uint64_t bytes, packets;
	uint8_t pad[1024];		/* random bytes, used once each */
	size_t pad_left;
};

/*
 * packet_sealed_bytes - what a payload of len bytes comes to, undeflated
 */
size_t packet_sealed_bytes(const struct packet_out *out, size_t len);

/*
 * packet_finish - turn a payload in place into a packet
 *
 * The payload lies at at + PACKET_HEAD_BYTES, len bytes; the packet starts
 * at at and has room for size bytes in all, at least len +
 * PACKET_OVERHEAD_MAX_BYTES (with a deflater: what deflate may grow it by
 * on top).  *packet_bytes is what it came to.
 */
enum packet_err packet_finish(struct packet_out *out, uint8_t *at,
    size_t size, size_t len, size_t *packet_bytes) MUST_USE;

void packet_in_clear(struct packet_in *in);
void packet_out_clear(struct packet_out *out);

#endif
