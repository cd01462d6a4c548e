/*
 * fuzz_hostcert: a certificate file's blob beside a host key's, and an
 * agent's answer.
 *
 * What it must hold to: a certificate that fits a key is that key's and a
 * host's for the strict parser as well, if that takes it at all; and an
 * answer's signature is inside of the answer.
 */
#include "crypto/agent.h"
#include "crypto/cert.h"
#include "crypto/hostcert.h"
#include "crypto/init.h"
#include "fuzz.h"

/* The strict parser does curve arithmetic. */
const unsigned long fuzz_mutations = 2000;

static void
try_cert(struct cursor in)
{
	static struct cert cert;
	struct span key = cursor_string(&in), blob = cursor_rest(&in);

	if (in.err != WIRE_OK || !hostcert_fits(blob, key))
		return;
	FUZZ_CHECK(key.len > 0 && blob.len > key.len);
	if (!cert_parse(blob, &cert))
		return;
	FUZZ_CHECK(cert.type == CERT_HOST);
	FUZZ_CHECK(span_equal(cert_plain(&cert), key));
}

static void
try_names(struct span name)
{
	bool certified;
	struct span plain = hostkey_alg_plain(name, &certified);

	FUZZ_CHECK(certified || span_equal(plain, name));
	FUZZ_CHECK(!certified || plain.len > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(span(data, size));
	struct span signature, rest;

	FUZZ_CHECK(crypto_init());
	switch (cursor_u8(&in) % 3) {
	case 0:
		try_cert(in);
		break;
	case 1:
		rest = cursor_rest(&in);
		if (agent_get_signature(rest, &signature))
			fuzz_inside(signature, data, size);
		else
			FUZZ_CHECK(signature.len == 0);
		break;
	default:
		try_names(cursor_rest(&in));
		break;
	}
	return 0;
}
