/*
 * base64: RFC 4648 section 4, as key files and fingerprints use it.
 * Pure layer.
 */
#ifndef SSHD_CONN_BASE_BASE64_H
#define SSHD_CONN_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/sysdef.h"

/*
 * base64_decode - decode in, passing over white space
 *
 * Padding must be right when it is there and may be absent only at a length
 * that says where the text ends.  Returns false, with *len 0, on any other
 * byte, on bits that do not belong to a byte, or when size is too small.
 */
bool base64_decode(struct span in, uint8_t *out, size_t size, size_t *len)
    MUST_USE;

/*
 * base64_encode - encode with padding and a NUL
 *
 * Returns false, with out the empty string, when size is under
 * 4 * ((len + 2) / 3) + 1.
 */
bool base64_encode(struct span in, char *out, size_t size) MUST_USE;

#endif
