/*
 * principals: who may log in with a certificate of TrustedUserCAKeys?  Keys
 * role.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/hash.h"
#include "keys/cert.h"
#include "keys/list.h"

#define BASE64_BYTES(n) (4 * (((n) + 2) / 3) + 1)

static bool
ca_is_listed(struct keys *k)
{
	const char *path = k->job->settings->trusted_user_ca_keys;
	enum key_list_verdict verdict = KEY_LIST_BAD;
	uint8_t *bytes = NULL;
	unsigned int line = 0;
	size_t len;

	if (k->job->ca_fd < 0 ||
	    !keys_read_whole(k->job->ca_fd, &bytes, &len)) {
		keys_log(k, LOG_LEVEL_ERROR, "Could not read "
		    "TrustedUserCAKeys \"%s\": %s", path, strerror(
		    k->job->ca_fd < 0 ? k->job->ca_errno : errno));
		return false;
	}
	verdict = key_list_find(span(bytes, len), &k->cert.ca, 1, false,
	    &line);
	free(bytes);
	if (verdict == KEY_LIST_BAD)
		keys_log(k, LOG_LEVEL_ERROR, "%s:%u: invalid format", path,
		    line);
	if (verdict == KEY_LIST_WITHOUT)
		keys_log(k, LOG_LEVEL_DEBUG2, "CA %s %s is not listed in %s",
		    k->cert.ca_info.log_name, k->ca_print, path);
	return verdict == KEY_LIST_HAS;
}

/*
 * One line of a principals file, or of what the command printed.  The first
 * that names one of the certificate's principals ends the search: if what is
 * said before the name refuses, then all is refused.
 */
static bool
principals_line(struct keys *k, struct span line, const char *where)
{
	struct span text, name = key_list_principal(line, &text);
	const char *why;

	if (name.len == 0 || !cert_names(&k->cert, name))
		return false;
	if (!key_options_parse(text, &k->room, &k->principal, &why)) {
		keys_log(k, LOG_LEVEL_INFO, "%s: bad principals options: %s",
		    where, why);
		return false;
	}
	k->principal_met = !k->principal.cert_authority &&
	    keys_options_met(k, &k->principal, where);
	if (k->principal.cert_authority)
		keys_log(k, LOG_LEVEL_INFO,
		    "%s: cert-authority is for keys only", where);
	if (!k->principal_met)
		keys_log(k, LOG_LEVEL_ERROR,
		    "Refused by certificate principals options");
	return true;
}

/* Everything that may be asked for about the certificate, as text. */
struct values {
	char print[FINGERPRINT_MAX_BYTES];
	char serial[24];
	char key[BASE64_BYTES(CERT_BLOB_MAX_BYTES)];
	char ca[BASE64_BYTES(KEY_BLOB_MAX_BYTES)];
	char key_id[KEY_LINE_MAX_BYTES];
};

static bool
fill_values(const struct keys *k, struct values *v)
{
	enum hash_alg hash =
	    (enum hash_alg)k->job->settings->fingerprint_hash;

	snprintf(v->serial, sizeof v->serial, "%" PRIu64, k->cert.serial);
	return hash_fingerprint(hash, k->plain, v->print) &&
	    base64_encode(k->job->key, v->key, sizeof v->key) &&
	    base64_encode(k->cert.ca, v->ca, sizeof v->ca) &&
	    span_copy_str(k->cert.key_id, v->key_id, sizeof v->key_id);
}

static bool
ask_command(struct keys *k)
{
	struct values *v = calloc(1, sizeof *v);
	bool found = false;

	if (v != NULL && fill_values(k, v)) {
		const struct token tokens[] = {
			{ 't', k->cert.key_name },
			{ 'T', k->cert.ca_info.key_name },
			{ 'f', v->print }, { 'F', k->ca_print },
			{ 'k', v->key }, { 'K', v->ca },
			{ 'i', v->key_id }, { 's', v->serial },
		};

		found = keys_run_command(k, "AuthorizedPrincipalsCommand",
		    k->job->settings->authorized_principals_command, false,
		    tokens, ARRAY_LEN(tokens), principals_line);
	}
	free(v);
	return found;
}

static bool
in_file(struct keys *k)
{
	const char *const patterns[] = {
		k->job->settings->authorized_principals_file, NULL };
	const struct strlist list = { patterns, 1 };

	return patterns[0] != NULL && keys_search_files(k, &list,
	    "authorized principals", principals_line);
}

bool
keys_trusted_ca_allows(struct keys *k, uint32_t *more)
{
	const struct settings *s = k->job->settings;
	bool command = s->authorized_principals_command != NULL, found;
	bool asking = k->job->stage == KEYS_STAGE_PRINCIPALS;
	char by[KEYS_LOG_TEXT_MAX_BYTES / 2];

	if (!k->is_cert || s->trusted_user_ca_keys == NULL ||
	    !ca_is_listed(k))
		return false;
	snprintf(by, sizeof by, "%s CA %s via %s", k->cert.ca_info.log_name,
	    k->ca_print, s->trusted_user_ca_keys);
	if (s->authorized_principals_file == NULL && !command)
		return keys_cert_accept(k, NULL, true, by);
	found = asking ? ask_command(k) : in_file(k);
	if (found)
		return k->principal_met &&
		    keys_cert_accept(k, &k->principal, false, by);
	if (command && !asking)
		*more |= 1u << KEYS_STAGE_PRINCIPALS;
	else if (!k->no_access)
		keys_log(k, LOG_LEVEL_ERROR, "Certificate does not contain "
		    "an authorized principal");
	return false;
}
