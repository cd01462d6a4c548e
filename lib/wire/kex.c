/*
 * kex: codec of the key exchange methods.  Pure layer, net only;
 * never computes anything.
 */
#include "wire/kex.h"
#include "wire/numbers.h"

enum wire_err
wire_parse_kex_ecdh_init(struct cursor in, struct span *client_public)
{
	struct span q = cursor_string(&in);

	*client_public = span(NULL, 0);
	if (cursor_end(&in) == WIRE_OK)
		*client_public = q;
	return in.err;
}

enum wire_err
wire_parse_kexdh_init(struct cursor in, struct span *client_public)
{
	struct span e = cursor_mpint(&in);

	*client_public = span(NULL, 0);
	if (cursor_end(&in) == WIRE_OK)
		*client_public = e;
	return in.err;
}

enum wire_err
wire_parse_gex_request(struct cursor in, struct wire_gex_request *out)
{
	struct wire_gex_request m = {
		.min = cursor_u32(&in),
	};

	m.n = cursor_u32(&in);
	m.max = cursor_u32(&in);

	*out = (struct wire_gex_request){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_gex_group(struct sink *out, struct span prime, struct span generator)
{
	sink_u8(out, SSH_MSG_KEX_DH_GEX_GROUP);
	sink_mpint(out, prime);
	sink_mpint(out, generator);
}

void
wire_put_kex_reply(struct sink *out, const struct wire_kex_reply *m)
{
	sink_u8(out, m->group_exchange ? SSH_MSG_KEX_DH_GEX_REPLY
				       : SSH_MSG_KEX_ECDH_REPLY);
	sink_string(out, m->host_key);
	if (m->public_is_mpint)
		sink_mpint(out, m->server_public);
	else
		sink_string(out, m->server_public);
	sink_string(out, m->signature);
}
