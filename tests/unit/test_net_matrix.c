/*
 * Tests of net's dispatch: every message number in every phase, against a
 * golden table.  RFC 4253 section 11.4 wants UNIMPLEMENTED for what is not
 * known; section 7.1 and RFC 4252 section 6 name what ends a connection.
 */
#include <string.h>
#include <unistd.h>

#include "mini_client.h"
#include "run/exits.h"
#include "unit.h"
#include "wire/numbers.h"

static struct mini mini, *const m = &mini;

enum stage {
	AT_START,	/* no KEXINIT yet */
	IN_KEX, IN_STRICT_KEX,
	IN_NEWKEYS, IN_STRICT_NEWKEYS,
	AT_SERVICE, AT_AUTH, AT_OPEN,
	IN_REKEY,
	IN_GEX, IN_STRICT_GEX,		/* no group is asked for yet */
	IN_GEX_GROUP, IN_STRICT_GEX_GROUP, /* and it is here */
	STAGE_COUNT
};

/* Ignored, UNIMPLEMENTED, Answered; what no row covers Ends it. */
static const struct row {
	enum stage stage;
	uint8_t from, to;
	char what;
} golden[] = {
	{ AT_START, 2, 4, 'I' }, { AT_START, 5, 19, 'U' },
	{ AT_START, 21, 49, 'U' }, { AT_START, 192, 193, 'I' },
	{ IN_KEX, 2, 4, 'I' }, { IN_KEX, 8, 19, 'U' },
	{ IN_NEWKEYS, 2, 4, 'I' }, { IN_NEWKEYS, 8, 19, 'U' },
	{ AT_SERVICE, 2, 4, 'I' }, { AT_SERVICE, 6, 19, 'U' },
	{ AT_SERVICE, 21, 79, 'U' }, { AT_SERVICE, 128, 191, 'U' },
	{ AT_SERVICE, 192, 193, 'I' }, { AT_SERVICE, 194, 254, 'U' },
	{ AT_AUTH, 2, 4, 'I' }, { AT_AUTH, 6, 19, 'U' },
	{ AT_AUTH, 21, 49, 'U' }, { AT_AUTH, 51, 79, 'U' },
	{ AT_AUTH, 128, 191, 'U' }, { AT_AUTH, 192, 193, 'I' },
	{ AT_AUTH, 194, 254, 'U' },
	{ AT_OPEN, 2, 4, 'I' }, { AT_OPEN, 5, 19, 'U' },
	{ AT_OPEN, 21, 79, 'U' }, { AT_OPEN, 81, 82, 'I' },
	{ AT_OPEN, 83, 89, 'U' }, { AT_OPEN, 93, 93, 'I' },
	{ AT_OPEN, 99, 100, 'I' }, { AT_OPEN, 101, 191, 'U' },
	{ AT_OPEN, 192, 192, 'A' }, { AT_OPEN, 193, 193, 'I' },
	{ AT_OPEN, 194, 254, 'U' },
	{ IN_REKEY, 2, 4, 'I' }, { IN_REKEY, 8, 19, 'U' },
	{ IN_GEX, 2, 4, 'I' }, { IN_GEX, 8, 19, 'U' },
	{ IN_GEX_GROUP, 2, 4, 'I' }, { IN_GEX_GROUP, 8, 19, 'U' },
};

static char
expected(enum stage stage, unsigned int type)
{
	for (size_t i = 0; i < ARRAY_LEN(golden); i++)
		if (golden[i].stage == stage && type >= golden[i].from &&
		    type <= golden[i].to)
			return golden[i].what;
	return 'E';
}

static void
go_into_gex(enum stage stage)
{
	static const uint8_t want[] = { SSH_MSG_KEX_DH_GEX_REQUEST,
		0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 8, 0 };
	const bool strict = stage == IN_STRICT_GEX ||
	    stage == IN_STRICT_GEX_GROUP;

	mini_ident(m);
	mini_send_kexinit(m, strict
	    ? MINI_GEX ",kex-strict-c-v00@openssh.com" : MINI_GEX, false);
	if (stage < IN_GEX_GROUP)
		return;
	mini_send(m, span(want, sizeof want));
	(void)mini_expect(m, SSH_MSG_KEX_DH_GEX_GROUP);
}

static void
go_to(enum stage stage)
{
	const bool strict = stage == IN_STRICT_KEX ||
	    stage == IN_STRICT_NEWKEYS || stage >= AT_SERVICE;

	mini_start(m, NULL);
	if (stage >= IN_GEX) {
		go_into_gex(stage);
		return;
	}
	if (stage >= AT_OPEN) {
		mini_login(m);
		if (stage == IN_REKEY) {
			mini_send_kexinit(m, MINI_KEX, false);
			(void)mini_expect(m, SSH_MSG_KEXINIT);
		}
		return;
	}
	mini_ident(m);
	if (stage == AT_START)
		return;
	mini_send_kexinit(m, strict ? MINI_STRICT : MINI_KEX, false);
	if (stage < IN_NEWKEYS)
		return;
	mini_send_ecdh(m);
	mini_finish_kex(m);
	if (stage < AT_SERVICE)
		return;
	mini_send_newkeys(m);
	if (stage == AT_AUTH)
		mini_service(m);
}

/* As many zeroes as make these messages well formed, and some for others. */
static size_t
body_bytes(unsigned int type)
{
	switch (type) {
	case SSH_MSG_DEBUG:
		return 9;
	case SSH_MSG_IGNORE:
	case SSH_MSG_UNIMPLEMENTED:
	case SSH_MSG_PING:
	case SSH_MSG_PONG:
		return 4;
	case SSH_MSG_CHANNEL_WINDOW_ADJUST:
		return 8;
	default:
		return 16;
	}
}

static uint32_t
send_zeroes(unsigned int type)
{
	uint8_t payload[32] = { (uint8_t)type };
	uint32_t seq = m->out.seq;

	mini_send(m, span(payload, 1 + body_bytes(type)));
	return seq;
}

/* Was number seq answered with UNIMPLEMENTED?  payload is what came. */
static bool
is_unimplemented(struct span payload, uint32_t seq)
{
	struct cursor in = cursor_of(payload);

	return cursor_u8(&in) == SSH_MSG_UNIMPLEMENTED &&
	    cursor_u32(&in) == seq && cursor_end(&in) == WIRE_OK;
}

/* What became of message seq: one follows whose answer is known, if any. */
static char
became_of(uint32_t seq)
{
	uint32_t probe = send_zeroes(8);
	struct span payload = mini_recv(m);
	char what;

	if (payload.len == 0)
		return 'E';
	if (payload.p[0] == SSH_MSG_DISCONNECT)
		return mini_recv(m).len == 0 ? 'E' : '?';
	if (is_unimplemented(payload, probe))
		return 'I';
	what = is_unimplemented(payload, seq) ? 'U' : 'A';
	return is_unimplemented(mini_recv(m), probe) ? what : '?';
}

static char
try(unsigned int type)
{
	return became_of(send_zeroes(type));
}

static void
check_stage(enum stage stage)
{
	bool fresh = true;
	int wrong = 0;

	for (unsigned int type = 0; type < 256; type++) {
		char got;

		if (fresh)
			go_to(stage);
		got = try(type);
		fresh = got == 'E' || got == '?';
		if (fresh)
			assert_int_equal(mini_end(m), EXIT_PEER);
		if (got == expected(stage, type))
			continue;
		print_error("stage %d, message %u: %c instead of %c\n",
		    (int)stage, type, got, expected(stage, type));
		wrong++;
	}
	if (!fresh)
		assert_int_equal(mini_end(m), EXIT_PEER);
	assert_int_equal(wrong, 0);
}

#define STAGE_TEST(name, stage)						\
static void								\
name(void **state)							\
{									\
	(void)state;							\
	check_stage(stage);						\
}

STAGE_TEST(test_before_kexinit, AT_START)
STAGE_TEST(test_in_kex, IN_KEX)
STAGE_TEST(test_in_strict_kex, IN_STRICT_KEX)
STAGE_TEST(test_in_newkeys, IN_NEWKEYS)
STAGE_TEST(test_in_strict_newkeys, IN_STRICT_NEWKEYS)
STAGE_TEST(test_service, AT_SERVICE)
STAGE_TEST(test_auth, AT_AUTH)
STAGE_TEST(test_open, AT_OPEN)
STAGE_TEST(test_in_rekey, IN_REKEY)
STAGE_TEST(test_in_gex, IN_GEX)
STAGE_TEST(test_in_strict_gex, IN_STRICT_GEX)
STAGE_TEST(test_in_gex_group, IN_GEX_GROUP)
STAGE_TEST(test_in_strict_gex_group, IN_STRICT_GEX_GROUP)

/* A payload of a type alone, of every type, never brings net down. */
static void
test_no_body(void **state)
{
	(void)state;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		bool fresh = true;

		for (unsigned int type = 0; type < 256; type++) {
			char got;

			if (expected((enum stage)stage, type) == 'E' &&
			    type > 110)
				continue;
			/* That one is as it should be. */
			if (type == SSH_MSG_NEWKEYS &&
			    (stage == IN_NEWKEYS || stage ==
			    IN_STRICT_NEWKEYS))
				continue;
			if (fresh)
				go_to((enum stage)stage);
			mini_send_type(m, (uint8_t)type);
			got = try(2);
			fresh = got != 'I' && got != 'U' && got != 'A';
			if (fresh)
				assert_int_equal(mini_end(m), EXIT_PEER);
		}
		if (!fresh)
			assert_int_equal(mini_end(m), EXIT_PEER);
	}
}

static void
send_well_formed(unsigned int type)
{
	static const uint8_t open[] = { SSH_MSG_CHANNEL_OPEN,
		0, 0, 0, 7, 's', 'e', 's', 's', 'i', 'o', 'n',
		0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x80, 0 };

	if (type == SSH_MSG_KEXINIT)
		mini_send_kexinit(m, MINI_KEX, false);
	else if (type == SSH_MSG_NEWKEYS)
		mini_send_type(m, SSH_MSG_NEWKEYS);
	else
		mini_send(m, span(open, sizeof open));
}

/* What ends it out of turn does so because of that, not by its form. */
static void
test_well_formed(void **state)
{
	static const struct {
		unsigned int type, in_turn;	/* a bit for each stage */
	} cases[] = {
		{ SSH_MSG_KEXINIT, 1u << AT_START | 1u << AT_SERVICE |
		    1u << AT_AUTH | 1u << AT_OPEN },
		{ SSH_MSG_NEWKEYS, 1u << IN_NEWKEYS | 1u << IN_STRICT_NEWKEYS },
		{ SSH_MSG_CHANNEL_OPEN, 1u << AT_OPEN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (int stage = 0; stage < STAGE_COUNT; stage++) {
			uint32_t seq;

			if ((cases[i].in_turn & (1u << stage)) != 0 ||
			    expected((enum stage)stage, cases[i].type) != 'E')
				continue;
			go_to((enum stage)stage);
			seq = m->out.seq;
			send_well_formed(cases[i].type);
			if (became_of(seq) != 'E')
				fail_msg("stage %d goes on with message %u",
				    stage, cases[i].type);
			assert_int_equal(mini_end(m), EXIT_PEER);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_kexinit),
		cmocka_unit_test(test_in_kex),
		cmocka_unit_test(test_in_strict_kex),
		cmocka_unit_test(test_in_newkeys),
		cmocka_unit_test(test_in_strict_newkeys),
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_in_rekey),
		cmocka_unit_test(test_in_gex),
		cmocka_unit_test(test_in_strict_gex),
		cmocka_unit_test(test_in_gex_group),
		cmocka_unit_test(test_in_strict_gex_group),
		cmocka_unit_test(test_no_body),
		cmocka_unit_test(test_well_formed),
	};

	alarm(900);
	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_matrix", tests, NULL, NULL);
}
