/*
 * forward: what RFC 4254 section 7 and OpenSSH's PROTOCOL add to
 * CHANNEL_OPEN for forwarding.
 *
 * Pure layer, net only: nothing is resolved or allowed here.  The rules of
 * wire/transport.h hold; each parser gets a wire_channel_open's rest.
 */
#ifndef SSHD_CONN_WIRE_FORWARD_H
#define SSHD_CONN_WIRE_FORWARD_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

struct wire_direct_tcpip {
	struct span host;
	uint32_t port;		/* any number: form only is judged */
	struct span origin_host;
	uint32_t origin_port;
};

enum wire_err wire_parse_direct_tcpip(struct cursor in,
    struct wire_direct_tcpip *out) MUST_USE;
enum wire_err wire_parse_direct_streamlocal(struct cursor in,
    struct wire_direct_tcpip *out) MUST_USE;

#endif
