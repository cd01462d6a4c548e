/*
 * fuzz_krl: revocation lists.
 *
 *	string	the key's blob
 *	string	its CA's, may be empty
 *	string	key id
 *	uint64	serial
 *	....	the list
 */
#include "crypto/init.h"
#include "crypto/krl.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct cursor in = cursor_of(span(data, size));
	struct krl_key key = {
		.plain = cursor_string(&in),
		.ca = cursor_string(&in),
		.key_id = cursor_string(&in),
		.serial = cursor_u64(&in),
	};
	struct span file = cursor_rest(&in);
	enum krl_verdict verdict;

	if (!ready)
		ready = crypto_init();
	FUZZ_CHECK(ready);
	verdict = krl_check(file, &key);
	FUZZ_CHECK(verdict <= KRL_NO_LIST);
	FUZZ_CHECK(file.len >= 8 || verdict == KRL_NO_LIST);
	/* Less than all of a good list is no good list. */
	if (verdict == KRL_REVOKED && key.ca.len == 0) {
		key.serial = 0;
		key.key_id = span(NULL, 0);
		FUZZ_CHECK(krl_check(file, &key) == KRL_REVOKED);
	}
	return 0;
}
