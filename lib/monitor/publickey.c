/*
 * publickey: the requests about a public key, RFC 4252 section 7, and those of
 * a host about a user, section 9.  Monitor.
 *
 * What may become of a key is key.c's to decide; here is who is told.
 */
#include "monitor/internal.h"

/*
 * A yes is MON_AUTH_KEY_OK and counts nothing; a no is a failed attempt
 * without a "Failed" line, as it is with sshd: ban tools would count each of
 * an agent's keys.  It tells who holds a public key whether it is listed (CVE-2016-20012): that
 * is the protocol, and only the number of questions is bounded.
 */
static void
attempt_query(struct monitor *m, const struct mon_auth *req)
{
	if (methods_offer(&m->login.methods, METHOD_PUBLICKEY) &&
	    key_decide(m, req, false) == KEY_MAY) {
		login_log_method(m, "Postponed", METHOD_PUBLICKEY, "");
		login_key_ok(m);
	} else {
		login_finish(m, METHOD_PUBLICKEY, false, NULL);
	}
}

static void
attempt_key(struct monitor *m, const struct mon_auth *req)
{
	bool offered = methods_offer(&m->login.methods, METHOD_PUBLICKEY);
	bool proven = offered && key_decide(m, req, true) == KEY_PROVEN;
	const struct login_proof proof = { req->key,
		m->login.key.grant.signer, offered ? m->login.key.text : "" };

	login_finish(m, METHOD_PUBLICKEY, proven, &proof);
}

/* MON_REQ_AUTH_KEY_QUERY: would a signature by this key be any use? */
bool
asroot_auth_key_query(void *ctx, struct ipc_frame *frame)
{
	return login_serve(ctx, frame, attempt_query);
}

/* MON_REQ_AUTH_KEY: the key, with a signature. */
bool
asroot_auth_key(void *ctx, struct ipc_frame *frame)
{
	return login_serve(ctx, frame, attempt_key);
}

static void
attempt_host(struct monitor *m, const struct mon_auth *req)
{
	bool offered = methods_offer(&m->login.methods, METHOD_HOSTBASED);
	bool proven = offered && host_decide(m, req) == KEY_PROVEN;
	const struct login_proof proof = { req->key,
		m->login.key.grant.signer, offered ? m->login.key.text : "" };

	login_finish(m, METHOD_HOSTBASED, proven, &proof);
}

/* MON_REQ_AUTH_HOST: a host's word for its user, with a signature. */
bool
asroot_auth_host(void *ctx, struct ipc_frame *frame)
{
	return login_serve(ctx, frame, attempt_host);
}
