/*
 * defaults: what holds where a file says nothing.  Pure layer.
 */
#include <sys/socket.h>
#include <syslog.h>

#include "config/internal.h"

static const char *const default_key_files[] = {
	".ssh/authorized_keys", ".ssh/authorized_keys2", NULL
};
static const char *const default_host_keys[] = {
	"/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key",
	"/etc/ssh/ssh_host_ed25519_key", NULL
};
static const char *const just_any[] = { "any", NULL };
static const char *const default_port[] = { "22", NULL };

#define LIST(array)	{ array, ARRAY_LEN(array) - 1 }

const struct strlist config_default_host_keys = LIST(default_host_keys);

/* Those of OpenSSH 10.5. */
static const struct settings defaults = {
	.log_level = 3,				/* INFO */
	.syslog_facility = LOG_AUTH,
	.fingerprint_hash = 0,			/* SHA256 */
	.version_addendum = "",
	.compression = true,
	.required_rsa_bits = 1024,
	.tcp_keepalive = true,
	.client_alive_count_max = 3,
	.login_grace_sec = 120,
	.max_auth_tries = 6,
	.pubkey_authentication = true,
	.password_authentication = true,
	.kbdint_authentication = true,
	.authorized_keys_files = LIST(default_key_files),
	.authentication_methods = LIST(just_any),
	.strict_modes = true,
	.permit_root_login = ROOT_PROHIBIT_PASSWORD,
	.pam_service = "sshd",
	.max_sessions = 10,
	.permit_tty = true,
	.permit_user_rc = true,
	.permit_user_environment = "no",
	.print_motd = true,
	.print_last_log = true,
	.ports = LIST(default_port),
	.address_family = AF_UNSPEC,
	.pid_file = "/run/sshd.pid",
	.max_startups_begin = 10,
	.max_startups_rate = 30,
	.max_startups = 100,
	.per_source_max_startups = SETTINGS_UNLIMITED,
	.per_source_prefix4 = 32,
	.per_source_prefix6 = 128,
	.penalties = {
		.enabled = true,
		.crash = 90,
		.authfail = 5,
		.noauth = 1,
		.invaliduser = 5,
		.grace_exceeded = 10,
		.refuseconnection = 10,
		.max = 600,
		.min = 15,
		.max_sources4 = 65536,
		.max_sources6 = 65536,
	},
	.ip_qos_interactive = 0xb8,		/* ef */
	.ip_qos_bulk = 0x00,			/* cs0 */
	.moduli_file = "/etc/ssh/moduli",
	.security_key_provider = "internal",
	.ignore_rhosts = IGNORE_RHOSTS_YES,
	.allow_tcp_forwarding = FORWARD_BOTH,
	.allow_streamlocal_forwarding = FORWARD_BOTH,
	.allow_agent_forwarding = true,
	.permit_open = LIST(just_any),
	.permit_listen = LIST(just_any),
	.stream_local_bind_mask = 0177,
	.x11_display_offset = 10,
	.x11_use_localhost = true,
	.xauth_location = "/usr/bin/xauth",
};

void
settings_default(const struct config *config, struct settings *out)
{
	*out = defaults;
	/* None there: say all, so that whoever loads them can say so. */
	out->host_keys = config->default_host_keys.n > 0 ?
	    config->default_host_keys : config_default_host_keys;
	out->host_key_algorithms = algs_default(ALGS_HOSTKEYS);
	out->kex_algorithms = algs_default(ALGS_KEX);
	out->ciphers = algs_default(ALGS_CIPHERS);
	out->macs = algs_default(ALGS_MACS);
	out->pubkey_accepted_algorithms = algs_default(ALGS_PUBKEYS);
	out->hostbased_accepted_algorithms = algs_default(ALGS_PUBKEYS);
	out->ca_signature_algorithms = algs_default(ALGS_CA);
}
