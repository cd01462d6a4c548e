/*
 * verify_sk: what an authenticator signs instead of the message, OpenSSH's
 * PROTOCOL.u2f.  Pure layer.
 *
 * Must never say that a signature is about a message which is not in it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/pubkey_impl.h"

/* WebAuthn section 6.1: what else stands in the authenticator's data. */
#define FLAG_ATTESTED 0x40
#define FLAG_EXTENSIONS 0x80

#define CHALLENGE_HEAD "{\"type\":\"webauthn.get\",\"challenge\":\""
#define ORIGIN_HEAD "\",\"origin\":\""

/* base64url without padding, RFC 4648 section 5, in place. */
static size_t
to_url_alphabet(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	}
	return len;
}

/*
 * Client data is JSON, but its beginning has only one form in PROTOCOL.u2f:
 * type, challenge, origin, in this order.  What follows is not our business.
 */
static bool
client_data_fits(struct span client, struct span origin, struct span data)
{
	size_t digits = 4 * ((data.len + 2) / 3) + 1;
	size_t size = sizeof CHALLENGE_HEAD + digits + sizeof ORIGIN_HEAD +
	    origin.len + 1;
	uint8_t *bytes = malloc(size);
	char *base64 = malloc(digits);
	struct sink want = sink_of(bytes, size);
	bool fits = false;

	if (bytes == NULL || base64 == NULL ||
	    !base64_encode(data, base64, digits))
		goto out;
	sink_bytes(&want, span_str(CHALLENGE_HEAD));
	sink_bytes(&want, span(base64, to_url_alphabet(base64)));
	sink_bytes(&want, span_str(ORIGIN_HEAD));
	sink_bytes(&want, origin);
	sink_u8(&want, '"');
	fits = sink_ok(&want) && client.len >= want.len &&
	    memcmp(client.p, want.p, want.len) == 0;
out:
	free(base64);
	free(bytes);
	return fits;
}

/*
 * The fields that WebAuthn adds.  A quotation mark in the origin would let
 * it say where it ends; attested data never is in an assertion.
 */
static bool
webauthn_sane(struct cursor *in, uint8_t flags, struct span data,
    struct span *extensions, struct span *client)
{
	struct span origin = cursor_string(in);

	*client = cursor_string(in);
	*extensions = cursor_string(in);
	return cursor_end(in) == WIRE_OK && client->len > 0 &&
	    (origin.len == 0 || (memchr(origin.p, '"', origin.len) == NULL &&
		memchr(origin.p, 0, origin.len) == NULL)) &&
	    (flags & FLAG_ATTESTED) == 0 &&
	    ((flags & FLAG_EXTENSIONS) != 0) == (extensions->len > 0) &&
	    client_data_fits(*client, origin, data);
}

const char *
sig_details_fault(const struct sig_details *details, bool need_touch,
    bool need_verify)
{
	if (!details->sk)
		return NULL;
	if (need_touch && (details->flags & SK_USER_PRESENT) == 0)
		return "user presence (authenticator touch) requirement "
		    "not met";
	if (need_verify && (details->flags & SK_USER_VERIFIED) == 0)
		return "user verification requirement not met";
	return NULL;
}

bool
sk_signed_data(const struct key_parts *parts, bool webauthn,
    struct cursor *in, struct span data, struct sink *out,
    struct sig_details *details)
{
	struct sig_details found = {
		.sk = true,
		.flags = cursor_u8(in),
		.counter = cursor_u32(in),
	};
	struct span extensions = span(NULL, 0), message = data;
	uint8_t digest[HASH_MAX_BYTES];

	*details = (struct sig_details){ .sk = false };
	if (webauthn ? !webauthn_sane(in, found.flags, data, &extensions,
	    &message) : cursor_end(in) != WIRE_OK)
		return false;
	if (!hash_spans(HASH_SHA256, &parts->application, 1, digest))
		return false;
	sink_bytes(out, span(digest, hash_bytes(HASH_SHA256)));
	sink_u8(out, found.flags);
	sink_u32(out, found.counter);
	sink_bytes(out, extensions);
	if (!hash_spans(HASH_SHA256, &message, 1, digest))
		return false;
	sink_bytes(out, span(digest, hash_bytes(HASH_SHA256)));
	*details = found;
	return sink_ok(out);
}
