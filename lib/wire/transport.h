/*
 * transport: the generic transport messages of RFC 4253 sections 10 and 11,
 * RFC 8308, and OpenSSH's ping.
 *
 * Pure layer, net only: no message is acted upon here.
 *
 * In all of wire/: a parser gets the payload after its type byte, a putter
 * writes the type byte too.  Spans borrow from the packet and die with it.
 * Unless a parser returns WIRE_OK, its *out is all zero.
 */
#ifndef SSHD_CONN_WIRE_TRANSPORT_H
#define SSHD_CONN_WIRE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

struct wire_disconnect {
	uint32_t reason;	/* enum ssh_disconnect, or any other number */
	struct span text;
	struct span lang;
};

struct wire_debug {
	bool always_display;
	struct span text;
	struct span lang;
};

struct wire_ext {
	struct span name;
	struct span value;
};

/* More than anybody announces; bounds the work of one message. */
#define WIRE_EXT_MAX_COUNT 1024

/* A parsed SSH_MSG_EXT_INFO, consumed by wire_next_ext(). */
struct wire_ext_info {
	uint32_t left;		/* pairs */
	struct cursor in;
};

/* A message without fields: NEWKEYS, or the rest of "shell". */
enum wire_err wire_parse_empty(struct cursor in) MUST_USE;

enum wire_err wire_parse_disconnect(struct cursor in,
    struct wire_disconnect *out) MUST_USE;
void wire_put_disconnect(struct sink *out, uint32_t reason, struct span text);

enum wire_err wire_parse_unimplemented(struct cursor in, uint32_t *seq)
    MUST_USE;
void wire_put_unimplemented(struct sink *out, uint32_t seq);

enum wire_err wire_parse_ignore(struct cursor in, struct span *data) MUST_USE;
void wire_put_ignore(struct sink *out, struct span data);

enum wire_err wire_parse_debug(struct cursor in, struct wire_debug *out)
    MUST_USE;
void wire_put_debug(struct sink *out, bool always_display, struct span text);

enum wire_err wire_parse_service_request(struct cursor in, struct span *name)
    MUST_USE;
void wire_put_service_accept(struct sink *out, struct span name);

enum wire_err wire_parse_ext_info(struct cursor in, struct wire_ext_info *out)
    MUST_USE;
bool wire_next_ext(struct wire_ext_info *info, struct wire_ext *out);
void wire_put_ext_info(struct sink *out, const struct wire_ext *ext,
    size_t count);

void wire_put_newkeys(struct sink *out);

enum wire_err wire_parse_ping(struct cursor in, struct span *data) MUST_USE;
void wire_put_ping(struct sink *out, struct span data);
void wire_put_pong(struct sink *out, struct span data);

#endif
