/*
 * number: libgcrypt's integers and curve points to and from bytes.  Inside
 * crypto/ only: nobody else sees gcrypt.h.
 */
#ifndef SSHD_CONN_CRYPTO_NUMBER_H
#define SSHD_CONN_CRYPTO_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gcrypt.h>

#include "base/span.h"
#include "base/sysdef.h"

/* The largest field of ours, P-521's, in bytes. */
#define FIELD_MAX_BYTES 66
#define POINT_MAX_BYTES (1 + 2 * FIELD_MAX_BYTES)

/* From unsigned big-endian bytes; NULL without memory. */
gcry_mpi_t number_from(struct span in) MUST_USE;

/*
 * The same for a secret.  The flag makes libgcrypt take its constant time
 * paths; that there is no secure pool behind it does not matter.
 */
gcry_mpi_t number_from_secret(struct span in) MUST_USE;

/* To exactly n big-endian bytes, zeros in front.  False if it needs more. */
bool number_to(gcry_mpi_t v, uint8_t *out, size_t n) MUST_USE;

/* As many bytes as it has, at most *len, which is set. */
bool number_to_minimal(gcry_mpi_t v, uint8_t *out, size_t *len) MUST_USE;

/*
 * A NIST curve: the point 04 || x || y, as SEC 1 writes it uncompressed.
 *
 * point_from() refuses every other form, coordinates that are not below p,
 * and points that are not on the curve.  NULL then.
 *
 * Trust: in is hostile.
 */
gcry_mpi_point_t point_from(gcry_ctx_t curve, size_t field_bytes,
    struct span in) MUST_USE;
bool point_to(gcry_ctx_t curve, size_t field_bytes, gcry_mpi_point_t point,
    uint8_t *out) MUST_USE;

/*
 * scalar_new - a uniformly random private scalar, 1..n-1, of the curve
 *
 * NULL when the kernel's generator or memory fails.
 */
gcry_mpi_t scalar_new(gcry_ctx_t curve) MUST_USE;

#endif
