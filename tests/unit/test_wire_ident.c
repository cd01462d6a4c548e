/*
 * Tests of wire/ident.h.
 */
#include <stdlib.h>

#include "unit.h"
#include "wire/ident.h"

static void
stock_clients(void **state)
{
	static const struct {
		const char *line, *software, *comments;
	} row[] = {
		{ "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "OpenSSH_9.2p1",
		    "Debian-2+deb12u3" },
		{ "SSH-2.0-PuTTY_Release_0.78", "PuTTY_Release_0.78", "" },
		{ "SSH-2.0-dropbear_2022.83", "dropbear_2022.83", "" },
		{ "SSH-2.0-JSCH-0.1.54", "JSCH-0.1.54", "" },
		{ "SSH-2.0-Go", "Go", "" },
		{ "SSH-1.99-old", "old", "" },
		{ "SSH-2.0-x two words  and more", "x",
		    "two words  and more" },
		{ "SSH-2.0-x caf\xc3\xa9", "x", "caf\xc3\xa9" },
		{ "SSH-2.0-x ", "x", "" },
	};
	struct wire_ident m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		assert_int_equal(wire_parse_ident(S(row[i].line), &m),
		    WIRE_OK);
		assert_true(span_is(m.software, row[i].software));
		assert_true(span_is(m.comments, row[i].comments));
	}
	assert_int_equal(wire_parse_ident(S("SSH-1.99-old"), &m), WIRE_OK);
	assert_span(m.proto, "1.99");
}

static void
what_is_not_one(void **state)
{
	static const struct {
		struct span line;
		enum wire_err err;
	} row[] = {
		{ { NULL, 0 }, WIRE_BAD_NAME },
#define ROW(literal, e) { { (const uint8_t *)(literal),	\
    sizeof(literal) - 1 }, (e) }
		ROW("GET / HTTP/1.1", WIRE_BAD_NAME),
		ROW("SSH", WIRE_BAD_NAME),
		ROW("SSH-", WIRE_BAD_NAME),
		ROW("SSH-2.0", WIRE_BAD_NAME),
		ROW("SSH-2.0-", WIRE_BAD_NAME),
		ROW("SSH--x", WIRE_BAD_NAME),
		ROW("SSH-2.0- x", WIRE_BAD_NAME),
		ROW("ssh-2.0-x", WIRE_BAD_NAME),
		ROW(" SSH-2.0-x", WIRE_BAD_NAME),
		ROW("SSH-2.0-x\0y", WIRE_BAD_NAME),
		ROW("SSH-2.0-x\ty", WIRE_BAD_NAME),
		ROW("SSH-2.0-x\r", WIRE_BAD_NAME),
		ROW("SSH-2.0-x y\x1b[2J", WIRE_BAD_NAME),
		ROW("SSH-2.0-x\x80", WIRE_BAD_NAME),
		ROW("SSH-1.5-old", WIRE_BAD_VALUE),
		ROW("SSH-2-x", WIRE_BAD_VALUE),
		ROW("SSH-2.00-x", WIRE_BAD_VALUE),
		ROW("SSH-3.0-x", WIRE_BAD_VALUE),
#undef ROW
	};
	struct wire_ident m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		memset(&m, 0xa5, sizeof m);
		if (wire_parse_ident(row[i].line, &m) != row[i].err)
			fail_msg("row %zu", i);
		assert_int_equal(m.proto.len, 0);
		assert_int_equal(m.software.len, 0);
		assert_int_equal(m.comments.len, 0);
	}
}

static void
length_is_bounded(void **state)
{
	char line[SSH_IDENT_MAX_BYTES + 1];
	struct wire_ident m;

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, "SSH-2.0-", 8);
	assert_int_equal(wire_parse_ident(span(line, sizeof line - 1), &m),
	    WIRE_OK);
	assert_int_equal(m.software.len, SSH_IDENT_MAX_BYTES - 8);
	assert_int_equal(wire_parse_ident(span(line, sizeof line), &m),
	    WIRE_LONG);
	assert_int_equal(m.software.len, 0);
}

/* Cut anywhere, in a buffer of that size: for AddressSanitizer. */
static void
cut_anywhere(void **state)
{
	static const char line[] = "SSH-2.0-abc def";

	(void)state;
	for (size_t n = 0; n < sizeof line; n++) {
		char *copy = malloc(n > 0 ? n : 1);
		struct wire_ident m;

		memcpy(copy, line, n);
		assert_int_equal(wire_parse_ident(span(copy, n), &m),
		    n > 8 && n < sizeof line ? WIRE_OK : WIRE_BAD_NAME);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stock_clients),
		cmocka_unit_test(what_is_not_one),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests_name("wire_ident", tests, NULL, NULL);
}
