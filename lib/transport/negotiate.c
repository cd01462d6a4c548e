/*
 * negotiate: RFC 4253 section 7.1.  net only; pure.
 */
#include "base/names.h"
#include "transport/negotiate.h"

static bool
fail(struct no_match *why, const char *kind, struct span offer)
{
	*why = (struct no_match){ kind, offer };
	return false;
}

/*
 * Markers such as ext-info-c stand in the list of methods but name none: the
 * server's list has none of the client's markers, so they never match.
 */
static bool
choose_kex(const struct wire_kexinit *client,
    const struct wire_kexinit *server, struct negotiated *out,
    struct no_match *why)
{
	struct span sig;

	out->kex = kex_find(names_match(client->kex, server->kex));
	if (out->kex == NULL)
		return fail(why, "key exchange method", client->kex);
	sig = names_match(client->host_key, server->host_key);
	if (sig.len == 0 ||
	    !span_copy_str(sig, out->sig_name, sizeof out->sig_name))
		return fail(why, "host key type", client->host_key);
	return true;
}

static bool
choose_direction(struct negotiated *out, enum direction d,
    struct span ciphers, struct span our_ciphers, struct span macs,
    struct span our_macs, struct no_match *why)
{
	out->cipher[d] = cipher_find(names_match(ciphers, our_ciphers));
	if (out->cipher[d] == NULL)
		return fail(why, "cipher", ciphers);
	if (out->cipher[d]->tag_bytes > 0)
		return true;
	out->mac[d] = mac_find(names_match(macs, our_macs));
	return out->mac[d] != NULL || fail(why, "MAC", macs);
}

static bool
choose_compression(struct negotiated *out, enum direction d,
    struct span theirs, struct span ours, struct no_match *why)
{
	struct span name = names_match(theirs, ours);

	if (name.len == 0)
		return fail(why, "compression", theirs);
	out->compress[d] = span_is(name, "zlib@openssh.com");
	return true;
}

bool
negotiate(const struct wire_kexinit *client,
    const struct wire_kexinit *server, struct negotiated *out,
    struct no_match *why)
{
	*out = (struct negotiated){ 0 };
	*why = (struct no_match){ 0 };
	if (!choose_kex(client, server, out, why) ||
	    !choose_direction(out, C2S, client->cipher_c2s,
	    server->cipher_c2s, client->mac_c2s, server->mac_c2s, why) ||
	    !choose_direction(out, S2C, client->cipher_s2c,
	    server->cipher_s2c, client->mac_s2c, server->mac_s2c, why) ||
	    !choose_compression(out, C2S, client->comp_c2s,
	    server->comp_c2s, why) ||
	    !choose_compression(out, S2C, client->comp_s2c,
	    server->comp_s2c, why))
		return false;
	out->guess_wrong = client->first_kex_follows &&
	    (!span_equal(names_first(client->kex),
	    names_first(server->kex)) ||
	    !span_equal(names_first(client->host_key),
	    names_first(server->host_key)));
	out->client_strict = names_contain(client->kex,
	    span_str("kex-strict-c-v00@openssh.com"));
	out->client_ext_info = names_contain(client->kex,
	    span_str("ext-info-c"));
	return true;
}
