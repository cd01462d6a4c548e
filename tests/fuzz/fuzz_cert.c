/*
 * fuzz_cert: certificates of a peer.  A byte, the CA's signature is checked
 * if it is odd, and a certificate's blob.
 */
#include "crypto/cert.h"
#include "crypto/init.h"
#include "fuzz.h"

/* Two points are decoded for each that is well formed. */
const unsigned long fuzz_mutations = 400;

static void
use_principals(const struct cert *cert)
{
	struct span list = cert->principals, name;
	size_t count = 0;

	while (cert_next_principal(&list, &name)) {
		FUZZ_CHECK(cert_names(cert, name));
		count++;
	}
	FUZZ_CHECK(list.len == 0 && count <= CERT_PRINCIPALS_MAX_COUNT);
	FUZZ_CHECK(count > 0 || cert_fault(cert, CERT_USER, 0) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cert cert;
	static bool ready;
	struct cursor in = cursor_of(span(data, size));
	bool verify = (cursor_u8(&in) & 1) != 0;
	struct span blob = cursor_rest(&in);
	struct cert_options options;
	struct pubkey_info info;

	if (!ready)
		ready = crypto_init();
	FUZZ_CHECK(ready);
	if (!cert_parse(blob, &cert)) {
		FUZZ_CHECK(cert.plain_len == 0 && cert.log_name == NULL);
		return 0;
	}
	FUZZ_CHECK(cert_is(blob));
	FUZZ_CHECK(pubkey_parse(cert_plain(&cert), &info));
	FUZZ_CHECK(info.type == cert.info.type);
	FUZZ_CHECK(!cert_is(cert.ca));
	fuzz_inside(cert.key_id, data, size);
	fuzz_inside(cert.ca, data, size);
	fuzz_inside(cert.signature, data, size);
	use_principals(&cert);
	if (cert_read_options(&cert, &options) == CERT_OPTIONS_FINE) {
		fuzz_inside(options.force_command, data, size);
		fuzz_inside(options.source_addresses, data, size);
	} else {
		FUZZ_CHECK(!options.permit_pty && !options.has_command);
	}
	if (verify && cert_signature_holds(&cert))
		FUZZ_CHECK(cert.ca_info.type != KEY_NONE);
	return 0;
}
