/*
 * checksum: has this image been damaged?  Pure layer.
 */
#ifndef SSHD_CONN_IMAGE_CHECKSUM_H
#define SSHD_CONN_IMAGE_CHECKSUM_H

#include <stdint.h>

#include "base/span.h"

/*
 * image_checksum - 64 bits that say whether bytes have changed by accident
 *
 * Some ten times as fast as SHA-256, which would cost a connection more than
 * the parsing that the image spares it.  Whoever can write the image is root
 * and needs no collision.  A change within one eight-byte word is always
 * noticed: every step is one to one.
 */
uint64_t image_checksum(struct span bytes);

#endif
