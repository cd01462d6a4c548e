/*
 * Tests of the key files of crypto/sign.h: what ssh-keygen writes is read,
 * what is written reads the same, and nothing else is taken for a key.
 */
#include "test_crypto_hex.h"
#include "test_keyfile_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/init.h"
#include "crypto/sign.h"

#define TEXT_MAX_BYTES 16384

static const struct {
	const char *file, *public, *alg, *comment;
	enum key_type type;
	unsigned int bits;
} keys[] = {
	{ FILE_ED25519, PUBLIC_ED25519, "ssh-ed25519", "a test", KEY_ED25519,
	    256 },
	{ FILE_P256, PUBLIC_P256, "ecdsa-sha2-nistp256", "", KEY_ECDSA_P256,
	    256 },
	{ FILE_P384, PUBLIC_P384, "ecdsa-sha2-nistp384", "test",
	    KEY_ECDSA_P384, 384 },
	{ FILE_P521, PUBLIC_P521, "ecdsa-sha2-nistp521", "test",
	    KEY_ECDSA_P521, 521 },
	{ FILE_RSA, PUBLIC_RSA, "rsa-sha2-512", "test", KEY_RSA, 2048 },
};

/* The file that the test at hand is reading; gone again soon after. */
static char path[] = "keyfile-test-XXXXXX";

static void
write_file(const char *text, mode_t mode)
{
	int fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static enum keyfile_err
public_of(const char *text, mode_t mode, uint8_t *blob, size_t *len)
{
	enum keyfile_err err;

	write_file(text, mode);
	err = keyfile_public(path, blob, len);
	unlink(path);
	return err;
}

static void
ssh_keygens_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char text[TEXT_MAX_BYTES];
		uint8_t blob[KEY_BLOB_MAX_BYTES];
		struct pubkey_info info;
		struct privkey *key;
		size_t len;

		write_file(keys[i].file, 0600);
		assert_int_equal(keyfile_load(path, &key), KEYFILE_OK);
		assert_int_equal(keyfile_public(path, blob, &len), KEYFILE_OK);
		unlink(path);
		assert_true(span_equal(privkey_public(key), span(blob, len)));
		assert_true(pubkey_parse(privkey_public(key), &info));
		assert_int_equal(info.type, keys[i].type);
		assert_int_equal(info.bits, keys[i].bits);
		assert_true(keyfile_format_public(key, keys[i].comment, text,
		    sizeof(text)));
		assert_string_equal(text, keys[i].public);
		privkey_free(key);
	}
	privkey_free(NULL);
}

static void
signs_and_verifies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		uint8_t raw[SIGNATURE_MAX_BYTES];
		struct sink sig = sink_of(raw, sizeof(raw));
		struct sink small = sink_of(raw, 20);
		struct privkey *key;

		assert_int_equal(keyfile_parse(S(keys[i].file), &key),
		    KEYFILE_OK);
		assert_true(privkey_sign(key, S(keys[i].alg), S("hello"),
		    &sig));
		assert_true(pubkey_verify(S(keys[i].alg), privkey_public(key),
		    S("hello"), sink_span(&sig)));
		assert_false(pubkey_verify(S(keys[i].alg), privkey_public(key),
		    S("hellp"), sink_span(&sig)));
		raw[sig.len - 1] ^= 1;
		assert_false(pubkey_verify(S(keys[i].alg), privkey_public(key),
		    S("hello"), sink_span(&sig)));
		assert_false(privkey_sign(key, S(keys[i].alg), S("hello"),
		    &small));
		privkey_free(key);
	}
}

/* PKCS#1 v1.5 is deterministic: OpenSSL's signature is ours. */
static void
rsa_vectors(void **state)
{
	static const struct {
		const char *alg, *want;
	} vectors[] = { { "rsa-sha2-256", RSA_SIGNATURE_SHA256 },
		{ "rsa-sha2-512", RSA_SIGNATURE_SHA512 } };
	struct privkey *key;

	(void)state;
	assert_int_equal(keyfile_parse(S(FILE_RSA), &key), KEYFILE_OK);
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		uint8_t raw[SIGNATURE_MAX_BYTES];
		struct sink sig = sink_of(raw, sizeof(raw));
		size_t head = 4 + strlen(vectors[i].alg) + 4;

		assert_true(privkey_sign(key, S(vectors[i].alg), S("hello"),
		    &sig));
		assert_hex(span(raw + head, sig.len - head), vectors[i].want);
		/* Each hash under its own name only. */
		assert_false(pubkey_verify(S(vectors[1 - i].alg),
		    privkey_public(key), S("hello"), sink_span(&sig)));
		assert_false(pubkey_verify(S("ssh-rsa"), privkey_public(key),
		    S("hello"), sink_span(&sig)));
	}
	privkey_free(key);
}

static void
written_and_read_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char text[TEXT_MAX_BYTES], again[TEXT_MAX_BYTES];
		struct privkey *key, *copy;

		assert_int_equal(keyfile_parse(S(keys[i].file), &key),
		    KEYFILE_OK);
		assert_true(keyfile_format(key, keys[i].comment, text,
		    sizeof(text)));
		assert_int_equal(strlen(text), strlen(keys[i].file));
		assert_int_equal(keyfile_parse(S(text), &copy), KEYFILE_OK);
		assert_true(keyfile_format_public(copy, keys[i].comment, again,
		    sizeof(again)));
		assert_string_equal(again, keys[i].public);
		assert_false(keyfile_format(key, "", text, 100));
		assert_false(keyfile_format_public(key, "", text, 50));
		assert_string_equal(text, "");
		privkey_free(key);
		privkey_free(copy);
	}
}

static void
new_keys(void **state)
{
	static const struct {
		enum privkey_kind kind;
		const char *alg;
	} kinds[] = { { PRIVKEY_ED25519, "ssh-ed25519" },
		{ PRIVKEY_ECDSA_P256, "ecdsa-sha2-nistp256" },
		{ PRIVKEY_RSA, "rsa-sha2-256" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct privkey *a = privkey_generate(kinds[i].kind, 1024);
		struct privkey *b = privkey_generate(kinds[i].kind, 1024);
		char text[TEXT_MAX_BYTES];
		uint8_t raw[SIGNATURE_MAX_BYTES];
		struct sink sig = sink_of(raw, sizeof(raw));
		struct privkey *again;

		assert_true(a != NULL && b != NULL);
		assert_false(span_equal(privkey_public(a),
		    privkey_public(b)));
		assert_true(keyfile_format(a, "x", text, sizeof(text)));
		assert_int_equal(keyfile_parse(S(text), &again), KEYFILE_OK);
		assert_true(privkey_sign(again, S(kinds[i].alg), S("t"),
		    &sig));
		assert_true(pubkey_verify(S(kinds[i].alg), privkey_public(a),
		    S("t"), sink_span(&sig)));
		assert_false(pubkey_verify(S(kinds[i].alg), privkey_public(b),
		    S("t"), sink_span(&sig)));
		privkey_free(a);
		privkey_free(b);
		privkey_free(again);
	}
}

static void
refused_files(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		enum keyfile_err want;
	} files[] = {
		{ FILE_ENCRYPTED, 0600, KEYFILE_ENCRYPTED },
		{ FILE_DSA, 0600, KEYFILE_TYPE },
		{ FILE_ED25519, 0400, KEYFILE_OK },
		{ FILE_ED25519, 0640, KEYFILE_MODE },
		{ FILE_ED25519, 0604, KEYFILE_MODE },
		{ FILE_ED25519, 0610, KEYFILE_MODE },
		{ "", 0600, KEYFILE_FORMAT },
		{ PUBLIC_ED25519, 0600, KEYFILE_FORMAT },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----\n", 0600,
		    KEYFILE_FORMAT },
		{ "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n"
		    "-----END RSA PRIVATE KEY-----\n", 0600, KEYFILE_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		uint8_t blob[KEY_BLOB_MAX_BYTES];
		struct privkey *key;
		size_t len;

		assert_int_equal(public_of(files[i].text, files[i].mode, blob,
		    &len), files[i].want);
		assert_int_equal(len != 0, files[i].want == KEYFILE_OK);
		write_file(files[i].text, files[i].mode);
		assert_int_equal(keyfile_load(path, &key), files[i].want);
		unlink(path);
		assert_int_equal(key != NULL, files[i].want == KEYFILE_OK);
		privkey_free(key);
	}
}

static void
refused_paths(void **state)
{
	uint8_t blob[KEY_BLOB_MAX_BYTES];
	struct privkey *key;
	size_t len;

	(void)state;
	assert_int_equal(keyfile_load("no-such-file", &key), KEYFILE_SYSTEM);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(keyfile_strerror(KEYFILE_SYSTEM),
	    strerror(ENOENT));
	assert_int_equal(keyfile_public("no-such-file", blob, &len),
	    KEYFILE_SYSTEM);
	assert_int_equal(keyfile_load(".", &key), KEYFILE_FORMAT);
	assert_int_equal(keyfile_public("/dev/zero", blob, &len),
	    KEYFILE_FORMAT);
}

/* Each byte of the text changed, and cut short everywhere: no crash, and
   never a key with another public half. */
static void
damaged_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(keys[i].file);
		char text[TEXT_MAX_BYTES];
		struct privkey *good, *key;

		assert_int_equal(keyfile_parse(S(keys[i].file), &good),
		    KEYFILE_OK);
		memcpy(text, keys[i].file, n);
		for (size_t at = 0; at < n; at++) {
			text[at] ^= 1;
			if (keyfile_parse(span(text, n), &key) == KEYFILE_OK)
				assert_true(span_equal(privkey_public(key),
				    privkey_public(good)));
			else
				assert_null(key);
			privkey_free(key);
			text[at] ^= 1;
			/* The last line's end does not matter. */
			assert_int_equal(keyfile_parse(span(text, at), &key) ==
			    KEYFILE_OK, at + 1 == n);
			privkey_free(key);
		}
		privkey_free(good);
	}
}

/* keyfile_public() stops before the secret: here there is none behind. */
static void
public_half_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		uint8_t blob[KEY_BLOB_MAX_BYTES];
		char text[TEXT_MAX_BYTES] = "";
		struct privkey *key;
		size_t len, at, digits = 0, need;

		assert_int_equal(keyfile_parse(S(keys[i].file), &key),
		    KEYFILE_OK);
		/* magic, names, counts and length are 43 bytes */
		need = (43 + privkey_public(key).len + 2) / 3 * 4;
		for (at = strlen("-----BEGIN OPENSSH PRIVATE KEY-----");
		    digits < need; at++)
			digits += keys[i].file[at] != '\n';
		memcpy(text, keys[i].file, at);
		assert_int_equal(public_of(text, 0600, blob, &len),
		    KEYFILE_OK);
		assert_true(span_equal(privkey_public(key), span(blob, len)));
		text[at - 5] = '\0';
		assert_int_equal(public_of(text, 0600, blob, &len),
		    KEYFILE_FORMAT);
		privkey_free(key);
	}
}

static int
start(void **state)
{
	(void)state;
	return crypto_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssh_keygens_files),
		cmocka_unit_test(signs_and_verifies),
		cmocka_unit_test(rsa_vectors),
		cmocka_unit_test(written_and_read_again),
		cmocka_unit_test(new_keys),
		cmocka_unit_test(refused_files),
		cmocka_unit_test(refused_paths),
		cmocka_unit_test(damaged_files),
		cmocka_unit_test(public_half_alone),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
