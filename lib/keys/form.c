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

/* What each method may sign with, and the words for what it may not. */
static const char *
accepted_algorithms(const struct keys_job *job, const char **who,
    const char **keyword)
{
	*who = "userauth_pubkey";
	*keyword = "PubkeyAcceptedAlgorithms";
	if (job->kind != KEYS_HOSTBASED)
		return job->settings->pubkey_accepted_algorithms;
	*who = "userauth_hostbased";
	*keyword = "HostbasedAcceptedAlgorithms";
	return job->settings->hostbased_accepted_algorithms;
}

bool
keys_form(struct keys *k)
{
	const struct keys_job *job = k->job;
	const char *who, *keyword;
	const char *accepted = accepted_algorithms(job, &who, &keyword);

	if (cert_is(job->key) ? !keys_cert_form(k) : !plain_form(k))
		return false;
	if (sig_alg_key_type(k->algorithm) != k->info.type)
		return false;
	if (pattern_list(job->algorithm, span_str(accepted), false) !=
	    PATTERN_YES) {
		keys_log(k, LOG_LEVEL_INFO, "%s: signature algorithm %.*s "
		    "not in %s", who,
		    (int)MIN(job->algorithm.len, (size_t)SSH_NAME_MAX_BYTES),
		    (const char *)job->algorithm.p, keyword);
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
