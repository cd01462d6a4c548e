/*
 * ipc_again: the property of every message of ipc/: what parses, once put,
 * parses again, and puts the same bytes.  Test programs only.
 */
#ifndef SSHD_CONN_TESTS_FUZZ_IPC_AGAIN_H
#define SSHD_CONN_TESTS_FUZZ_IPC_AGAIN_H

#include "fuzz.h"

#define AGAIN_MAX_BYTES ((size_t)1 << 18)

/* As ipc_dispatch() has it: a body over a frame's size is never parsed. */
#define AGAIN(in, type, get, ...) do {					\
	static uint8_t once_[AGAIN_MAX_BYTES], twice_[AGAIN_MAX_BYTES];	\
	struct sink out_ = sink_of(once_, sizeof once_);		\
	struct sink more_ = sink_of(twice_, sizeof twice_);		\
	static type m;							\
	if (!get(in, &m))						\
		break;							\
	AGAIN_PUT(&out_, __VA_ARGS__);					\
	FUZZ_CHECK(sink_ok(&out_));					\
	FUZZ_CHECK(get(cursor_of(span(once_ + 1, out_.len - 1)), &m));	\
	AGAIN_PUT(&more_, __VA_ARGS__);					\
	FUZZ_CHECK(span_equal(sink_span(&out_), sink_span(&more_)));	\
} while (0)

#define AGAIN_PUT(out, put, ...) put(out, __VA_ARGS__)

#endif
