/*
 * umac: RFC 4418, with tags of 8 and of 16 bytes, as umac-64@openssh.com and
 * umac-128@openssh.com use it.  Inside crypto/ only.
 */
#ifndef SSHD_CONN_CRYPTO_UMAC_H
#define SSHD_CONN_CRYPTO_UMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"

#define UMAC_KEY_BYTES 16
/* Beyond this a second polynomial would be needed; no packet is as long. */
#define UMAC_TEXT_MAX_BYTES (16u * 1024 * 1024)

struct umac;

/* tag_bytes: 8 or 16.  NULL when libgcrypt or memory fails. */
struct umac *umac_new(const uint8_t key[static UMAC_KEY_BYTES],
    size_t tag_bytes) MUST_USE;
void umac_free(struct umac *umac);	/* wipes; NULL is fine */

/*
 * umac_compute - the tag of text under this nonce, tag_bytes of them
 *
 * The nonce is eight bytes, big-endian: a packet's sequence number.  False,
 * with nothing written, when libgcrypt fails or the text is too long.
 */
bool umac_compute(const struct umac *umac, uint64_t nonce, struct span text,
    uint8_t *tag) MUST_USE;

#endif
