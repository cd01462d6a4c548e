/*
 * form: is it a key, and of a kind that may log in?  Keys role.
 */
#include <stdio.h>

#include "base/base64.h"
#include "base/pattern.h"
#include "crypto/hash.h"
#include "keys/cert.h"

static void
describe(struct keys *k)
{
	char print[FINGERPRINT_MAX_BYTES];

	if (hash_fingerprint((enum hash_alg)k->job->settings->fingerprint_hash,
		k->plain, print))
		snprintf(k->text, sizeof k->text, ": %s %s", k->info.log_name,
		    print);
}

static bool
plain_form(struct keys *k)
{
	k->plain = k->job->key;
	k->algorithm = k->job->algorithm;
	if (!pubkey_parse(k->plain, &k->info))
		return false;
	describe(k);
	k->want = (struct key_line_want){ k->plain, k->info.key_name, false };
	return true;
}

bool
keys_form(struct keys *k)
{
	const struct keys_job *job = k->job;
	const char *accepted = job->settings->pubkey_accepted_algorithms;

	if (cert_is(job->key) ? !keys_cert_form(k) : !plain_form(k))
		return false;
	if (sig_alg_key_type(k->algorithm) != k->info.type)
		return false;
	if (pattern_list(job->algorithm, span_str(accepted), false) !=
	    PATTERN_YES) {
		keys_log(k, LOG_LEVEL_INFO, "userauth_pubkey: signature "
		    "algorithm %.*s not in PubkeyAcceptedAlgorithms",
		    (int)MIN(job->algorithm.len, (size_t)SSH_NAME_MAX_BYTES),
		    (const char *)job->algorithm.p);
		return false;
	}
	if (k->info.type == KEY_RSA &&
	    k->info.bits < job->settings->required_rsa_bits) {
		keys_log(k, LOG_LEVEL_INFO,
		    "refusing RSA key: Invalid key length (%u bits)",
		    k->info.bits);
		return false;
	}
	return true;
}
