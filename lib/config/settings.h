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
};

#endif
