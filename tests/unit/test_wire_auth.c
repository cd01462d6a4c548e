/*
 * Tests of wire/auth.h.
 */
#include "wire/auth.h"
#include "wire/numbers.h"
#include "wire_codec.h"

static void
userauth_request_put(struct sink *out, const void *p)
{
	const struct wire_userauth_request *m = p;

	sink_u8(out, SSH_MSG_USERAUTH_REQUEST);
	sink_string(out, m->user);
	sink_string(out, m->service);
	sink_string(out, m->method);
	sink_bytes(out, m->rest);
}
WIRE_CODEC(userauth_request, struct wire_userauth_request, true);

static void
auth_publickey_put(struct sink *out, const void *p)
{
	const struct wire_auth_publickey *m = p;

	sink_u8(out, 0);
	sink_bool(out, m->has_signature);
	sink_string(out, m->algorithm);
	sink_string(out, m->key);
	if (m->has_signature)
		sink_string(out, m->signature);
}
WIRE_CODEC(auth_publickey, struct wire_auth_publickey, false);

static void
auth_hostbound_put(struct sink *out, const void *p)
{
	const struct wire_auth_publickey *m = p;

	sink_u8(out, 0);
	sink_bool(out, m->has_signature);
	sink_string(out, m->algorithm);
	sink_string(out, m->key);
	sink_string(out, m->host_key);
	if (m->has_signature)
		sink_string(out, m->signature);
}
WIRE_CODEC(auth_hostbound, struct wire_auth_publickey, false);

static void
auth_host_put(struct sink *out, const void *p)
{
	const struct wire_auth_host *m = p;

	sink_u8(out, 0);
	sink_string(out, m->algorithm);
	sink_string(out, m->key);
	sink_string(out, m->client_host);
	sink_string(out, m->client_user);
	sink_string(out, m->signature);
}
WIRE_CODEC(auth_host, struct wire_auth_host, false);

static void
auth_password_put(struct sink *out, const void *p)
{
	const struct wire_auth_password *m = p;

	sink_u8(out, 0);
	sink_bool(out, m->change);
	sink_string(out, m->password);
	if (m->change)
		sink_string(out, m->new_password);
}
WIRE_CODEC(auth_password, struct wire_auth_password, false);

static void
auth_kbdint_put(struct sink *out, const void *p)
{
	const struct wire_auth_kbdint *m = p;

	sink_u8(out, 0);
	sink_string(out, m->language);
	sink_string(out, m->devices);
}
WIRE_CODEC(auth_kbdint, struct wire_auth_kbdint, false);

/* The second answer is only passed over. */
static void
info_response_put(struct sink *out, const void *p)
{
	const struct wire_info_response *m = p;

	sink_u8(out, SSH_MSG_USERAUTH_INFO_RESPONSE);
	sink_u32(out, m->count);
	for (uint32_t i = 0; i < m->count; i++)
		sink_string(out, i == 0 ? m->first : S("another"));
}
WIRE_CODEC(info_response, struct wire_info_response, false);

static void
conversations(void **state)
{
	struct wire_auth_kbdint m = { S("en"), S("pam,skey") };
	struct wire_info_response r = { 1, BYTES("sec\0ret") };
	uint8_t buf[256];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	codec_check(&auth_kbdint_codec, &m);
	m.devices = S("");
	codec_check(&auth_kbdint_codec, &m);
	codec_check(&info_response_codec, &r);
	r.count = 3;
	codec_check(&info_response_codec, &r);
	codec_check(&info_response_codec, &(struct wire_info_response){ 0 });
	/* threats 32: more answers are told of than there are. */
	info_response_put(&s, &r);
	memset(buf + 1, 0xff, 4);
	assert_int_equal(wire_parse_info_response(cursor_of(span(buf + 1,
	    s.len - 1)), &r), WIRE_SHORT);
	assert_int_equal(r.count + r.first.len, 0);
}

/* RFC 4256 section 3.2, byte for byte. */
static void
questions(void **state)
{
	uint8_t buf[256];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	wire_put_info_request(&s, &(struct wire_info_request){ S(""), true,
	    S("Password: "), false });
	assert_span(sink_span(&s), "\x3c\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\x01\0\0\0\x0aPassword: \0");
	s = sink_of(buf, sizeof buf);
	wire_put_info_request(&s, &(struct wire_info_request){ S("Hello"),
	    false, S("ignored"), true });
	assert_span(sink_span(&s), "\x3c\0\0\0\0\0\0\0\x05"
	    "Hello\0\0\0\0\0\0\0\0");
}

static void
requests(void **state)
{
	struct wire_userauth_request m = { S("alice"), S("ssh-connection"),
		S("publickey"), span(NULL, 0) };
	uint8_t buf[128];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	codec_check(&userauth_request_codec, &m);
	m.user = BYTES("");
	codec_check(&userauth_request_codec, &m);
	m.user = BYTES("a\0\xff\n");	/* the monitor's to refuse */
	codec_check(&userauth_request_codec, &m);
	m.rest = S("rest");
	userauth_request_put(&s, &m);
	m.rest = span(NULL, 0);
	assert_int_equal(wire_parse_userauth_request(cursor_of(span(buf + 1,
	    s.len - 1)), &m), WIRE_OK);
	assert_span(m.rest, "rest");
}

static void
names_in_requests(void **state)
{
	struct wire_userauth_request m = { S("alice"), S(""), S("none"),
		span(NULL, 0) };
	uint8_t buf[128];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	userauth_request_put(&s, &m);
	assert_int_equal(wire_parse_userauth_request(cursor_of(span(buf + 1,
	    s.len - 1)), &m), WIRE_BAD_NAME);
	assert_int_equal(m.user.len, 0);
	s = sink_of(buf, sizeof buf);
	m = (struct wire_userauth_request){ S("alice"), S("x"), S("no,ne"),
		span(NULL, 0) };
	userauth_request_put(&s, &m);
	assert_int_equal(wire_parse_userauth_request(cursor_of(span(buf + 1,
	    s.len - 1)), &m), WIRE_BAD_NAME);
}

static void
public_keys(void **state)
{
	struct wire_auth_publickey m = { false, S("ssh-ed25519"), S("blob"),
		span(NULL, 0), span(NULL, 0) };

	(void)state;
	codec_check(&auth_publickey_codec, &m);
	m.host_key = S("host");
	codec_check(&auth_hostbound_codec, &m);
	codec_check(&auth_host_codec, &(struct wire_auth_host){
	    S("ssh-ed25519"), S("key"), S("host."), S("user"), S("sig") });
	m.has_signature = true;
	m.signature = S("signature");
	codec_check(&auth_publickey_codec, &m);
	codec_check(&auth_hostbound_codec, &m);
}

static void
hostbound_has_its_own_order(void **state)
{
	struct wire_auth_publickey m;

	(void)state;
	assert_int_equal(wire_parse_auth_hostbound(cursor_of(BYTES(
	    "\1\0\0\0\1A\0\0\0\1K\0\0\0\1H\0\0\0\1S")), &m), WIRE_OK);
	assert_true(m.has_signature);
	assert_span(m.algorithm, "A");
	assert_span(m.key, "K");
	assert_span(m.host_key, "H");
	assert_span(m.signature, "S");
	/* The plain method has no such field. */
	assert_int_equal(wire_parse_auth_publickey(cursor_of(BYTES(
	    "\1\0\0\0\1A\0\0\0\1K\0\0\0\1H\0\0\0\1S")), &m), WIRE_LONG);
	assert_false(m.has_signature);
	/* A query with a signature behind it is no query. */
	assert_int_equal(wire_parse_auth_publickey(cursor_of(BYTES(
	    "\0\0\0\0\1A\0\0\0\1K\0\0\0\1S")), &m), WIRE_LONG);
}

static void
passwords(void **state)
{
	struct wire_auth_password m = { false, S("secret"), span(NULL, 0) };

	(void)state;
	codec_check(&auth_password_codec, &m);
	m.change = true;
	m.new_password = S("better");
	codec_check(&auth_password_codec, &m);
}

static void
what_is_only_sent(void **state)
{
	uint8_t buf[128];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	wire_put_userauth_failure(&s, S("publickey"), true);
	wire_put_userauth_success(&s);
	wire_put_userauth_banner(&s, S("hello\n"));
	wire_put_userauth_pk_ok(&s, S("ssh-rsa"), S("blob"));
	assert_span(sink_span(&s), "\x33\0\0\0\x09publickey\1" "\x34"
	    "\x35\0\0\0\6hello\n\0\0\0\0"
	    "\x3c\0\0\0\7ssh-rsa\0\0\0\4blob");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(conversations),
		cmocka_unit_test(questions),
		cmocka_unit_test(names_in_requests),
		cmocka_unit_test(public_keys),
		cmocka_unit_test(hostbound_has_its_own_order),
		cmocka_unit_test(passwords),
		cmocka_unit_test(what_is_only_sent),
	};

	return cmocka_run_group_tests_name("wire_auth", tests, NULL, NULL);
}
