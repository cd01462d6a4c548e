/*
 * fuzz_kexinit: what the peer sends until keys are in use: KEXINIT and the
 * other messages of RFC 4253, and the identification line.
 */
#include "fuzz.h"
#include "wire/ident.h"
#include "wire/kex.h"
#include "wire/kexinit.h"
#include "wire/numbers.h"
#include "wire/transport.h"

static void
kexinit(struct span payload)
{
	struct cursor in = cursor_of(span(payload.p + 1, payload.len - 1));
	struct wire_kexinit m;
	static uint8_t again[1 << 17];
	struct sink out = sink_of(again, sizeof again);

	if (wire_parse_kexinit(in, &m) != WIRE_OK) {
		FUZZ_CHECK(m.kex.len == 0 && m.lang_s2c.len == 0);
		return;
	}
	fuzz_inside(m.kex, payload.p, payload.len);
	fuzz_inside(m.lang_s2c, payload.p, payload.len);
	wire_put_kexinit(&out, &m);
	FUZZ_CHECK(sink_ok(&out) && out.len == payload.len);
	/* The exchange hash is over the bytes: all must be the same. */
	for (size_t i = 0; i < out.len; i++)
		FUZZ_CHECK(again[i] == payload.p[i] || i == out.len - 5);
}

static void
ext_info(struct cursor in)
{
	struct wire_ext_info m;
	struct wire_ext ext;
	uint32_t n = 0;

	if (wire_parse_ext_info(in, &m) != WIRE_OK) {
		FUZZ_CHECK(m.left == 0);
		return;
	}
	FUZZ_CHECK(m.left <= WIRE_EXT_MAX_COUNT);
	for (uint32_t left = m.left; wire_next_ext(&m, &ext); n++) {
		FUZZ_CHECK(n < left);
		FUZZ_CHECK(ext.name.len > 0);
	}
	FUZZ_CHECK(m.left == 0 && m.in.err == WIRE_OK && m.in.left == 0);
}

static void
ident(struct span line)
{
	struct wire_ident m;

	if (wire_parse_ident(line, &m) != WIRE_OK) {
		FUZZ_CHECK(m.proto.len + m.software.len == 0);
		return;
	}
	FUZZ_CHECK(m.software.len > 0 && line.len <= SSH_IDENT_MAX_BYTES);
	fuzz_inside(m.comments, line.p, line.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(span(data, size));
	struct wire_disconnect disconnect;
	struct wire_debug debug;
	struct span s;
	uint32_t n;

	switch (cursor_u8(&in)) {
	case SSH_MSG_KEXINIT:
		kexinit(span(data, size));
		break;
	case SSH_MSG_KEX_ECDH_INIT:
		fuzz_use(wire_parse_kex_ecdh_init(in, &s));
		fuzz_inside(s, data, size);
		fuzz_use(wire_parse_kexdh_init(in, &s));
		fuzz_inside(s, data, size);
		FUZZ_CHECK(s.len == 0 || s.p[0] != 0);
		break;
	case SSH_MSG_DISCONNECT:
		fuzz_use(wire_parse_disconnect(in, &disconnect));
		fuzz_inside(disconnect.text, data, size);
		break;
	case SSH_MSG_DEBUG:
		fuzz_use(wire_parse_debug(in, &debug));
		fuzz_inside(debug.lang, data, size);
		break;
	case SSH_MSG_IGNORE:
	case SSH_MSG_PING:
		fuzz_use(wire_parse_ignore(in, &s));
		fuzz_use(wire_parse_ping(in, &s));
		fuzz_inside(s, data, size);
		break;
	case SSH_MSG_UNIMPLEMENTED:
		fuzz_use(wire_parse_unimplemented(in, &n));
		break;
	case SSH_MSG_SERVICE_REQUEST:
		fuzz_use(wire_parse_service_request(in, &s));
		FUZZ_CHECK(s.len <= SSH_NAME_MAX_BYTES);
		break;
	case SSH_MSG_EXT_INFO:
		ext_info(in);
		break;
	case SSH_MSG_NEWKEYS:
		fuzz_use(wire_parse_empty(in));
		break;
	default:
		ident(span(data, size));
	}
	return 0;
}
