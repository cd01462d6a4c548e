/*
 * auth: the authentication protocol, RFC 4252, as far as its encoding goes.
 * net only: each request becomes typed fields for the monitor, who decides
 * and counts, and whose verdict becomes the reply.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/vis.h"
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
	if (n->params->show_user != NULL)
		n->params->show_user(n->login_name);
	return start_compression(n) && net_announce_host_keys(n);
}

static bool
send_banner(struct net *n, struct span text)
{
	struct sink out;

	if (text.len == 0)
		return true;
	out = net_message(n);
	wire_put_userauth_banner(&out, text);
	return net_send(n, &out);
}

static bool
reply_prompt(struct net *n, const struct mon_prompt *p)
{
	const struct wire_info_request m = { p->instruction, p->has_prompt,
		p->prompt, p->echo };
	struct sink out;

	if (!send_banner(n, p->banner) || !net_send_ext_info_in_auth(n))
		return false;
	out = net_message(n);
	wire_put_info_request(&out, &m);
	n->phase = NET_PROMPT;
	return net_send(n, &out);
}

/* asked: NULL behind an INFO_RESPONSE, which no PK_OK can answer. */
static bool
reply(struct net *n, const struct auth_answer *answer,
    const struct mon_auth *asked)
{
	const struct mon_verdict *v = &answer->verdict;
	struct sink out;

	if (answer->is_prompt)
		return reply_prompt(n, &answer->prompt);
	n->phase = NET_AUTH;
	if (!send_banner(n, v->banner) || (v->result != MON_AUTH_DISCONNECT &&
	    !net_send_ext_info_in_auth(n)))
		return false;
	switch (v->result) {
	case MON_AUTH_SUCCESS:
		return reply_success(n, answer->user_fd);
	case MON_AUTH_KEY_OK:
		if (asked == NULL)
			break;
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
		break;
	}
	return net_die_bug(n, "unknown verdict of the monitor");
}

static bool
parse_key(struct cursor in, struct mon_auth *m, enum mon_req *type)
{
	struct wire_auth_publickey key;
	enum wire_err err = m->hostbound ? wire_parse_auth_hostbound(in, &key)
					 : wire_parse_auth_publickey(in, &key);

	m->algorithm = key.algorithm;
	m->key = key.key;
	m->host_key = key.host_key;
	m->signature = key.signature;
	*type = key.has_signature ? MON_REQ_AUTH_KEY : MON_REQ_AUTH_KEY_QUERY;
	return err == WIRE_OK;
}

static bool
parse_hostbound(struct cursor in, struct mon_auth *m, enum mon_req *type)
{
	m->hostbound = true;
	return parse_key(in, m, type);
}

static bool
parse_host(struct cursor in, struct mon_auth *m, enum mon_req *type)
{
	struct wire_auth_host host;
	enum wire_err err = wire_parse_auth_host(in, &host);

	m->algorithm = host.algorithm;
	m->key = host.key;
	m->client_host = host.client_host;
	m->client_user = host.client_user;
	m->signature = host.signature;
	*type = MON_REQ_AUTH_HOST;
	return err == WIRE_OK;
}

static bool
parse_password(struct cursor in, struct mon_auth *m, enum mon_req *type)
{
	struct wire_auth_password password;
	enum wire_err err = wire_parse_auth_password(in, &password);

	/* The new one, if there is one, goes nowhere. */
	m->password = password.password;
	m->change = password.change;
	*type = MON_REQ_AUTH_PASSWORD;
	return err == WIRE_OK;
}

static bool
parse_kbdint(struct cursor in, struct mon_auth *m, enum mon_req *type)
{
	struct wire_auth_kbdint kbdint;
	enum wire_err err = wire_parse_auth_kbdint(in, &kbdint);

	m->devices = kbdint.devices;
	*type = MON_REQ_AUTH_KBDINT;
	return err == WIRE_OK;
}

static bool
parse_none(struct cursor in, struct mon_auth *m, enum mon_req *type)
{
	(void)in;
	(void)m;
	*type = MON_REQ_AUTH_NONE;
	return true;
}

/*
 * A request that names a method but is not one is the peer's mistake, not a
 * failed attempt.  A method that is not here goes on by its name alone.
 */
static const struct net_method {
	const char *name;
	bool (*parse)(struct cursor in, struct mon_auth *m,
	    enum mon_req *type);
	const char *malformed;
} methods[] = {
	{ "none", parse_none, "" },
	{ "publickey", parse_key, "malformed publickey request" },
	{ "publickey-hostbound-v00@openssh.com", parse_hostbound,
	    "malformed publickey request" },
	{ "password", parse_password, "malformed password request" },
	{ "keyboard-interactive", parse_kbdint,
	    "malformed keyboard-interactive request" },
	{ "hostbased", parse_host, "malformed hostbased request" },
};

/*
 * RFC 4256 section 3.1: a new request ends a conversation, whose last verdict
 * is nobody's business but ours.
 */
static bool
give_up_prompt(struct net *n)
{
	const struct mon_response none = { 0 };
	struct auth_answer answer;

	n->phase = NET_AUTH;
	if (!ask_monitor_response(n, &none, &answer))
		return false;
	if (!answer.is_prompt && answer.verdict.result == MON_AUTH_FAILURE)
		return true;
	if (!answer.is_prompt && answer.verdict.result == MON_AUTH_DISCONNECT)
		return reply(n, &answer, NULL);
	if (answer.user_fd >= 0)
		close(answer.user_fd);
	return net_die_bug(n, "the monitor goes on with what was given up");
}

static bool
ask_and_reply(struct net *n, const struct wire_userauth_request *r)
{
	struct mon_auth m = { .user = r->user, .service = r->service,
		.method = r->method };
	enum mon_req type = MON_REQ_AUTH_OTHER;
	struct auth_answer answer;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		if (!span_is(r->method, methods[i].name))
			continue;
		if (!methods[i].parse(cursor_of(r->rest), &m, &type))
			return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
			    methods[i].malformed);
	}
	return ask_monitor_auth(n, type, &m, &answer) &&
	    reply(n, &answer, &m);
}

/* Shown once it is somebody's; what is typed here may be a password. */
static void
note_name(struct net *n, struct span user)
{
	const uint8_t *style = user.len == 0 ? NULL
					     : memchr(user.p, ':', user.len);

	if (style != NULL)
		user.len = (size_t)(style - user.p);
	vis_text(user, n->login_name, sizeof n->login_name);
}

bool
net_handle_userauth(struct net *n, struct span payload)
{
	struct wire_userauth_request r;
	bool ok;

	if (wire_parse_userauth_request(body(payload), &r) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed USERAUTH_REQUEST");
	if (n->phase == NET_PROMPT && !give_up_prompt(n))
		return false;
	note_name(n, r.user);
	ok = ask_and_reply(n, &r);
	if (span_is(r.method, "password"))
		secret_wipe((uint8_t *)payload.p, payload.len);
	return ok;
}

bool
net_handle_info_response(struct net *n, struct span payload)
{
	struct mon_response response = { .given = true };
	struct wire_info_response m;
	struct auth_answer answer;
	bool ok;

	if (wire_parse_info_response(body(payload), &m) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed USERAUTH_INFO_RESPONSE");
	response.count = m.count;
	response.answer = m.first;
	ok = ask_monitor_response(n, &response, &answer) &&
	    reply(n, &answer, NULL);
	secret_wipe((uint8_t *)payload.p, payload.len);
	return ok;
}
