/*
 * judge: does one line of authorized_keys let the key in?  Keys role.
 */
#include <time.h>

#include "config/match.h"
#include "keys/cert.h"

/*
 * from="": addresses, networks and names.  A peer without an internet
 * address is at no place that a line can name: refused, whatever it says.
 */
static bool
comes_from(struct keys *k, struct span from, const char *where)
{
	const struct peer *peer = k->job->peer;
	const char *name = peer_name(peer);
	char list[KEY_LINE_MAX_BYTES];

	if (span_copy_str(from, list, sizeof list) &&
	    keys_peer_has_address(k)) {
		switch (match_host_and_address(name, peer->remote_host,
		    list)) {
		case MATCH_YES:
			return true;
		case MATCH_BAD:
			keys_log(k, LOG_LEVEL_INFO,
			    "%s: invalid from criteria", where);
			break;
		case MATCH_NO:
		case MATCH_DENIED:
			break;
		}
	}
	keys_log(k, LOG_LEVEL_INFO, "%s: Authentication tried for %.100s "
	    "with correct key but not from a permitted host "
	    "(host=%.200s, ip=%.200s).", where, k->job->user, name,
	    peer->remote_host);
	return false;
}

bool
keys_options_met(struct keys *k, const struct key_line_options *options,
    const char *where)
{
	uint64_t now = (uint64_t)time(NULL);

	if (options->has_principals && !options->cert_authority) {
		keys_log(k, LOG_LEVEL_INFO,
		    "%s: principals on non-CA key", where);
		return false;
	}
	if (options->keys.expires != 0 && now > options->keys.expires) {
		keys_log(k, LOG_LEVEL_INFO, "%s: key has expired", where);
		return false;
	}
	return !options->has_from || comes_from(k, options->from, where);
}

bool
keys_line_allows(struct keys *k, struct span line, const char *where)
{
	struct key_line_options options;
	struct span text;
	const char *why;

	if (!key_line_about(line, &k->want, &text))
		return false;
	if (!key_options_parse(text, &k->room, &options, &why)) {
		keys_log(k, LOG_LEVEL_INFO, "%s: key refused: bad key "
		    "options: %s", where, why);
		return false;
	}
	/* A plain key is never let in as a signer of certificates. */
	if (options.cert_authority != k->want.authority ||
	    !keys_options_met(k, &options, where))
		return false;
	if (k->is_cert)
		return keys_cert_line_allows(k, &options, where);
	keys_log(k, LOG_LEVEL_DEBUG1, "%s: matching %s key found%s", where,
	    k->info.log_name, k->text);
	k->options = options.keys;
	k->options.need_touch = !options.no_touch;
	return true;
}
