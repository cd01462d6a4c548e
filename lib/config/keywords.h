/*
 * keywords: every word that may open a line of sshd_config, as data.
 *
 * Pure layer, internal to lib/config.  What a keyword takes, where it is
 * kept, whether it may stand in a Match block, and what this server makes of
 * it is one row; the parser, the resolver and the dump only walk the table.
 */
#ifndef SSHD_CONN_CONFIG_KEYWORDS_H
#define SSHD_CONN_CONFIG_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line;
struct parser;
struct value;
struct keyword;

enum keyword_id {
	KW_PORT,
	KW_LISTEN_ADDRESS,
	KW_ADDRESS_FAMILY,
	KW_RDOMAIN,
	KW_PID_FILE,
	KW_MAX_STARTUPS,
	KW_PER_SOURCE_MAX_STARTUPS,
	KW_PER_SOURCE_NET_BLOCK_SIZE,
	KW_PER_SOURCE_PENALTIES,
	KW_PER_SOURCE_PENALTY_EXEMPT_LIST,
	KW_LOGIN_GRACE_TIME,
	KW_SSHD_SESSION_PATH,
	KW_SSHD_AUTH_PATH,
	KW_TCP_KEEP_ALIVE,
	KW_IP_QOS,
	KW_USE_DNS,
	KW_VERSION_ADDENDUM,
	KW_REFUSE_CONNECTION,
	KW_SYSLOG_FACILITY,
	KW_LOG_LEVEL,
	KW_LOG_VERBOSE,
	KW_FINGERPRINT_HASH,
	KW_HOST_KEY,
	KW_HOST_CERTIFICATE,
	KW_HOST_KEY_AGENT,
	KW_HOST_KEY_ALGORITHMS,
	KW_MODULI_FILE,
	KW_CIPHERS,
	KW_MACS,
	KW_KEX_ALGORITHMS,
	KW_REKEY_LIMIT,
	KW_COMPRESSION,
	KW_REQUIRED_RSA_SIZE,
	KW_SECURITY_KEY_PROVIDER,
	KW_PUBKEY_AUTHENTICATION,
	KW_PUBKEY_ACCEPTED_ALGORITHMS,
	KW_PUBKEY_AUTH_OPTIONS,
	KW_CA_SIGNATURE_ALGORITHMS,
	KW_AUTHORIZED_KEYS_FILE,
	KW_AUTHORIZED_KEYS_COMMAND,
	KW_AUTHORIZED_KEYS_COMMAND_USER,
	KW_AUTHORIZED_PRINCIPALS_FILE,
	KW_AUTHORIZED_PRINCIPALS_COMMAND,
	KW_AUTHORIZED_PRINCIPALS_COMMAND_USER,
	KW_TRUSTED_USER_CA_KEYS,
	KW_REVOKED_KEYS,
	KW_PASSWORD_AUTHENTICATION,
	KW_KBD_INTERACTIVE_AUTHENTICATION,
	KW_PERMIT_EMPTY_PASSWORDS,
	KW_USE_PAM,
	KW_PAM_SERVICE_NAME,
	KW_AUTHENTICATION_METHODS,
	KW_MAX_AUTH_TRIES,
	KW_PERMIT_ROOT_LOGIN,
	KW_ALLOW_USERS,
	KW_DENY_USERS,
	KW_ALLOW_GROUPS,
	KW_DENY_GROUPS,
	KW_STRICT_MODES,
	KW_HOSTBASED_AUTHENTICATION,
	KW_HOSTBASED_ACCEPTED_ALGORITHMS,
	KW_HOSTBASED_USES_NAME_FROM_PACKET_ONLY,
	KW_IGNORE_RHOSTS,
	KW_IGNORE_USER_KNOWN_HOSTS,
	KW_EXPOSE_AUTH_INFO,
	KW_BANNER,
	KW_ACCEPT_ENV,
	KW_SET_ENV,
	KW_PERMIT_USER_ENVIRONMENT,
	KW_PERMIT_TTY,
	KW_PERMIT_USER_RC,
	KW_FORCE_COMMAND,
	KW_SUBSYSTEM,
	KW_CHROOT_DIRECTORY,
	KW_PRINT_MOTD,
	KW_PRINT_LAST_LOG,
	KW_MAX_SESSIONS,
	KW_CLIENT_ALIVE_INTERVAL,
	KW_CLIENT_ALIVE_COUNT_MAX,
	KW_CHANNEL_TIMEOUT,
	KW_UNUSED_CONNECTION_TIMEOUT,
	KW_DISABLE_FORWARDING,
	KW_ALLOW_TCP_FORWARDING,
	KW_ALLOW_STREAM_LOCAL_FORWARDING,
	KW_ALLOW_AGENT_FORWARDING,
	KW_GATEWAY_PORTS,
	KW_PERMIT_OPEN,
	KW_PERMIT_LISTEN,
	KW_PERMIT_TUNNEL,
	KW_STREAM_LOCAL_BIND_MASK,
	KW_STREAM_LOCAL_BIND_UNLINK,
	KW_X11_FORWARDING,
	KW_X11_DISPLAY_OFFSET,
	KW_X11_USE_LOCALHOST,
	KW_XAUTH_LOCATION,
	KW_MATCH,
	KW_INCLUDE,
	KW_KERBEROS,		/* Kerberos and GSSAPI, all of them */
	KW_SSH1,		/* what only SSH-1 or an old OpenSSH had */
	KW_DEBIAN_BANNER,
	KW_COUNT
};

/* What a line of this keyword means for this server, today. */
enum keyword_state {
	STATE_IN_FORCE,
	STATE_NOT_YET,		/* stored; harmless when it is not obeyed */
	STATE_NOT_ENFORCED,	/* stored; it restricts, and does not yet */
	STATE_REPLACED,		/* by the service manager, or obsolete */
	STATE_REFUSED,
};

/* Several lines of the same keyword. */
enum keyword_merge {
	MERGE_FIRST,		/* the first line wins, as a whole */
	MERGE_LAST,		/* the last one, as in OpenSSH's code */
	MERGE_APPEND,		/* all lines count */
	MERGE_BY_NAME,		/* the first line of each name counts */
};

/* Where a value goes in struct settings. */
enum keyword_store {
	STORE_NOTHING,
	STORE_BOOL,
	STORE_WORD,		/* int, unsigned int, uint32_t or an enum */
	STORE_U64,
	STORE_STRING,
	STORE_STRING_OR_NONE,	/* "none" becomes NULL */
	STORE_LIST,
	STORE_LIST_OR_NONE,	/* "none" alone becomes the empty list */
	STORE_SPECIAL,		/* resolve.c has a function for it */
};

struct named_value {
	const char *name;
	int value;
};

/*
 * Takes the words that it wants off the line and fills in *out.  False: an
 * error was reported.
 */
typedef bool parse_fn(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out);

struct keyword {
	const char *name;
	parse_fn *parse;
	const struct named_value *values;	/* for parse_named() */
	const char *tokens;	/* legal after a '%'; NULL: none expanded */
	const char *say;	/* REPLACED, REFUSED: by what, or why */
	uint16_t offset;	/* in struct settings */
	uint8_t store;
	uint8_t merge;
	uint8_t state;
	bool global;		/* only "Match all" may hold it */
};

struct keyword_name {
	const char *name;	/* lower case */
	uint8_t id;
	bool in_match;		/* may stand in a Match block */
	const char *say;	/* instead of the keyword's, or NULL */
};

#define KEYWORD_NAMES_MAX_COUNT 192

extern const struct keyword keyword_table[KW_COUNT];

/* Whatever the case of its letters; NULL for a word that nobody knows. */
const struct keyword_name *keyword_find(const char *word);

/* A number under KEYWORD_NAMES_MAX_COUNT for each spelling. */
size_t keyword_name_index(const struct keyword_name *name);

/* All spellings, sorted. */
const struct keyword_name *keyword_names(size_t *count);

extern const struct named_value values_address_family[];
extern const struct named_value values_compression[];
extern const struct named_value values_facility[];
extern const struct named_value values_fingerprint_hash[];
extern const struct named_value values_forwarding[];
extern const struct named_value values_gateway_ports[];
extern const struct named_value values_ignore_rhosts[];
extern const struct named_value values_log_level[];
extern const struct named_value values_root_login[];
extern const struct named_value values_tunnel[];

#endif
