/*
 * Tests of ipc/keys.h: its messages, and what its decoders must refuse.
 */
#include "ipc/keys.h"
#include "unit.h"

static enum wire_err
log_parse(struct cursor in, void *out)
{
	return keys_log_get(in, out) ? WIRE_OK : WIRE_BAD_VALUE;
}

static void
log_write(struct sink *out, const void *m)
{
	keys_log_put(out, m);
}

static enum wire_err
grant_parse(struct cursor in, void *out)
{
	return keys_grant_get(in, out) ? WIRE_OK : WIRE_BAD_VALUE;
}

static void
grant_write(struct sink *out, const void *m)
{
	keys_grant_put(out, m);
}

static const struct codec log_codec = { "keys_log", sizeof(struct keys_log),
	log_parse, log_write, false };
static const struct codec grant_codec = { "keys_grant",
	sizeof(struct keys_grant), grant_parse, grant_write, false };

static struct keys_grant
some_grant(void)
{
	return (struct keys_grant){
		.verdict = KEYS_ALLOWED, .text = S(": ED25519 SHA256:x"),
		.signer = S("blob\0blob"), .algorithm = S("ssh-ed25519"),
		.auth_info = S("ssh-ed25519 AAAA"),
		.options = {
			.permit_pty = true, .permit_port_forwarding = true,
			.need_touch = true, .has_command = true,
			.command = S("echo"),
			.environment = BYTES("\0\0\0\3A=1\0\0\0\3B=2"),
			.has_permitopen = true,
			.permitopen = BYTES("\0\0\0\3a:1"),
			.has_permitlisten = true, .has_tunnel = true,
			.tunnel = 7, .expires = UINT64_MAX,
		},
	};
}

static bool
parses(const struct keys_grant *m)
{
	static uint8_t frame[IPC_FRAME_MAX_BYTES];
	struct sink out = sink_of(frame, sizeof frame);
	struct keys_grant back;
	bool ok;

	keys_grant_put(&out, m);
	assert_true(sink_ok(&out));
	ok = keys_grant_get(cursor_of(span(frame + 1, out.len - 1)), &back);
	assert_int_equal(back.verdict, ok ? m->verdict : 0);
	if (!ok)
		assert_false(back.options.permit_pty ||
		    back.options.has_command || back.signer.len > 0);
	return ok;
}

static void
messages(void **state)
{
	struct keys_log line = { 3, S("text") };
	struct keys_grant grant = some_grant(), no = {
		.verdict = KEYS_DENIED, .more = 6, .text = S(": x") };

	(void)state;
	codec_check(&log_codec, &line);
	codec_check(&grant_codec, &grant);
	codec_check(&grant_codec, &no);
}

static void
refused(void **state)
{
	static char big[KEYS_TEXT_MAX_BYTES + 1];
	struct keys_grant m;

	(void)state;
	m = some_grant();
	assert_true(parses(&m));
#define REFUSED(change) do {						\
	m = some_grant();						\
	change;								\
	assert_false(parses(&m));					\
} while (0)
	REFUSED(m.verdict = 0);
	REFUSED(m.verdict = 1);
	REFUSED(m.verdict = KEYS_ALLOWED ^ 1);
	REFUSED(m.verdict = ~(uint32_t)KEYS_ALLOWED);
	REFUSED(m.more = 1);
	REFUSED(m.signer.len = 0);
	REFUSED(m.algorithm.len = 0);
	REFUSED(m.algorithm = span("a\0b", 3));
	REFUSED(m.text = span("a\0b", 3));
	REFUSED(m.text = span(big, sizeof big));
	REFUSED(m.auth_info = span("a\0b", 3));
	REFUSED(m.options.command = span("a\0b", 3));
	REFUSED(m.options.has_command = false);
	REFUSED(m.options.has_permitopen = false);
	REFUSED(m.options.has_tunnel = false);
	REFUSED(m.options.environment = span("\0\0\0\4A=1", 7));
	REFUSED(m.options.environment = span("\0\0\0\3A\0""1", 7));
	REFUSED(m.options.permitlisten = span("\0\0\0", 3));
}

/* Nothing that only a yes has can come with a no. */
static void
a_no_is_only_a_no(void **state)
{
	uint8_t frame[512];
	struct sink out = sink_of(frame, sizeof frame);
	struct keys_grant m = some_grant(), back;
	struct sink patch;

	(void)state;
	keys_grant_put(&out, &m);
	patch = sink_of(frame + 1, 4);
	sink_u32(&patch, KEYS_DENIED);
	assert_false(keys_grant_get(cursor_of(span(frame + 1, out.len - 1)),
	    &back));
}

static void
questions(void **state)
{
	uint8_t bytes[256];
	struct sink out = sink_of(bytes, sizeof bytes);
	const struct keys_job job = { .kind = KEYS_HOSTBASED,
		.algorithm = S("a"), .key = S("k\0k"), .client_host = S("h"),
		.client_user = S("u") };
	struct keys_job back = { .edge = 7 };

	(void)state;
	keys_question_put(&out, &job);
	assert_true(keys_question_get(sink_span(&out), &back));
	assert_int_equal(back.kind, KEYS_HOSTBASED);
	assert_true(span_equal(back.key, job.key));
	assert_span(back.client_host, "h");
	assert_span(back.client_user, "u");
	assert_int_equal(back.edge, 7);
	assert_false(keys_question_get(span(bytes, out.len - 1), &back));
}

/* A copy that outlives both, or nothing that permits anything. */
static void
adoption(void **state)
{
	uint8_t bytes[512];
	char text[] = "echo";
	struct keys_options all = keys_options_all(), key = all, out;

	(void)state;
	key.permit_pty = false;
	key.has_command = true;
	key.command = span(text, 4);
	assert_true(keys_options_adopt(&all, &key,
	    sink_of(bytes, sizeof bytes), &out));
	text[0] = 'X';
	assert_span(out.command, "echo");
	assert_false(out.permit_pty);
	assert_true(out.permit_user_rc);
	for (size_t n = 0; n < 40; n++) {
		assert_false(keys_options_adopt(&all, &key,
		    sink_of(bytes, n), &out));
		assert_false(out.permit_user_rc || out.permit_tunnel ||
		    out.has_command);
	}
	all.has_command = true;
	assert_false(keys_options_adopt(&all, &key,
	    sink_of(bytes, sizeof bytes), &out));
	assert_false(out.permit_user_rc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(refused),
		cmocka_unit_test(a_no_is_only_a_no),
		cmocka_unit_test(questions),
		cmocka_unit_test(adoption),
	};

	return cmocka_run_group_tests_name("ipc_keys", tests, NULL, NULL);
}
