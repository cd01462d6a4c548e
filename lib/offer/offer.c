/*
 * offer: settings to parameters of net.  Main and monitor.
 */
#include "config.h"

#include <assert.h>
#include <stdio.h>

#include "config/origin.h"
#include "config/timeouts.h"
#include "crypto/pubkey.h"
#include "offer/offer.h"

/*
 * OpenSSH's clients keep some of the protocol to servers whose software name
 * starts with OpenSSH: without it "ssh host yes | head" never ends, for the
 * client then does not say that it reads no more (eow@openssh.com).  So the
 * name says what we are compatible with, and the comment who we are.
 */
const char offer_ident[] =
    "SSH-2.0-OpenSSH_compatible sshd-conn_" PACKAGE_VERSION;

static_assert(TIMEOUTS_MAX_BYTES == MON_CHANNEL_TIMEOUTS_MAX_BYTES,
    "what a configuration may hold, net can take");

struct mon_limits
offer_limits(const struct settings *s)
{
	struct mon_limits limits = {
		.rekey_bytes = s->rekey_bytes,
		.rekey_sec = s->rekey_sec,
		.client_alive_interval_sec = s->client_alive_interval_sec,
		.client_alive_count_max = s->client_alive_count_max,
		.unused_sec = s->unused_connection_timeout_sec,
		.tos_interactive = (uint32_t)s->ip_qos_interactive,
		.tos_bulk = (uint32_t)s->ip_qos_bulk,
	};
	struct sink timeouts = sink_of(limits.channel_timeouts,
	    sizeof limits.channel_timeouts);

	timeouts_put(&s->channel_timeouts, &timeouts);
	limits.channel_timeouts_len = (uint32_t)timeouts.len;
	return limits;
}

static void
note_match(void *ctx, const char *file, unsigned int line, bool applies)
{
	(void)file;
	(void)line;
	(void)applies;
	*(bool *)ctx = true;
}

/*
 * server-sig-algs goes out before the user is known: where some are accepted
 * more from than others, it names all that there is, as OpenSSH 9.2 always
 * does.  A client that believed less would not even try.
 */
static const char *
announced_signatures(const struct config *config, const struct settings *s)
{
	bool differs = false;

	config_each_match(config, note_match, &differs);
	return differs ? sig_alg_user_names() : s->pubkey_accepted_algorithms;
}

void
offer_params(struct net_params *out, char ident[OFFER_IDENT_BYTES],
    const struct config *config, const struct settings *s,
    const struct hostkeys *keys, const struct image *image)
{
	bool addendum = s->version_addendum[0] != '\0';

	snprintf(ident, OFFER_IDENT_BYTES, "%s%s%s", offer_ident,
	    addendum ? " " : "", s->version_addendum);
	*out = (struct net_params){
		.server_ident = ident,
		.kex_algorithms = s->kex_algorithms,
		.host_key_algorithms = keys->algorithms,
		.ciphers = s->ciphers,
		.macs = s->macs,
		.compression = s->compression,
		.server_sig_algs = announced_signatures(config, s),
		.host_key_count = keys->count,
		.limits = offer_limits(s),
		.login_grace_sec = s->login_grace_sec,
	};
	for (size_t i = 0; i < keys->count; i++) {
		out->host_keys[i] = keys->blob[i];
		out->host_certs[i] = keys->cert[i];
	}
	/* Without an image the groups that are built in have to do. */
	if (image != NULL)
		(void)!image_find_file(image, s->moduli_file, &out->moduli);
}
