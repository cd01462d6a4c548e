/*
 * fuzz_keyfile: private key files of every format, OpenSSH's, PEM, PKCS #8.
 *
 *	byte	0 to 2: what follows is DER, under the label of that number;
 *		anything else: it is the text's first
 *
 * A key that was taken is one that its own writer and reader agree on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "crypto/init.h"
#include "crypto/sign.h"
#include "fuzz.h"

#define TEXT_MAX_BYTES (32 * 1024)

/* Curve arithmetic takes up to some milliseconds. */
const unsigned long fuzz_mutations = 100;

/* The text of a file that holds this DER. */
static struct span
wrap(uint8_t kind, struct span der)
{
	static const char *const labels[] = { "RSA PRIVATE KEY",
		"EC PRIVATE KEY", "PRIVATE KEY" };
	static char digits[TEXT_MAX_BYTES], text[TEXT_MAX_BYTES + 128];

	if (!base64_encode(der, digits, sizeof(digits)))
		digits[0] = '\0';
	snprintf(text, sizeof(text), "-----BEGIN %s-----\n%s\n-----END %s"
	    "-----\n", labels[kind], digits, labels[kind]);
	return span_str(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[TEXT_MAX_BYTES];
	static bool ready;
	struct span file = span(data, size);
	struct privkey *key, *again;
	struct pubkey_info info;
	enum keyfile_err err;

	if (!ready)
		ready = crypto_init();
	FUZZ_CHECK(ready);
	if (size > 0 && data[0] <= 2)
		file = wrap(data[0], span(data + 1, size - 1));
	err = keyfile_parse(file, &key);
	FUZZ_CHECK((err == KEYFILE_OK) == (key != NULL));
	if (key == NULL)
		return 0;
	FUZZ_CHECK(pubkey_parse(privkey_public(key), &info));
	FUZZ_CHECK(keyfile_format(key, "", text, sizeof(text)));
	FUZZ_CHECK(keyfile_parse(span_str(text), &again) == KEYFILE_OK);
	FUZZ_CHECK(span_equal(privkey_public(key), privkey_public(again)));
	privkey_free(again);
	privkey_free(key);
	return 0;
}
