/*
 * test_user_tables: terminal modes and signal names, against the RFC's
 * numbers written out a second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/sysdef.h"
#include "user/modes.h"
#include "user/signames.h"

static const struct {
	uint8_t opcode;
	int index;
} chars[] = {
	{ 1, VINTR }, { 2, VQUIT }, { 3, VERASE }, { 4, VKILL }, { 5, VEOF },
	{ 6, VEOL }, { 7, VEOL2 }, { 8, VSTART }, { 9, VSTOP }, { 10, VSUSP },
	{ 12, VREPRINT }, { 13, VWERASE }, { 14, VLNEXT }, { 16, VSWTC },
	{ 18, VDISCARD },
};

static const struct {
	uint8_t opcode;
	size_t word;
	tcflag_t flag;
} flags[] = {
#define I offsetof(struct termios, c_iflag)
#define O offsetof(struct termios, c_oflag)
#define C offsetof(struct termios, c_cflag)
#define L offsetof(struct termios, c_lflag)
	{ 30, I, IGNPAR }, { 31, I, PARMRK }, { 32, I, INPCK },
	{ 33, I, ISTRIP }, { 34, I, INLCR }, { 35, I, IGNCR },
	{ 36, I, ICRNL }, { 37, I, IUCLC }, { 38, I, IXON }, { 39, I, IXANY },
	{ 40, I, IXOFF }, { 41, I, IMAXBEL }, { 42, I, IUTF8 },
	{ 50, L, ISIG }, { 51, L, ICANON }, { 52, L, XCASE }, { 53, L, ECHO },
	{ 54, L, ECHOE }, { 55, L, ECHOK }, { 56, L, ECHONL },
	{ 57, L, NOFLSH }, { 58, L, TOSTOP }, { 59, L, IEXTEN },
	{ 60, L, ECHOCTL }, { 61, L, ECHOKE }, { 62, L, PENDIN },
	{ 70, O, OPOST }, { 71, O, OLCUC }, { 72, O, ONLCR }, { 73, O, OCRNL },
	{ 74, O, ONOCR }, { 75, O, ONLRET }, { 92, C, PARENB },
	{ 93, C, PARODD },
};

static tcflag_t
word(const struct termios *tio, size_t offset)
{
	tcflag_t v;

	memcpy(&v, (const char *)tio + offset, sizeof v);
	return v;
}

static void
every_char(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chars); i++) {
		struct termios tio = { 0 }, want = { 0 };
		struct usr_mode m = { chars[i].opcode, 0x7f };

		modes_apply(&tio, &m, 1);
		want.c_cc[chars[i].index] = 0x7f;
		assert_memory_equal(&tio, &want, sizeof tio);
		m.value = 255;
		modes_apply(&tio, &m, 1);
		assert_int_equal(tio.c_cc[chars[i].index], _POSIX_VDISABLE);
		m.value = 256;		/* no character */
		tio = want;
		modes_apply(&tio, &m, 1);
		assert_memory_equal(&tio, &want, sizeof tio);
	}
}

static void
every_flag(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		struct termios tio = { 0 };
		struct usr_mode m = { flags[i].opcode, 1 };

		modes_apply(&tio, &m, 1);
		assert_int_equal(word(&tio, flags[i].word), flags[i].flag);
		assert_int_equal(tio.c_iflag | tio.c_oflag | tio.c_cflag |
		    tio.c_lflag, flags[i].flag);
		m.value = 0;
		modes_apply(&tio, &m, 1);
		assert_int_equal(word(&tio, flags[i].word), 0);
	}
}

static void
sizes_and_speeds(void **state)
{
	const struct usr_mode both[] = { { 90, 1 }, { 91, 1 } };
	const struct usr_mode eight[] = { { 90, 0 }, { 91, 1 } };
	const struct usr_mode seven[] = { { 90, 1 }, { 91, 0 } };
	const struct usr_mode speed[] = { { 128, 9600 }, { 129, 38400 } };
	const struct usr_mode odd[] = { { 128, 12345 }, { 129, 0 } };
	struct termios tio = { 0 };

	(void)state;
	modes_apply(&tio, both, 2);
	assert_int_equal(tio.c_cflag & CSIZE, CS8);
	modes_apply(&tio, seven, 2);
	assert_int_equal(tio.c_cflag & CSIZE, CS7);
	modes_apply(&tio, eight, 2);
	assert_int_equal(tio.c_cflag & CSIZE, CS8);
	modes_apply(&tio, speed, 2);
	assert_int_equal(cfgetospeed(&tio), B38400);
	modes_apply(&tio, odd, 2);
	assert_int_equal(cfgetospeed(&tio), B38400);
}

/* Whatever the numbers are, nothing but known words changes. */
static void
unknown_opcodes(void **state)
{
	(void)state;
	for (int op = 0; op < 256; op++) {
		struct termios tio = { 0 }, zero = { 0 };
		struct usr_mode m = { (uint8_t)op, 0x01020304 };
		int known = op == 90 || op == 91 || op == 128 || op == 129;

		for (size_t i = 0; i < ARRAY_LEN(flags); i++)
			known |= flags[i].opcode == op;
		modes_apply(&tio, &m, 1);
		if (!known)
			assert_memory_equal(&tio, &zero, sizeof tio);
	}
}

static void
signal_names(void **state)
{
	static const struct {
		int sig;
		const char *name;
	} t[] = {
		{ SIGABRT, "ABRT" }, { SIGALRM, "ALRM" }, { SIGFPE, "FPE" },
		{ SIGHUP, "HUP" }, { SIGILL, "ILL" }, { SIGINT, "INT" },
		{ SIGKILL, "KILL" }, { SIGPIPE, "PIPE" }, { SIGQUIT, "QUIT" },
		{ SIGSEGV, "SEGV" }, { SIGTERM, "TERM" }, { SIGUSR1, "USR1" },
		{ SIGUSR2, "USR2" },
	};
	int named = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		assert_string_equal(signame_of(t[i].sig), t[i].name);
		assert_int_equal(signame_parse(span_str(t[i].name)), t[i].sig);
	}
	for (int sig = 0; sig < 128; sig++)
		named += strcmp(signame_of(sig), "SIG@openssh.com") != 0;
	assert_int_equal(named, ARRAY_LEN(t));
	assert_int_equal(signame_parse(span_str("")), 0);
	assert_int_equal(signame_parse(span_str("hup")), 0);
	assert_int_equal(signame_parse(span_str("SIGHUP")), 0);
	assert_int_equal(signame_parse(span("HUP", 4)), 0);
	assert_int_equal(signame_parse(span_str("STOP")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_char),
		cmocka_unit_test(every_flag),
		cmocka_unit_test(sizes_and_speeds),
		cmocka_unit_test(unknown_opcodes),
		cmocka_unit_test(signal_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
