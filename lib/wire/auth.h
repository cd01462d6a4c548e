/*
 * auth: the messages of RFC 4252, server side, and OpenSSH's hostbound
 * variant of publickey.
 *
 * Pure layer, net only: fields go from here to the monitor, which decides.
 * The blob that a signature covers is built there, never here.  The rules of
 * wire/transport.h hold.
 */
#ifndef SSHD_CONN_WIRE_AUTH_H
#define SSHD_CONN_WIRE_AUTH_H

#include <stdbool.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

struct wire_userauth_request {
	struct span user;	/* any bytes: RFC 4252 says UTF-8 */
	struct span service;
	struct span method;
	struct span rest;	/* the method's own fields */
};

struct wire_auth_publickey {
	bool has_signature;	/* false: would this key do? */
	struct span algorithm;
	struct span key;	/* public key blob */
	struct span host_key;	/* hostbound only */
	struct span signature;	/* signature blob */
};

/* A host that says who its user is, RFC 4252 section 9. */
struct wire_auth_host {
	struct span algorithm;
	struct span key;	/* the host's public key or certificate */
	struct span client_host;
	struct span client_user;
	struct span signature;
};

struct wire_auth_password {
	bool change;
	struct span password;
	struct span new_password;
};

struct wire_auth_kbdint {
	struct span language;	/* nobody asks */
	struct span devices;	/* name-list of what the client would like */
};

/* RFC 4256 3.4; a server that asks one thing at a time needs one answer. */
struct wire_info_response {
	uint32_t count;
	struct span first;	/* empty if count is 0 */
};

/* RFC 4256 3.2, with one prompt or none. */
struct wire_info_request {
	struct span instruction;
	bool has_prompt;
	struct span prompt;
	bool echo;
};

enum wire_err wire_parse_userauth_request(struct cursor in,
    struct wire_userauth_request *out) MUST_USE;

enum wire_err wire_parse_auth_publickey(struct cursor in,
    struct wire_auth_publickey *out) MUST_USE;
enum wire_err wire_parse_auth_hostbound(struct cursor in,
    struct wire_auth_publickey *out) MUST_USE;
enum wire_err wire_parse_auth_host(struct cursor in,
    struct wire_auth_host *out) MUST_USE;
enum wire_err wire_parse_auth_password(struct cursor in,
    struct wire_auth_password *out) MUST_USE;
enum wire_err wire_parse_auth_kbdint(struct cursor in,
    struct wire_auth_kbdint *out) MUST_USE;
enum wire_err wire_parse_info_response(struct cursor in,
    struct wire_info_response *out) MUST_USE;

void wire_put_userauth_failure(struct sink *out, struct span methods,
    bool partial);
void wire_put_userauth_success(struct sink *out);
void wire_put_userauth_banner(struct sink *out, struct span text);
void wire_put_userauth_pk_ok(struct sink *out, struct span algorithm,
    struct span key);
void wire_put_info_request(struct sink *out,
    const struct wire_info_request *m);

#endif
