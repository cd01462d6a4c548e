/*
 * extinfo: extensions, RFC 8308: what the client says it knows, and what we
 * accept.  net only.
 *
 * Ours goes out behind the first NEWKEYS, and a second time to clients that
 * want to hear it when the user is known: Match may accept other signatures
 * from one user than from another.
 */
#include "base/names.h"
#include "crypto/pubkey.h"
#include "net/state.h"
#include "wire/transport.h"

#define SIG_ALGS	"server-sig-algs"
#define IN_AUTH		"ext-info-in-auth@openssh.com"

/*
 * What may be in a signature (RFC 8308 section 3.1): a certificate's
 * algorithm stands for the one that its key signs with.
 */
static struct span
signature_names(struct span list, char *out, size_t size)
{
	struct sink names = sink_of(out, size);
	struct span name;

	while (names_next(&list, &name)) {
		if (sig_alg_of_cert(name).len > 0)
			name = sig_alg_of_cert(name);
		if (names_contain(sink_span(&names), name))
			continue;
		if (names.len > 0)
			sink_u8(&names, ',');
		sink_bytes(&names, name);
	}
	return sink_span(&names);
}

bool
net_send_ext_info(struct net *n)
{
	const struct wire_ext ext[] = {
		{ span_str(SIG_ALGS),
		    signature_names(span_str(n->params->server_sig_algs),
			n->sig_algs, sizeof n->sig_algs) },
		{ span_str("publickey-hostbound@openssh.com"), span_str("0") },
		{ span_str("ping@openssh.com"), span_str("0") },
	};
	struct sink out = net_message(n);

	n->sig_algs_len = ext[0].value.len;
	wire_put_ext_info(&out, ext, ARRAY_LEN(ext));
	/* RFC 8308 2.4: the very next packet after our first NEWKEYS. */
	if (packet_finish(&n->out, n->tx.p + n->tx.end, n->tx.cap - n->tx.end,
	    out.len, &out.cap) != PACKET_OK)
		return net_die_env(n, "cannot seal a packet");
	n->tx.end += out.cap;
	return true;
}

void
net_set_sig_algs(struct net *n, struct span accepted)
{
	n->sig_algs_len = signature_names(accepted, n->sig_algs,
	    sizeof n->sig_algs).len;
}

bool
net_send_ext_info_in_auth(struct net *n)
{
	const struct wire_ext ext = { span_str(SIG_ALGS),
		span(n->sig_algs, n->sig_algs_len) };
	struct sink out;

	if (!n->ext_info_in_auth)
		return true;
	n->ext_info_in_auth = false;
	out = net_message(n);
	wire_put_ext_info(&out, &ext, 1);
	return net_send(n, &out);
}

static bool
take_ext_info(struct net *n, struct span payload)
{
	struct cursor in = cursor_of(span(payload.p + 1, payload.len - 1));
	struct wire_ext_info info;
	struct wire_ext ext;

	if (wire_parse_ext_info(in, &info) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed EXT_INFO");
	while (wire_next_ext(&info, &ext)) {
		if (span_is(ext.name, IN_AUTH) && span_is(ext.value, "0"))
			n->ext_info_in_auth = n->kex.ext_info_wanted;
	}
	return true;
}

/* RFC 8308 2.4: right behind the client's first NEWKEYS, or not at all. */
bool
net_handle_ext_info(struct net *n, struct span payload)
{
	struct sink out;

	if (n->packets_since_newkeys == 1 && n->kex.rekeys == 0)
		return take_ext_info(n, payload);
	out = net_message(n);
	wire_put_unimplemented(&out, n->in.seq - 1);
	return net_send(n, &out);
}
