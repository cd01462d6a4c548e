/*
 * kex: codec of the one round trip key exchanges.  Pure layer, net only;
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

void
wire_put_kex_reply(struct sink *out, const struct wire_kex_reply *m)
{
	sink_u8(out, SSH_MSG_KEX_ECDH_REPLY);
	sink_string(out, m->host_key);
	if (m->public_is_mpint)
		sink_mpint(out, m->server_public);
	else
		sink_string(out, m->server_public);
	sink_string(out, m->signature);
}
