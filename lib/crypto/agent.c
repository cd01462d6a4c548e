/*
 * agent: bytes to and from a signing agent.  Pure layer, the monitor.
 */
#include "base/cursor.h"
#include "crypto/agent.h"

#define SIGN_REQUEST	13
#define SIGN_RESPONSE	14
#define RSA_SHA2_256	2u
#define RSA_SHA2_512	4u

void
agent_put_sign(struct sink *out, struct span key, struct span alg,
    struct span data)
{
	size_t mark = sink_string_begin(out);

	sink_u8(out, SIGN_REQUEST);
	sink_string(out, key);
	sink_string(out, data);
	sink_u32(out, span_is(alg, "rsa-sha2-256") ? RSA_SHA2_256 :
	    span_is(alg, "rsa-sha2-512") ? RSA_SHA2_512 : 0);
	sink_string_end(out, mark);
}

bool
agent_get_signature(struct span answer, struct span *signature)
{
	struct cursor c = cursor_of(answer);
	bool signed_it = cursor_u8(&c) == SIGN_RESPONSE;

	*signature = cursor_string(&c);
	if (signed_it && cursor_end(&c) == WIRE_OK)
		return true;
	*signature = span(NULL, 0);
	return false;
}
