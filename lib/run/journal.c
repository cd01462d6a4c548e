/*
 * journal: one log line as an entry of systemd's journal.  Pure; used by
 * log.c, in the monitor, main and keygen.
 *
 * The protocol is five lines of text, so this is no reason to have
 * libsystemd in a process that holds keys.
 */
#include <stdio.h>
#include <string.h>

#include "run/journal.h"

/* The IDs are random, and for good: readers of the journal look for them. */
static const struct {
	const char *name, *result, *id;
} events[LOG_EVENT_COUNT] = {
	[LOG_EVENT_CONNECT] = { "connect", NULL,
	    "1092cdb4089948a8b79a14113fea36ba" },
	[LOG_EVENT_ACCEPTED] = { "auth", "accepted",
	    "d9e96275b9b4476b897097388c3022d7" },
	[LOG_EVENT_FAILED] = { "auth", "failed",
	    "327073ecffa14302935fe0c4098ec854" },
	[LOG_EVENT_DENIED] = { "deny", NULL,
	    "57229f7b23b74333bcd9074d4163750b" },
	[LOG_EVENT_SESSION_OPEN] = { "session_open", NULL,
	    "7cd589ec07f1415ebae407664b22a10c" },
	[LOG_EVENT_SESSION_CLOSE] = { "session_close", NULL,
	    "aa247938565542b891dccd4ce6b399b9" },
	[LOG_EVENT_DISCONNECT] = { "disconnect", NULL,
	    "3711b1e01aee4e67b03cd68cdbc3d103" },
	[LOG_EVENT_TRANSFERRED] = { "transferred", NULL,
	    "7c8ef0682929432c95f1cc054bec8727" },
};

static const char *const about_names[LOG_ABOUT_COUNT] = {
	[LOG_ABOUT_USER] = "SSH_USER",
	[LOG_ABOUT_USER_VALID] = "SSH_USER_VALID",
	[LOG_ABOUT_CLIENT] = "SSH_CLIENT_VERSION",
};

static const char *const transport_names[] = {
	[PEER_INET] = "inet",
	[PEER_INET6] = "inet6",
	[PEER_UNIX] = "unix",
	[PEER_VSOCK] = "vsock",
	[PEER_PIPE] = "pipe",
};

static void
put_size(struct sink *out, uint64_t v)
{
	for (size_t i = 0; i < sizeof v; i++)
		sink_u8(out, (uint8_t)(v >> (8 * i)));
}

static void
put(struct sink *out, const char *name, struct span value)
{
	struct sink before = *out;

	if (value.p == NULL)
		return;
	sink_bytes(out, span_str(name));
	if (value.len > 0 && memchr(value.p, '\n', value.len) != NULL) {
		sink_u8(out, '\n');
		put_size(out, value.len);
	} else {
		sink_u8(out, '=');
	}
	sink_bytes(out, value);
	sink_u8(out, '\n');
	if (!sink_ok(out))
		*out = before;
}

static void
put_text(struct sink *out, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		put(out, name, span_str(value));
}

static void
put_number(struct sink *out, const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
	put_text(out, name, digits);
}

/* ": ED25519 SHA256:..." and whatever a certificate adds behind it */
static void
put_key(struct sink *out, const char *text)
{
	const char *type = text + strspn(text, ": ");
	size_t type_len = strcspn(type, " ");
	const char *fp = type + type_len + strspn(type + type_len, " ");
	size_t fp_len = strcspn(fp, " ");

	if (type_len == 0 || fp_len == 0)
		return;
	put(out, "SSH_KEY_TYPE", span(type, type_len));
	put(out, "SSH_KEY_FP", span(fp, fp_len));
}

static void
put_event(struct sink *out, const struct log_event *event)
{
	if (event->kind <= LOG_EVENT_NONE || event->kind >= LOG_EVENT_COUNT)
		return;
	put_text(out, "MESSAGE_ID", events[event->kind].id);
	put_text(out, "SSH_EVENT", events[event->kind].name);
	put_text(out, "SSH_RESULT", events[event->kind].result);
	put_text(out, "SSH_METHOD", event->method);
	if (event->key != NULL)
		put_key(out, event->key);
	put_text(out, "SSH_REASON", event->reason);
	put_text(out, "SSH_COMMAND", event->command);
	if (event->kind == LOG_EVENT_TRANSFERRED) {
		put_number(out, "SSH_BYTES_IN", event->bytes_in);
		put_number(out, "SSH_BYTES_OUT", event->bytes_out);
	}
}

/* "UNKNOWN port 65535" is what the line says for want of better words. */
static void
put_peer(struct sink *out, const struct peer *peer)
{
	if ((size_t)peer->transport < ARRAY_LEN(transport_names))
		put_text(
		    out, "SSH_TRANSPORT", transport_names[peer->transport]);
	if (strcmp(peer->remote_host, "UNKNOWN") == 0)
		return;
	put_text(out, "SSH_REMOTE_ADDR", peer->remote_host);
	put_number(out, "SSH_REMOTE_PORT", peer->remote_port);
	put_text(out, "SSH_LOCAL_ADDR", peer->local_host);
	put_number(out, "SSH_LOCAL_PORT", peer->local_port);
}

void
journal_encode(struct sink *out, const struct journal_line *line)
{
	put(out, "MESSAGE", span_str(line->message));
	put_number(out, "PRIORITY", (uint64_t)line->priority);
	put_text(out, "SYSLOG_IDENTIFIER", line->ident);
	put_number(out, "SYSLOG_FACILITY", (uint64_t)line->facility);
	put_number(out, "SYSLOG_PID", (uint64_t)line->pid);
	if (line->event != NULL)
		put_event(out, line->event);
	if (line->peer != NULL)
		put_peer(out, line->peer);
	for (size_t i = 0; i < LOG_ABOUT_COUNT; i++)
		put_text(out, about_names[i], line->about[i]);
}
