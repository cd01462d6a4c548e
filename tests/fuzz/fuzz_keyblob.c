/*
 * fuzz_keyblob: public key blobs and signatures of a peer.
 *
 *	string	signature algorithm name
 *	string	public key blob
 *	string	signature blob
 *	....	what was signed
 */
#include "crypto/init.h"
#include "crypto/pubkey.h"
#include "fuzz.h"

/* A verification takes up to a millisecond. */
const unsigned long fuzz_mutations = 150;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct cursor in = cursor_of(span(data, size));
	struct span alg = cursor_string(&in), key = cursor_string(&in);
	struct span signature = cursor_string(&in), text = cursor_rest(&in);
	struct pubkey_info info;
	struct sig_details details;
	bool good;

	if (!ready)
		ready = crypto_init();
	FUZZ_CHECK(ready);
	good = pubkey_parse(key, &info);
	FUZZ_CHECK(good == (info.type != KEY_NONE));
	FUZZ_CHECK(!good || (info.log_name != NULL && info.bits >= 256));
	FUZZ_CHECK(sig_alg_known(alg) == (sig_alg_key_type(alg) != KEY_NONE));
	if (pubkey_verify_details(alg, key, text, signature, &details)) {
		FUZZ_CHECK(good && sig_alg_key_type(alg) == info.type);
		FUZZ_CHECK(details.sk == info.sk);
		FUZZ_CHECK(pubkey_verify(alg, key, text, signature) !=
		    info.sk);
	} else {
		FUZZ_CHECK(!details.sk && details.flags == 0);
	}
	return 0;
}
