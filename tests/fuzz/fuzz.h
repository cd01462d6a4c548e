/*
 * fuzz: what each fuzz target includes.  Test programs only.
 *
 * A target gets the bytes that a peer would send and checks, beyond not
 * crashing, that what it parsed means the same once it is put and parsed
 * again.  The first byte picks the message.
 */
#ifndef SSHD_CONN_TESTS_FUZZ_FUZZ_H
#define SSHD_CONN_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/sink.h"
#include "base/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A slow target says how many mutations of a file are enough for replay. */
extern const unsigned long fuzz_mutations __attribute__((weak));

/* A libFuzzer finding, and a failed test under the replay driver. */
#define FUZZ_CHECK(what) do {						\
	if (!(what))							\
		__builtin_trap();					\
} while (0)

/* For a parser whose answer does not matter: it is one of those there are. */
static inline void
fuzz_use(enum wire_err err)
{
	FUZZ_CHECK(err <= WIRE_BAD_VALUE);
}

/* Is a span inside of the input, or empty? */
static inline void
fuzz_inside(struct span s, const uint8_t *data, size_t size)
{
	FUZZ_CHECK(s.len <= size);
	FUZZ_CHECK(s.len == 0 ||
	    (s.p >= data && s.p + s.len <= data + size));
}

#endif
