/*
 * compress: zlib@openssh.com, one stream a direction (RFC 4253 6.2).
 *
 * Pure layer, net only, and only after authentication: before it no zlib
 * code sees a byte of the peer's.  The one owner of zlib.h.
 */
#ifndef SSHD_CONN_TRANSPORT_COMPRESS_H
#define SSHD_CONN_TRANSPORT_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

struct compress;

/* Is it built in? */
bool compress_available(void);

/* A fresh stream; NULL without memory or without zlib. */
struct compress *compress_new_deflate(void) MUST_USE;
struct compress *compress_new_inflate(void) MUST_USE;
void compress_free(struct compress *c);

/* How much larger than its input a deflated payload can get. */
#define COMPRESS_GROWTH_MAX_BYTES(len) ((len) / 1000 + 64)

/*
 * compress_deflate - replace len bytes at p by their deflated form
 *
 * size is the room at p.  False: it does not fit, or zlib failed.
 */
bool compress_deflate(struct compress *c, uint8_t *p, size_t *len,
    size_t size) MUST_USE;

/*
 * compress_inflate - replace *payload by what it inflates to
 *
 * The result borrows from c until the next call.
 *
 * Trust: payload is hostile.  Over PACKET_LENGTH_MAX_BYTES of output, an
 * empty result or a broken stream is false (a packet may not inflate to a
 * flood).
 */
bool compress_inflate(struct compress *c, struct span *payload) MUST_USE;

#endif
