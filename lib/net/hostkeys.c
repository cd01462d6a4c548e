/*
 * hostkeys: hostkeys-00@openssh.com and hostkeys-prove-00@openssh.com, by
 * which a client learns the keys that it will meet when this one is retired.
 * net only.
 *
 * net says which key; the proof is the monitor's, over bytes of its own.
 */
#include "base/pattern.h"
#include "net/state.h"

/* Tera Term to 2.72 ends the connection at a request that it does not know. */
static const char deaf_clients[] = "SSH-?.*-TTSSH/1.5*,SSH-?.*-TTSSH/2.1*,"
    "SSH-?.*-TTSSH/2.2*,SSH-?.*-TTSSH/2.3*,SSH-?.*-TTSSH/2.4*,"
    "SSH-?.*-TTSSH/2.5*,SSH-?.*-TTSSH/2.6*,SSH-?.*-TTSSH/2.70*,"
    "SSH-?.*-TTSSH/2.71*,SSH-?.*-TTSSH/2.72*";

bool
net_announce_host_keys(struct net *n)
{
	struct sink out;

	if (pattern_list(span_str(n->client_ident), span_str(deaf_clients),
	    false) == PATTERN_YES)
		return true;
	out = net_message(n);
	wire_put_hostkeys(&out, n->params->host_keys,
	    n->params->host_key_count);
	/* More keys than a message holds: then the client learns none. */
	return !sink_ok(&out) || net_send(n, &out);
}

/*
 * The announced key that this blob is, if it was not proved before.  A peer
 * that asks for one twice is refused before the monitor is asked.
 */
static bool
take_unproved(struct net *n, struct span blob)
{
	for (size_t i = 0; i < n->params->host_key_count; i++) {
		uint32_t bit = (uint32_t)1 << i;

		if (!span_equal(n->params->host_keys[i], blob))
			continue;
		if ((n->proved & bit) != 0)
			return false;
		n->proved |= bit;
		return true;
	}
	return false;
}

static bool
refuse(struct net *n)
{
	struct sink out = net_message(n);

	wire_put_request_failure(&out);
	return net_send(n, &out);
}

/*
 * net_prove_host_keys - a signature for each key that the peer names
 *
 * OpenSSH's PROTOCOL 2.5: REQUEST_SUCCESS with string[] signatures, in the
 * request's order; all or nothing.
 */
bool
net_prove_host_keys(struct net *n, const struct wire_global_request *m)
{
	struct span blobs[NET_HOST_KEYS_MAX_COUNT], signature;
	struct sink out;
	size_t count;

	if (wire_parse_hostkeys_prove(cursor_of(m->rest), blobs,
	    ARRAY_LEN(blobs), &count) != WIRE_OK)
		return refuse(n);
	for (size_t i = 0; i < count; i++) {
		if (!take_unproved(n, blobs[i]))
			return refuse(n);
	}
	/* Asking uses another buffer than the message that grows here. */
	out = net_message(n);
	wire_put_request_success(&out);
	for (size_t i = 0; i < count; i++) {
		if (!ask_monitor_prove(n, blobs[i], &signature))
			return false;
		if (signature.len == 0)
			return refuse(n);
		sink_string(&out, signature);
	}
	return sink_ok(&out) ? net_send(n, &out) : refuse(n);
}
