/*
 * Tests of crypto/krl.h: ssh-keygen's lists, and lists that are broken.
 */
#include "test_crypto_hex.h"

#include "crypto/cert.h"
#include "crypto/init.h"
#include "crypto/krl.h"
#include "test_cert_made.h"
#include "test_crypto_made.h"

static enum krl_verdict
ask(const char *list, const struct krl_key *key)
{
	static struct bytes file;

	decode(list, &file);
	return krl_check(span(file.b, file.len), key);
}

/* CERT_ED25519, with another serial. */
static struct krl_key
asked(uint64_t serial)
{
	static struct bytes blob;
	static struct cert cert;

	decode(CERT_ED25519, &blob);
	assert_true(cert_parse(span(blob.b, blob.len), &cert));
	return (struct krl_key){ cert_plain(&cert), cert.ca, cert.key_id,
		serial };
}

static void
serials(void **state)
{
	static const uint64_t listed[] = { 1, 2, 5, 7, 100000, 100042,
		100063, 100065 };
	static const uint64_t others[] = { 0, 6, 8, 99999, 100064, 100066,
		UINT64_MAX };
	static const uint64_t bits[] = { 3, 7, 9, 12, 13, 20, 21, 23 };
	struct krl_key key;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(listed); i++) {
		key = asked(listed[i]);
		assert_int_equal(ask(KRL_SERIAL, &key), KRL_REVOKED);
		/* Of another CA, or of none. */
		key.ca = key.plain;
		assert_int_equal(ask(KRL_SERIAL, &key), KRL_CLEAN);
		key.ca = span(NULL, 0);
		assert_int_equal(ask(KRL_SERIAL, &key), KRL_CLEAN);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		key = asked(others[i]);
		assert_int_equal(ask(KRL_SERIAL, &key), KRL_CLEAN);
	}
	for (uint64_t n = 0; n < 300; n++) {
		bool want = false;

		for (size_t i = 0; i < ARRAY_LEN(bits); i++)
			want = want || bits[i] == n;
		key = asked(n);
		assert_int_equal(ask(KRL_BITMAP, &key), want ? KRL_REVOKED :
		    KRL_CLEAN);
	}
	key = asked(7);
	key.ca = key.plain;
	assert_int_equal(ask(KRL_ANYCA, &key), KRL_REVOKED);
	key.ca = span(NULL, 0);
	assert_int_equal(ask(KRL_ANYCA, &key), KRL_CLEAN);
}

/* A certificate whose CA counts nothing has no serial to be known by. */
static void
no_serial(void **state)
{
	struct krl_key key = asked(0);
	uint8_t room[128];
	struct sink out = sink_of(room, sizeof room);
	size_t section, part;

	(void)state;
	sink_bytes(&out, span("SSHKRL\n", 8));
	sink_u32(&out, 1);
	for (int i = 0; i < 4; i++)
		sink_u64(&out, 0);	/* and two empty strings */
	sink_u8(&out, 1);
	section = sink_string_begin(&out);
	sink_u64(&out, 0);
	for (uint8_t type = 0x20; type < 0x22; type++) {
		sink_u8(&out, type);
		part = sink_string_begin(&out);
		sink_u64(&out, 0);
		sink_u64(&out, 7);
		sink_string_end(&out, part);
	}
	sink_string_end(&out, section);
	assert_true(sink_ok(&out));
	assert_int_equal(krl_check(sink_span(&out), &key), KRL_CLEAN);
	key.serial = 7;
	assert_int_equal(krl_check(sink_span(&out), &key), KRL_REVOKED);
}

static void
keys(void **state)
{
	struct krl_key key = asked(0), ca;

	(void)state;
	assert_int_equal(ask(KRL_EMPTY, &key), KRL_CLEAN);
	assert_int_equal(ask(KRL_KEYID, &key), KRL_REVOKED);
	key.key_id = S("id k_ed2551");
	assert_int_equal(ask(KRL_KEYID, &key), KRL_CLEAN);
	assert_int_equal(ask(KRL_KEY, &key), KRL_REVOKED);
	assert_int_equal(ask(KRL_SHA1, &key), KRL_REVOKED);
	assert_int_equal(ask(KRL_SHA256, &key), KRL_REVOKED);
	/* The CA's own key, for a certificate of its and as a plain key. */
	assert_int_equal(ask(KRL_CA, &key), KRL_REVOKED);
	ca = (struct krl_key){ .plain = key.ca };
	assert_int_equal(ask(KRL_CA, &ca), KRL_REVOKED);
	assert_int_equal(ask(KRL_KEY, &ca), KRL_CLEAN);
	assert_int_equal(ask(KRL_SHA1, &ca), KRL_CLEAN);
	assert_int_equal(ask(KRL_SHA256, &ca), KRL_CLEAN);
	key.ca = span(NULL, 0);
	assert_int_equal(ask(KRL_CA, &key), KRL_CLEAN);
	assert_int_equal(ask(KRL_KEY, &key), KRL_REVOKED);
}

/* A list that is cut off anywhere may have lost the line that counts. */
static void
cut(void **state)
{
	static const char *const lists[] = { KRL_SERIAL, KRL_BITMAP,
		KRL_KEYID, KRL_KEY, KRL_SHA1, KRL_SHA256 };
	struct krl_key key = asked(7);
	static struct bytes file;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		decode(lists[i], &file);
		for (size_t n = 0; n < file.len; n++) {
			enum krl_verdict said = krl_check(span(file.b, n),
			    &key);

			/* But for a file that ends behind its header. */
			if (n != 44)
				assert_int_equal(said, n < 8 ? KRL_NO_LIST :
				    KRL_BROKEN);
		}
		file.b[file.len++] = 0;
		assert_int_equal(krl_check(span(file.b, file.len), &key),
		    KRL_BROKEN);
	}
	assert_int_equal(krl_check(S("ssh-ed25519 AAAA"), &key),
	    KRL_NO_LIST);
	assert_int_equal(krl_check(span(NULL, 0), &key), KRL_NO_LIST);
}

/* One section of a list that has nothing else. */
static enum krl_verdict
section(uint8_t type, struct span content, const char *behind)
{
	struct krl_key key = asked(7);
	uint8_t room[512];
	struct sink out = sink_of(room, sizeof room);

	sink_bytes(&out, span("SSHKRL\n", 8));
	sink_u32(&out, 1);
	for (int i = 0; i < 3; i++)
		sink_u64(&out, 0);
	sink_cstring(&out, "");
	sink_cstring(&out, "");
	sink_u8(&out, type);
	sink_string(&out, content);
	if (behind != NULL)
		sink_cstring(&out, behind);
	assert_true(sink_ok(&out));
	return krl_check(sink_span(&out), &key);
}

/* The same with one part about certificates of any CA. */
static enum krl_verdict
part(uint8_t type, struct span content)
{
	uint8_t room[256];
	struct sink out = sink_of(room, sizeof room);

	sink_cstring(&out, "");
	sink_cstring(&out, "");
	sink_u8(&out, type);
	sink_string(&out, content);
	assert_true(sink_ok(&out));
	return section(1, sink_span(&out), NULL);
}

static void
odd_sections(void **state)
{
	uint8_t room[64];
	struct sink out;

	(void)state;
	assert_int_equal(section(2, span(NULL, 0), NULL), KRL_CLEAN);
	assert_int_equal(section(3, span("\0\0\0\1x", 5), NULL), KRL_BROKEN);
	assert_int_equal(section(5, span("\0\0\0\1x", 5), NULL), KRL_BROKEN);
	assert_int_equal(section(6, span(NULL, 0), NULL), KRL_BROKEN);
	assert_int_equal(section(1, span(NULL, 0), NULL), KRL_BROKEN);
	/* A signature has two strings and is passed over. */
	assert_int_equal(section(4, S("key"), "signature"), KRL_CLEAN);
	assert_int_equal(section(4, S("key"), NULL), KRL_BROKEN);
	/* Extensions: name, critical, content. */
	assert_int_equal(section(255, span("\0\0\0\1x\0\0\0\0\1y", 11),
	    NULL), KRL_CLEAN);
	assert_int_equal(section(255, span("\0\0\0\1x\1\0\0\0\1y", 11),
	    NULL), KRL_BROKEN);
	assert_int_equal(part(0x39, span("\0\0\0\1x\0\0\0\0\1y", 11)),
	    KRL_CLEAN);
	assert_int_equal(part(0x39, span("\0\0\0\1x\1\0\0\0\1y", 11)),
	    KRL_BROKEN);
	assert_int_equal(part(0x24, span(NULL, 0)), KRL_BROKEN);
	assert_int_equal(part(0x20, span("\0\0\0\0\0\0\0\7", 8)),
	    KRL_REVOKED);
	assert_int_equal(part(0x20, span("1234567", 7)), KRL_BROKEN);
	/* A range that ends before it begins. */
	out = sink_of(room, sizeof room);
	sink_u64(&out, 8);
	sink_u64(&out, 6);
	assert_int_equal(part(0x21, sink_span(&out)), KRL_BROKEN);
	/* A bitmap of three bits from the last number but one. */
	out = sink_of(room, sizeof room);
	sink_u64(&out, UINT64_MAX - 1);
	sink_mpint(&out, span("\3", 1));
	assert_int_equal(part(0x22, sink_span(&out)), KRL_CLEAN);
	out = sink_of(room, sizeof room);
	sink_u64(&out, UINT64_MAX - 1);
	sink_mpint(&out, span("\4", 1));
	assert_int_equal(part(0x22, sink_span(&out)), KRL_BROKEN);
	out = sink_of(room, sizeof room);
	sink_u64(&out, 7);
	sink_mpint(&out, span("\1", 1));
	assert_int_equal(part(0x22, sink_span(&out)), KRL_REVOKED);
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
		cmocka_unit_test(serials),
		cmocka_unit_test(no_serial),
		cmocka_unit_test(keys),
		cmocka_unit_test(cut),
		cmocka_unit_test(odd_sections),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
