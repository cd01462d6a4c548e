/*
 * Tests of crypto/hostcert.h and crypto/agent.h: which certificate goes with
 * which host key, what is offered with them, and the words of an agent.
 */
#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "crypto/agent.h"
#include "crypto/hostcert.h"
#include "test_crypto_made.h"

static struct privkey *ed, *ec;

static int
make_keys(void **state)
{
	(void)state;
	return make_two_keys(&ed, PRIVKEY_ED25519, &ec, PRIVKEY_ECDSA_P256);
}

static int
free_keys(void **state)
{
	(void)state;
	return free_two_keys(ed, ec);
}

/* A certificate of key, form only; the fields that vary are arguments. */
static struct span
make_cert(struct span key, const char *type, uint32_t kind, size_t strings,
    uint8_t out[static 1024])
{
	struct sink s = sink_of(out, 1024);
	struct cursor k = cursor_of(key);

	(void)cursor_string(&k);
	sink_cstring(&s, type);
	sink_cstring(&s, "nonce");
	sink_bytes(&s, cursor_rest(&k));
	sink_u64(&s, 7);
	sink_u32(&s, kind);
	sink_cstring(&s, "key id");
	sink_cstring(&s, "");
	sink_u64(&s, 0);
	sink_u64(&s, UINT64_MAX);
	for (size_t i = 0; i < strings; i++)
		sink_cstring(&s, "x");
	assert_true(sink_ok(&s));
	return sink_span(&s);
}

#define ED_CERT "ssh-ed25519-cert-v01@openssh.com"
#define EC_CERT "ecdsa-sha2-nistp256-cert-v01@openssh.com"

static void
fits_its_key_alone(void **state)
{
	struct span one = privkey_public(ed), other = privkey_public(ec);
	struct privkey *third = privkey_generate(PRIVKEY_ED25519, 0);
	uint8_t room[1024], cut[1024];
	struct span cert = make_cert(one, ED_CERT, 2, 5, room);

	(void)state;
	assert_true(hostcert_fits(cert, one));
	assert_false(hostcert_fits(cert, other));
	assert_false(hostcert_fits(cert, privkey_public(third)));
	assert_false(hostcert_fits(one, one));
	assert_false(hostcert_fits(span(NULL, 0), one));
	assert_false(hostcert_fits(cert, span(NULL, 0)));
	for (size_t n = 0; n < cert.len; n++)
		assert_false(hostcert_fits(span(cert.p, n), one));
	memcpy(cut, cert.p, cert.len);
	cut[cert.len] = 0;
	assert_false(hostcert_fits(span(cut, cert.len + 1), one));
	privkey_free(third);
}

static void
is_a_hosts(void **state)
{
	struct span one = privkey_public(ed);
	uint8_t room[1024];

	(void)state;
	assert_false(hostcert_fits(make_cert(one, ED_CERT, 1, 5, room), one));
	assert_false(hostcert_fits(make_cert(one, ED_CERT, 3, 5, room), one));
	assert_false(hostcert_fits(make_cert(one, ED_CERT, 2, 4, room), one));
	assert_false(hostcert_fits(make_cert(one, EC_CERT, 2, 5, room), one));
	assert_false(hostcert_fits(make_cert(one, "ssh-ed25519", 2, 5, room),
	    one));
	assert_true(hostcert_fits(make_cert(privkey_public(ec), EC_CERT, 2, 5,
	    room), privkey_public(ec)));
}

static void
names_of_algorithms(void **state)
{
	bool certified;
	struct span got;

	(void)state;
	got = hostkey_alg_plain(S("rsa-sha2-512-cert-v01@openssh.com"),
	    &certified);
	assert_true(certified && span_is(got, "rsa-sha2-512"));
	got = hostkey_alg_plain(S("ssh-ed25519"), &certified);
	assert_true(!certified && span_is(got, "ssh-ed25519"));
	got = hostkey_alg_plain(S("nonsense-cert-v01@openssh.com"),
	    &certified);
	assert_false(certified);
}

static void
offers_what_is_there(void **state)
{
	uint8_t room[1024];
	const struct span keys[] = { privkey_public(ed), privkey_public(ec) };
	struct span certs[2] = { { 0 }, { 0 } };
	const char *all = EC_CERT "," ED_CERT
	    ",rsa-sha2-512,ssh-ed25519,ecdsa-sha2-nistp256";
	char out[256], small[24];

	(void)state;
	hostkey_algs(all, keys, certs, 2, out, sizeof(out));
	assert_string_equal(out, "ssh-ed25519,ecdsa-sha2-nistp256");
	assert_int_equal(hostkey_for(keys, certs, 2, S(ED_CERT)), 2);
	certs[1] = make_cert(keys[1], EC_CERT, 2, 5, room);
	hostkey_algs(all, keys, certs, 2, out, sizeof(out));
	assert_string_equal(out, EC_CERT ",ssh-ed25519,ecdsa-sha2-nistp256");
	assert_int_equal(hostkey_for(keys, certs, 2, S(EC_CERT)), 1);
	assert_int_equal(hostkey_for(keys, certs, 2, S("ssh-ed25519")), 0);
	assert_int_equal(hostkey_for(keys, certs, 2, S("rsa-sha2-256")), 2);
	hostkey_algs(all, keys, certs, 2, small, sizeof(small));
	assert_string_equal(small, "ssh-ed25519");
	hostkey_algs("", keys, certs, 2, out, sizeof(out));
	assert_string_equal(out, "");
}

static void
agents_words(void **state)
{
	uint8_t room[128];
	struct sink out = sink_of(room, sizeof(room));
	struct span got;

	(void)state;
	agent_put_sign(&out, S("key"), S("ssh-ed25519"), S("data"));
	assert_span(sink_span(&out), "\0\0\0\x14\x0d\0\0\0\3key\0\0\0\4data"
	    "\0\0\0\0");
	out = sink_of(room, sizeof(room));
	agent_put_sign(&out, S(""), S("rsa-sha2-256"), S(""));
	assert_int_equal(room[out.len - 1], 2);
	out = sink_of(room, sizeof(room));
	agent_put_sign(&out, S(""), S("rsa-sha2-512"), S(""));
	assert_int_equal(room[out.len - 1], 4);
	assert_true(agent_get_signature(BYTES("\x0e\0\0\0\3sig"), &got));
	assert_span(got, "sig");
	assert_false(agent_get_signature(BYTES("\x05"), &got));
	assert_int_equal(got.len, 0);
	assert_false(agent_get_signature(BYTES("\x0d\0\0\0\3sig"), &got));
	assert_false(agent_get_signature(BYTES("\x0e\0\0\0\3si"), &got));
	assert_false(agent_get_signature(BYTES("\x0e\0\0\0\3sigh"), &got));
	assert_false(agent_get_signature(BYTES(""), &got));
}

static void
reads_a_file(void **state)
{
	char path[] = "/tmp/hostcert-XXXXXX";
	uint8_t blob[HOSTCERT_MAX_BYTES];
	char text[4096];
	size_t len;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_true(keyfile_format_public(ed, "plain", text, sizeof(text)));
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_string_equal(hostcert_read(path, blob, &len),
	    "not a certificate");
	assert_int_equal(len, 0);
	/* What an agent's key is told by, with and without the ".pub". */
	assert_true(keyfile_public_alone(path, blob, &len));
	assert_true(span_equal(span(blob, len), privkey_public(ed)));
	assert_int_equal(ftruncate(fd, 3), 0);
	assert_string_equal(hostcert_read(path, blob, &len),
	    "invalid format");
	close(fd);
	unlink(path);
	assert_string_equal(hostcert_read(path, blob, &len),
	    "No such file or directory");
	assert_false(keyfile_public_alone(path, blob, &len));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_its_key_alone),
		cmocka_unit_test(is_a_hosts),
		cmocka_unit_test(names_of_algorithms),
		cmocka_unit_test(offers_what_is_there),
		cmocka_unit_test(agents_words),
		cmocka_unit_test(reads_a_file),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
