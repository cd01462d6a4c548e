/*
 * kex: the key exchange, first and later ones, RFC 4253 sections 7 and 8,
 * and OpenSSH's strict kex.  net only.
 *
 *	KEX_IDLE --our KEXINIT--> KEX_SENT --theirs--> KEX_INIT
 *	KEX_INIT --method's message: reply, our NEWKEYS--> KEX_NEWKEYS
 *	KEX_INIT --what group they want: group--> KEX_GROUP --as KEX_INIT-->
 *	KEX_NEWKEYS --their NEWKEYS--> KEX_IDLE
 *
 * The private host key is the monitor's: it hashes the same fields itself
 * and signs what it hashed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/secret.h"
#include "crypto/hostcert.h"
#include "net/state.h"
#include "transport/compress.h"
#include "wire/kex.h"
#include "wire/kexinit.h"
#include "wire/transport.h"

/* RFC 4344 3.1: no more packets under one set of keys. */
#define REKEY_PACKETS_MAX (UINT64_C(1) << 31)

/*
 * Whoever is not in yet has no reason to ask for keys again and again; an
 * exchange over 8192 bits costs us 50 ms (CVE-2002-20001).
 */
#define REKEYS_BEFORE_LOGIN_MAX 8

static const char *
compression_names(const struct net_params *p)
{
	return p->compression && compress_available()
	    ? "none,zlib@openssh.com" : "none";
}

bool
net_put_kexinit(const struct net_params *p, bool first, struct sink *out)
{
	char kex[2048];
	struct wire_kexinit m = {
		.host_key = span_str(p->host_key_algorithms),
		.cipher_c2s = span_str(p->ciphers),
		.cipher_s2c = span_str(p->ciphers),
		.mac_c2s = span_str(p->macs),
		.mac_s2c = span_str(p->macs),
		.comp_c2s = span_str(compression_names(p)),
		.comp_s2c = span_str(compression_names(p)),
	};
	/* The markers mean something in the first KEXINIT only. */
	int len = snprintf(kex, sizeof kex, "%s%s", p->kex_algorithms, first
	    ? ",ext-info-s,kex-strict-s-v00@openssh.com" : "");

	if (len < 0 || (size_t)len >= sizeof kex ||
	    !random_bytes(m.cookie, sizeof m.cookie))
		return false;
	m.kex = span_str(kex);
	wire_put_kexinit(out, &m);
	return sink_ok(out);
}

bool
net_first_flight(const struct net_params *params,
    struct net_first_flight *out)
{
	struct packet_out plain = { 0 };
	struct sink line = sink_of(out->bytes, sizeof out->bytes);
	struct sink kexinit;
	size_t bytes;

	sink_bytes(&line, span_str(params->server_ident));
	sink_bytes(&line, span_str("\r\n"));
	if (!sink_ok(&line) || line.len + PACKET_OVERHEAD_MAX_BYTES >=
	    sizeof out->bytes)
		return false;
	out->kexinit_at = line.len + PACKET_HEAD_BYTES;
	kexinit = sink_of(out->bytes + out->kexinit_at,
	    sizeof out->bytes - line.len - PACKET_OVERHEAD_MAX_BYTES);
	if (!net_put_kexinit(params, true, &kexinit))
		return false;
	out->kexinit_len = kexinit.len;
	if (packet_finish(&plain, out->bytes + line.len,
	    sizeof out->bytes - line.len, kexinit.len, &bytes) != PACKET_OK)
		return false;
	out->len = line.len + bytes;
	return true;
}

bool
net_kex_start(struct net *n)
{
	struct sink out = net_message(n);

	if (!net_put_kexinit(n->params, false, &out) ||
	    out.len > sizeof n->kex.server_kexinit)
		return net_die_env(n, "cannot make a KEXINIT");
	memcpy(n->kex.server_kexinit, out.p, out.len);
	n->kex.server_kexinit_len = out.len;
	n->kex.state = KEX_SENT;
	return net_send(n, &out);
}

bool
net_kex_due(const struct net *n, int64_t now_ms)
{
	const struct net_kex *k = &n->kex;

	if (k->state != KEX_IDLE || n->phase != NET_OPEN)
		return false;
	if (n->in.bytes >= k->limit_in || n->out.bytes >= k->limit_out)
		return true;
	if (n->in.packets >= REKEY_PACKETS_MAX ||
	    n->out.packets >= REKEY_PACKETS_MAX)
		return true;
	return n->limits.rekey_sec != 0 &&
	    now_ms - k->done_ms >= (int64_t)n->limits.rekey_sec * 1000;
}

/*
 * While the peer thinks: most choose X25519, and making the pair now takes
 * it off the time that they wait.  Not before the peer has said who it is:
 * a scanner hangs up after our first line and is not worth a key.
 */
void
net_kex_prepare(struct net *n)
{
	struct span first = names_first(span_str(n->params->kex_algorithms));
	const struct kex_alg *alg = kex_find(first);

	if (n->kex.key == NULL && alg != NULL && alg->kind == KEX_X25519)
		n->kex.key = kex_key_new(alg, NULL);
}

void
net_kex_close(struct net *n)
{
	kex_key_free(n->kex.key);
	packet_cipher_free(n->kex.next_in);
	free(n->kex.client_kexinit);
	secret_wipe(&n->kex, sizeof n->kex);
}

static bool
keep_client_kexinit(struct net *n, struct span payload)
{
	if (payload.len > MON_KEXINIT_MAX_BYTES)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "KEXINIT too large");
	free(n->kex.client_kexinit);
	n->kex.client_kexinit = malloc(payload.len);
	if (n->kex.client_kexinit == NULL)
		return net_die_env(n, "out of memory");
	memcpy(n->kex.client_kexinit, payload.p, payload.len);
	n->kex.client_kexinit_len = payload.len;
	return true;
}

static struct span
client_kexinit(const struct net *n)
{
	return span(n->kex.client_kexinit, n->kex.client_kexinit_len);
}

static struct span
server_kexinit(const struct net *n)
{
	return span(n->kex.server_kexinit, n->kex.server_kexinit_len);
}

static bool
die_no_match(struct net *n, const struct no_match *why)
{
	char text[128];

	snprintf(text, sizeof text, "no matching %s found", why->kind);
	net_event(n, MON_EVENT_NO_MATCH, 0, span_str(why->kind), why->offer);
	net_goodbye(n, SSH_DISCONNECT_KEY_EXCHANGE_FAILED, span_str(text));
	return false;
}

/* What the first KEXINIT settles for the whole connection. */
static bool
first_kexinit(struct net *n)
{
	n->kex.strict = n->kex.want.client_strict;
	n->kex.ext_info_wanted = n->kex.want.client_ext_info;
	/* The sequence number has moved on past this packet already. */
	if (n->kex.strict && n->in.seq != 1)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "strict KEX violation: KEXINIT was not the first packet");
	return true;
}

/* K_S: the first key, or certificate, that goes with what was agreed. */
static bool
choose_host_key(struct net *n)
{
	const struct net_params *p = n->params;
	struct span alg = span_str(n->kex.want.sig_name);
	size_t i = hostkey_for(p->host_keys, p->host_certs,
	    p->host_key_count, alg);
	bool certified;

	if (i == p->host_key_count)
		return net_die_bug(n, "no host key for what was negotiated");
	(void)hostkey_alg_plain(alg, &certified);
	n->kex.host_key = certified ? p->host_certs[i] : p->host_keys[i];
	return true;
}

static void
tell_negotiated(struct net *n)
{
	const struct negotiated *w = &n->kex.want;

	for (int d = C2S; d < DIRECTION_COUNT; d++)
		net_debug(n, 1, "kex: %s cipher: %s MAC: %s compression: %s",
		    d == C2S ? "client->server" : "server->client",
		    w->cipher[d]->name,
		    w->mac[d] == NULL ? "<implicit>" : w->mac[d]->name,
		    w->compress[d] ? "zlib@openssh.com" : "none");
	net_debug(n, 1, "kex: algorithm: %s host key algorithm: %s",
	    w->kex->name, w->sig_name);
}

bool
net_handle_kexinit(struct net *n, struct span payload)
{
	struct wire_kexinit theirs, ours;
	struct no_match why;

	if (wire_parse_kexinit(cursor_of(span(payload.p + 1,
	    payload.len - 1)), &theirs) != WIRE_OK)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "malformed KEXINIT");
	if (n->phase != NET_OPEN && n->kex.rekeys >= REKEYS_BEFORE_LOGIN_MAX)
		return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
		    "too many key exchanges before authentication");
	if (!keep_client_kexinit(n, payload))
		return false;
	if (n->kex.state == KEX_IDLE && !net_kex_start(n))
		return false;
	if (wire_parse_kexinit(cursor_of(span(n->kex.server_kexinit + 1,
	    n->kex.server_kexinit_len - 1)), &ours) != WIRE_OK)
		return net_die_bug(n, "our own KEXINIT does not parse");
	if (!negotiate(&theirs, &ours, &n->kex.want, &why))
		return die_no_match(n, &why);
	if (!n->kex.first_done && !first_kexinit(n))
		return false;
	tell_negotiated(n);
	n->kex.skip_guess = n->kex.want.guess_wrong;
	n->kex.state = KEX_INIT;
	return choose_host_key(n);
}

/* The pair that was made ahead, if it is of the right method. */
static bool
ephemeral_pair(struct net *n)
{
	const struct kex_alg *alg = n->kex.want.kex;

	if (n->kex.key != NULL && alg->kind != KEX_X25519) {
		kex_key_free(n->kex.key);
		n->kex.key = NULL;
	}
	if (n->kex.key == NULL)
		n->kex.key = kex_key_new(alg,
		    alg->kind == KEX_GEX ? &n->kex.gex_group : NULL);
	return n->kex.key != NULL || net_die_env(n, "cannot make a kex key");
}

static bool
is_finite_field(const struct kex_alg *alg)
{
	return alg->kind == KEX_DH || alg->kind == KEX_GEX;
}

static bool
malformed(struct net *n)
{
	return net_die_peer(n, SSH_DISCONNECT_PROTOCOL_ERROR,
	    "malformed key exchange message");
}

static bool
parse_client_public(struct net *n, struct span payload, struct span *public)
{
	struct cursor in = cursor_of(span(payload.p + 1, payload.len - 1));
	enum wire_err err = is_finite_field(n->kex.want.kex)
	    ? wire_parse_kexdh_init(in, public)
	    : wire_parse_kex_ecdh_init(in, public);

	return err == WIRE_OK || malformed(n);
}

/* RFC 4419 section 3: what they want, and the group that they get. */
bool
net_handle_gex_request(struct net *n, struct span payload)
{
	struct wire_gex_request m;
	struct gex_group *group = &n->kex.gex_group;
	struct sink out;

	if (wire_parse_gex_request(cursor_of(span(payload.p + 1,
	    payload.len - 1)), &m) != WIRE_OK)
		return malformed(n);
	n->kex.gex_want = (struct gex_want){ m.min, m.n, m.max };
	if (!moduli_pick(n->params->moduli, &n->kex.gex_want, group))
		return net_die_peer(n, SSH_DISCONNECT_KEY_EXCHANGE_FAILED,
		    "no matching DH grp found");
	net_debug(n, 1, "group exchange: %u of %u<%u<%u bits", group->bits,
	    m.min, m.n, m.max);
	out = net_message(n);
	wire_put_gex_group(&out, group->prime, group->generator);
	n->kex.state = KEX_GROUP;
	return net_send(n, &out);
}

/*
 * Has the monitor sign, hashes here as well (the keys hang on the hash), and
 * puts the reply.  reply's spans borrow from the IPC buffer.
 */
static bool
sign_and_reply(struct net *n, const struct kex_transcript *t,
    uint8_t hash[static HASH_MAX_BYTES])
{
	const struct kex_alg *alg = n->kex.want.kex;
	struct mon_sign ask = {
		.kex_name = span_str(alg->name),
		.sig_name = span_str(n->kex.want.sig_name),
		.client_ident = t->client_ident,
		.server_ident = t->server_ident,
		.client_kexinit = t->client_kexinit,
		.server_kexinit = t->server_kexinit,
		.host_key = t->host_key,
		.client_public = t->client_public,
		.server_public = t->server_public,
		.shared = t->shared,
		.gex_min = t->gex_want.min,
		.gex_n = t->gex_want.n,
		.gex_max = t->gex_want.max,
		.gex_prime = t->gex_prime,
		.gex_generator = t->gex_generator,
	};
	struct wire_kex_reply reply = { .host_key = t->host_key,
		.server_public = t->server_public,
		.public_is_mpint = is_finite_field(alg),
		.group_exchange = alg->kind == KEX_GEX };
	struct sink out;

	if (!kex_exchange_hash(alg, t, hash))
		return net_die_env(n, "cannot hash");
	if (!ask_monitor_sign(n, &ask, &reply.signature))
		return false;
	out = net_message(n);
	wire_put_kex_reply(&out, &reply);
	return net_send(n, &out);
}

bool
net_handle_kex_init(struct net *n, struct span payload)
{
	const struct kex_alg *alg = n->kex.want.kex;
	uint8_t shared_buf[KEX_SHARED_MAX_BYTES], hash[HASH_MAX_BYTES];
	struct sink shared = sink_of(shared_buf, sizeof shared_buf);
	struct kex_transcript t = {
		.client_ident = span_str(n->client_ident),
		.server_ident = span_str(n->params->server_ident),
		.client_kexinit = client_kexinit(n),
		.server_kexinit = server_kexinit(n),
		.host_key = n->kex.host_key,
	};
	bool ok;

	if (!parse_client_public(n, payload, &t.client_public) ||
	    !ephemeral_pair(n))
		return false;
	if (!kex_key_agree(n->kex.key, t.client_public, &shared)) {
		secret_wipe(shared_buf, sizeof shared_buf);
		return net_die_peer(n, SSH_DISCONNECT_KEY_EXCHANGE_FAILED,
		    "invalid key exchange value");
	}
	t.server_public = kex_key_public(n->kex.key);
	t.shared = sink_span(&shared);
	if (alg->kind == KEX_GEX) {
		t.gex_want = n->kex.gex_want;
		t.gex_prime = n->kex.gex_group.prime;
		t.gex_generator = n->kex.gex_group.generator;
	}
	ok = sign_and_reply(n, &t, hash) && net_send_newkeys(n,
	    span(hash, hash_bytes(alg->hash)), t.shared);
	kex_key_free(n->kex.key);
	n->kex.key = NULL;
	secret_wipe(shared_buf, sizeof shared_buf);
	secret_wipe(hash, sizeof hash);
	return ok;
}
