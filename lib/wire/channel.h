/*
 * channel: the channel messages of RFC 4254 section 5, and global requests,
 * section 4.  Requests on a channel are in wire/request.h, which this file
 * brings along.
 *
 * Pure layer, net only: whether a channel exists, or its window has room, is
 * conn/'s to say.  The rules of wire/transport.h hold.
 *
 * chan is always the receiver's number of a channel: ours in what is parsed.
 * peer_id is the peer's, in what is put and in CHANNEL_OPEN.
 */
#ifndef SSHD_CONN_WIRE_CHANNEL_H
#define SSHD_CONN_WIRE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"
#include "wire/request.h"

/* What the heads of data messages take in front of the data. */
#define WIRE_CHANNEL_DATA_HEAD_BYTES		9
#define WIRE_CHANNEL_EXTENDED_DATA_HEAD_BYTES	13

struct wire_channel_open {
	struct span type;
	uint32_t peer_id;
	uint32_t window_bytes;
	uint32_t packet_max_bytes;
	struct span rest;	/* the type's own fields */
};

struct wire_channel_open_confirmation {
	uint32_t chan;
	uint32_t peer_id;
	uint32_t window_bytes;
	uint32_t packet_max_bytes;
	struct span rest;
};

struct wire_channel_open_failure {
	uint32_t chan;
	uint32_t reason;	/* enum ssh_open_failure, or any number */
	struct span text;
	struct span lang;
};

struct wire_channel_window_adjust {
	uint32_t chan;
	uint32_t bytes;
};

struct wire_channel_data {
	uint32_t chan;
	struct span data;
};

struct wire_channel_extended_data {
	uint32_t chan;
	uint32_t code;		/* SSH_EXTENDED_DATA_STDERR, or any number */
	struct span data;
};

struct wire_global_request {
	struct span name;
	bool want_reply;
	struct span rest;	/* the request's own fields */
};

enum wire_err wire_parse_channel_open(struct cursor in,
    struct wire_channel_open *out) MUST_USE;
enum wire_err wire_parse_channel_open_confirmation(struct cursor in,
    struct wire_channel_open_confirmation *out) MUST_USE;
enum wire_err wire_parse_channel_open_failure(struct cursor in,
    struct wire_channel_open_failure *out) MUST_USE;
enum wire_err wire_parse_channel_window_adjust(struct cursor in,
    struct wire_channel_window_adjust *out) MUST_USE;
enum wire_err wire_parse_channel_data(struct cursor in,
    struct wire_channel_data *out) MUST_USE;
enum wire_err wire_parse_channel_extended_data(struct cursor in,
    struct wire_channel_extended_data *out) MUST_USE;
/* EOF, CLOSE, SUCCESS and FAILURE: a channel number is all they have. */
enum wire_err wire_parse_channel_id(struct cursor in, uint32_t *chan)
    MUST_USE;

void wire_put_channel_open(struct sink *out, const char *type,
    uint32_t our_id, uint32_t window_bytes, uint32_t packet_max_bytes);
void wire_put_channel_open_confirmation(struct sink *out, uint32_t peer_id,
    uint32_t our_id, uint32_t window_bytes, uint32_t packet_max_bytes);
void wire_put_channel_open_failure(struct sink *out, uint32_t peer_id,
    uint32_t reason, struct span text);
void wire_put_channel_window_adjust(struct sink *out, uint32_t peer_id,
    uint32_t bytes);
void wire_put_channel_data_head(struct sink *out, uint32_t peer_id,
    uint32_t len);
void wire_put_channel_extended_data_head(struct sink *out, uint32_t peer_id,
    uint32_t code, uint32_t len);
void wire_put_channel_eof(struct sink *out, uint32_t peer_id);
void wire_put_channel_close(struct sink *out, uint32_t peer_id);
void wire_put_channel_success(struct sink *out, uint32_t peer_id);
void wire_put_channel_failure(struct sink *out, uint32_t peer_id);

enum wire_err wire_parse_global_request(struct cursor in,
    struct wire_global_request *out) MUST_USE;
void wire_put_global_request_head(struct sink *out, const char *name,
    bool want_reply);
void wire_put_request_success(struct sink *out);
void wire_put_request_failure(struct sink *out);
void wire_put_keepalive_global(struct sink *out);

/* hostkeys-00@openssh.com, and the rest of hostkeys-prove-00@openssh.com. */
void wire_put_hostkeys(struct sink *out, const struct span *blobs,
    size_t count);
enum wire_err wire_parse_hostkeys_prove(struct cursor in, struct span *blobs,
    size_t max, size_t *count) MUST_USE;

#endif
