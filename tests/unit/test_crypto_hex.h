/*
 * test_crypto_hex: vectors as text.  Tests of crypto/ only.
 */
#ifndef SSHD_CONN_TESTS_UNIT_TEST_CRYPTO_HEX_H
#define SSHD_CONN_TESTS_UNIT_TEST_CRYPTO_HEX_H

#include <stdio.h>

#include "unit.h"

/* The bytes of a hexadecimal literal, in a buffer of the caller's. */
static inline struct span
hex(const char *text, uint8_t *out, size_t size)
{
	size_t n = strlen(text) / 2;

	assert_true(n <= size);
	for (size_t i = 0; i < n; i++) {
		unsigned int byte;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return span(out, n);
}

static inline void
assert_hex(struct span got, const char *want)
{
	char text[8192];

	assert_true(2 * got.len < sizeof(text));
	text[0] = '\0';
	for (size_t i = 0; i < got.len; i++)
		snprintf(text + 2 * i, 3, "%02x", got.p[i]);
	assert_string_equal(text, want);
}

#endif
