/*
 * fuzz_hosts: any line of known_hosts and of an rhosts file.
 *
 * What it must hold to: a yes names the host and the key, in the clear or by
 * a hash that nothing here can have made; "+" alone lets nobody in.
 */
#include <string.h>

#include "fuzz.h"
#include "keys/knownhosts.h"
#include "keys/rhosts.h"

#define BLOB_BYTES 51

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20";
	static const struct rhosts_want rhosts = { "c", "1", "r", "l" };
	uint8_t blob[BLOB_BYTES];
	const struct known_host_want plain = { span_str("h"),
		{ blob, sizeof blob }, { NULL, 0 } };
	const struct known_host_want cert = { span_str("h"),
		{ data, 0 }, { blob, sizeof blob } };
	struct span line = { data, size };

	memcpy(blob, head, sizeof head - 1);
	for (uint8_t i = 0; i < BLOB_BYTES - 19; i++)
		blob[19 + i] = i;
	if (size > 8192 || memchr(data, '\n', size) != NULL)
		return 0;
	if (known_host_line(line, &plain) == KNOWN_HOST_SAME ||
	    known_host_line(line, &cert) == KNOWN_HOST_SAME)
		FUZZ_CHECK(size > 80 && memmem(data, size, "ssh-ed25519", 11)
		    != NULL);
	if (rhosts_line(line, &rhosts) == RHOSTS_YES)
		FUZZ_CHECK(memchr(data, 'r', size) != NULL &&
		    (memchr(data, 'c', size) != NULL ||
			memchr(data, 'C', size) != NULL ||
			memchr(data, '1', size) != NULL));
	return 0;
}
