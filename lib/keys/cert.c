/*
 * cert: is this certificate good, and what does it allow?  Keys role.
 *
 * It is hostile until its CA's signature was checked, and of a CA that
 * nobody trusts also after that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/names.h"
#include "base/pattern.h"
#include "base/sysdef.h"
#include "config/match.h"
#include "crypto/hash.h"
#include "keys/cert.h"

/* Of a key id, which may be longer than what a log takes. */
#define KEY_ID_SHOWN_BYTES 512
/* The longest address with a mask. */
#define CIDR_MAX_BYTES 50

static int
shown(struct span text, size_t max)
{
	return (int)MIN(text.len, max);
}

/* "ED25519-CERT SHA256:FP ID KEYID (serial N) CA ED25519 SHA256:FP" */
static void
describe(struct keys *k)
{
	enum hash_alg hash =
	    (enum hash_alg)k->job->settings->fingerprint_hash;
	char print[FINGERPRINT_MAX_BYTES];
	const struct cert *c = &k->cert;

	if (!hash_fingerprint(hash, k->plain, print) ||
	    !hash_fingerprint(hash, c->ca, k->ca_print))
		return;
	snprintf(k->text, sizeof k->text, ": %s %s ID %.*s (serial %" PRIu64
	    ") CA %s %s", c->log_name, print,
	    shown(c->key_id, KEY_ID_SHOWN_BYTES), (const char *)c->key_id.p,
	    c->serial, c->ca_info.log_name, k->ca_print);
}

static bool
ca_acceptable(struct keys *k)
{
	const struct settings *s = k->job->settings;
	const struct cert *c = &k->cert;

	if (pattern_list(c->ca_alg, span_str(s->ca_signature_algorithms),
	    false) != PATTERN_YES || !sig_alg_known(c->ca_alg)) {
		keys_log(k, LOG_LEVEL_INFO, "userauth_pubkey: certificate "
		    "signature algorithm %.*s: signature algorithm not "
		    "supported", shown(c->ca_alg, SSH_NAME_MAX_BYTES),
		    (const char *)c->ca_alg.p);
		return false;
	}
	if (c->ca_info.type == KEY_RSA &&
	    c->ca_info.bits < s->required_rsa_bits) {
		keys_log(k, LOG_LEVEL_INFO,
		    "refusing certificate of RSA CA: Invalid key length");
		return false;
	}
	if (!cert_signature_holds(c)) {
		keys_log(k, LOG_LEVEL_INFO, "userauth_pubkey: parse key: "
		    "incorrect signature");
		return false;
	}
	return true;
}

bool
keys_cert_form(struct keys *k)
{
	if (!cert_parse(k->job->key, &k->cert)) {
		keys_log(k, LOG_LEVEL_INFO,
		    "userauth_pubkey: parse key: invalid format");
		return false;
	}
	k->is_cert = true;
	k->plain = cert_plain(&k->cert);
	k->info = k->cert.info;
	k->algorithm = sig_alg_of_cert(k->job->algorithm);
	k->want = (struct key_line_want){ k->cert.ca,
		k->cert.ca_info.key_name, true };
	describe(k);
	return ca_acceptable(k);
}

/*
 * source-address is stricter than from="": addresses and networks only.  A
 * mistake in one would be a hole, so all of it is judged first.
 */
static bool
source_sane(const char *list)
{
	struct span rest = span_str(list), entry;

	if (list[strspn(list, "0123456789abcdefABCDEF.:/,")] != '\0')
		return false;
	while (names_next(&rest, &entry)) {
		if (entry.len == 0 || entry.len > CIDR_MAX_BYTES)
			return false;
	}
	return list[0] != '\0' && match_address_list(NULL, list) != MATCH_BAD;
}

static bool
source_met(struct keys *k, struct span addresses)
{
	const char *address = k->job->peer->remote_host;
	char list[KEY_LINE_MAX_BYTES];

	if (!span_copy_str(addresses, list, sizeof list) ||
	    !source_sane(list)) {
		keys_log(k, LOG_LEVEL_ERROR,
		    "Certificate source-address contents invalid");
		return false;
	}
	if (keys_peer_has_address(k) &&
	    match_address_list(address, list) == MATCH_YES)
		return true;
	keys_log(k, LOG_LEVEL_INFO, "cert: Authentication tried for %.100s "
	    "with valid certificate but not from a permitted source address "
	    "(%.200s).", k->job->user, address);
	return false;
}

static void
log_fault(struct keys *k, enum cert_option_fault fault, struct span name)
{
	int n = shown(name, SSH_NAME_MAX_BYTES);
	const char *p = (const char *)name.p;

	switch (fault) {
	case CERT_OPTION_UNKNOWN:
		keys_log(k, LOG_LEVEL_ERROR, "Certificate critical option "
		    "\"%.*s\" is not supported", n, p);
		break;
	case CERT_OPTION_TWICE:
		keys_log(k, LOG_LEVEL_ERROR,
		    "Certificate has multiple %.*s options", n, p);
		break;
	case CERT_OPTION_CORRUPT:
		keys_log(k, LOG_LEVEL_ERROR, "Certificate option \"%.*s\" "
		    "corrupt (extra data)", n, p);
		break;
	case CERT_OPTION_UNREADABLE:
	case CERT_OPTIONS_FINE:
		keys_log(k, LOG_LEVEL_ERROR,
		    "Unable to parse \"%.*s\" section", n, p);
		break;
	}
	keys_log(k, LOG_LEVEL_ERROR, "Invalid certificate options");
}

/*
 * What the certificate by itself permits: nothing that it does not name.
 * There is no name for tun devices; they go with port forwarding.
 */
static bool
read_options(struct keys *k, struct keys_options *out)
{
	struct cert_options o;
	enum cert_option_fault fault = cert_read_options(&k->cert, &o);

	*out = (struct keys_options){ .permit_pty = false };
	if (fault != CERT_OPTIONS_FINE) {
		log_fault(k, fault, o.ignored);
		return false;
	}
	if (o.ignored.len > 0)
		keys_log(k, LOG_LEVEL_INFO, "Certificate extension \"%.*s\" "
		    "is not supported", shown(o.ignored, SSH_NAME_MAX_BYTES),
		    (const char *)o.ignored.p);
	if (o.has_source && !source_met(k, o.source_addresses)) {
		keys_log(k, LOG_LEVEL_ERROR,
		    "Refused by certificate options");
		return false;
	}
	*out = (struct keys_options){
		.permit_pty = o.permit_pty,
		.permit_user_rc = o.permit_user_rc,
		.permit_port_forwarding = o.permit_port,
		.permit_agent_forwarding = o.permit_agent,
		.permit_x11_forwarding = o.permit_x11,
		.permit_tunnel = o.permit_port,
		.need_touch = !o.no_touch_required,
		.need_verify = o.verify_required,
		.has_command = o.has_command,
		.command = o.force_command,
		/* The monitor keeps a query's answer for the signature. */
		.expires = k->cert.valid_before == UINT64_MAX ? 0 :
		    k->cert.valid_before - 1,
	};
	return true;
}

/* Now, for this user, if a name says so. */
static const char *
fault_now(const struct keys *k, bool by_name)
{
	const char *fault = cert_fault(&k->cert, CERT_USER,
	    (uint64_t)time(NULL));

	if (fault == NULL && by_name &&
	    !cert_names(&k->cert, span_str(k->job->user)))
		return "Certificate invalid: name is not a listed principal";
	return fault;
}

bool
keys_cert_accept(struct keys *k, const struct key_line_options *line,
    bool by_name, const char *by)
{
	struct sink room = sink_of(k->merge_room, sizeof k->merge_room);
	struct keys_options own, other, both;
	const char *fault;

	if (!read_options(k, &own))
		return false;
	both = own;
	if (line != NULL) {
		other = line->keys;
		other.need_touch = !line->no_touch;
		if (!keys_options_merge(&other, &own, &room, &both)) {
			keys_log(k, LOG_LEVEL_ERROR, "forced command options "
			    "do not match");
			return false;
		}
	}
	fault = fault_now(k, by_name);
	if (fault != NULL) {
		keys_log(k, LOG_LEVEL_ERROR, "%s", fault);
		return false;
	}
	keys_log(k, LOG_LEVEL_VERBOSE, "Accepted certificate ID \"%.*s\" "
	    "(serial %" PRIu64 ") signed by %s",
	    shown(k->cert.key_id, KEY_ID_SHOWN_BYTES),
	    (const char *)k->cert.key_id.p, k->cert.serial, by);
	k->options = both;
	return true;
}

/* principals="a,b": one of these names, whole, is in the certificate. */
static bool
principals_met(const struct keys *k, struct span list)
{
	struct span name;

	while (names_next(&list, &name)) {
		if (cert_names(&k->cert, name))
			return true;
	}
	return false;
}

bool
keys_cert_line_allows(struct keys *k, const struct key_line_options *line,
    const char *where)
{
	char by[KEYS_LOG_TEXT_MAX_BYTES / 2];

	keys_log(k, LOG_LEVEL_DEBUG1, "%s: matching CA found: %s %s", where,
	    k->cert.ca_info.log_name, k->ca_print);
	if (line->has_principals && !principals_met(k, line->principals)) {
		keys_log(k, LOG_LEVEL_ERROR, "Certificate does not contain "
		    "an authorized principal");
		return false;
	}
	snprintf(by, sizeof by, "CA %s %s found at %s",
	    k->cert.ca_info.log_name, k->ca_print, where);
	return keys_cert_accept(k, line, !line->has_principals, by);
}
