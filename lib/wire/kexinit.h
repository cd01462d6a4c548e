/*
 * kexinit: SSH_MSG_KEXINIT, RFC 4253 section 7.1.
 *
 * Pure layer, net only: form is judged here, what is on offer is not.
 */
#ifndef SSHD_CONN_WIRE_KEXINIT_H
#define SSHD_CONN_WIRE_KEXINIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

#define SSH_COOKIE_BYTES 16

/* The name-lists are on the wire in this order. */
struct wire_kexinit {
	uint8_t cookie[SSH_COOKIE_BYTES];
	struct span kex, host_key;
	struct span cipher_c2s, cipher_s2c;
	struct span mac_c2s, mac_s2c;
	struct span comp_c2s, comp_s2c;
	struct span lang_c2s, lang_s2c;
	bool first_kex_follows;
	uint32_t reserved;
};

/*
 * wire_parse_kexinit - decode SSH_MSG_KEXINIT
 *
 *	byte[16]	cookie (random bytes)
 *	name-list x 10	in struct wire_kexinit's order
 *	boolean		first_kex_packet_follows
 *	uint32		0 (reserved for future extension)
 *
 * The spans borrow from in's buffer.  A list may be empty, and may have
 * empty names, which match nothing; any byte but printable US-ASCII without
 * space is WIRE_BAD_NAME.  reserved is stored, not judged.
 *
 * Trust: every byte is the peer's; time is linear.  *out is all zero unless
 * WIRE_OK.
 */
enum wire_err wire_parse_kexinit(struct cursor in, struct wire_kexinit *out)
    MUST_USE;

void wire_put_kexinit(struct sink *out, const struct wire_kexinit *m);

#endif
