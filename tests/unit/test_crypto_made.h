/*
 * test_crypto_made: blobs out of base64, and the two keys of a group of
 * tests.  Tests of crypto/ only.
 */
#ifndef SSHD_CONN_TESTS_UNIT_TEST_CRYPTO_MADE_H
#define SSHD_CONN_TESTS_UNIT_TEST_CRYPTO_MADE_H

#include "base/base64.h"
#include "crypto/cert.h"
#include "crypto/init.h"
#include "crypto/sign.h"
#include "unit.h"

struct bytes {
	uint8_t b[CERT_BLOB_MAX_BYTES + 64];
	size_t len;
};

static inline struct span
view(const struct bytes *v)
{
	return span(v->b, v->len);
}

static inline void
decode(const char *text, struct bytes *v)
{
	assert_true(base64_decode(span_str(text), v->b, sizeof v->b,
	    &v->len));
}

/* For cmocka's group functions: 0, or -1 without keys. */
static inline int
make_two_keys(struct privkey **a, enum privkey_kind kind_a,
    struct privkey **b, enum privkey_kind kind_b)
{
	if (!crypto_init())
		return -1;
	*a = privkey_generate(kind_a, 0);
	*b = privkey_generate(kind_b, 0);
	return *a != NULL && *b != NULL ? 0 : -1;
}

static inline int
free_two_keys(struct privkey *a, struct privkey *b)
{
	privkey_free(a);
	privkey_free(b);
	return 0;
}

#endif
