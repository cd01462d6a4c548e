/*
 * fuzz_keys_list: lists of keys and of principals.
 *
 *	string	the blob that is looked for
 *	....	the list
 */
#include "crypto/init.h"
#include "fuzz.h"
#include "keys/list.h"

/* A certificate in a line has its points decoded. */
const unsigned long fuzz_mutations = 500;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct cursor in = cursor_of(span(data, size));
	struct span blob = cursor_string(&in), text = cursor_rest(&in);
	struct span options, name;
	unsigned int line, plain_line;
	enum key_list_verdict with, without;

	if (!ready)
		ready = crypto_init();
	FUZZ_CHECK(ready);
	with = key_list_find(text, &blob, 1, true, &line);
	without = key_list_find(text, &blob, 1, false, &plain_line);
	/* Looking into certificates only finds more. */
	FUZZ_CHECK(without != KEY_LIST_HAS || with != KEY_LIST_WITHOUT);
	FUZZ_CHECK(with != KEY_LIST_WITHOUT || without != KEY_LIST_HAS);
	FUZZ_CHECK(line <= text.len && plain_line <= text.len);
	FUZZ_CHECK(blob.len > 0 || with != KEY_LIST_HAS);
	name = key_list_principal(text, &options);
	fuzz_inside(name, data, size);
	fuzz_inside(options, data, size);
	FUZZ_CHECK(name.len > 0 || options.len == 0);
	FUZZ_CHECK(name.len + options.len <= text.len);
	return 0;
}
