/*
 * Tests of run/journal.h: what is said arrives as the field it was said in,
 * and as no other.  The reader below is journald's, in small.
 */
#include <stdlib.h>
#include <string.h>

#include "run/journal.h"
#include "unit.h"

#define FIELDS_MAX_COUNT 64

struct entry {
	size_t count;
	char name[FIELDS_MAX_COUNT][65];
	char value[FIELDS_MAX_COUNT][JOURNAL_MAX_BYTES];
};

static uint64_t
little_endian(const uint8_t *p)
{
	uint64_t v = 0;

	for (size_t i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

/* NAME=value\n or NAME\n length value \n, to the last byte. */
static struct entry *
read_entry(struct span packet)
{
	const uint8_t *p = packet.p, *end = packet.p + packet.len;
	struct entry *e = calloc(1, sizeof *e);

	assert_non_null(e);
	for (; p < end; e->count++) {
		size_t name = strspn((const char *)p,
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"),
		       len;
		const uint8_t *value = p + name + 1;

		assert_in_range(name, 1, 64);
		assert_in_range(e->count, 0, FIELDS_MAX_COUNT - 1);
		if (p[name] == '\n') {
			len = (size_t)little_endian(value);
			value += 8;
		} else {
			const uint8_t *stop =
			    memchr(value, '\n', (size_t)(end - value));

			assert_int_equal(p[name], '=');
			assert_non_null(stop);
			len = (size_t)(stop - value);
		}
		assert_true(len < (size_t)(end - value));
		assert_int_equal(value[len], '\n');
		memcpy(e->name[e->count], p, name);
		memcpy(e->value[e->count], value, len);
		p = value + len + 1;
	}
	assert_ptr_equal(p, end);
	return e;
}

static const char *
field(const struct entry *e, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < e->count; i++) {
		if (strcmp(e->name[i], name) != 0)
			continue;
		assert_null(found); /* each once */
		found = e->value[i];
	}
	return found;
}

static void
expect(const struct entry *e, const char *name, const char *want)
{
	const char *value = field(e, name);

	if (want == NULL) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_string_equal(value, want);
}

static const struct peer peer = {
	.transport = PEER_INET6,
	.remote_host = "2001:db8::1",
	.remote_port = 4711,
	.local_host = "::1",
	.local_port = 22,
};

static struct journal_line
line_of(const char *message, const struct log_event *event)
{
	return (struct journal_line){
		.message = message,
		.ident = "sshd",
		.priority = 6,
		.facility = 4,
		.pid = 123,
		.event = event,
		.peer = &peer,
	};
}

static struct entry *
encode(const struct journal_line *line, size_t room)
{
	uint8_t *buffer = malloc(room);
	struct sink out = sink_of(buffer, room);
	struct entry *e;

	assert_non_null(buffer);
	journal_encode(&out, line);
	assert_true(sink_ok(&out));
	e = read_entry(sink_span(&out));
	free(buffer);
	return e;
}

static void
test_accepted(void **state)
{
	const struct log_event event = {
		.kind = LOG_EVENT_ACCEPTED,
		.method = "publickey",
		.key = ": ED25519-CERT SHA256:abc ID x y (serial 1) CA RSA z",
	};
	struct journal_line line = line_of("Accepted publickey", &event);
	struct entry *e;

	(void)state;
	line.about[LOG_ABOUT_USER] = "alice";
	line.about[LOG_ABOUT_USER_VALID] = "yes";
	line.about[LOG_ABOUT_CLIENT] = "";
	e = encode(&line, JOURNAL_MAX_BYTES);
	expect(e, "MESSAGE", "Accepted publickey");
	expect(e, "PRIORITY", "6");
	expect(e, "SYSLOG_FACILITY", "4");
	expect(e, "SYSLOG_IDENTIFIER", "sshd");
	expect(e, "SYSLOG_PID", "123");
	expect(e, "MESSAGE_ID", "d9e96275b9b4476b897097388c3022d7");
	expect(e, "SSH_EVENT", "auth");
	expect(e, "SSH_RESULT", "accepted");
	expect(e, "SSH_METHOD", "publickey");
	expect(e, "SSH_KEY_TYPE", "ED25519-CERT");
	expect(e, "SSH_KEY_FP", "SHA256:abc");
	expect(e, "SSH_USER", "alice");
	expect(e, "SSH_USER_VALID", "yes");
	expect(e, "SSH_CLIENT_VERSION", NULL);
	expect(e, "SSH_TRANSPORT", "inet6");
	expect(e, "SSH_REMOTE_ADDR", "2001:db8::1");
	expect(e, "SSH_REMOTE_PORT", "4711");
	expect(e, "SSH_LOCAL_ADDR", "::1");
	expect(e, "SSH_LOCAL_PORT", "22");
	expect(e, "SSH_REASON", NULL);
	expect(e, "SSH_BYTES_IN", NULL);
	assert_int_equal(e->count, 18);
	free(e);
}

/* A line that is no event, from nobody: five fields and no more. */
static void
test_plain(void **state)
{
	struct journal_line line = line_of("", NULL);
	struct entry *e;

	(void)state;
	line.peer = NULL;
	e = encode(&line, JOURNAL_MAX_BYTES);
	expect(e, "MESSAGE", "");
	assert_int_equal(e->count, 5);
	free(e);
}

static void
test_peer_without_an_address(void **state)
{
	const struct peer nobody = { .transport = PEER_PIPE,
		.remote_host = "UNKNOWN",
		.remote_port = 65535 };
	struct journal_line line = line_of("x", NULL);
	struct entry *e;

	(void)state;
	line.peer = &nobody;
	e = encode(&line, JOURNAL_MAX_BYTES);
	expect(e, "SSH_TRANSPORT", "pipe");
	expect(e, "SSH_REMOTE_ADDR", NULL);
	expect(e, "SSH_REMOTE_PORT", NULL);
	free(e);
}

static void
test_bytes(void **state)
{
	const struct log_event event = { .kind = LOG_EVENT_TRANSFERRED,
		.bytes_in = 0,
		.bytes_out = UINT64_MAX };
	struct journal_line line = line_of("x", &event);
	struct entry *e = encode(&line, JOURNAL_MAX_BYTES);

	(void)state;
	expect(e, "SSH_BYTES_IN", "0");
	expect(e, "SSH_BYTES_OUT", "18446744073709551615");
	free(e);
}

/* Each event has an ID of its own, 32 hexadecimal digits. */
static void
test_ids(void **state)
{
	char seen[LOG_EVENT_COUNT][65] = { { 0 } };

	(void)state;
	for (size_t i = LOG_EVENT_NONE + 1; i < LOG_EVENT_COUNT; i++) {
		const struct log_event event = { .kind =
						     (enum log_event_kind)i };
		struct journal_line line = line_of("x", &event);
		struct entry *e = encode(&line, JOURNAL_MAX_BYTES);
		const char *id = field(e, "MESSAGE_ID");

		assert_non_null(field(e, "SSH_EVENT"));
		assert_non_null(id);
		assert_int_equal(strspn(id, "0123456789abcdef"), 32);
		assert_int_equal(strlen(id), 32);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(id, seen[j]);
		strcpy(seen[i], id);
		free(e);
	}
}

static void
test_no_event(void **state)
{
	const int kinds[] = { LOG_EVENT_NONE, LOG_EVENT_COUNT, -1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct log_event event = { .reason = "r",
			.kind = (enum log_event_kind)kinds[i] };
		struct journal_line line = line_of("x", &event);
		struct entry *e = encode(&line, JOURNAL_MAX_BYTES);

		expect(e, "SSH_EVENT", NULL);
		expect(e, "SSH_REASON", NULL);
		free(e);
	}
}

/* Values that would like to be fields. */
static void
test_hostile_values(void **state)
{
	static const char *const hostile[] = {
		"\nSSH_USER=root",
		"x\nMESSAGE_ID=1\n",
		"\n",
		"\n\n\n",
		"a=b=c",
		"\x1b[2J\xff\xfe",
		"\nSSH_USER\n\x04\n",
		"MESSAGE=forged\n_UID=0\nPRIORITY=0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const char *s = hostile[i];
		const struct log_event event = { .kind = LOG_EVENT_FAILED,
			.method = s,
			.reason = s,
			.command = s };
		struct journal_line line = line_of(s, &event);
		struct entry *e;

		line.about[LOG_ABOUT_USER] = s;
		line.about[LOG_ABOUT_CLIENT] = s;
		e = encode(&line, JOURNAL_MAX_BYTES);
		expect(e, "MESSAGE", s);
		expect(e, "SSH_METHOD", s);
		expect(e, "SSH_REASON", s);
		expect(e, "SSH_COMMAND", s);
		expect(e, "SSH_USER", s);
		expect(e, "SSH_CLIENT_VERSION", s);
		expect(e, "PRIORITY", "6");
		expect(e, "_UID", NULL);
		assert_int_equal(e->count, 18);
		free(e);
	}
}

/* Too little room: whole fields are missing, and no field is half there. */
static void
test_every_size_of_buffer(void **state)
{
	const struct log_event event = { .kind = LOG_EVENT_FAILED,
		.method = "publickey",
		.key = ": RSA SHA256:x",
		.reason = "a\nb" };
	struct journal_line line = line_of("a message", &event);

	(void)state;
	for (size_t room = 1; room < 600; room++)
		free(encode(&line, room));
}

static void
test_odd_keys(void **state)
{
	static const char *const keys[] = { "", ": ", ": RSA", ": RSA ", "  " };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct log_event event = { .kind = LOG_EVENT_FAILED,
			.key = keys[i] };
		struct journal_line line = line_of("x", &event);
		struct entry *e = encode(&line, JOURNAL_MAX_BYTES);

		expect(e, "SSH_KEY_TYPE", NULL);
		expect(e, "SSH_KEY_FP", NULL);
		free(e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_peer_without_an_address),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_no_event),
		cmocka_unit_test(test_hostile_values),
		cmocka_unit_test(test_every_size_of_buffer),
		cmocka_unit_test(test_odd_keys),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
