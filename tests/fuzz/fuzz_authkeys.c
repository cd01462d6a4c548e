/*
 * fuzz_authkeys: authkeys_judge_line() on any bytes.
 *
 * What it must hold to: a line that is not exactly "ssh-ed25519 KEY" and a
 * comment, with blanks around, is never AUTHKEYS_YES.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/authkeys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY_TEXT "ssh-ed25519"
#define BLOB_BYTES 51

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20";
	uint8_t blob[BLOB_BYTES];
	const struct authkeys_want want = { { blob, sizeof blob },
		{ .type = KEY_ED25519, .bits = 256,
		    .log_name = "ED25519", .key_name = KEY_TEXT } };
	struct span line = { data, size };

	memcpy(blob, head, sizeof head - 1);
	for (uint8_t i = 0; i < BLOB_BYTES - 19; i++)
		blob[19 + i] = i;
	if (size > AUTHKEYS_LINE_MAX_BYTES ||
	    memchr(data, '\n', size) != NULL)
		return 0;
	if (authkeys_judge_line(line, &want) != AUTHKEYS_YES)
		return 0;
	while (line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t' ||
				   line.p[0] == '\r')) {
		line.p++;
		line.len--;
	}
	if (line.len < strlen(KEY_TEXT) ||
	    memcmp(line.p, KEY_TEXT, strlen(KEY_TEXT)) != 0)
		abort();
	return 0;
}
