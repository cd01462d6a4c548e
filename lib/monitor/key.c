/*
 * key: may this public key log the user in, and was it proven?  Monitor.
 *
 * A signature is checked over bytes that are built here, from the session id
 * that was signed here.  Which key a query asked about decides nothing: the
 * decision is about the key in the request at hand (CVE-2024-45337).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authkeys.h"
#include "base/pattern.h"
#include "base/secret.h"
#include "crypto/pubkey.h"
#include "monitor/internal.h"

#define MSG_USERAUTH_REQUEST	50	/* RFC 4252 section 6 */
#define HOSTBOUND_METHOD	"publickey-hostbound-v00@openssh.com"

void
key_text(const struct monitor *m, struct span key,
    char out[static KEY_TEXT_BYTES])
{
	char print[FINGERPRINT_MAX_BYTES];
	struct pubkey_info info;

	out[0] = '\0';
	if (!pubkey_describe(key, &info) ||
	    !hash_fingerprint((enum hash_alg)m->settings.fingerprint_hash,
		key, print))
		return;
	snprintf(out, KEY_TEXT_BYTES, ": %s %s", info.log_name, print);
}

/*
 * signed_data - what the client's key must have signed
 *
 *	string  session identifier	the first hash that sign.c signed
 *	byte    SSH_MSG_USERAUTH_REQUEST
 *	string  user name		as the request has it, style and all
 *	string  service name
 *	string  "publickey", or the hostbound method's name
 *	boolean TRUE
 *	string  public key algorithm name
 *	string  public key blob
 *	string  server host key blob	hostbound only: what the client saw
 *
 * RFC 4252 section 7; the last line is publickey-hostbound-v00@openssh.com.
 * Trust: the fields are the peer's, the session identifier is ours, so that
 * no signature made for another connection or another server fits.
 */
static bool
signed_data(const struct monitor *m, const struct mon_auth *req,
    struct sink *out)
{
	sink_string(out, span(m->signer.session_id, m->signer.session_id_len));
	sink_u8(out, MSG_USERAUTH_REQUEST);
	sink_string(out, req->user);
	sink_string(out, req->service);
	sink_cstring(out, req->hostbound ? HOSTBOUND_METHOD : "publickey");
	sink_bool(out, true);
	sink_string(out, req->algorithm);
	sink_string(out, req->key);
	if (req->hostbound)
		sink_string(out, req->host_key);
	return sink_ok(out);
}

/* Does the signature hold?  Asked only about keys that are allowed. */
static bool
is_proven(const struct monitor *m, const struct mon_auth *req)
{
	size_t size = IPC_FRAME_MAX_BYTES + HASH_MAX_BYTES + 256;
	uint8_t *bytes = malloc(size);
	struct sink data = sink_of(bytes, size);
	bool ok = bytes != NULL && signed_data(m, req, &data) &&
	    pubkey_verify(req->algorithm, req->key, sink_span(&data),
		req->signature);

	free(bytes);
	return ok;
}

/* Form and policy: what can be said without looking into any file. */
static bool
is_acceptable(const struct monitor *m, const struct mon_auth *req,
    struct pubkey_info *info)
{
	const struct monitor_host_key *bound =
	    &m->params->host_keys[m->signer.session_key_index];
	const char *accepted = m->settings.pubkey_accepted_algorithms;

	if (!pubkey_parse(req->key, info) ||
	    sig_alg_key_type(req->algorithm) != info->type ||
	    pattern_list(req->algorithm, span_str(accepted), false) !=
		PATTERN_YES)
		return false;
	if (info->type == KEY_RSA &&
	    info->bits < m->settings.required_rsa_bits) {
		log_line(LOG_LEVEL_DEBUG1, monitor_preauth(m),
		    "RSA key of %u bits is too short", info->bits);
		return false;
	}
	if (req->hostbound && !span_equal(req->host_key, bound->blob)) {
		log_line(LOG_LEVEL_INFO, monitor_preauth(m),
		    "hostbound publickey request names another host key");
		return false;
	}
	return true;
}

/* Is it listed?  A query's answer is kept for the signature that follows. */
static bool
is_allowed(struct monitor *m, const struct mon_auth *req,
    const struct pubkey_info *info)
{
	const struct authkeys_want want = { req->key, *info };
	struct login *login = &m->login;
	uint8_t print[HASH_MAX_BYTES] = { 0 };	/* its rest stays zero */

	if (!hash_spans(HASH_SHA256, &req->key, 1, print))
		return false;
	if (login->allowed_known &&
	    secret_equal(print, login->allowed, sizeof print))
		return login->account.valid;
	if (!authkeys_allow(&login->account, &m->settings, &want))
		return false;
	memcpy(login->allowed, print, sizeof print);
	login->allowed_known = true;
	return true;
}

/*
 * key_decide - the whole decision about one key
 *
 * KEY_MAY without a signature, KEY_PROVEN with one that holds, KEY_DENIED in
 * every other case; the reason, if it is for an administrator, is logged.
 * The same steps are taken for a user who does not exist.
 */
enum key_decision
key_decide(struct monitor *m, const struct mon_auth *req, bool with_signature)
{
	struct pubkey_info info;

	if (m->settings.pubkey_authentication == false ||
	    !is_acceptable(m, req, &info) || !is_allowed(m, req, &info))
		return KEY_DENIED;
	if (!with_signature)
		return KEY_MAY;
	return is_proven(m, req) ? KEY_PROVEN : KEY_DENIED;
}
