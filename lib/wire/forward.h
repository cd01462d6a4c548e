/*
 * forward: what RFC 4254 section 7 and OpenSSH's PROTOCOL add to
 * CHANNEL_OPEN and to global requests for forwarding.
 *
 * Pure layer, net only: nothing is resolved or allowed here.  The rules of
 * wire/transport.h hold; each parser gets the rest of an open or a request.
 */
#ifndef SSHD_CONN_WIRE_FORWARD_H
#define SSHD_CONN_WIRE_FORWARD_H

#include <stdbool.h>
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

/* tcpip-forward, and its cancellation: the rest of a global request. */
struct wire_listen {
	struct span host;	/* or the path of a socket: port is 0 */
	uint32_t port;
};

enum wire_err wire_parse_tcpip_forward(struct cursor in,
    struct wire_listen *out) MUST_USE;
enum wire_err wire_parse_streamlocal_forward(struct cursor in,
    struct wire_listen *out) MUST_USE;
/* The port that was chosen, when the request left that open. */
void wire_put_tcpip_forward_success(struct sink *out, bool with_port,
    uint32_t port);

/* What comes behind wire_put_channel_open(). */
void wire_put_forwarded_tcpip(struct sink *out, struct span host,
    uint32_t port, struct span origin_host, uint32_t origin_port);
void wire_put_forwarded_streamlocal(struct sink *out, struct span path);

#endif
