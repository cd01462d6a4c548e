/*
 * fuzz_negotiate: two KEXINIT payloads without their type bytes, the peer's
 * as bytes, ours with all that is built in.
 */
#include "base/names.h"
#include "crypto/init.h"
#include "crypto/kex.h"
#include "crypto/pubkey.h"
#include "fuzz.h"
#include "transport/negotiate.h"

static bool
both(const char *name, struct span theirs, const char *ours)
{
	return names_contain(theirs, span_str(name)) &&
	    names_contain(span_str(ours), span_str(name));
}

static void
check(const struct wire_kexinit *client, const struct negotiated *n)
{
	FUZZ_CHECK(n->kex != NULL);
	FUZZ_CHECK(both(n->kex->name, client->kex, kex_all_names()));
	FUZZ_CHECK(both(n->sig_name, client->host_key,
	    sig_alg_default_names()));
	for (int d = C2S; d < DIRECTION_COUNT; d++) {
		struct span ciphers = d == C2S ? client->cipher_c2s :
		    client->cipher_s2c;
		struct span macs = d == C2S ? client->mac_c2s :
		    client->mac_s2c;

		FUZZ_CHECK(n->cipher[d] != NULL);
		FUZZ_CHECK(both(n->cipher[d]->name, ciphers,
		    cipher_all_names()));
		FUZZ_CHECK((n->cipher[d]->tag_bytes > 0) ==
		    (n->mac[d] == NULL));
		FUZZ_CHECK(n->mac[d] == NULL || both(n->mac[d]->name, macs,
		    mac_all_names()));
	}
	FUZZ_CHECK(client->first_kex_follows || !n->guess_wrong);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	const char *comp = "none,zlib@openssh.com";
	struct wire_kexinit client, server = {
		.kex = span_str(kex_all_names()),
		.host_key = span_str(sig_alg_default_names()),
		.cipher_c2s = span_str(cipher_all_names()),
		.cipher_s2c = span_str(cipher_all_names()),
		.mac_c2s = span_str(mac_all_names()),
		.mac_s2c = span_str(mac_all_names()),
		.comp_c2s = span_str(comp),
		.comp_s2c = span_str(comp),
	};
	struct negotiated agreed;
	struct no_match why;

	if (!ready)
		ready = crypto_init();
	FUZZ_CHECK(ready);
	if (wire_parse_kexinit(cursor_of(span(data, size)), &client) !=
	    WIRE_OK)
		return 0;
	if (negotiate(&client, &server, &agreed, &why)) {
		check(&client, &agreed);
	} else {
		FUZZ_CHECK(why.kind != NULL);
		fuzz_inside(why.offer, data, size);
	}
	return 0;
}
