/*
 * fuzz_auth: SSH_MSG_USERAUTH_REQUEST and what its methods add.  The bytes
 * are a payload without its type byte.
 */
#include "fuzz.h"
#include "wire/auth.h"

static void
publickey(struct span rest)
{
	struct wire_auth_publickey plain, bound;

	if (wire_parse_auth_publickey(cursor_of(rest), &plain) != WIRE_OK)
		FUZZ_CHECK(plain.key.len == 0 && plain.signature.len == 0 &&
		    !plain.has_signature);
	FUZZ_CHECK(plain.host_key.len == 0);
	FUZZ_CHECK(plain.has_signature || plain.signature.len == 0);
	fuzz_inside(plain.algorithm, rest.p, rest.len);
	fuzz_inside(plain.key, rest.p, rest.len);
	fuzz_inside(plain.signature, rest.p, rest.len);
	if (wire_parse_auth_hostbound(cursor_of(rest), &bound) != WIRE_OK)
		FUZZ_CHECK(bound.host_key.len == 0 && !bound.has_signature);
	fuzz_inside(bound.host_key, rest.p, rest.len);
	/* One field apart: no bytes are both. */
	FUZZ_CHECK(plain.algorithm.len == 0 || bound.algorithm.len == 0);
}

static void
password(struct span rest)
{
	struct wire_auth_password m;

	if (wire_parse_auth_password(cursor_of(rest), &m) != WIRE_OK)
		FUZZ_CHECK(m.password.len == 0);
	FUZZ_CHECK(m.change || m.new_password.len == 0);
	fuzz_inside(m.password, rest.p, rest.len);
	fuzz_inside(m.new_password, rest.p, rest.len);
}

static void
host(struct span rest)
{
	struct wire_auth_host m;

	if (wire_parse_auth_host(cursor_of(rest), &m) != WIRE_OK)
		FUZZ_CHECK(m.key.len == 0 && m.client_host.len == 0 &&
		    m.client_user.len == 0 && m.signature.len == 0);
	fuzz_inside(m.key, rest.p, rest.len);
	fuzz_inside(m.client_host, rest.p, rest.len);
	fuzz_inside(m.client_user, rest.p, rest.len);
	fuzz_inside(m.signature, rest.p, rest.len);
}

static void
conversation(struct span rest)
{
	struct wire_auth_kbdint m;
	struct wire_info_response r;

	if (wire_parse_auth_kbdint(cursor_of(rest), &m) != WIRE_OK)
		FUZZ_CHECK(m.devices.len == 0);
	fuzz_inside(m.devices, rest.p, rest.len);
	if (wire_parse_info_response(cursor_of(rest), &r) != WIRE_OK)
		FUZZ_CHECK(r.count == 0);
	FUZZ_CHECK(r.count <= rest.len / 4);
	FUZZ_CHECK(r.count > 0 || r.first.len == 0);
	fuzz_inside(r.first, rest.p, rest.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_userauth_request m;

	if (wire_parse_userauth_request(cursor_of(span(data, size)), &m) !=
	    WIRE_OK) {
		FUZZ_CHECK(m.user.len + m.method.len + m.rest.len == 0);
		return 0;
	}
	FUZZ_CHECK(m.service.len > 0 && m.service.len <= SSH_NAME_MAX_BYTES);
	FUZZ_CHECK(m.method.len > 0 && m.method.len <= SSH_NAME_MAX_BYTES);
	fuzz_inside(m.user, data, size);
	fuzz_inside(m.rest, data, size);
	/* All of them: the method's name says nothing about its fields. */
	publickey(m.rest);
	password(m.rest);
	conversation(m.rest);
	host(m.rest);
	return 0;
}
