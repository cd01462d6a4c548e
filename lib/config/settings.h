/*
 * settings: what sshd_config says for one connection, as plain values.
 *
 * Pure layer.  A struct settings is filled by config_resolve(): defaults,
 * then what the file says for this connection and user.  Everything in it is
 * owned by the struct config that it came from and lives as long as that.
 */
#ifndef SSHD_CONN_CONFIG_SETTINGS_H
#define SSHD_CONN_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A list of strings; v[n] is NULL. */
struct strlist {
	const char *const *v;
	size_t n;
};

enum root_login {
	ROOT_NO,
	ROOT_YES,
	ROOT_PROHIBIT_PASSWORD,
	ROOT_FORCED_COMMANDS_ONLY,
};

#define SETTINGS_NO_LIMIT 0

/* AllowTcpForwarding and AllowStreamLocalForwarding, a set of bits. */
enum forwarding {
	FORWARD_NONE = 0,
	FORWARD_LOCAL = 1,	/* the client dials through us */
	FORWARD_REMOTE = 2,	/* we listen for the client */
	FORWARD_BOTH = 3,
};

enum gateway_ports {
	GATEWAY_NO,
	GATEWAY_YES,
	GATEWAY_CLIENT_SPECIFIED,
};

enum ignore_rhosts {
	IGNORE_RHOSTS_NO,
	IGNORE_RHOSTS_YES,
	IGNORE_RHOSTS_SHOSTS_ONLY,
};

/* PermitTunnel, a set of bits. */
enum tunnel_mode {
	TUNNEL_NO = 0,
	TUNNEL_POINT_TO_POINT = 1,
	TUNNEL_ETHERNET = 2,
	TUNNEL_BOTH = 3,
};

/* PubkeyAuthOptions, a set of bits. */
enum pubkey_auth_option {
	PUBKEY_TOUCH_REQUIRED = 1,
	PUBKEY_VERIFY_REQUIRED = 2,
};

/* IPQoS none: leave the socket as it is. */
#define SETTINGS_IP_QOS_NONE INT32_MAX

/* PerSourceMaxStartups none. */
#define SETTINGS_UNLIMITED UINT32_MAX

/* PerSourcePenalties: seconds, and how many sources are remembered. */
struct penalties {
	bool enabled;
	uint32_t crash, authfail, noauth, invaliduser, grace_exceeded;
	uint32_t refuseconnection;
	uint32_t max, min;
	uint32_t max_sources4, max_sources6;
	bool deny_all4, deny_all6;	/* overflow:deny-all */
};

struct settings {
	/* Logging. */
	int log_level;			/* enum log_level of run/log.h */
	int syslog_facility;		/* LOG_AUTH and kin, syslog.h */
	int fingerprint_hash;		/* enum hash_alg of crypto/hash.h */

	/* Transport. */
	const char *version_addendum;	/* "" if none */
	struct strlist host_keys;	/* paths */
	const char *host_key_algorithms; /* name-lists, defaults applied */
	const char *kex_algorithms;
	const char *ciphers;
	const char *macs;
	bool compression;
	uint64_t rekey_bytes;		/* SETTINGS_NO_LIMIT: the cipher's */
	uint32_t rekey_sec;		/* SETTINGS_NO_LIMIT: never by time */
	unsigned int required_rsa_bits;
	bool tcp_keepalive;
	uint32_t client_alive_interval_sec;
	uint32_t client_alive_count_max;

	/* Authentication. */
	uint32_t login_grace_sec;	/* SETTINGS_NO_LIMIT: none */
	unsigned int max_auth_tries;
	bool pubkey_authentication;
	bool password_authentication;
	bool kbdint_authentication;
	bool permit_empty_passwords;
	const char *pubkey_accepted_algorithms;
	struct strlist authorized_keys_files;
	struct strlist authentication_methods;
	bool strict_modes;
	enum root_login permit_root_login;
	struct strlist allow_users, deny_users, allow_groups, deny_groups;
	const char *banner;		/* path, NULL if none */
	bool use_pam;
	const char *pam_service;
	bool use_dns;

	/* Session. */
	struct strlist accept_env;
	struct strlist set_env;		/* NAME=VALUE */
	struct strlist subsystem_names, subsystem_commands;
	unsigned int max_sessions;
	bool permit_tty;
	bool permit_user_rc;
	const char *permit_user_environment; /* "no", "yes" or patterns */
	const char *force_command;	/* NULL if none */
	const char *chroot_directory;	/* NULL if none */
	bool print_motd;
	bool print_last_log;

	/*
	 * What follows is parsed and checked; later work brings it into
	 * force (see the table in keywords.c).
	 */

	/* The listener's: here the service manager's, or the ledger's. */
	struct strlist ports;			/* numbers, as text */
	struct strlist listen_addresses;	/* as written */
	int address_family;		/* AF_UNSPEC, AF_INET, AF_INET6 */
	const char *pid_file;
	uint32_t max_startups_begin, max_startups_rate, max_startups;
	uint32_t per_source_max_startups;	/* SETTINGS_UNLIMITED */
	uint32_t per_source_prefix4, per_source_prefix6;	/* bits */
	struct penalties penalties;
	const char *penalty_exempt;		/* NULL if none */

	/* Transport. */
	int ip_qos_interactive, ip_qos_bulk;	/* TOS byte */
	bool refuse_connection;
	struct strlist log_verbose;
	struct strlist host_certificates;
	const char *host_key_agent;		/* NULL if none */
	const char *moduli_file;
	const char *security_key_provider;

	/* Authentication. */
	unsigned int pubkey_auth_options;	/* enum pubkey_auth_option */
	const char *ca_signature_algorithms;
	const char *authorized_keys_command;	/* NULL if none, like those */
	const char *authorized_keys_command_user;
	const char *authorized_principals_file;
	const char *authorized_principals_command;
	const char *authorized_principals_command_user;
	const char *trusted_user_ca_keys;
	struct strlist revoked_keys;
	bool hostbased_authentication;
	bool hostbased_uses_name_from_packet_only;
	const char *hostbased_accepted_algorithms;
	enum ignore_rhosts ignore_rhosts;
	bool ignore_user_known_hosts;
	bool expose_auth_info;

	/* Channels. */
	struct strlist channel_timeouts;	/* type=time */
	uint32_t unused_connection_timeout_sec;	/* SETTINGS_NO_LIMIT */
	bool disable_forwarding;
	enum forwarding allow_tcp_forwarding;
	enum forwarding allow_streamlocal_forwarding;
	bool allow_agent_forwarding;
	enum gateway_ports gateway_ports;
	struct strlist permit_open, permit_listen;	/* or "any", "none" */
	enum tunnel_mode permit_tunnel;
	unsigned int stream_local_bind_mask;
	bool stream_local_bind_unlink;
	bool x11_forwarding;
	unsigned int x11_display_offset;
	bool x11_use_localhost;
	const char *xauth_location;		/* NULL if none */
};

#endif
