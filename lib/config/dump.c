/*
 * dump: settings as text, in sshd -T's words and order.  Pure layer.
 */
#include <ctype.h>
#include <string.h>

#include "config/dump.h"
#include "config/internal.h"
#include "config/scan.h"
#include "config/text.h"

enum dump_kind {
	DUMP_FLAG,
	DUMP_NAMED,		/* a word of the keyword's values */
	DUMP_NAMED_FLAG,	/* the same, kept as a bool */
	DUMP_NUMBER,
	DUMP_OCTAL,
	DUMP_TIME,		/* 0 is "none" */
	DUMP_STRING,		/* NULL and "" are "none" */
	DUMP_LIST_LINE,		/* all on a line */
	DUMP_LIST_LINE_NONE,	/* the same; an empty one is "none" */
	DUMP_LIST_LINE_IF_ANY,	/* the same; an empty one is left out */
	DUMP_LIST_LINE_IF_SET,	/* the same; left out if no line sets it */
	DUMP_LIST_LINES,	/* a line each */
	DUMP_SPECIAL,
};

static const struct {
	enum keyword_id id;
	enum dump_kind kind;
} dump_order[] = {
	{ KW_PORT, DUMP_LIST_LINES },
	{ KW_ADDRESS_FAMILY, DUMP_NAMED },
	{ KW_LISTEN_ADDRESS, DUMP_SPECIAL },
	{ KW_USE_PAM, DUMP_FLAG },
	{ KW_PAM_SERVICE_NAME, DUMP_STRING },
	{ KW_LOGIN_GRACE_TIME, DUMP_NUMBER },
	{ KW_X11_DISPLAY_OFFSET, DUMP_NUMBER },
	{ KW_MAX_AUTH_TRIES, DUMP_NUMBER },
	{ KW_MAX_SESSIONS, DUMP_NUMBER },
	{ KW_CLIENT_ALIVE_INTERVAL, DUMP_NUMBER },
	{ KW_CLIENT_ALIVE_COUNT_MAX, DUMP_NUMBER },
	{ KW_REQUIRED_RSA_SIZE, DUMP_NUMBER },
	{ KW_STREAM_LOCAL_BIND_MASK, DUMP_OCTAL },
	{ KW_UNUSED_CONNECTION_TIMEOUT, DUMP_TIME },
	{ KW_PERMIT_ROOT_LOGIN, DUMP_NAMED },
	{ KW_IGNORE_RHOSTS, DUMP_NAMED },
	{ KW_IGNORE_USER_KNOWN_HOSTS, DUMP_FLAG },
	{ KW_HOSTBASED_AUTHENTICATION, DUMP_FLAG },
	{ KW_HOSTBASED_USES_NAME_FROM_PACKET_ONLY, DUMP_FLAG },
	{ KW_PUBKEY_AUTHENTICATION, DUMP_FLAG },
	{ KW_PASSWORD_AUTHENTICATION, DUMP_FLAG },
	{ KW_KBD_INTERACTIVE_AUTHENTICATION, DUMP_FLAG },
	{ KW_PRINT_MOTD, DUMP_FLAG },
	{ KW_PRINT_LAST_LOG, DUMP_FLAG },
	{ KW_X11_FORWARDING, DUMP_FLAG },
	{ KW_X11_USE_LOCALHOST, DUMP_FLAG },
	{ KW_PERMIT_TTY, DUMP_FLAG },
	{ KW_PERMIT_USER_RC, DUMP_FLAG },
	{ KW_STRICT_MODES, DUMP_FLAG },
	{ KW_TCP_KEEP_ALIVE, DUMP_FLAG },
	{ KW_PERMIT_EMPTY_PASSWORDS, DUMP_FLAG },
	{ KW_COMPRESSION, DUMP_NAMED_FLAG },
	{ KW_GATEWAY_PORTS, DUMP_NAMED },
	{ KW_USE_DNS, DUMP_FLAG },
	{ KW_ALLOW_TCP_FORWARDING, DUMP_NAMED },
	{ KW_ALLOW_AGENT_FORWARDING, DUMP_FLAG },
	{ KW_DISABLE_FORWARDING, DUMP_FLAG },
	{ KW_ALLOW_STREAM_LOCAL_FORWARDING, DUMP_NAMED },
	{ KW_STREAM_LOCAL_BIND_UNLINK, DUMP_FLAG },
	{ KW_FINGERPRINT_HASH, DUMP_NAMED },
	{ KW_EXPOSE_AUTH_INFO, DUMP_FLAG },
	{ KW_REFUSE_CONNECTION, DUMP_FLAG },
	{ KW_PID_FILE, DUMP_STRING },
	{ KW_MODULI_FILE, DUMP_STRING },
	{ KW_XAUTH_LOCATION, DUMP_STRING },
	{ KW_CIPHERS, DUMP_STRING },
	{ KW_MACS, DUMP_STRING },
	{ KW_BANNER, DUMP_STRING },
	{ KW_FORCE_COMMAND, DUMP_STRING },
	{ KW_CHROOT_DIRECTORY, DUMP_STRING },
	{ KW_TRUSTED_USER_CA_KEYS, DUMP_STRING },
	{ KW_REVOKED_KEYS, DUMP_LIST_LINE_NONE },
	{ KW_SECURITY_KEY_PROVIDER, DUMP_STRING },
	{ KW_AUTHORIZED_PRINCIPALS_FILE, DUMP_STRING },
	{ KW_VERSION_ADDENDUM, DUMP_STRING },
	{ KW_AUTHORIZED_KEYS_COMMAND, DUMP_STRING },
	{ KW_AUTHORIZED_KEYS_COMMAND_USER, DUMP_STRING },
	{ KW_AUTHORIZED_PRINCIPALS_COMMAND, DUMP_STRING },
	{ KW_AUTHORIZED_PRINCIPALS_COMMAND_USER, DUMP_STRING },
	{ KW_HOST_KEY_AGENT, DUMP_STRING },
	{ KW_KEX_ALGORITHMS, DUMP_STRING },
	{ KW_CA_SIGNATURE_ALGORITHMS, DUMP_STRING },
	{ KW_HOSTBASED_ACCEPTED_ALGORITHMS, DUMP_STRING },
	{ KW_HOST_KEY_ALGORITHMS, DUMP_STRING },
	{ KW_PUBKEY_ACCEPTED_ALGORITHMS, DUMP_STRING },
	{ KW_PER_SOURCE_PENALTY_EXEMPT_LIST, DUMP_STRING },
	{ KW_LOG_LEVEL, DUMP_NAMED },
	{ KW_SYSLOG_FACILITY, DUMP_NAMED },
	{ KW_AUTHORIZED_KEYS_FILE, DUMP_LIST_LINE_NONE },
	{ KW_HOST_KEY, DUMP_SPECIAL },
	{ KW_HOST_CERTIFICATE, DUMP_LIST_LINES },
	{ KW_ALLOW_USERS, DUMP_LIST_LINES },
	{ KW_DENY_USERS, DUMP_LIST_LINES },
	{ KW_ALLOW_GROUPS, DUMP_LIST_LINES },
	{ KW_DENY_GROUPS, DUMP_LIST_LINES },
	{ KW_ACCEPT_ENV, DUMP_LIST_LINES },
	{ KW_SET_ENV, DUMP_LIST_LINES },
	{ KW_AUTHENTICATION_METHODS, DUMP_LIST_LINE },
	{ KW_LOG_VERBOSE, DUMP_LIST_LINE_IF_SET },
	{ KW_CHANNEL_TIMEOUT, DUMP_LIST_LINE_IF_ANY },
	{ KW_SUBSYSTEM, DUMP_SPECIAL },
	{ KW_MAX_STARTUPS, DUMP_SPECIAL },
	{ KW_PER_SOURCE_MAX_STARTUPS, DUMP_SPECIAL },
	{ KW_PER_SOURCE_NET_BLOCK_SIZE, DUMP_SPECIAL },
	{ KW_PER_SOURCE_PENALTIES, DUMP_SPECIAL },
	{ KW_PERMIT_TUNNEL, DUMP_NAMED },
	{ KW_IP_QOS, DUMP_SPECIAL },
	{ KW_REKEY_LIMIT, DUMP_SPECIAL },
	{ KW_PERMIT_OPEN, DUMP_LIST_LINE },
	{ KW_PERMIT_LISTEN, DUMP_LIST_LINE },
	{ KW_PERMIT_USER_ENVIRONMENT, DUMP_STRING },
	{ KW_PUBKEY_AUTH_OPTIONS, DUMP_SPECIAL },
};

/* The keyword in lower case, as sshd prints it. */
static void
put_name(struct text *t, enum keyword_id id)
{
	char name[64];
	size_t i, n = strlen(keyword_table[id].name);

	for (i = 0; i < n && i < sizeof(name); i++)
		name[i] = (char)tolower(
		    (unsigned char)keyword_table[id].name[i]);
	text_put(t, "%.*s", (int)i, name);
}

static void
put_list(struct text *t, enum keyword_id id, enum dump_kind kind,
    const struct strlist *list)
{
	size_t i;

	if (kind == DUMP_LIST_LINES) {
		for (i = 0; i < list->n; i++) {
			put_name(t, id);
			text_put(t, " %s\n", list->v[i]);
		}
		return;
	}
	if (list->n == 0 && kind == DUMP_LIST_LINE_IF_ANY)
		return;
	put_name(t, id);
	for (i = 0; i < list->n; i++)
		text_put(t, " %s", list->v[i]);
	text_put(t, "%s\n", list->n == 0 ? " none" : "");
}

static const char *
name_of(const struct named_value *values, int value)
{
	for (; values->name != NULL; values++) {
		if (values->value == value)
			return values->name;
	}
	return "?";
}

/* --- what has a form of its own ------------------------------------------- */

static void
put_penalties(struct text *t, const struct penalties *p)
{
	if (!p->enabled) {
		text_put(t, "persourcepenalties no\n");
		return;
	}
	text_put(t, "persourcepenalties crash:%u authfail:%u noauth:%u "
	    "invaliduser:%u grace-exceeded:%u refuseconnection:%u max:%u "
	    "min:%u max-sources4:%u max-sources6:%u overflow:%s "
	    "overflow6:%s\n", p->crash, p->authfail, p->noauth,
	    p->invaliduser, p->grace_exceeded, p->refuseconnection, p->max,
	    p->min, p->max_sources4, p->max_sources6,
	    p->deny_all4 ? "deny-all" : "permissive",
	    p->deny_all6 ? "deny-all" : "permissive");
}

static void
put_ip_qos(struct text *t, int value)
{
	const char *name = ip_qos_name(value);

	if (name != NULL)
		text_put(t, " %s", name);
	else
		text_put(t, " 0x%02x", (unsigned int)value);
}

static void
put_auth_options(struct text *t, unsigned int options)
{
	text_put(t, "pubkeyauthoptions%s%s%s\n", options == 0 ? " none" : "",
	    options & PUBKEY_TOUCH_REQUIRED ? " touch-required" : "",
	    options & PUBKEY_VERIFY_REQUIRED ? " verify-required" : "");
}

static void
put_host_keys(struct text *t, const struct config *config,
    const struct settings *s)
{
	/* Without a HostKey line sshd names the defaults, there or not. */
	put_list(t, KW_HOST_KEY, DUMP_LIST_LINES,
	    config->winner[KW_HOST_KEY] == NULL &&
	    !fixed_has(config, KW_HOST_KEY) ? &config_default_host_keys :
	    &s->host_keys);
}

static void
put_special(struct text *t, enum keyword_id id, const struct config *config,
    const struct settings *s)
{
	size_t i;

	switch (id) {
	case KW_LISTEN_ADDRESS:
		(void)put_listen_addresses(t, s, "listenaddress ", true);
		break;
	case KW_HOST_KEY:
		put_host_keys(t, config, s);
		break;
	case KW_SUBSYSTEM:
		for (i = 0; i < s->subsystem_names.n; i++)
			text_put(t, "subsystem %s %s\n",
			    s->subsystem_names.v[i],
			    s->subsystem_commands.v[i]);
		break;
	case KW_MAX_STARTUPS:
		text_put(t, "maxstartups %u:%u:%u\n", s->max_startups_begin,
		    s->max_startups_rate, s->max_startups);
		break;
	case KW_PER_SOURCE_MAX_STARTUPS:
		if (s->per_source_max_startups == SETTINGS_UNLIMITED)
			text_put(t, "persourcemaxstartups none\n");
		else
			text_put(t, "persourcemaxstartups %u\n",
			    s->per_source_max_startups);
		break;
	case KW_PER_SOURCE_NET_BLOCK_SIZE:
		text_put(t, "persourcenetblocksize %u:%u\n",
		    s->per_source_prefix4, s->per_source_prefix6);
		break;
	case KW_PER_SOURCE_PENALTIES:
		put_penalties(t, &s->penalties);
		break;
	case KW_IP_QOS:
		text_put(t, "ipqos");
		put_ip_qos(t, s->ip_qos_interactive);
		put_ip_qos(t, s->ip_qos_bulk);
		text_put(t, "\n");
		break;
	case KW_REKEY_LIMIT:
		text_put(t, "rekeylimit %llu %u\n",
		    (unsigned long long)s->rekey_bytes, s->rekey_sec);
		break;
	case KW_PUBKEY_AUTH_OPTIONS:
		put_auth_options(t, s->pubkey_auth_options);
		break;
	default:
		break;
	}
}

static void
put_word(struct text *t, enum keyword_id id, enum dump_kind kind, int value)
{
	put_name(t, id);
	if (kind == DUMP_FLAG)
		text_put(t, " %s\n", value ? "yes" : "no");
	else if (kind == DUMP_OCTAL)
		text_put(t, " 0%o\n", (unsigned int)value);
	else if (kind == DUMP_TIME && value == 0)
		text_put(t, " none\n");
	else if (kind == DUMP_NUMBER || kind == DUMP_TIME)
		text_put(t, " %d\n", value);
	else
		text_put(t, " %s\n", name_of(keyword_table[id].values, value));
}

static void
put_keyword(struct text *t, enum keyword_id id, enum dump_kind kind,
    const struct config *config, const struct settings *s)
{
	const char *member = (const char *)s + keyword_table[id].offset;
	struct strlist list;
	const char *string;
	bool flag;
	int word;

	switch (kind) {
	case DUMP_FLAG:
	case DUMP_NAMED_FLAG:
		memcpy(&flag, member, sizeof(flag));
		put_word(t, id, kind, flag);
		break;
	case DUMP_NAMED:
	case DUMP_NUMBER:
	case DUMP_OCTAL:
	case DUMP_TIME:
		memcpy(&word, member, sizeof(word));
		put_word(t, id, kind, word);
		break;
	case DUMP_STRING:
		memcpy(&string, member, sizeof(string));
		put_name(t, id);
		text_put(t, " %s\n", string == NULL || string[0] == '\0' ?
		    "none" : string);
		break;
	case DUMP_LIST_LINE:
	case DUMP_LIST_LINE_NONE:
	case DUMP_LIST_LINE_IF_ANY:
	case DUMP_LIST_LINE_IF_SET:
	case DUMP_LIST_LINES:
		if (kind == DUMP_LIST_LINE_IF_SET && config->winner[id] == NULL)
			break;
		memcpy(&list, member, sizeof(list));
		put_list(t, id, kind, &list);
		break;
	case DUMP_SPECIAL:
		put_special(t, id, config, s);
		break;
	}
}

bool
dump_keyword_at(size_t i, enum keyword_id *id)
{
	*id = i < ARRAY_LEN(dump_order) ? dump_order[i].id : KW_COUNT;
	return i < ARRAY_LEN(dump_order);
}

void
dump_keyword(struct text *t, size_t i, const struct config *config,
    const struct settings *settings)
{
	put_keyword(t, dump_order[i].id, dump_order[i].kind, config, settings);
}

char *
config_dump(struct config *config, const struct config_spec *spec)
{
	struct settings settings;
	struct text t = { 0 };
	size_t i;

	if (!config_resolve(config, spec, &settings))
		return NULL;
	for (i = 0; i < ARRAY_LEN(dump_order); i++)
		dump_keyword(&t, i, config, &settings);
	return text_done(&t);
}
