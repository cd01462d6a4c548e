/*
 * Tests of the PEM and PKCS #8 files of crypto/sign.h, and of what is not
 * DER.
 */
#include "test_crypto_hex.h"
#include "test_keyfile_keys.h"
#include "test_keyfile_pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "crypto/der.h"
#include "crypto/init.h"
#include "crypto/sign.h"

#define TEXT_MAX_BYTES 16384

static const struct {
	const char *file, *public, *alg;
	enum key_type type;
} keys[] = {
	{ FILE_PEM_RSA, PUBLIC_PEM_RSA, "rsa-sha2-256", KEY_RSA },
	{ FILE_PKCS8_RSA, PUBLIC_PKCS8_RSA, "rsa-sha2-512", KEY_RSA },
	{ FILE_PEM_P256, PUBLIC_PEM_P256, "ecdsa-sha2-nistp256",
	    KEY_ECDSA_P256 },
	{ FILE_PEM_P256_PARAMETERS, PUBLIC_PEM_P256_PARAMETERS,
	    "ecdsa-sha2-nistp256", KEY_ECDSA_P256 },
	{ FILE_PKCS8_P256, PUBLIC_PKCS8_P256, "ecdsa-sha2-nistp256",
	    KEY_ECDSA_P256 },
	{ FILE_PEM_P384, PUBLIC_PEM_P384, "ecdsa-sha2-nistp384",
	    KEY_ECDSA_P384 },
	{ FILE_PEM_P384_NO_PUBLIC, PUBLIC_PEM_P384_NO_PUBLIC,
	    "ecdsa-sha2-nistp384", KEY_ECDSA_P384 },
	{ FILE_PKCS8_P384, PUBLIC_PKCS8_P384, "ecdsa-sha2-nistp384",
	    KEY_ECDSA_P384 },
	{ FILE_PEM_P521, PUBLIC_PEM_P521, "ecdsa-sha2-nistp521",
	    KEY_ECDSA_P521 },
	{ FILE_PKCS8_P521, PUBLIC_PKCS8_P521, "ecdsa-sha2-nistp521",
	    KEY_ECDSA_P521 },
	{ FILE_PKCS8_ED25519, PUBLIC_PKCS8_ED25519, "ssh-ed25519",
	    KEY_ED25519 },
};

/* The file of the test at hand, and its .pub; gone again soon after. */
static char path[] = "keyfile-pem-XXXXXX";
static char pub[sizeof(path) + 4];

static void
write_one(int fd, const char *text)
{
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
write_files(const char *text, const char *public)
{
	FILE *out;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	write_one(mkstemp(path), text);
	snprintf(pub, sizeof(pub), "%s.pub", path);
	if (public == NULL)
		return;
	out = fopen(pub, "w");
	assert_non_null(out);
	fputs(public, out);
	fclose(out);
}

static void
remove_files(void)
{
	unlink(path);
	unlink(pub);
}

/* keyfile_public() of the file with this .pub, as "TYPE BASE64 \n". */
static enum keyfile_err
public_of(const char *file, const char *public, char text[TEXT_MAX_BYTES])
{
	uint8_t blob[KEY_BLOB_MAX_BYTES];
	enum keyfile_err err;
	size_t len;

	write_files(file, public);
	err = keyfile_public(path, blob, &len);
	remove_files();
	text[0] = '\0';
	if (err == KEYFILE_OK)
		assert_true(keyfile_format_blob(span(blob, len), "", text,
		    TEXT_MAX_BYTES));
	else
		assert_int_equal(len, 0);
	return err;
}

static void
openssls_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char text[TEXT_MAX_BYTES], want[TEXT_MAX_BYTES];
		uint8_t raw[SIGNATURE_MAX_BYTES];
		struct sink sig = sink_of(raw, sizeof(raw));
		struct pubkey_info info;
		struct privkey *key, *again;

		assert_int_equal(keyfile_parse(S(keys[i].file), &key),
		    KEYFILE_OK);
		assert_true(pubkey_parse(privkey_public(key), &info));
		assert_int_equal(info.type, keys[i].type);
		snprintf(want, sizeof(want), "%s \n", keys[i].public);
		assert_true(keyfile_format_public(key, "", text,
		    sizeof(text)));
		assert_string_equal(text, want);
		assert_true(privkey_sign(key, S(keys[i].alg), S("hello"),
		    &sig));
		assert_true(pubkey_verify(S(keys[i].alg), privkey_public(key),
		    S("hello"), sink_span(&sig)));
		/* As OpenSSH's format it is the same key. */
		assert_true(keyfile_format(key, "", text, sizeof(text)));
		assert_int_equal(keyfile_parse(S(text), &again), KEYFILE_OK);
		assert_true(span_equal(privkey_public(key),
		    privkey_public(again)));
		privkey_free(again);
		privkey_free(key);
		assert_int_equal(public_of(keys[i].file, NULL, text),
		    KEYFILE_OK);
		assert_string_equal(text, want);
	}
}

/* The .pub is what counts, if it is one; the private half is not looked at. */
static void
pub_files(void **state)
{
	char text[TEXT_MAX_BYTES];
	const char *broken = "-----BEGIN RSA PRIVATE KEY-----\nMIIC\n";

	(void)state;
	assert_int_equal(public_of(broken, PUBLIC_PEM_RSA " me@here\n", text),
	    KEYFILE_OK);
	assert_string_equal(text, PUBLIC_PEM_RSA " \n");
	assert_int_equal(public_of(broken, PUBLIC_PEM_RSA, text), KEYFILE_OK);
	/* One that lies of its type, is cut, or is none. */
	assert_int_equal(public_of(FILE_PEM_P256, "ssh-rsa AAAA\n", text),
	    KEYFILE_OK);
	assert_string_equal(text, PUBLIC_PEM_P256 " \n");
	assert_int_equal(public_of(FILE_PEM_P256, "ssh-ed25519 "
	    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB\n", text),
	    KEYFILE_OK);
	assert_string_equal(text, PUBLIC_PEM_P256 " \n");
	assert_int_equal(public_of(FILE_PEM_P256, "", text), KEYFILE_OK);
	assert_string_equal(text, PUBLIC_PEM_P256 " \n");
	assert_int_equal(public_of(broken, NULL, text), KEYFILE_FORMAT);
	/* What cannot be used is not offered, .pub or not. */
	assert_int_equal(public_of(FILE_PEM_ENCRYPTED, PUBLIC_PEM_RSA, text),
	    KEYFILE_ENCRYPTED);
	assert_int_equal(public_of(FILE_PKCS8_ENCRYPTED, PUBLIC_PEM_RSA,
	    text), KEYFILE_ENCRYPTED);
	assert_int_equal(public_of("", PUBLIC_PEM_RSA, text), KEYFILE_FORMAT);
	/* An OpenSSH file says itself who it is. */
	assert_int_equal(public_of(FILE_ED25519, PUBLIC_PEM_RSA, text),
	    KEYFILE_OK);
	assert_memory_equal(text, PUBLIC_ED25519, 70);
}

static void
refused_files(void **state)
{
	static const struct {
		const char *file;
		enum keyfile_err want;
	} files[] = {
		{ FILE_PEM_ENCRYPTED, KEYFILE_ENCRYPTED },
		{ FILE_PKCS8_ENCRYPTED, KEYFILE_ENCRYPTED },
		{ FILE_PEM_SECP256K1, KEYFILE_TYPE },
		{ FILE_PKCS8_X25519, KEYFILE_TYPE },
		{ FILE_PKCS8_DSA, KEYFILE_TYPE },
		{ FILE_PEM_EXPLICIT, KEYFILE_FORMAT },
		{ "-----BEGIN PRIVATE KEY-----\n", KEYFILE_FORMAT },
		{ "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
		    KEYFILE_FORMAT },
		{ "-----BEGIN PRIVATE KEY-----", KEYFILE_FORMAT },
		{ "-----BEGIN CERTIFICATE-----\nMAA=\n"
		    "-----END CERTIFICATE-----\n", KEYFILE_FORMAT },
	};
	struct privkey *key;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		assert_int_equal(keyfile_parse(S(files[i].file), &key),
		    files[i].want);
		assert_null(key);
	}
}

/* A file of this label whose body is raw. */
static enum keyfile_err
parse_raw(const char *label, const uint8_t *raw, size_t len)
{
	char digits[TEXT_MAX_BYTES], text[TEXT_MAX_BYTES + 256];
	struct privkey *key;
	enum keyfile_err err;

	assert_true(base64_encode(span(raw, len), digits, sizeof(digits)));
	snprintf(text, sizeof(text), "-----BEGIN %s-----\n%s\n-----END %s"
	    "-----\n", label, digits, label);
	err = keyfile_parse(S(text), &key);
	privkey_free(key);
	return err;
}

/* Cut anywhere, or with a byte more, no key is one. */
static void
no_byte_too_few(void **state)
{
	uint8_t raw[TEXT_MAX_BYTES];
	struct span text = S(FILE_PKCS8_P256);
	const size_t begin = strlen("-----BEGIN PRIVATE KEY-----\n");
	const size_t end = strlen("-----END PRIVATE KEY-----\n");
	size_t len;

	(void)state;
	assert_true(base64_decode(span(text.p + begin, text.len - begin -
	    end), raw, sizeof(raw), &len));
	assert_int_equal(parse_raw("PRIVATE KEY", raw, len), KEYFILE_OK);
	for (size_t i = 0; i < len; i++)
		assert_int_not_equal(parse_raw("PRIVATE KEY", raw, i),
		    KEYFILE_OK);
	raw[len] = 0;
	assert_int_equal(parse_raw("PRIVATE KEY", raw, len + 1),
	    KEYFILE_FORMAT);
	/* The point is last: another one does not go with the number. */
	raw[len - 1] ^= 1;
	assert_int_equal(parse_raw("PRIVATE KEY", raw, len), KEYFILE_FORMAT);
}

static void
no_der(void **state)
{
	static const struct {
		const char *in;
		size_t len;
	} bad[] = {
		{ "\x02", 1 },			/* no length */
		{ "\x02\x00", 2 },		/* no content */
		{ "\x02\x02\x01", 3 },		/* short */
		{ "\x02\x81\x01\x01", 4 },	/* a length that is too long */
		{ "\x02\x82\x00\x81\x01", 5 },
		{ "\x02\x80\x01\x00\x00", 5 },	/* indefinite */
		{ "\x02\x84\x00\x00\x00\x01\x01", 7 },
		{ "\x02\xff\x01", 3 },
		{ "\x02\x83\xff\xff\xff\x01", 6 },
		{ "\x02\x01\x80", 3 },		/* negative */
		{ "\x02\x02\x00\x01", 4 },	/* a zero too many */
		{ "\x03\x01\x01", 3 },		/* another tag */
		{ "\x1f\x02\x01\x01", 4 },
		{ "", 0 },
	};
	struct cursor in = cursor_of(span("\x02\x02\x00\x80\x02\x01\x00"
	    "\x03\x02\x00\x05", 11));
	struct cursor inner;

	(void)state;
	assert_hex(der_integer(&in), "80");
	assert_int_equal(der_integer(&in).len, 0);
	assert_true(der_next_is(&in, DER_BIT_STRING));
	assert_hex(der_bit_string(&in), "05");
	assert_int_equal(cursor_end(&in), WIRE_OK);
	assert_false(der_next_is(&in, DER_INTEGER));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		in = cursor_of(span(bad[i].in, bad[i].len));
		assert_int_equal(der_integer(&in).len, 0);
		assert_int_not_equal(in.err, WIRE_OK);
		assert_int_equal(in.left, 0);
	}
	in = cursor_of(span("\x03\x02\x01\x02", 4));
	assert_int_equal(der_bit_string(&in).len, 0);
	assert_int_equal(in.err, WIRE_BAD_VALUE);
	in = cursor_of(span("\x30\x03\x02", 3));
	inner = der_enter(&in, DER_SEQUENCE);
	assert_int_not_equal(cursor_end(&inner), WIRE_OK);
	assert_int_equal(cursor_end(&in), WIRE_SHORT);
}

static void
found_in_a_directory(void **state)
{
	static const char *const names[] = { "hk_b", "hk_a", "hk_a.pub",
		"other", ".hk_c", "hk" };
	static const char *const want[] = { "hk_a", "hk_b" };
	char dir[] = "keyfile-find-XXXXXX", full[64];
	char *paths[4];
	FILE *out;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(full, sizeof(full), "%s/%s", dir, names[i]);
		out = fopen(full, "w");
		assert_non_null(out);
		fclose(out);
	}
	assert_int_equal(keyfile_find(dir, "hk_", paths, 4), 2);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		snprintf(full, sizeof(full), "%s/%s", dir, want[i]);
		assert_string_equal(paths[i], full);
		free(paths[i]);
	}
	assert_int_equal(keyfile_find(dir, "hk_", paths, 1), 1);
	free(paths[0]);
	assert_int_equal(keyfile_find(dir, "hk_", paths, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(full, sizeof(full), "%s/%s", dir, names[i]);
		unlink(full);
	}
	rmdir(dir);
	assert_int_equal(keyfile_find(dir, "hk_", paths, 4), 0);
	assert_int_equal(keyfile_find(NULL, "hk_", paths, 4), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssls_files),
		cmocka_unit_test(pub_files),
		cmocka_unit_test(refused_files),
		cmocka_unit_test(no_byte_too_few),
		cmocka_unit_test(no_der),
		cmocka_unit_test(found_in_a_directory),
	};

	if (!crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
