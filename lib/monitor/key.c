/*
 * key: may this public key log the user in, and was it proven?  Monitor.
 *
 * The keys role says whether the key is listed and what it may do.  Here its
 * signature is checked, over bytes that are built here, from the session id
 * that was signed here.  Which key a query asked about decides nothing: the
 * decision is about the key in the request at hand (CVE-2024-45337).
 */
#include <stdlib.h>

#include "crypto/pubkey.h"
#include "monitor/internal.h"

#define MSG_USERAUTH_REQUEST	50	/* RFC 4252 section 6 */
#define HOSTBOUND_METHOD	"publickey-hostbound-v00@openssh.com"
#define HOST_METHOD		"hostbased"

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
 * A host's key signs, section 9, under "hostbased" and without the boolean,
 * with two strings at the end: the client's host, and the user there.  Which
 * of the two it is, is the request's type, and no field of it.
 * Trust: the fields are the peer's, the session identifier is ours, so that
 * no signature made for another connection or another server fits.
 */
static bool
signed_data(const struct monitor *m, const struct mon_auth *req, bool host,
    struct sink *out)
{
	sink_string(out, span(m->signer.session_id, m->signer.session_id_len));
	sink_u8(out, MSG_USERAUTH_REQUEST);
	sink_string(out, req->user);
	sink_string(out, req->service);
	sink_cstring(out, host ? HOST_METHOD
	    : req->hostbound ? HOSTBOUND_METHOD : "publickey");
	if (!host)
		sink_bool(out, true);
	sink_string(out, req->algorithm);
	sink_string(out, req->key);
	if (!host && req->hostbound)
		sink_string(out, req->host_key);
	if (host) {
		sink_string(out, req->client_host);
		sink_string(out, req->client_user);
	}
	return sink_ok(out);
}

/* Does the signature hold?  Asked only about keys that are allowed. */
static bool
is_proven(const struct monitor *m, const struct mon_auth *req, bool host)
{
	const struct keys_grant *grant = &m->login.key.grant;
	size_t size = IPC_FRAME_MAX_BYTES + HASH_MAX_BYTES + 256;
	uint8_t *bytes = malloc(size);
	struct sink data = sink_of(bytes, size);
	struct sig_details by = { .sk = false };
	const char *text = m->login.key.text, *fault;
	bool ok = bytes != NULL && signed_data(m, req, host, &data) &&
	    pubkey_verify_details(grant->algorithm, grant->signer,
		sink_span(&data), req->signature, &by);

	free(bytes);
	if (!ok)
		return false;
	fault = sig_details_fault(&by, grant->options.need_touch,
	    grant->options.need_verify);
	if (fault != NULL)
		log_line(LOG_LEVEL_ERROR, monitor_preauth(m),
		    "public key%s signature for %s%s from %.128s port %u "
		    "rejected: %s", text + (text[0] == ':'),
		    m->login.account.known ? "" : "invalid user ",
		    m->login.name, m->params->peer->remote_host,
		    m->params->peer->remote_port, fault);
	return fault == NULL;
}

/* publickey-hostbound-v00@openssh.com: is it our key that the client saw? */
static bool
is_bound_to_us(const struct monitor *m, const struct mon_auth *req)
{
	if (!req->hostbound || span_equal(req->host_key,
	    m->signer.session_host_key))
		return true;
	log_line(LOG_LEVEL_INFO, monitor_preauth(m),
	    "hostbound publickey request names another host key");
	return false;
}

/*
 * key_adopt - from now on the session is bound by what this key permits, and
 * by what the keys before it did
 */
static bool
key_adopt(struct monitor *m)
{
	struct login *login = &m->login;
	uint8_t *bytes = malloc(IPC_FRAME_MAX_BYTES);

	if (bytes == NULL || !keys_options_adopt(&login->key_options,
		&login->key.grant.options,
		sink_of(bytes, IPC_FRAME_MAX_BYTES), &login->key_options)) {
		log_line(LOG_LEVEL_ERROR, false,
		    "the options of two keys contradict each other");
		free(bytes);
		return false;
	}
	free(login->key_options_bytes);
	login->key_options_bytes = bytes;
	return true;
}

/* What the keys role says, and what needs no file to be said. */
static bool
is_listed(struct monitor *m, struct keys_job *job)
{
	const struct keys_grant *grant = &m->login.key.grant;
	uint64_t now = (uint64_t)time(NULL);

	return keys_ask(m, job) && grant->verdict == KEYS_ALLOWED &&
	    m->login.account.valid &&
	    (grant->options.expires == 0 || now <= grant->options.expires);
}

/*
 * key_decide - the whole decision about one key
 *
 * KEY_MAY without a signature, KEY_PROVEN with one that holds, KEY_DENIED in
 * every other case; the reason, if it is for an administrator, is logged.
 * The same steps are taken for a user who does not exist.  With KEY_PROVEN
 * the session has the key's options: nobody can forget them.
 */
enum key_decision
key_decide(struct monitor *m, const struct mon_auth *req, bool with_signature)
{
	struct keys_job job = { .kind = KEYS_PUBLICKEY,
		.algorithm = req->algorithm, .key = req->key };

	if (!m->settings.pubkey_authentication || !is_bound_to_us(m, req)) {
		key_answer_free(&m->login.key);
		return KEY_DENIED;
	}
	if (!is_listed(m, &job))
		return KEY_DENIED;
	if (!with_signature)
		return KEY_MAY;
	return is_proven(m, req, false) && key_adopt(m) ? KEY_PROVEN
							: KEY_DENIED;
}

/* host_decide - the same for a host's key, which never comes without one */
enum key_decision
host_decide(struct monitor *m, const struct mon_auth *req)
{
	struct keys_job job = { .kind = KEYS_HOSTBASED,
		.algorithm = req->algorithm, .key = req->key,
		.client_host = req->client_host,
		.client_user = req->client_user };

	return m->settings.hostbased_authentication && is_listed(m, &job) &&
	    is_proven(m, req, true) && key_adopt(m) ? KEY_PROVEN : KEY_DENIED;
}
