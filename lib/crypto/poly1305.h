/*
 * poly1305: the one-time authenticator of RFC 8439 section 2.5, wide.
 * Inside crypto/ only.
 *
 * libgcrypt 1.10 computes it a block at a time, which is half of what
 * chacha20-poly1305@openssh.com costs.  This takes four blocks at once where
 * the processor has AVX2, and exists only for that: everywhere else, and for
 * short packets, libgcrypt does it.
 */
#ifndef SSHD_CONN_CRYPTO_POLY1305_H
#define SSHD_CONN_CRYPTO_POLY1305_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sysdef.h"

#define POLY1305_KEY_BYTES 32
#define POLY1305_TAG_BYTES 16

/* Under this libgcrypt is faster: the powers of r have to pay off. */
#define POLY1305_WIDE_MIN_BYTES 2048

/* Can poly1305_wide() be called on this processor? */
bool poly1305_wide_works(void);

/*
 * poly1305_wide - the tag of n bytes under a key that is used only once
 *
 * No branch and no address depends on the key or the text.  Works for any n.
 */
void poly1305_wide(const uint8_t key[static POLY1305_KEY_BYTES],
    const uint8_t *p, size_t n, uint8_t tag[static POLY1305_TAG_BYTES]);

#endif
