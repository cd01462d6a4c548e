/*
 * newkeys: from the exchange hash to keys in use, RFC 4253 sections 7.2 and
 * 7.3.  net only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "net/state.h"
#include "transport/compress.h"
#include "wire/transport.h"

/* The letters of RFC 4253 section 7.2, by direction. */
static const struct letters {
	char iv, key, mac;
} letters[DIRECTION_COUNT] = {
	[C2S] = { 'A', 'C', 'E' },
	[S2C] = { 'B', 'D', 'F' },
};

/* More than any cipher or MAC takes. */
#define KEY_MATERIAL_MAX_BYTES 64

static struct packet_cipher *
derive(struct net *n, enum direction d, struct span hash, struct span shared)
{
	const struct negotiated *w = &n->kex.want;
	struct span id = span(n->kex.session_id, n->kex.session_id_len);
	uint8_t iv[KEY_MATERIAL_MAX_BYTES], key[KEY_MATERIAL_MAX_BYTES];
	uint8_t mac[KEY_MATERIAL_MAX_BYTES];
	size_t mac_bytes = w->mac[d] == NULL ? 0 : w->mac[d]->key_bytes;
	struct packet_cipher *pc = NULL;

	if (w->cipher[d]->iv_bytes > sizeof iv ||
	    w->cipher[d]->key_bytes > sizeof key || mac_bytes > sizeof mac)
		return NULL;
	if (kex_derive(w->kex, shared, hash, id, letters[d].iv, iv,
	    w->cipher[d]->iv_bytes) &&
	    kex_derive(w->kex, shared, hash, id, letters[d].key, key,
	    w->cipher[d]->key_bytes) &&
	    kex_derive(w->kex, shared, hash, id, letters[d].mac, mac,
	    mac_bytes))
		pc = packet_cipher_new(w->cipher[d], w->mac[d],
		    d == C2S ? PACKET_OPEN : PACKET_SEAL, key, iv, mac);
	secret_wipe(iv, sizeof iv);
	secret_wipe(key, sizeof key);
	secret_wipe(mac, sizeof mac);
	return pc;
}

static uint64_t
volume_limit(const struct net *n, enum direction d)
{
	uint64_t cipher = n->kex.want.cipher[d]->rekey_bytes;

	if (n->limits.rekey_bytes == 0)
		return cipher;
	return MIN(n->limits.rekey_bytes, cipher);
}

void
net_kex_limits(struct net *n)
{
	n->kex.limit_in = volume_limit(n, C2S);
	n->kex.limit_out = volume_limit(n, S2C);
}

/* Ours are in force behind our NEWKEYS. */
static bool
switch_out(struct net *n, struct packet_cipher *pc)
{
	packet_cipher_free(n->out.cipher);
	n->out.cipher = pc;
	n->out.bytes = n->out.packets = 0;
	if (n->kex.strict)
		n->out.seq = 0;
	n->kex.limit_out = volume_limit(n, S2C);
	n->kex.compress_out = n->kex.want.compress[S2C];
	compress_free(n->out.deflate);
	n->out.deflate = NULL;
	if (n->phase != NET_OPEN || !n->kex.compress_out)
		return true;
	n->out.deflate = compress_new_deflate();
	return n->out.deflate != NULL || net_die_env(n, "out of memory");
}

bool
net_send_newkeys(struct net *n, struct span exchange_hash, struct span shared)
{
	struct packet_cipher *out_cipher;
	struct sink out;

	if (!n->kex.first_done) {
		memcpy(n->kex.session_id, exchange_hash.p, exchange_hash.len);
		n->kex.session_id_len = exchange_hash.len;
	}
	out_cipher = derive(n, S2C, exchange_hash, shared);
	packet_cipher_free(n->kex.next_in);
	n->kex.next_in = derive(n, C2S, exchange_hash, shared);
	if (out_cipher == NULL || n->kex.next_in == NULL) {
		packet_cipher_free(out_cipher);
		return net_die_env(n, "cannot derive keys");
	}
	out = net_message(n);
	wire_put_newkeys(&out);
	if (!net_send(n, &out)) {
		packet_cipher_free(out_cipher);
		return false;
	}
	n->kex.state = KEX_NEWKEYS;
	if (!switch_out(n, out_cipher))
		return false;
	if (!n->kex.first_done && n->kex.ext_info_wanted)
		return net_send_ext_info(n);
	return true;
}

bool
net_handle_newkeys(struct net *n, struct span payload)
{
	if (payload.len != 1)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed NEWKEYS");
	packet_cipher_free(n->in.cipher);
	n->in.cipher = n->kex.next_in;
	n->kex.next_in = NULL;
	n->in.bytes = n->in.packets = 0;
	if (n->kex.strict)
		n->in.seq = 0;
	n->in.first_kex = false;
	n->kex.limit_in = volume_limit(n, C2S);
	n->kex.compress_in = n->kex.want.compress[C2S];
	compress_free(n->in.inflate);
	n->in.inflate = NULL;
	if (n->phase == NET_OPEN && n->kex.compress_in) {
		n->in.inflate = compress_new_inflate();
		if (n->in.inflate == NULL)
			return net_die_env(n, "out of memory");
	}
	n->kex.state = KEX_IDLE;
	n->kex.done_ms = net_now_ms();
	n->packets_since_newkeys = 0;
	if (!n->kex.first_done) {
		n->kex.first_done = true;
		n->phase = NET_SERVICE;
	} else {
		n->kex.rekeys++;
		net_debug(n, 1, "rekeyed");
	}
	return net_send_deferred(n);
}
