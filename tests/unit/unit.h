/*
 * unit: what each unit test needs: cmocka, and the codec check that every
 * message of wire/ and ipc/ goes through.  Test programs only.
 */
#ifndef SSHD_CONN_TESTS_UNIT_UNIT_H
#define SSHD_CONN_TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

/* Spans of literals; the second keeps NUL bytes. */
#define S(text)		span_str(text)
#define BYTES(literal)	span(literal, sizeof(literal) - 1)

#define assert_span(got, literal) do {					\
	struct span got_ = (got), want_ = BYTES(literal);		\
	assert_int_equal(got_.len, want_.len);				\
	if (got_.len > 0)						\
		assert_memory_equal(got_.p, want_.p, want_.len);	\
} while (0)

/* A message: its parser, and a putter that the parser did not come with. */
struct codec {
	const char *name;
	size_t size;		/* of the struct */
	enum wire_err (*parse)(struct cursor in, void *out);
	void (*put)(struct sink *out, const void *m);	/* type byte first */
	bool open_end;		/* keeps whatever follows, unparsed */
};

/*
 * codec_check - m survives the round trip, and nothing else is taken for it
 *
 * Put, parsed and put again the bytes are the same.  Cut at every byte the
 * parser fails and leaves what puts as zeroes.  A byte more is an error,
 * unless the end is open.  Each byte changed: no more than a wrong answer.
 * Every attempt is in a buffer of its exact size, for AddressSanitizer.
 */
void codec_check(const struct codec *c, const void *m);

#endif
