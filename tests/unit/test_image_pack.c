/*
 * Tests of config/pack.h: what is packed comes back, and no bytes do harm.
 * (tests/config/test_pack.py compares meanings on generated configurations.)
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/algorithms.h"
#include "config/dump.h"
#include "config/origin.h"
#include "config/pack.h"
#include "config/source.h"

#define ROOM_BYTES ((size_t)256 << 10)

static const char full[] =
    "Port 2222\n"
    "HostKey /k1\nHostKey /k2\n"
    "RekeyLimit 1G 1h\n"
    "MaxStartups 5:50:60\n"
    "AcceptEnv LANG LC_*\n"
    "Subsystem sftp internal-sftp -l VERBOSE\n"
    "PerSourcePenalties crash:5m max:1h\n"
    "IPQoS none\n"
    "AllowUsers alice bob@10.0.0.0/8\n"
    "Match User alice,bob Address 192.0.2.0/24,!192.0.2.7\n"
    "	ForceCommand /bin/echo 'a  b'\n"
    "	AcceptEnv X\n"
    "	Subsystem sftp /other\n"
    "Match Group staff\n"
    "	X11Forwarding no\n"
    "Match LocalPort 22\n"
    "	MaxSessions 3\n"
    "Match all\n"
    "	Banner none\n";

static int
no_load(void *ctx, const char *path, char **text, size_t *n)
{
	(void)ctx;
	(void)path;
	*text = NULL;
	*n = 0;
	return 2;
}

static bool
no_glob(void *ctx, const char *pattern,
    bool (*found)(void *arg, const char *path), void *arg)
{
	(void)ctx;
	(void)pattern;
	(void)found;
	(void)arg;
	return true;
}

static bool
always_exists(void *ctx, const char *path)
{
	(void)ctx;
	return strstr(path, "rsa") == NULL;
}

static struct config *
parse(const char *text)
{
	static const struct config_files files = {
		.load = no_load,
		.glob = no_glob,
		.exists = always_exists,
	};
	struct config *config = config_read_text(&files, "text", text,
	    strlen(text));

	assert_non_null(config);
	assert_true(config_valid(config));
	return config;
}

/* In a buffer of exactly its size. */
static struct span
pack(const struct config *config)
{
	uint8_t *room = malloc(ROOM_BYTES), *exact;
	struct sink sink = sink_of(room, ROOM_BYTES);

	assert_true(config_pack(config, &sink));
	assert_true(sink_ok(&sink));
	exact = malloc(sink.len);
	assert_non_null(exact);
	memcpy(exact, room, sink.len);
	free(room);
	return span(exact, sink.len);
}

static bool
in_staff(void *ctx, const char *patterns)
{
	(void)ctx;
	return strcmp(patterns, "staff") == 0;
}

static const struct config_spec specs[] = {
	{ .user = NULL },
	{ .user = "alice", .addr = "192.0.2.9" },
	{ .user = "alice", .addr = "192.0.2.7", .lport = 22 },
	{ .user = "carol", .addr = "::1", .in_group = in_staff },
};

static void
use(struct config *config)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(specs); i++)
		free(config_dump(config, &specs[i]));
}

static void
means_the_same(void **state)
{
	static const char *const texts[] = { "", "Port 22\n", full };
	size_t i, t;

	(void)state;
	for (t = 0; t < ARRAY_LEN(texts); t++) {
		struct config *config = parse(texts[t]), *back;
		struct span packed = pack(config);

		back = config_unpack(packed);
		assert_non_null(back);
		for (i = 0; i < ARRAY_LEN(specs); i++) {
			char *want = config_dump(config, &specs[i]);
			char *got = config_dump(back, &specs[i]);

			assert_string_equal(got, want);
			free(want);
			free(got);
		}
		assert_true(config_valid(back));
		config_free(config);
		config_free(back);
		free((void *)(uintptr_t)packed.p);
	}
}

static void
knows_the_lines(void **state)
{
	struct config *config = parse(full), *back;
	struct span packed = pack(config);
	const char *file;
	struct settings s;
	unsigned int line;

	(void)state;
	back = config_unpack(packed);
	assert_non_null(back);
	assert_true(config_resolve(back, &specs[1], &s));
	assert_string_equal(s.force_command, "/bin/echo 'a  b'");
	assert_true(config_origin(back, "ForceCommand", &file, &line));
	assert_string_equal(file, "text");
	assert_int_equal(line, 12);
	config_free(config);
	config_free(back);
	free((void *)(uintptr_t)packed.p);
}

static void
keeps_each_string_once(void **state)
{
	char text[8192];
	size_t n = 0, i, few;
	struct config *config;
	struct span packed;

	(void)state;
	for (i = 0; i < 200; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "Match User alice\nBanner /a/long/path\n");
	config = parse("Match User alice\nBanner /a/long/path\n");
	packed = pack(config);
	few = packed.len;
	free((void *)(uintptr_t)packed.p);
	config_free(config);
	config = parse(text);
	packed = pack(config);
	/* A block, a criterion and a directive, 16 words, for each. */
	assert_int_equal(packed.len, few + 199 * 16 * 4);
	free((void *)(uintptr_t)packed.p);
	config_free(config);
}

static void
full_sink_is_no_failure(void **state)
{
	struct config *config = parse(full);
	struct span packed = pack(config);
	uint8_t *room = malloc(packed.len);
	size_t n;

	(void)state;
	for (n = 0; n < packed.len; n += 7) {
		struct sink sink = sink_of(room, n);

		assert_true(config_pack(config, &sink));
		assert_false(sink_ok(&sink));
	}
	free(room);
	config_free(config);
	free((void *)(uintptr_t)packed.p);
}

static void
cut_is_refused(void **state)
{
	struct config *config = parse(full);
	struct span packed = pack(config);
	size_t n;

	(void)state;
	for (n = 0; n < packed.len; n++) {
		uint8_t *part = malloc(n + 1);

		memcpy(part, packed.p, n);
		assert_null(config_unpack(span(part, n)));
		free(part);
	}
	assert_null(config_unpack(span(NULL, 0)));
	config_free(config);
	free((void *)(uintptr_t)packed.p);
}

/* No checksum is asked here: whatever comes out must be safe to use. */
static void
changed_does_no_harm(void **state)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };
	struct config *config = parse(full);
	struct span packed = pack(config);
	uint8_t *copy = malloc(packed.len);
	size_t i, c;

	(void)state;
	memcpy(copy, packed.p, packed.len);
	for (i = 0; i < packed.len; i++) {
		for (c = 0; c < ARRAY_LEN(changes); c++) {
			struct config *back;

			copy[i] ^= changes[c];
			back = config_unpack(span(copy, packed.len));
			if (back != NULL)
				use(back);
			config_free(back);
			copy[i] ^= changes[c];
		}
	}
	free(copy);
	config_free(config);
	free((void *)(uintptr_t)packed.p);
}

static void
tag_says_what_is_built_in(void **state)
{
	const struct config_algorithms a = { .kex_default = "one" };
	const struct config_algorithms b = { .kex_default = "two" };
	uint64_t tag;

	(void)state;
	config_set_algorithms(&a);
	tag = config_pack_tag();
	assert_true(tag == config_pack_tag());
	config_set_algorithms(&b);
	assert_true(tag != config_pack_tag());
}

int
main(void)
{
	static const struct config_algorithms none;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means_the_same),
		cmocka_unit_test(knows_the_lines),
		cmocka_unit_test(keeps_each_string_once),
		cmocka_unit_test(full_sink_is_no_failure),
		cmocka_unit_test(cut_is_refused),
		cmocka_unit_test(changed_does_no_harm),
		cmocka_unit_test(tag_says_what_is_built_in),
	};

	config_set_algorithms(&none);
	return cmocka_run_group_tests_name("image_pack", tests, NULL, NULL);
}
