/*
 * keywords: the table.  Pure layer.
 *
 * Adding a keyword: an id in keywords.h, a row in keyword_table[], its
 * spelling (lower case, sorted) in names[], a member in struct settings, a
 * line in dump.c's order, a paragraph in the manual.
 *
 * A later piece of work that brings a keyword into force drops the row's
 * state: what is left out is in force.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <syslog.h>

#include "base/sysdef.h"
#include "config/internal.h"

#define AT(member)	offsetof(struct settings, member)

const struct keyword keyword_table[KW_COUNT] = {
	[KW_PORT] = {
		.name = "Port", .parse = parse_port, .store = STORE_LIST,
		.offset = AT(ports), .merge = MERGE_APPEND,
		.state = STATE_REPLACED,
		.say = "use [Socket] ListenStream=PORT of the socket unit, "
		    "or port= of xinetd",
		.global = true,
	},
	[KW_LISTEN_ADDRESS] = {
		.name = "ListenAddress", .parse = parse_listen,
		.store = STORE_LIST, .offset = AT(listen_addresses),
		.merge = MERGE_APPEND, .state = STATE_REPLACED,
		.say = "use [Socket] ListenStream=ADDRESS:PORT of the "
		    "socket unit",
		.global = true,
	},
	[KW_ADDRESS_FAMILY] = {
		.name = "AddressFamily", .parse = parse_named,
		.values = values_address_family, .store = STORE_WORD,
		.offset = AT(address_family), .state = STATE_REPLACED,
		.say = "use [Socket] BindIPv6Only= and ListenStream= of the "
		    "socket unit",
		.global = true,
	},
	[KW_RDOMAIN] = {
		.name = "RDomain", .parse = parse_anything,
		.state = STATE_REFUSED,
		.say = "routing domains do not exist on Linux; use [Socket] "
		    "BindToDevice= with a VRF",
	},
	[KW_PID_FILE] = {
		.name = "PidFile", .parse = parse_path, .store = STORE_STRING,
		.offset = AT(pid_file), .state = STATE_REPLACED,
		.say = "no daemon runs; the service manager knows each "
		    "connection's PID",
		.global = true,
	},
	[KW_MAX_STARTUPS] = {
		.name = "MaxStartups", .parse = parse_startups,
		.store = STORE_SPECIAL, .state = STATE_NOT_ENFORCED,
		.merge = MERGE_LAST,
		.global = true,
	},
	[KW_PER_SOURCE_MAX_STARTUPS] = {
		.name = "PerSourceMaxStartups", .parse = parse_per_source,
		.store = STORE_WORD, .offset = AT(per_source_max_startups),
		.merge = MERGE_LAST,
		.state = STATE_NOT_ENFORCED,
		.global = true,
	},
	[KW_PER_SOURCE_NET_BLOCK_SIZE] = {
		.name = "PerSourceNetBlockSize", .parse = parse_net_block,
		.store = STORE_SPECIAL, .state = STATE_NOT_YET,
		.merge = MERGE_LAST,
		.global = true,
	},
	[KW_PER_SOURCE_PENALTIES] = {
		.name = "PerSourcePenalties", .parse = parse_penalties,
		.store = STORE_SPECIAL, .merge = MERGE_APPEND,
		.state = STATE_NOT_ENFORCED,
		.global = true,
	},
	[KW_PER_SOURCE_PENALTY_EXEMPT_LIST] = {
		.name = "PerSourcePenaltyExemptList", .parse = parse_exempt,
		.store = STORE_STRING_OR_NONE, .offset = AT(penalty_exempt),
		.state = STATE_NOT_YET,
		.global = true,
	},
	[KW_LOGIN_GRACE_TIME] = {
		.name = "LoginGraceTime", .parse = parse_time,
		.store = STORE_WORD, .offset = AT(login_grace_sec),
		.global = true,
	},
	[KW_SSHD_SESSION_PATH] = {
		.name = "SshdSessionPath", .parse = parse_string,
		.state = STATE_REPLACED,
		.say = "there is one executable",
		.global = true,
	},
	[KW_SSHD_AUTH_PATH] = {
		.name = "SshdAuthPath", .parse = parse_string,
		.state = STATE_REPLACED,
		.say = "there is one executable",
		.global = true,
	},
	[KW_TCP_KEEP_ALIVE] = {
		.name = "TCPKeepAlive", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(tcp_keepalive),
		.global = true,
	},
	[KW_IP_QOS] = {
		.name = "IPQoS", .parse = parse_ip_qos, .store = STORE_SPECIAL,
		.merge = MERGE_LAST,
	},
	[KW_USE_DNS] = {
		.name = "UseDNS", .parse = parse_flag, .store = STORE_BOOL,
		.offset = AT(use_dns),
		.global = true,
	},
	[KW_VERSION_ADDENDUM] = {
		.name = "VersionAddendum", .parse = parse_addendum,
		.store = STORE_STRING, .offset = AT(version_addendum),
		.global = true,
	},
	[KW_REFUSE_CONNECTION] = {
		.name = "RefuseConnection", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(refuse_connection),
	},
	[KW_SYSLOG_FACILITY] = {
		.name = "SyslogFacility", .parse = parse_named,
		.values = values_facility, .store = STORE_WORD,
		.offset = AT(syslog_facility),
		.global = true,
	},
	[KW_LOG_LEVEL] = {
		.name = "LogLevel", .parse = parse_named,
		.values = values_log_level, .store = STORE_WORD,
		.offset = AT(log_level),
	},
	[KW_LOG_VERBOSE] = {
		.name = "LogVerbose", .parse = parse_log_verbose,
		.store = STORE_LIST_OR_NONE, .offset = AT(log_verbose),
		.state = STATE_NOT_YET,
	},
	[KW_FINGERPRINT_HASH] = {
		.name = "FingerprintHash", .parse = parse_named,
		.values = values_fingerprint_hash, .store = STORE_WORD,
		.offset = AT(fingerprint_hash), .merge = MERGE_LAST,
		.global = true,
	},
	[KW_HOST_KEY] = {
		.name = "HostKey", .parse = parse_host_key,
		.store = STORE_SPECIAL, .merge = MERGE_APPEND,
		.global = true,
	},
	[KW_HOST_CERTIFICATE] = {
		.name = "HostCertificate", .parse = parse_host_key,
		.store = STORE_LIST_OR_NONE, .offset = AT(host_certificates),
		.merge = MERGE_APPEND,
		.global = true,
	},
	[KW_HOST_KEY_AGENT] = {
		.name = "HostKeyAgent", .parse = parse_agent,
		.store = STORE_STRING_OR_NONE, .offset = AT(host_key_agent),
		.global = true,
	},
	[KW_HOST_KEY_ALGORITHMS] = {
		.name = "HostKeyAlgorithms", .parse = parse_host_key_algorithms,
		.store = STORE_STRING, .offset = AT(host_key_algorithms),
		.global = true,
	},
	[KW_MODULI_FILE] = {
		.name = "ModuliFile", .parse = parse_path,
		.store = STORE_STRING, .offset = AT(moduli_file),
		.global = true,
	},
	[KW_CIPHERS] = {
		.name = "Ciphers", .parse = parse_ciphers,
		.store = STORE_STRING, .offset = AT(ciphers),
		.global = true,
	},
	[KW_MACS] = {
		.name = "MACs", .parse = parse_macs, .store = STORE_STRING,
		.offset = AT(macs),
		.global = true,
	},
	[KW_KEX_ALGORITHMS] = {
		.name = "KexAlgorithms", .parse = parse_kex,
		.store = STORE_STRING, .offset = AT(kex_algorithms),
		.global = true,
	},
	[KW_REKEY_LIMIT] = {
		.name = "RekeyLimit", .parse = parse_rekey,
		.store = STORE_SPECIAL,
	},
	[KW_COMPRESSION] = {
		.name = "Compression", .parse = parse_named,
		.values = values_compression, .store = STORE_BOOL,
		.offset = AT(compression),
		.global = true,
	},
	[KW_REQUIRED_RSA_SIZE] = {
		.name = "RequiredRSASize", .parse = parse_int,
		.store = STORE_WORD, .offset = AT(required_rsa_bits),
	},
	[KW_SECURITY_KEY_PROVIDER] = {
		.name = "SecurityKeyProvider", .parse = parse_provider,
		.store = STORE_STRING, .offset = AT(security_key_provider),
		.state = STATE_REPLACED,
		.say = "security keys of users need no library, those of "
		    "hosts are not supported",
		.global = true,
	},
	[KW_PUBKEY_AUTHENTICATION] = {
		.name = "PubkeyAuthentication", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(pubkey_authentication),
	},
	[KW_PUBKEY_ACCEPTED_ALGORITHMS] = {
		.name = "PubkeyAcceptedAlgorithms",
		.parse = parse_pubkey_algorithms, .store = STORE_STRING,
		.offset = AT(pubkey_accepted_algorithms),
	},
	[KW_PUBKEY_AUTH_OPTIONS] = {
		.name = "PubkeyAuthOptions", .parse = parse_auth_options,
		.store = STORE_WORD, .offset = AT(pubkey_auth_options),
	},
	[KW_CA_SIGNATURE_ALGORITHMS] = {
		.name = "CASignatureAlgorithms", .parse = parse_ca_algorithms,
		.store = STORE_STRING, .offset = AT(ca_signature_algorithms),
	},
	[KW_AUTHORIZED_KEYS_FILE] = {
		.name = "AuthorizedKeysFile", .parse = parse_key_files,
		.tokens = "%hUu", .store = STORE_LIST_OR_NONE,
		.offset = AT(authorized_keys_files),
	},
	[KW_AUTHORIZED_KEYS_COMMAND] = {
		.name = "AuthorizedKeysCommand", .parse = parse_command,
		.tokens = "%CDfhktUu", .store = STORE_STRING_OR_NONE,
		.offset = AT(authorized_keys_command),
	},
	[KW_AUTHORIZED_KEYS_COMMAND_USER] = {
		.name = "AuthorizedKeysCommandUser", .parse = parse_string,
		.tokens = "%u", .store = STORE_STRING_OR_NONE,
		.offset = AT(authorized_keys_command_user),
	},
	[KW_AUTHORIZED_PRINCIPALS_FILE] = {
		.name = "AuthorizedPrincipalsFile", .parse = parse_tilde,
		.tokens = "%hUu", .store = STORE_STRING_OR_NONE,
		.offset = AT(authorized_principals_file),
	},
	[KW_AUTHORIZED_PRINCIPALS_COMMAND] = {
		.name = "AuthorizedPrincipalsCommand", .parse = parse_command,
		.tokens = "%CDFfhiKkstTUu", .store = STORE_STRING_OR_NONE,
		.offset = AT(authorized_principals_command),
	},
	[KW_AUTHORIZED_PRINCIPALS_COMMAND_USER] = {
		.name = "AuthorizedPrincipalsCommandUser",
		.parse = parse_string, .tokens = "%u",
		.store = STORE_STRING_OR_NONE,
		.offset = AT(authorized_principals_command_user),
	},
	[KW_TRUSTED_USER_CA_KEYS] = {
		.name = "TrustedUserCAKeys", .parse = parse_path,
		.store = STORE_STRING_OR_NONE,
		.offset = AT(trusted_user_ca_keys),
	},
	[KW_REVOKED_KEYS] = {
		.name = "RevokedKeys", .parse = parse_paths,
		.store = STORE_LIST_OR_NONE, .offset = AT(revoked_keys),
	},
	[KW_PASSWORD_AUTHENTICATION] = {
		.name = "PasswordAuthentication", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(password_authentication),
	},
	[KW_KBD_INTERACTIVE_AUTHENTICATION] = {
		.name = "KbdInteractiveAuthentication", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(kbdint_authentication),
	},
	[KW_PERMIT_EMPTY_PASSWORDS] = {
		.name = "PermitEmptyPasswords", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(permit_empty_passwords),
	},
	[KW_USE_PAM] = {
		.name = "UsePAM", .parse = parse_flag, .store = STORE_BOOL,
		.offset = AT(use_pam),
		.global = true,
	},
	[KW_PAM_SERVICE_NAME] = {
		.name = "PAMServiceName", .parse = parse_string,
		.store = STORE_STRING, .offset = AT(pam_service),
	},
	[KW_AUTHENTICATION_METHODS] = {
		.name = "AuthenticationMethods", .parse = parse_methods,
		.store = STORE_LIST, .offset = AT(authentication_methods),
	},
	[KW_MAX_AUTH_TRIES] = {
		.name = "MaxAuthTries", .parse = parse_int, .store = STORE_WORD,
		.offset = AT(max_auth_tries),
	},
	[KW_PERMIT_ROOT_LOGIN] = {
		.name = "PermitRootLogin", .parse = parse_named,
		.values = values_root_login, .store = STORE_WORD,
		.offset = AT(permit_root_login),
	},
	[KW_ALLOW_USERS] = {
		.name = "AllowUsers", .parse = parse_users, .store = STORE_LIST,
		.offset = AT(allow_users), .merge = MERGE_APPEND,
	},
	[KW_ALLOW_GROUPS] = {
		.name = "AllowGroups", .parse = parse_groups,
		.store = STORE_LIST, .offset = AT(allow_groups),
		.merge = MERGE_APPEND,
	},
	[KW_DENY_USERS] = {
		.name = "DenyUsers", .parse = parse_users, .store = STORE_LIST,
		.offset = AT(deny_users), .merge = MERGE_APPEND,
	},
	[KW_DENY_GROUPS] = {
		.name = "DenyGroups", .parse = parse_groups,
		.store = STORE_LIST, .offset = AT(deny_groups),
		.merge = MERGE_APPEND,
	},
	[KW_STRICT_MODES] = {
		.name = "StrictModes", .parse = parse_flag, .store = STORE_BOOL,
		.offset = AT(strict_modes),
		.global = true,
	},
	[KW_HOSTBASED_AUTHENTICATION] = {
		.name = "HostbasedAuthentication", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(hostbased_authentication),
	},
	[KW_HOSTBASED_ACCEPTED_ALGORITHMS] = {
		.name = "HostbasedAcceptedAlgorithms",
		.parse = parse_pubkey_algorithms, .store = STORE_STRING,
		.offset = AT(hostbased_accepted_algorithms),
	},
	[KW_HOSTBASED_USES_NAME_FROM_PACKET_ONLY] = {
		.name = "HostbasedUsesNameFromPacketOnly", .parse = parse_flag,
		.store = STORE_BOOL,
		.offset = AT(hostbased_uses_name_from_packet_only),
	},
	[KW_IGNORE_RHOSTS] = {
		.name = "IgnoreRhosts", .parse = parse_named,
		.values = values_ignore_rhosts, .store = STORE_WORD,
		.offset = AT(ignore_rhosts),
	},
	[KW_IGNORE_USER_KNOWN_HOSTS] = {
		.name = "IgnoreUserKnownHosts", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(ignore_user_known_hosts),
		.global = true,
	},
	[KW_EXPOSE_AUTH_INFO] = {
		.name = "ExposeAuthInfo", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(expose_auth_info),
	},
	[KW_BANNER] = {
		.name = "Banner", .parse = parse_path,
		.store = STORE_STRING_OR_NONE, .offset = AT(banner),
	},
	[KW_ACCEPT_ENV] = {
		.name = "AcceptEnv", .parse = parse_env, .store = STORE_LIST,
		.offset = AT(accept_env), .merge = MERGE_APPEND,
	},
	[KW_SET_ENV] = {
		.name = "SetEnv", .parse = parse_setenv, .store = STORE_LIST,
		.offset = AT(set_env),
	},
	[KW_PERMIT_USER_ENVIRONMENT] = {
		.name = "PermitUserEnvironment",
		.parse = parse_user_environment, .store = STORE_STRING,
		.offset = AT(permit_user_environment),
		.global = true,
	},
	[KW_PERMIT_TTY] = {
		.name = "PermitTTY", .parse = parse_flag, .store = STORE_BOOL,
		.offset = AT(permit_tty),
	},
	[KW_PERMIT_USER_RC] = {
		.name = "PermitUserRC", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(permit_user_rc),
	},
	[KW_FORCE_COMMAND] = {
		.name = "ForceCommand", .parse = parse_forced,
		.store = STORE_STRING_OR_NONE, .offset = AT(force_command),
	},
	[KW_SUBSYSTEM] = {
		.name = "Subsystem", .parse = parse_subsystem,
		.store = STORE_SPECIAL, .merge = MERGE_BY_NAME,
	},
	[KW_CHROOT_DIRECTORY] = {
		.name = "ChrootDirectory", .parse = parse_string,
		.tokens = "%hUu", .store = STORE_STRING_OR_NONE,
		.offset = AT(chroot_directory),
	},
	[KW_PRINT_MOTD] = {
		.name = "PrintMotd", .parse = parse_flag, .store = STORE_BOOL,
		.offset = AT(print_motd),
		.global = true,
	},
	[KW_PRINT_LAST_LOG] = {
		.name = "PrintLastLog", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(print_last_log),
		.global = true,
	},
	[KW_MAX_SESSIONS] = {
		.name = "MaxSessions", .parse = parse_int, .store = STORE_WORD,
		.offset = AT(max_sessions),
	},
	[KW_CLIENT_ALIVE_INTERVAL] = {
		.name = "ClientAliveInterval", .parse = parse_time,
		.store = STORE_WORD, .offset = AT(client_alive_interval_sec),
	},
	[KW_CLIENT_ALIVE_COUNT_MAX] = {
		.name = "ClientAliveCountMax", .parse = parse_int,
		.store = STORE_WORD, .offset = AT(client_alive_count_max),
	},
	[KW_CHANNEL_TIMEOUT] = {
		.name = "ChannelTimeout", .parse = parse_channel_timeout,
		.store = STORE_LIST_OR_NONE, .offset = AT(channel_timeouts),
	},
	[KW_UNUSED_CONNECTION_TIMEOUT] = {
		.name = "UnusedConnectionTimeout", .parse = parse_time_or_none,
		.store = STORE_WORD,
		.offset = AT(unused_connection_timeout_sec),
	},
	[KW_DISABLE_FORWARDING] = {
		.name = "DisableForwarding", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(disable_forwarding),
	},
	[KW_ALLOW_TCP_FORWARDING] = {
		.name = "AllowTcpForwarding", .parse = parse_named,
		.values = values_forwarding, .store = STORE_WORD,
		.offset = AT(allow_tcp_forwarding),
	},
	[KW_ALLOW_STREAM_LOCAL_FORWARDING] = {
		.name = "AllowStreamLocalForwarding", .parse = parse_named,
		.values = values_forwarding, .store = STORE_WORD,
		.offset = AT(allow_streamlocal_forwarding),
	},
	[KW_ALLOW_AGENT_FORWARDING] = {
		.name = "AllowAgentForwarding", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(allow_agent_forwarding),
	},
	[KW_GATEWAY_PORTS] = {
		.name = "GatewayPorts", .parse = parse_named,
		.values = values_gateway_ports, .store = STORE_WORD,
		.offset = AT(gateway_ports),
	},
	[KW_PERMIT_OPEN] = {
		.name = "PermitOpen", .parse = parse_permit_open,
		.store = STORE_LIST, .offset = AT(permit_open),
	},
	[KW_PERMIT_LISTEN] = {
		.name = "PermitListen", .parse = parse_permit_listen,
		.store = STORE_LIST, .offset = AT(permit_listen),
	},
	[KW_PERMIT_TUNNEL] = {
		.name = "PermitTunnel", .parse = parse_tunnel,
		.values = values_tunnel, .store = STORE_WORD,
		.offset = AT(permit_tunnel), .state = STATE_NOT_YET,
	},
	[KW_STREAM_LOCAL_BIND_MASK] = {
		.name = "StreamLocalBindMask", .parse = parse_mask,
		.store = STORE_WORD, .offset = AT(stream_local_bind_mask),
		.merge = MERGE_LAST,
	},
	[KW_STREAM_LOCAL_BIND_UNLINK] = {
		.name = "StreamLocalBindUnlink", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(stream_local_bind_unlink),
	},
	[KW_X11_FORWARDING] = {
		.name = "X11Forwarding", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(x11_forwarding),
		.state = STATE_NOT_YET,
	},
	[KW_X11_DISPLAY_OFFSET] = {
		.name = "X11DisplayOffset", .parse = parse_int,
		.store = STORE_WORD, .offset = AT(x11_display_offset),
		.state = STATE_NOT_YET,
	},
	[KW_X11_USE_LOCALHOST] = {
		.name = "X11UseLocalhost", .parse = parse_flag,
		.store = STORE_BOOL, .offset = AT(x11_use_localhost),
		.state = STATE_NOT_YET,
	},
	[KW_XAUTH_LOCATION] = {
		.name = "XAuthLocation", .parse = parse_path,
		.store = STORE_STRING_OR_NONE, .offset = AT(xauth_location),
		.state = STATE_NOT_YET,
		.global = true,
	},
	[KW_MATCH] = {
		.name = "Match", .parse = parse_match,
	},
	[KW_INCLUDE] = {
		.name = "Include", .parse = parse_include,
	},
	[KW_KERBEROS] = {
		.name = "Kerberos and GSSAPI", .parse = parse_anything,
		.state = STATE_REPLACED,
		.say = "use pam_krb5 through UsePAM; GSSAPI is not built in",
	},
	[KW_SSH1] = {
		.name = "SSH-1 options", .parse = parse_anything,
		.state = STATE_REPLACED,
		.say = "it belonged to SSH-1 or to an old OpenSSH",
	},
	[KW_DEBIAN_BANNER] = {
		.name = "DebianBanner", .parse = parse_anything,
		.state = STATE_REPLACED,
		.say = "use VersionAddendum; no distribution's name is sent",
		.global = true,
	},
};

/* Sorted, for bsearch(3); the unit test checks it. */
static const struct keyword_name names[] = {
	{ "acceptenv", KW_ACCEPT_ENV, true, NULL },
	{ "addressfamily", KW_ADDRESS_FAMILY, false, NULL },
	{ "afstokenpassing", KW_SSH1, false, NULL },
	{ "allowagentforwarding", KW_ALLOW_AGENT_FORWARDING, true, NULL },
	{ "allowgroups", KW_ALLOW_GROUPS, true, NULL },
	{ "allowstreamlocalforwarding",
	    KW_ALLOW_STREAM_LOCAL_FORWARDING, true, NULL },
	{ "allowtcpforwarding", KW_ALLOW_TCP_FORWARDING, true, NULL },
	{ "allowusers", KW_ALLOW_USERS, true, NULL },
	{ "authenticationmethods", KW_AUTHENTICATION_METHODS, true, NULL },
	{ "authorizedkeyscommand", KW_AUTHORIZED_KEYS_COMMAND, true, NULL },
	{ "authorizedkeyscommanduser",
	    KW_AUTHORIZED_KEYS_COMMAND_USER, true, NULL },
	{ "authorizedkeysfile", KW_AUTHORIZED_KEYS_FILE, true, NULL },
	{ "authorizedkeysfile2", KW_SSH1, true,
	    "use AuthorizedKeysFile" },
	{ "authorizedprincipalscommand",
	    KW_AUTHORIZED_PRINCIPALS_COMMAND, true, NULL },
	{ "authorizedprincipalscommanduser",
	    KW_AUTHORIZED_PRINCIPALS_COMMAND_USER, true, NULL },
	{ "authorizedprincipalsfile",
	    KW_AUTHORIZED_PRINCIPALS_FILE, true, NULL },
	{ "banner", KW_BANNER, true, NULL },
	{ "casignaturealgorithms", KW_CA_SIGNATURE_ALGORITHMS, true, NULL },
	{ "challengeresponseauthentication",
	    KW_KBD_INTERACTIVE_AUTHENTICATION, true, NULL },
	{ "channeltimeout", KW_CHANNEL_TIMEOUT, true, NULL },
	{ "checkmail", KW_SSH1, false,
	    "use pam_mail" },
	{ "chrootdirectory", KW_CHROOT_DIRECTORY, true, NULL },
	{ "ciphers", KW_CIPHERS, false, NULL },
	{ "clientalivecountmax", KW_CLIENT_ALIVE_COUNT_MAX, true, NULL },
	{ "clientaliveinterval", KW_CLIENT_ALIVE_INTERVAL, true, NULL },
	{ "compression", KW_COMPRESSION, false, NULL },
	{ "debianbanner", KW_DEBIAN_BANNER, false, NULL },
	{ "denygroups", KW_DENY_GROUPS, true, NULL },
	{ "denyusers", KW_DENY_USERS, true, NULL },
	{ "disableforwarding", KW_DISABLE_FORWARDING, true, NULL },
	{ "dsaauthentication", KW_PUBKEY_AUTHENTICATION, false, NULL },
	{ "exposeauthinfo", KW_EXPOSE_AUTH_INFO, true, NULL },
	{ "fingerprinthash", KW_FINGERPRINT_HASH, false, NULL },
	{ "forcecommand", KW_FORCE_COMMAND, true, NULL },
	{ "gatewayports", KW_GATEWAY_PORTS, true, NULL },
	{ "gssapiauthentication", KW_KERBEROS, true, NULL },
	{ "gssapicleanupcredentials", KW_KERBEROS, false, NULL },
	{ "gssapidelegatecredentials", KW_KERBEROS, false, NULL },
	{ "gssapikexalgorithms", KW_KERBEROS, false, NULL },
	{ "gssapikeyexchange", KW_KERBEROS, false, NULL },
	{ "gssapistorecredentialsonrekey", KW_KERBEROS, false, NULL },
	{ "gssapistrictacceptorcheck", KW_KERBEROS, false, NULL },
	{ "hostbasedacceptedalgorithms",
	    KW_HOSTBASED_ACCEPTED_ALGORITHMS, true, NULL },
	{ "hostbasedacceptedkeytypes",
	    KW_HOSTBASED_ACCEPTED_ALGORITHMS, true, NULL },
	{ "hostbasedauthentication", KW_HOSTBASED_AUTHENTICATION, true, NULL },
	{ "hostbasedusesnamefrompacketonly",
	    KW_HOSTBASED_USES_NAME_FROM_PACKET_ONLY, true, NULL },
	{ "hostcertificate", KW_HOST_CERTIFICATE, false, NULL },
	{ "hostdsakey", KW_HOST_KEY, false, NULL },
	{ "hostkey", KW_HOST_KEY, false, NULL },
	{ "hostkeyagent", KW_HOST_KEY_AGENT, false, NULL },
	{ "hostkeyalgorithms", KW_HOST_KEY_ALGORITHMS, false, NULL },
	{ "ignorerhosts", KW_IGNORE_RHOSTS, true, NULL },
	{ "ignoreuserknownhosts", KW_IGNORE_USER_KNOWN_HOSTS, false, NULL },
	{ "include", KW_INCLUDE, true, NULL },
	{ "ipqos", KW_IP_QOS, true, NULL },
	{ "kbdinteractiveauthentication",
	    KW_KBD_INTERACTIVE_AUTHENTICATION, true, NULL },
	{ "keepalive", KW_TCP_KEEP_ALIVE, false, NULL },
	{ "kerberosauthentication", KW_KERBEROS, true, NULL },
	{ "kerberosgetafstoken", KW_KERBEROS, false, NULL },
	{ "kerberosorlocalpasswd", KW_KERBEROS, false, NULL },
	{ "kerberostgtpassing", KW_SSH1, false, NULL },
	{ "kerberosticketcleanup", KW_KERBEROS, false, NULL },
	{ "kexalgorithms", KW_KEX_ALGORITHMS, false, NULL },
	{ "keyregenerationinterval", KW_SSH1, false, NULL },
	{ "listenaddress", KW_LISTEN_ADDRESS, false, NULL },
	{ "logingracetime", KW_LOGIN_GRACE_TIME, false, NULL },
	{ "loglevel", KW_LOG_LEVEL, true, NULL },
	{ "logverbose", KW_LOG_VERBOSE, true, NULL },
	{ "macs", KW_MACS, false, NULL },
	{ "match", KW_MATCH, true, NULL },
	{ "maxauthtries", KW_MAX_AUTH_TRIES, true, NULL },
	{ "maxsessions", KW_MAX_SESSIONS, true, NULL },
	{ "maxstartups", KW_MAX_STARTUPS, false, NULL },
	{ "modulifile", KW_MODULI_FILE, false, NULL },
	{ "pamservicename", KW_PAM_SERVICE_NAME, true, NULL },
	{ "passwordauthentication", KW_PASSWORD_AUTHENTICATION, true, NULL },
	{ "permitemptypasswords", KW_PERMIT_EMPTY_PASSWORDS, true, NULL },
	{ "permitlisten", KW_PERMIT_LISTEN, true, NULL },
	{ "permitopen", KW_PERMIT_OPEN, true, NULL },
	{ "permitrootlogin", KW_PERMIT_ROOT_LOGIN, true, NULL },
	{ "permittty", KW_PERMIT_TTY, true, NULL },
	{ "permittunnel", KW_PERMIT_TUNNEL, true, NULL },
	{ "permituserenvironment", KW_PERMIT_USER_ENVIRONMENT, false, NULL },
	{ "permituserrc", KW_PERMIT_USER_RC, true, NULL },
	{ "persourcemaxstartups", KW_PER_SOURCE_MAX_STARTUPS, false, NULL },
	{ "persourcenetblocksize", KW_PER_SOURCE_NET_BLOCK_SIZE, false, NULL },
	{ "persourcepenalties", KW_PER_SOURCE_PENALTIES, false, NULL },
	{ "persourcepenaltyexemptlist",
	    KW_PER_SOURCE_PENALTY_EXEMPT_LIST, false, NULL },
	{ "pidfile", KW_PID_FILE, false, NULL },
	{ "port", KW_PORT, false, NULL },
	{ "printlastlog", KW_PRINT_LAST_LOG, false, NULL },
	{ "printmotd", KW_PRINT_MOTD, false, NULL },
	{ "protocol", KW_SSH1, false,
	    "there is only version 2" },
	{ "pubkeyacceptedalgorithms",
	    KW_PUBKEY_ACCEPTED_ALGORITHMS, true, NULL },
	{ "pubkeyacceptedkeytypes", KW_PUBKEY_ACCEPTED_ALGORITHMS, true, NULL },
	{ "pubkeyauthentication", KW_PUBKEY_AUTHENTICATION, true, NULL },
	{ "pubkeyauthoptions", KW_PUBKEY_AUTH_OPTIONS, true, NULL },
	{ "rdomain", KW_RDOMAIN, true, NULL },
	{ "refuseconnection", KW_REFUSE_CONNECTION, true, NULL },
	{ "rekeylimit", KW_REKEY_LIMIT, true, NULL },
	{ "requiredrsasize", KW_REQUIRED_RSA_SIZE, true, NULL },
	{ "reversemappingcheck", KW_SSH1, false,
	    "use UseDNS" },
	{ "revokedkeys", KW_REVOKED_KEYS, true, NULL },
	{ "rhostsauthentication", KW_SSH1, false,
	    "use HostbasedAuthentication" },
	{ "rhostsrsaauthentication", KW_SSH1, true,
	    "use HostbasedAuthentication" },
	{ "rsaauthentication", KW_SSH1, true,
	    "use PubkeyAuthentication" },
	{ "securitykeyprovider", KW_SECURITY_KEY_PROVIDER, false, NULL },
	{ "serverkeybits", KW_SSH1, false, NULL },
	{ "setenv", KW_SET_ENV, true, NULL },
	{ "skeyauthentication", KW_KBD_INTERACTIVE_AUTHENTICATION, true, NULL },
	{ "sshdauthpath", KW_SSHD_AUTH_PATH, false, NULL },
	{ "sshdsessionpath", KW_SSHD_SESSION_PATH, false, NULL },
	{ "streamlocalbindmask", KW_STREAM_LOCAL_BIND_MASK, true, NULL },
	{ "streamlocalbindunlink", KW_STREAM_LOCAL_BIND_UNLINK, true, NULL },
	{ "strictmodes", KW_STRICT_MODES, false, NULL },
	{ "subsystem", KW_SUBSYSTEM, true, NULL },
	{ "syslogfacility", KW_SYSLOG_FACILITY, false, NULL },
	{ "tcpkeepalive", KW_TCP_KEEP_ALIVE, false, NULL },
	{ "trustedusercakeys", KW_TRUSTED_USER_CA_KEYS, true, NULL },
	{ "unusedconnectiontimeout", KW_UNUSED_CONNECTION_TIMEOUT, true, NULL },
	{ "usedns", KW_USE_DNS, false, NULL },
	{ "uselogin", KW_SSH1, false,
	    "use UsePAM" },
	{ "usepam", KW_USE_PAM, false, NULL },
	{ "useprivilegeseparation", KW_SSH1, false,
	    "privileges are always separate" },
	{ "verifyreversemapping", KW_SSH1, false,
	    "use UseDNS" },
	{ "versionaddendum", KW_VERSION_ADDENDUM, false, NULL },
	{ "x11displayoffset", KW_X11_DISPLAY_OFFSET, true, NULL },
	{ "x11forwarding", KW_X11_FORWARDING, true, NULL },
	{ "x11uselocalhost", KW_X11_USE_LOCALHOST, true, NULL },
	{ "xauthlocation", KW_XAUTH_LOCATION, false, NULL },
};

static int
compare(const void *word, const void *row)
{
	return strcasecmp(word, ((const struct keyword_name *)row)->name);
}

const struct keyword_name *
keyword_find(const char *word)
{
	static_assert(ARRAY_LEN(names) <= KEYWORD_NAMES_MAX_COUNT,
	    "config->told is too small");

	return bsearch(word, names, ARRAY_LEN(names), sizeof(names[0]),
	    compare);
}

size_t
keyword_name_index(const struct keyword_name *name)
{
	return (size_t)(name - names);
}

const struct keyword_name *
keyword_names(size_t *count)
{
	*count = ARRAY_LEN(names);
	return names;
}

/* --- words for values, the one to print first ----------------------------- */

const struct named_value values_address_family[] = {
	{ "any", AF_UNSPEC },
	{ "inet", AF_INET },
	{ "inet6", AF_INET6 },
	{ NULL, 0 },
};

/* "yes" is "delayed": compression before authentication is long gone. */
const struct named_value values_compression[] = {
	{ "yes", 1 },
	{ "delayed", 1 },
	{ "no", 0 },
	{ NULL, 0 },
};

const struct named_value values_facility[] = {
	{ "AUTH", LOG_AUTH },
	{ "AUTHPRIV", LOG_AUTHPRIV },
	{ "DAEMON", LOG_DAEMON },
	{ "USER", LOG_USER },
	{ "LOCAL0", LOG_LOCAL0 },
	{ "LOCAL1", LOG_LOCAL1 },
	{ "LOCAL2", LOG_LOCAL2 },
	{ "LOCAL3", LOG_LOCAL3 },
	{ "LOCAL4", LOG_LOCAL4 },
	{ "LOCAL5", LOG_LOCAL5 },
	{ "LOCAL6", LOG_LOCAL6 },
	{ "LOCAL7", LOG_LOCAL7 },
	{ NULL, 0 },
};

/*
 * The numbers of enum hash_alg and enum log_level, which this layer may not
 * include; tests/unit/test_config_values.c holds them together.
 */
const struct named_value values_fingerprint_hash[] = {
	{ "SHA256", 0 },
	{ "SHA384", 1 },
	{ "SHA512", 2 },
	{ "SHA1", 3 },
	{ "MD5", 4 },
	{ NULL, 0 },
};

const struct named_value values_log_level[] = {
	{ "SILENT", 0 },
	{ "QUIET", 0 },
	{ "FATAL", 1 },
	{ "ERROR", 2 },
	{ "INFO", 3 },
	{ "VERBOSE", 4 },
	{ "DEBUG", 5 },
	{ "DEBUG1", 5 },
	{ "DEBUG2", 6 },
	{ "DEBUG3", 7 },
	{ NULL, 0 },
};

const struct named_value values_forwarding[] = {
	{ "yes", FORWARD_BOTH },
	{ "all", FORWARD_BOTH },
	{ "no", FORWARD_NONE },
	{ "local", FORWARD_LOCAL },
	{ "remote", FORWARD_REMOTE },
	{ NULL, 0 },
};

const struct named_value values_gateway_ports[] = {
	{ "no", GATEWAY_NO },
	{ "yes", GATEWAY_YES },
	{ "clientspecified", GATEWAY_CLIENT_SPECIFIED },
	{ NULL, 0 },
};

const struct named_value values_ignore_rhosts[] = {
	{ "no", IGNORE_RHOSTS_NO },
	{ "yes", IGNORE_RHOSTS_YES },
	{ "shosts-only", IGNORE_RHOSTS_SHOSTS_ONLY },
	{ NULL, 0 },
};

/* The older name is what sshd -T has always printed. */
const struct named_value values_root_login[] = {
	{ "without-password", ROOT_PROHIBIT_PASSWORD },
	{ "prohibit-password", ROOT_PROHIBIT_PASSWORD },
	{ "forced-commands-only", ROOT_FORCED_COMMANDS_ONLY },
	{ "yes", ROOT_YES },
	{ "no", ROOT_NO },
	{ NULL, 0 },
};

const struct named_value values_tunnel[] = {
	{ "no", TUNNEL_NO },
	{ "point-to-point", TUNNEL_POINT_TO_POINT },
	{ "ethernet", TUNNEL_ETHERNET },
	{ "yes", TUNNEL_BOTH },
	{ NULL, 0 },
};
