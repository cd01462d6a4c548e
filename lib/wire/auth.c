/*
 * auth: codec of the user authentication messages.  Pure layer, net only;
 * never decides who gets in.
 *
 * Trust: every parser's in is the peer's, to the last byte.  All return
 * WIRE_SHORT, WIRE_LONG or the error named, and *out all zero then.
 */
#include "wire/auth.h"
#include "wire/numbers.h"

/*
 * wire_parse_userauth_request - decode SSH_MSG_USERAUTH_REQUEST, RFC 4252 5
 *
 *	string	user name in ISO-10646 UTF-8 encoding
 *	string	service name		WIRE_BAD_NAME if it is none
 *	string	method name		WIRE_BAD_NAME if it is none
 *	....	method specific fields	left unparsed in out->rest
 */
enum wire_err
wire_parse_userauth_request(struct cursor in,
    struct wire_userauth_request *out)
{
	struct wire_userauth_request m = {
		.user = cursor_string(&in),
	};

	m.service = cursor_name(&in);
	m.method = cursor_name(&in);
	m.rest = cursor_rest(&in);

	*out = (struct wire_userauth_request){ 0 };
	if (in.err == WIRE_OK)
		*out = m;
	return in.err;
}

static enum wire_err
parse_publickey(struct cursor in, bool hostbound,
    struct wire_auth_publickey *out)
{
	struct wire_auth_publickey m = {
		.has_signature = cursor_bool(&in),
	};

	m.algorithm = cursor_name(&in);
	m.key = cursor_string(&in);
	if (hostbound)
		m.host_key = cursor_string(&in);
	if (m.has_signature)
		m.signature = cursor_string(&in);

	*out = (struct wire_auth_publickey){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/*
 * wire_parse_auth_publickey - the rest of method "publickey", RFC 4252 7
 *
 *	boolean	TRUE if there is a signature
 *	string	public key algorithm name	WIRE_BAD_NAME if it is none
 *	string	public key blob
 *	string	signature, if TRUE above
 */
enum wire_err
wire_parse_auth_publickey(struct cursor in, struct wire_auth_publickey *out)
{
	return parse_publickey(in, false, out);
}

/*
 * wire_parse_auth_hostbound - "publickey-hostbound-v00@openssh.com"
 *
 * As "publickey", with one field more before the signature:
 *
 *	string	server host key		the one that the client saw
 */
enum wire_err
wire_parse_auth_hostbound(struct cursor in, struct wire_auth_publickey *out)
{
	return parse_publickey(in, true, out);
}

/*
 * wire_parse_auth_host - the rest of method "hostbased", RFC 4252 9
 *
 *	string	public key algorithm for host key	WIRE_BAD_NAME
 *	string	public host key and certificates for client host
 *	string	client host name, the FQDN in US-ASCII
 *	string	user name on the client host in UTF-8
 *	string	signature
 */
enum wire_err
wire_parse_auth_host(struct cursor in, struct wire_auth_host *out)
{
	struct wire_auth_host m = {
		.algorithm = cursor_name(&in),
	};

	m.key = cursor_string(&in);
	m.client_host = cursor_string(&in);
	m.client_user = cursor_string(&in);
	m.signature = cursor_string(&in);

	*out = (struct wire_auth_host){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/*
 * wire_parse_auth_password - the rest of method "password", RFC 4252 8
 *
 *	boolean	TRUE to change it
 *	string	plaintext password, or the old one
 *	string	new password, if TRUE above
 *
 * The spans are secrets inside the packet: whoever owns that wipes it.
 */
enum wire_err
wire_parse_auth_password(struct cursor in, struct wire_auth_password *out)
{
	struct wire_auth_password m = {
		.change = cursor_bool(&in),
	};

	m.password = cursor_string(&in);
	if (m.change)
		m.new_password = cursor_string(&in);

	*out = (struct wire_auth_password){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/*
 * wire_parse_auth_kbdint - "keyboard-interactive", RFC 4256 section 3.1
 *
 *	string	language tag		deprecated, any bytes
 *	string	submethods		name-list, a hint; may be empty
 */
enum wire_err
wire_parse_auth_kbdint(struct cursor in, struct wire_auth_kbdint *out)
{
	struct wire_auth_kbdint m = {
		.language = cursor_string(&in),
	};

	m.devices = cursor_string(&in);

	*out = (struct wire_auth_kbdint){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/*
 * wire_parse_info_response - SSH_MSG_USERAUTH_INFO_RESPONSE, RFC 4256 3.4
 *
 *	int	num-responses
 *	string	response[1]
 *	...				so many, to the end of the message
 *
 * Only form is judged: that there are as many as were asked for is the
 * monitor's to see.  The span is a secret inside the packet.
 */
enum wire_err
wire_parse_info_response(struct cursor in, struct wire_info_response *out)
{
	struct wire_info_response m = {
		.count = cursor_u32(&in),
	};

	/* Each takes four bytes at least: the packet bounds the loop. */
	for (uint32_t i = 0; i < m.count && in.err == WIRE_OK; i++) {
		struct span answer = cursor_string(&in);

		if (i == 0)
			m.first = answer;
	}

	*out = (struct wire_info_response){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

/* methods: a name-list of what can continue, RFC 4252 section 5.1. */
void
wire_put_userauth_failure(struct sink *out, struct span methods, bool partial)
{
	sink_u8(out, SSH_MSG_USERAUTH_FAILURE);
	sink_string(out, methods);
	sink_bool(out, partial);
}

void
wire_put_userauth_success(struct sink *out)
{
	sink_u8(out, SSH_MSG_USERAUTH_SUCCESS);
}

/* RFC 4252 section 5.4; without a language tag. */
void
wire_put_userauth_banner(struct sink *out, struct span text)
{
	sink_u8(out, SSH_MSG_USERAUTH_BANNER);
	sink_string(out, text);
	sink_cstring(out, "");
}

/* Both fields as the request had them, RFC 4252 section 7. */
void
wire_put_userauth_pk_ok(struct sink *out, struct span algorithm,
    struct span key)
{
	sink_u8(out, SSH_MSG_USERAUTH_PK_OK);
	sink_string(out, algorithm);
	sink_string(out, key);
}

/*
 * wire_put_info_request - SSH_MSG_USERAUTH_INFO_REQUEST, RFC 4256 3.2
 *
 *	string	name			empty: clients make a poor title of it
 *	string	instruction
 *	string	language tag		empty
 *	int	num-prompts		0 or 1
 *	string	prompt[1]
 *	boolean	echo[1]
 */
void
wire_put_info_request(struct sink *out, const struct wire_info_request *m)
{
	sink_u8(out, SSH_MSG_USERAUTH_INFO_REQUEST);
	sink_cstring(out, "");
	sink_string(out, m->instruction);
	sink_cstring(out, "");
	sink_u32(out, m->has_prompt ? 1 : 0);
	if (!m->has_prompt)
		return;
	sink_string(out, m->prompt);
	sink_bool(out, m->echo);
}
