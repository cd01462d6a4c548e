/*
 * sign: the one thing that a host key is used for.  Monitor.
 *
 * It signs a hash that it made itself, over a transcript that names our own
 * identification and host key; never bytes that net gives it, and never one
 * hash twice.  And it proves once to a user that each host key is ours.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/names.h"
#include "base/secret.h"
#include "crypto/agent.h"
#include "crypto/hostcert.h"
#include "crypto/kex.h"
#include "crypto/pubkey.h"
#include "monitor/internal.h"
#include "run/ask.h"
#include "run/exits.h"

#define SIGN_BURST_COUNT	256
#define SIGN_PER_SEC		100
#define SIGN_MAX_COUNT		(1u << 20)

/* The key itself, or the certificate that goes with it. */
static bool
find_host_key(const struct monitor *m, struct span blob, bool certified,
    size_t *index)
{
	for (size_t i = 0; i < m->params->host_key_count; i++) {
		const struct monitor_host_key *key = &m->params->host_keys[i];

		if (span_equal(certified ? key->cert : key->blob, blob)) {
			*index = i;
			return true;
		}
	}
	return false;
}

/* What an honest net would never have negotiated. */
static const char *
transcript_fault(const struct monitor *m, const struct mon_sign *req,
    size_t *index)
{
	const struct settings *s = m->params->settings;
	struct pubkey_info info;
	bool certified;
	struct span alg = hostkey_alg_plain(req->sig_name, &certified);

	if (!find_host_key(m, req->host_key, certified, index))
		return "not a host key of ours";
	if (!pubkey_describe(m->params->host_keys[*index].blob, &info) ||
	    sig_alg_key_type(alg) != info.type ||
	    !names_contain(span_str(s->host_key_algorithms), req->sig_name))
		return "algorithm does not go with the host key";
	if (kex_find(req->kex_name) == NULL ||
	    !names_contain(span_str(s->kex_algorithms), req->kex_name))
		return "key exchange method was not offered";
	if (!span_is(req->server_ident, m->params->server_ident))
		return "not our identification";
	return NULL;
}

static void
log_key_error(const char *path, enum keyfile_err err)
{
	struct stat st;

	if (err == KEYFILE_MODE && stat(path, &st) == 0)
		log_line(LOG_LEVEL_ERROR, false,
		    "Permissions 0%3.3o for '%s' are too open.",
		    (unsigned int)st.st_mode & 0777, path);
	log_line(LOG_LEVEL_FATAL, false, "Unable to load host key \"%s\": %s",
	    path, err == KEYFILE_SYSTEM ? strerror(errno)
					: keyfile_strerror(err));
}

/* True with *key NULL: the agent has it, for all that we know. */
static bool
read_key(const struct monitor *m, size_t index, struct privkey **key)
{
	const struct monitor_host_key *want = &m->params->host_keys[index];
	enum keyfile_err err = keyfile_load(want->path, key);

	if (err == KEYFILE_OK && span_equal(privkey_public(*key), want->blob))
		return true;
	if (m->params->host_key_agent == NULL && err != KEYFILE_OK)
		log_key_error(want->path, err);
	else if (m->params->host_key_agent == NULL)
		log_line(LOG_LEVEL_FATAL, false, "host key \"%s\" changed "
		    "during the connection", want->path);
	privkey_free(*key);
	*key = NULL;
	return m->params->host_key_agent != NULL;
}

/* The key that was negotiated is kept: the next exchange will want it. */
static bool
load_key(struct monitor *m, size_t index)
{
	struct signer *s = &m->signer;

	if (s->key != NULL && s->key_index == index)
		return true;
	privkey_free(s->key);
	s->key_index = index;
	return read_key(m, index, &s->key);
}

/*
 * privkey_sign()'s work, done by the agent.  What comes back is checked with
 * the public key like any other signature before it goes anywhere.
 */
static bool
agent_sign(const char *path, struct span key, struct span alg,
    struct span data, struct sink *out)
{
	uint8_t bytes[2 * KEY_BLOB_MAX_BYTES] UNINITIALIZED;
	struct sink question = sink_of(bytes, sizeof bytes);
	struct span answer, signature;
	struct sig_details details;

	agent_put_sign(&question, key, alg, data);
	if (!sink_ok(&question) || !ask_socket(path, sink_span(&question),
	    bytes, sizeof bytes, &answer))
		log_line(LOG_LEVEL_ERROR, false, "host key agent \"%s\": %s",
		    path, strerror(errno));
	else if (!agent_get_signature(answer, &signature))
		log_line(LOG_LEVEL_ERROR, false, "host key agent \"%s\": "
		    "agent refused operation", path);
	else if (!pubkey_verify_details(alg, key, data, signature, &details))
		log_line(LOG_LEVEL_ERROR, false, "host key agent \"%s\": "
		    "its signature does not hold", path);
	else
		sink_bytes(out, signature);
	return out->len > 0 && sink_ok(out);
}

static bool
make_signature(const struct monitor *m, const struct privkey *key,
    size_t index, struct span alg, struct span data, struct sink *out)
{
	return key != NULL ? privkey_sign(key, alg, data, out) :
	    agent_sign(m->params->host_key_agent,
		m->params->host_keys[index].blob, alg, data, out);
}

/* Remembers the hash; false if it was signed before, or without memory. */
static bool
is_new_hash(struct signer *s, const uint8_t *hash)
{
	for (size_t i = 0; i < s->done_count; i++) {
		if (memcmp(s->done[i], hash, SIGNED_PREFIX_BYTES) == 0)
			return false;
	}
	if (s->done_count == s->done_cap) {
		size_t cap = s->done_cap == 0 ? 16 : s->done_cap * 2;
		void *more = cap > SIGN_MAX_COUNT ? NULL :
		    reallocarray(s->done, cap, sizeof *s->done);

		if (more == NULL)
			return false;
		s->done = more;
		s->done_cap = cap;
	}
	memcpy(s->done[s->done_count++], hash, SIGNED_PREFIX_BYTES);
	return true;
}

/*
 * A token bucket that makes net wait: an honest client's rekeying fits even
 * with an absurd RekeyLimit, an oracle's questions do not.
 */
static void
hold_rate(struct signer *s)
{
	const struct timespec pause = { 0, 1000000000L / SIGN_PER_SEC };
	int64_t now = monitor_now_ms();
	int64_t gained = (now - s->tokens_at_ms) * SIGN_PER_SEC / 1000;

	if (s->done_count == 0 ||
	    gained > (int64_t)(SIGN_BURST_COUNT - s->tokens)) {
		s->tokens = SIGN_BURST_COUNT;
		s->tokens_at_ms = now;
	} else if (gained > 0) {
		s->tokens += (unsigned int)gained;
		s->tokens_at_ms = now;
	}
	if (s->tokens > 0)
		s->tokens--;
	else
		nanosleep(&pause, NULL);
}

static bool
exchange_hash(const struct mon_sign *req, uint8_t hash[static HASH_MAX_BYTES],
    size_t *len)
{
	const struct kex_alg *kex = kex_find(req->kex_name);
	const struct kex_transcript transcript = {
		.client_ident = req->client_ident,
		.server_ident = req->server_ident,
		.client_kexinit = req->client_kexinit,
		.server_kexinit = req->server_kexinit,
		.host_key = req->host_key,
		.client_public = req->client_public,
		.server_public = req->server_public,
		.shared = req->shared,
		.gex_want = { req->gex_min, req->gex_n, req->gex_max },
		.gex_prime = req->gex_prime,
		.gex_generator = req->gex_generator,
	};

	*len = hash_bytes(kex->hash);
	return kex_exchange_hash(kex, &transcript, hash);
}

static const char *
rsa_name(struct span alg)
{
	static const char *const names[] = { "rsa-sha2-512", "rsa-sha2-256",
		"ssh-rsa" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (span_is(alg, names[i]))
			return names[i];
	}
	return NULL;
}

/* The key, the signature, the answer; what fails here is the environment. */
static bool
sign_and_answer(struct monitor *m, const struct mon_sign *req, size_t index,
    const uint8_t *hash, size_t len)
{
	struct signer *s = &m->signer;
	uint8_t signature[SIGNATURE_MAX_BYTES] UNINITIALIZED;
	struct sink sig = sink_of(signature, sizeof signature);
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	bool first, certified;
	struct span alg = hostkey_alg_plain(req->sig_name, &certified);

	if (!load_key(m, index)) {
		monitor_fail(m, EXIT_ENV);
		return true;
	}
	if (!make_signature(m, s->key, index, alg, span(hash, len), &sig)) {
		log_line(LOG_LEVEL_FATAL, false, "host key signature failed");
		monitor_fail(m, EXIT_ENV);
		return true;
	}
	s->rsa_alg = rsa_name(alg);
	first = m->phase == PHASE_KEX;
	if (first) {
		memcpy(s->session_id, hash, len);
		s->session_id_len = len;
		s->session_host_key = certified ?
		    m->params->host_keys[index].cert :
		    m->params->host_keys[index].blob;
		m->phase = PHASE_AUTH;
	}
	mon_signature_put(&out, sink_span(&sig));
	monitor_answer(m, m->net_fd, &out, NULL, 0);
	if (first) {
		account_warm_up();
		if (m->settings.use_pam && m->params->root)
			pam_warm_up();
	}
	return true;
}

/*
 * asroot_sign - MON_REQ_SIGN: one exchange's transcript in, its signature out
 *
 * RFC 4253 section 8, RFC 5656 section 4, RFC 8731 section 3.1.  The first
 * hash becomes the session identifier, opens PHASE_AUTH, and its host key is
 * the one that a hostbound signature must name.
 *
 * Trust: net says that this is what the peer and we exchanged.  A net that
 * lies gets a signature over a lie that names our own identification and
 * host key, which no client that speaks to somebody else will accept.
 * Whatever is not the form of an honest exchange is a fault (false).
 */
bool
asroot_sign(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	struct mon_sign req;
	uint8_t hash[HASH_MAX_BYTES];
	const char *fault;
	size_t index = 0, len;
	bool ok;

	if (!mon_sign_get(frame->body, &req))
		return false;
	fault = transcript_fault(m, &req, &index);
	if (fault == NULL && !exchange_hash(&req, hash, &len))
		fault = "exchange hash cannot be made";
	/* The shared secret is net's alone again. */
	secret_wipe((void *)(uintptr_t)req.shared.p, req.shared.len);
	if (fault == NULL) {
		hold_rate(&m->signer);
		if (!is_new_hash(&m->signer, hash))
			fault = "asked to sign one hash twice";
	}
	if (fault != NULL) {
		log_line(LOG_LEVEL_ERROR, monitor_preauth(m),
		    "signature request refused: %s", fault);
		return false;
	}
	ok = sign_and_answer(m, &req, index, hash, len);
	secret_wipe(hash, sizeof hash);
	return ok;
}

/*
 * What a proof is signed with.  RSA: as the exchange was, if it was RSA's,
 * for OpenSSH's client holds it to that; else the better one that may be.
 */
static struct span
proof_algorithm(const struct monitor *m, const struct pubkey_info *key)
{
	const struct span best = span_str("rsa-sha2-512");

	if (key->type != KEY_RSA)
		return span_str(key->key_name);
	if (m->signer.rsa_alg != NULL)
		return span_str(m->signer.rsa_alg);
	return names_contain(span_str(
	    m->params->settings->host_key_algorithms), best) ? best :
	    span_str("rsa-sha2-256");
}

static bool
sign_proof(const struct monitor *m, size_t index, struct sink *signature)
{
	const struct monitor_host_key *want = &m->params->host_keys[index];
	const struct signer *s = &m->signer;
	uint8_t bytes[KEY_BLOB_MAX_BYTES + HASH_MAX_BYTES + 64] UNINITIALIZED;
	struct sink data = sink_of(bytes, sizeof bytes);
	struct pubkey_info info;
	struct privkey *key;
	bool good;

	sink_cstring(&data, "hostkeys-prove-00@openssh.com");
	sink_string(&data, span(s->session_id, s->session_id_len));
	sink_string(&data, want->blob);
	if (!sink_ok(&data) || !pubkey_describe(want->blob, &info) ||
	    !read_key(m, index, &key))
		return false;
	good = make_signature(m, key, index, proof_algorithm(m, &info),
	    sink_span(&data), signature);
	privkey_free(key);
	return good;
}

/*
 * asroot_prove - MON_REQ_PROVE: that this host key is ours, to this user
 *
 * OpenSSH's PROTOCOL 2.5.  The key is read for it, whichever was negotiated,
 * and gone again.  One that cannot be read any more ends nothing: the answer
 * is empty and net refuses the peer.
 *
 * Trust: net names the key and nothing else; a key that is not ours, or one
 * for the second time, is a fault (false).
 */
bool
asroot_prove(void *ctx, struct ipc_frame *frame)
{
	struct monitor *m = ctx;
	uint8_t signature[SIGNATURE_MAX_BYTES] UNINITIALIZED;
	struct sink sig = sink_of(signature, sizeof signature);
	struct sink out = sink_of(m->out, IPC_FRAME_MAX_BYTES);
	struct span blob;
	size_t index;

	if (!mon_prove_get(frame->body, &blob) ||
	    !find_host_key(m, blob, false, &index) || index >= 64 ||
	    (m->signer.proven >> index & 1) != 0)
		return false;
	m->signer.proven |= (uint64_t)1 << index;
	if (!sign_proof(m, index, &sig))
		sig.len = 0;
	mon_proof_put(&out, sink_span(&sig));
	monitor_answer(m, m->net_fd, &out, NULL, 0);
	return true;
}

void
signer_free(struct signer *signer)
{
	privkey_free(signer->key);
	signer->key = NULL;
	free(signer->done);
	signer->done = NULL;
}
