/*
 * fuzz_authkeys: any line of authorized_keys, and its options.
 *
 * What it must hold to: a line without options is exactly "ssh-ed25519 KEY"
 * and a comment, with blanks around; options that are refused permit
 * nothing, and those that are taken come through the grant's codec as they
 * were.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "keys/options.h"

#define KEY_TEXT "ssh-ed25519"
#define BLOB_BYTES 51

/* Some bytes as the options of a line. */
static void
try_options(struct span text)
{
	static struct key_options_room room;
	static uint8_t frame[IPC_FRAME_MAX_BYTES];
	struct sink out = sink_of(frame, sizeof frame);
	struct keys_grant grant = { .verdict = KEYS_ALLOWED,
		.signer = span_str("k"), .algorithm = span_str("a") }, back;
	struct key_line_options options;
	const char *why;

	if (!key_options_parse(text, &room, &options, &why)) {
		FUZZ_CHECK(why != NULL && !options.keys.permit_pty);
		return;
	}
	grant.options = options.keys;
	keys_grant_put(&out, &grant);
	FUZZ_CHECK(sink_ok(&out));
	FUZZ_CHECK(keys_grant_get(cursor_of(span(frame + 1, out.len - 1)),
	    &back));
	FUZZ_CHECK(span_equal(back.options.command, options.keys.command));
	FUZZ_CHECK(back.options.expires == options.keys.expires);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20";
	uint8_t blob[BLOB_BYTES];
	const struct key_line_want want = { { blob, sizeof blob }, KEY_TEXT,
		false };
	struct span line = { data, size }, options;

	memcpy(blob, head, sizeof head - 1);
	for (uint8_t i = 0; i < BLOB_BYTES - 19; i++)
		blob[19 + i] = i;
	if (size > KEY_LINE_MAX_BYTES || memchr(data, '\n', size) != NULL)
		return 0;
	try_options(line);
	if (!key_line_about(line, &want, &options))
		return 0;
	if (options.len > 0) {
		try_options(options);
		return 0;
	}
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
