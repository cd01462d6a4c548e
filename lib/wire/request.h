/*
 * request: SSH_MSG_CHANNEL_REQUEST, RFC 4254 section 5.4, and the requests
 * of a session channel, section 6.
 *
 * Pure layer, net only: nothing is granted here.  The rules of
 * wire/transport.h hold; the parsers below wire_parse_channel_request() get
 * its rest.
 */
#ifndef SSHD_CONN_WIRE_REQUEST_H
#define SSHD_CONN_WIRE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

struct wire_channel_request {
	uint32_t chan;
	struct span type;
	bool want_reply;
	struct span rest;	/* the request's own fields */
};

struct wire_pty_req {
	struct span term;
	uint32_t cols, rows;	/* characters */
	uint32_t width, height;	/* pixels */
	struct span modes;	/* for wire_next_tty_mode() */
};

struct wire_window_change {
	uint32_t cols, rows;	/* characters */
	uint32_t width, height;	/* pixels */
};

struct wire_env {
	struct span name;
	struct span value;
};

enum wire_err wire_parse_channel_request(struct cursor in,
    struct wire_channel_request *out) MUST_USE;

enum wire_err wire_parse_pty_req(struct cursor in, struct wire_pty_req *out)
    MUST_USE;
bool wire_next_tty_mode(struct cursor *modes, uint8_t *op, uint32_t *value);
enum wire_err wire_parse_window_change(struct cursor in,
    struct wire_window_change *out) MUST_USE;
enum wire_err wire_parse_env(struct cursor in, struct wire_env *out) MUST_USE;
enum wire_err wire_parse_exec(struct cursor in, struct span *command)
    MUST_USE;
enum wire_err wire_parse_subsystem(struct cursor in, struct span *name)
    MUST_USE;
enum wire_err wire_parse_signal(struct cursor in, struct span *name) MUST_USE;
enum wire_err wire_parse_break(struct cursor in, uint32_t *length_ms)
    MUST_USE;

void wire_put_channel_request_head(struct sink *out, uint32_t peer_id,
    const char *type, bool want_reply);
void wire_put_exit_status(struct sink *out, uint32_t peer_id,
    uint32_t status);
void wire_put_exit_signal(struct sink *out, uint32_t peer_id,
    struct span name, bool core_dumped, struct span text);
void wire_put_eow(struct sink *out, uint32_t peer_id);
void wire_put_keepalive_channel(struct sink *out, uint32_t peer_id);

#endif
