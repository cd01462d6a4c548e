/*
 * auth: the authentication protocol, RFC 4252, as far as its encoding goes.
 * net only: each request becomes typed fields for the monitor, who decides
 * and counts, and whose verdict becomes the reply.
 */
#include <stdlib.h>

#include "net/state.h"
#include "transport/compress.h"
#include "wire/auth.h"
#include "wire/transport.h"

static struct cursor
body(struct span payload)
{
	return cursor_of(span(payload.p + 1, payload.len - 1));
}

bool
net_handle_service_request(struct net *n, struct span payload)
{
	struct span name;
	struct sink out;

	if (wire_parse_service_request(body(payload), &name) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed SERVICE_REQUEST");
	/* RFC 4253 section 10: an unknown service ends the connection. */
	if (!span_is(name, "ssh-userauth"))
		return net_die_peer(n, SSH_DISCONNECT_SERVICE_NOT_AVAILABLE,
		    "service not available");
	n->phase = NET_AUTH;
	out = net_message(n);
	wire_put_service_accept(&out, name);
	return net_send(n, &out);
}

/* From here on both sides may compress: zlib@openssh.com. */
static bool
start_compression(struct net *n)
{
	if (n->kex.compress_out) {
		n->out.deflate = compress_new_deflate();
		if (n->out.deflate == NULL)
			return net_die_env(n, "out of memory");
	}
	if (n->kex.compress_in) {
		n->in.inflate = compress_new_inflate();
		if (n->in.inflate == NULL)
			return net_die_env(n, "out of memory");
	}
	return true;
}

static bool
reply_success(struct net *n, int user_fd)
{
	struct sink out = net_message(n);

	n->user_fd = user_fd;
	n->conn = calloc(1, sizeof *n->conn);
	if (n->conn == NULL)
		return net_die_env(n, "out of memory");
	wire_put_userauth_success(&out);
	if (!net_send(n, &out))
		return false;
	n->phase = NET_OPEN;
	n->grace_ms = 0;
	return start_compression(n) && net_announce_host_keys(n);
}

static bool
reply(struct net *n, const struct mon_verdict *v, const struct mon_auth *asked,
    int user_fd)
{
	struct sink out;

	if (v->banner.len > 0) {
		out = net_message(n);
		wire_put_userauth_banner(&out, v->banner);
		if (!net_send(n, &out))
			return false;
	}
	switch (v->result) {
	case MON_AUTH_SUCCESS:
		return reply_success(n, user_fd);
	case MON_AUTH_KEY_OK:
		out = net_message(n);
		wire_put_userauth_pk_ok(&out, asked->algorithm, asked->key);
		return net_send(n, &out);
	case MON_AUTH_FAILURE:
		out = net_message(n);
		wire_put_userauth_failure(&out, v->methods, v->partial);
		return net_send(n, &out);
	case MON_AUTH_DISCONNECT:
		return net_die_told(n, v->reason, v->text);
	default:
		return net_die_bug(n, "unknown verdict of the monitor");
	}
}

/*
 * The two publickey methods.  A request that names the method but is not
 * one is the peer's mistake, not a failed attempt.
 */
static bool
parse_key_method(const struct wire_userauth_request *r, struct mon_auth *m,
    enum mon_req *type)
{
	struct wire_auth_publickey key;
	struct cursor in = cursor_of(r->rest);
	enum wire_err err = m->hostbound ? wire_parse_auth_hostbound(in, &key)
					 : wire_parse_auth_publickey(in, &key);

	if (err != WIRE_OK)
		return false;
	m->algorithm = key.algorithm;
	m->key = key.key;
	m->host_key = key.host_key;
	m->signature = key.signature;
	*type = key.has_signature ? MON_REQ_AUTH_KEY : MON_REQ_AUTH_KEY_QUERY;
	return true;
}

bool
net_handle_userauth(struct net *n, struct span payload)
{
	struct wire_userauth_request r;
	struct mon_auth m = { 0 };
	struct mon_verdict verdict;
	enum mon_req type = MON_REQ_AUTH_OTHER;
	int user_fd;

	if (wire_parse_userauth_request(body(payload), &r) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed USERAUTH_REQUEST");
	m.user = r.user;
	m.service = r.service;
	m.method = r.method;
	m.hostbound =
	    span_is(r.method, "publickey-hostbound-v00@openssh.com");
	if (span_is(r.method, "none"))
		type = MON_REQ_AUTH_NONE;
	else if ((m.hostbound || span_is(r.method, "publickey")) &&
	    !parse_key_method(&r, &m, &type))
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed publickey request");
	if (!ask_monitor_auth(n, type, &m, &verdict, &user_fd))
		return false;
	return reply(n, &verdict, &m, user_fd);
}
