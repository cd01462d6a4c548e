/*
 * Tests of security keys in crypto/pubkey.h: signatures of OpenSSH's
 * software authenticator, and ones made here, WebAuthn's included, that lie
 * in one field each (threats, row 40).
 */
#include <stdlib.h>
#include <unistd.h>

#include "test_crypto_hex.h"

#include "crypto/hash.h"
#include "test_cert_made.h"
#include "test_crypto_made.h"

#define SK_ED "sk-ssh-ed25519@openssh.com"
#define SK_EC "sk-ecdsa-sha2-nistp256@openssh.com"
#define WEBAUTHN "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
#define MESSAGE "message"
#define ORIGIN "https://example.org"
#define CLIENT "{\"type\":\"webauthn.get\",\"challenge\":\"bWVzc2FnZQ\"," \
	"\"origin\":\"" ORIGIN "\",\"crossOrigin\":false}"

static void
software_authenticator(void **state)
{
	static const struct {
		const char *alg, *key, *data, *signature, *log_name;
	} made[] = {
		{ SK_ED, PLAIN_SK_ED25519, SIGNED_SK_ED25519,
		    SIGNATURE_SK_ED25519, "ED25519-SK" },
		{ SK_EC, PLAIN_SK_ECDSA, SIGNED_SK_ECDSA,
		    SIGNATURE_SK_ECDSA, "ECDSA-SK" },
	};
	static struct bytes key, data, sig;
	struct pubkey_info info;
	struct sig_details d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		struct span alg = span_str(made[i].alg);

		decode(made[i].key, &key);
		decode(made[i].data, &data);
		decode(made[i].signature, &sig);
		assert_true(pubkey_parse(view(&key), &info));
		assert_true(info.sk && info.bits == 256);
		assert_string_equal(info.log_name, made[i].log_name);
		assert_int_equal(sig_alg_key_type(alg), info.type);
		assert_true(pubkey_verify_details(alg, view(&key),
		    view(&data), view(&sig), &d));
		assert_true(d.sk && d.flags == SK_USER_PRESENT);
		/* Who does not ask for flags gets no answer. */
		assert_false(pubkey_verify(alg, view(&key), view(&data),
		    view(&sig)));
		for (size_t n = 0; n < sig.len; n++) {
			sig.b[n] ^= 4;
			assert_false(pubkey_verify_details(alg, view(&key),
			    view(&data), view(&sig), &d));
			assert_false(d.sk || d.flags != 0);
			sig.b[n] ^= 4;
			assert_false(pubkey_verify_details(alg, view(&key),
			    view(&data), span(sig.b, n), &d));
		}
		sig.b[sig.len] = 0;
		assert_false(pubkey_verify_details(alg, view(&key),
		    view(&data), span(sig.b, sig.len + 1), &d));
		data.b[0] ^= 1;
		assert_false(pubkey_verify_details(alg, view(&key),
		    view(&data), view(&sig), &d));
		data.b[0] ^= 1;
		key.b[key.len - 1] ^= 1;	/* the application */
		assert_false(pubkey_verify_details(alg, view(&key),
		    view(&data), view(&sig), &d));
		/* With a NUL in it, and without it. */
		key.b[key.len - 1] = 0;
		assert_false(pubkey_parse(view(&key), &info));
		key.len -= 8;
		assert_false(pubkey_parse(view(&key), &info));
	}
}

/* An authenticator of our own: keys, and what its signatures say. */
static struct privkey *ed_key, *ec_key;

struct says {
	const char *application;	/* what it signs for */
	uint8_t flags;
	const char *client;		/* WebAuthn: not NULL */
	const char *origin, *extensions;
};

static void
sk_blob(const struct privkey *key, const char *name, struct bytes *out)
{
	struct cursor in = cursor_of(privkey_public(key));
	struct sink s = sink_of(out->b, sizeof out->b);

	cursor_string(&in);
	sink_cstring(&s, name);
	sink_bytes(&s, cursor_rest(&in));
	sink_cstring(&s, "ssh:");
	assert_true(sink_ok(&s));
	out->len = s.len;
}

static void
add_hash(struct sink *out, const char *text)
{
	uint8_t digest[HASH_MAX_BYTES];
	struct span piece = span_str(text);

	assert_true(hash_spans(HASH_SHA256, &piece, 1, digest));
	sink_bytes(out, span(digest, 32));
}

static void
sk_sign(const struct privkey *key, const char *alg, const struct says *says,
    struct bytes *out)
{
	uint8_t room[1024], raw[256];
	struct sink message = sink_of(room, sizeof room);
	struct sink sig = sink_of(raw, sizeof raw);
	struct sink s = sink_of(out->b, sizeof out->b);
	struct cursor in;

	add_hash(&message, says->application);
	sink_u8(&message, says->flags);
	sink_u32(&message, 7);
	if (says->extensions != NULL)
		sink_bytes(&message, span_str(says->extensions));
	add_hash(&message, says->client != NULL ? says->client : MESSAGE);
	assert_true(privkey_sign(key, key == ed_key ? S("ssh-ed25519") :
	    S("ecdsa-sha2-nistp256"), sink_span(&message), &sig));
	in = cursor_of(sink_span(&sig));
	cursor_string(&in);
	sink_cstring(&s, alg);
	sink_string(&s, cursor_string(&in));
	sink_u8(&s, says->flags);
	sink_u32(&s, 7);
	if (says->client != NULL) {
		sink_cstring(&s, says->origin);
		sink_cstring(&s, says->client);
		sink_cstring(&s, says->extensions);
	}
	assert_true(sink_ok(&s));
	out->len = s.len;
}

static bool
accepted(const struct privkey *key, const char *alg, const struct says *says,
    struct sig_details *details)
{
	static struct bytes blob, sig;

	sk_blob(key, key == ed_key ? SK_ED : SK_EC, &blob);
	sk_sign(key, alg, says, &sig);
	return pubkey_verify_details(span_str(alg), view(&blob), S(MESSAGE),
	    view(&sig), details);
}

static void
flags(void **state)
{
	struct says says = { .application = "ssh:" };
	struct sig_details d;

	(void)state;
	for (unsigned int f = 0; f < 256; f++) {
		says.flags = (uint8_t)f;
		assert_true(accepted(ed_key, SK_ED, &says, &d));
		assert_true(d.sk && d.flags == f && d.counter == 7);
		assert_true(accepted(ec_key, SK_EC, &says, &d));
		assert_true(d.sk && d.flags == f && d.counter == 7);
	}
	says.application = "ssh:x";
	assert_false(accepted(ed_key, SK_ED, &says, &d));
	assert_false(accepted(ec_key, SK_EC, &says, &d));
	/* A signature of one kind under the name of another. */
	says.application = "ssh:";
	assert_false(accepted(ed_key, "ssh-ed25519", &says, &d));
	assert_false(accepted(ec_key, "ecdsa-sha2-nistp256", &says, &d));
	assert_false(accepted(ec_key, WEBAUTHN, &says, &d));
	assert_false(accepted(ed_key, WEBAUTHN, &says, &d));
}

static void
webauthn(void **state)
{
	static const struct {
		struct says says;
		bool good;
	} cases[] = {
		{ { "ssh:", 1, CLIENT, ORIGIN, "" }, true },
		{ { "ssh:", 0, CLIENT, ORIGIN, "" }, true },
		{ { "ssh:", 0x85, CLIENT, ORIGIN, "ext" }, true },
		{ { "ssh", 1, CLIENT, ORIGIN, "" }, false },
		/* flags and extensions do not agree, attested data */
		{ { "ssh:", 0x81, CLIENT, ORIGIN, "" }, false },
		{ { "ssh:", 1, CLIENT, ORIGIN, "ext" }, false },
		{ { "ssh:", 0x41, CLIENT, ORIGIN, "" }, false },
		{ { "ssh:", 0xc1, CLIENT, ORIGIN, "ext" }, false },
		/* another origin, and one that goes beyond itself */
		{ { "ssh:", 1, CLIENT, ORIGIN "x", "" }, false },
		{ { "ssh:", 1, CLIENT, "https://example.or", "" }, false },
		{ { "ssh:", 1, CLIENT, "", "" }, false },
		{ { "ssh:", 1, CLIENT, ORIGIN "\",\"crossOrigin", "" },
		    false },
		/* another challenge, type or order */
		{ { "ssh:", 1, "{\"type\":\"webauthn.get\",\"challenge\":"
		    "\"bWVzc2FnZg\",\"origin\":\"" ORIGIN "\"}", ORIGIN, "" },
		    false },
		{ { "ssh:", 1, "{\"type\":\"webauthn.get\",\"challenge\":"
		    "\"bWVzc2FnZQ==\",\"origin\":\"" ORIGIN "\"}", ORIGIN,
		    "" }, false },
		{ { "ssh:", 1, "{\"type\":\"webauthn.create\",\"challenge\":"
		    "\"bWVzc2FnZQ\",\"origin\":\"" ORIGIN "\"}", ORIGIN, "" },
		    false },
		{ { "ssh:", 1, "{\"challenge\":\"bWVzc2FnZQ\",\"type\":"
		    "\"webauthn.get\",\"origin\":\"" ORIGIN "\"}", ORIGIN,
		    "" }, false },
		{ { "ssh:", 1, "{", ORIGIN, "" }, false },
		{ { "ssh:", 1, "", ORIGIN, "" }, false },
	};
	struct sig_details d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(accepted(ec_key, WEBAUTHN, &cases[i].says,
		    &d), cases[i].good);
		assert_int_equal(d.flags, cases[i].good ?
		    cases[i].says.flags : 0);
	}
	/* Its fields under the other name. */
	assert_false(accepted(ec_key, SK_EC, &cases[0].says, &d));
}

/* Nothing here can make such a key sign, so it is no host key. */
static void
no_host_keys(void **state)
{
	char path[] = "/tmp/test_crypto_skXXXXXX";
	uint8_t out[KEY_BLOB_MAX_BYTES];
	struct privkey *key = NULL;
	int fd = mkstemp(path);
	size_t len;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, FILE_SK_ED25519,
	    sizeof FILE_SK_ED25519 - 1), sizeof FILE_SK_ED25519 - 1);
	close(fd);
	assert_int_equal(keyfile_public(path, out, &len), KEYFILE_TYPE);
	unlink(path);
	assert_int_equal(keyfile_parse(S(FILE_SK_ED25519), &key),
	    KEYFILE_TYPE);
	assert_null(key);
}

static int
start(void **state)
{
	(void)state;
	return make_two_keys(&ed_key, PRIVKEY_ED25519, &ec_key, PRIVKEY_ECDSA_P256);
}

static int
stop(void **state)
{
	(void)state;
	return free_two_keys(ed_key, ec_key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(software_authenticator),
		cmocka_unit_test(flags),
		cmocka_unit_test(webauthn),
		cmocka_unit_test(no_host_keys),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
