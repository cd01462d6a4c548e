/*
 * modes: RFC 4254 section 8 (and RFC 8160's IUTF8) to termios.  User process;
 * never touches a descriptor.
 */
#include <stdbool.h>
#include <unistd.h>

#include "base/sysdef.h"
#include "user/modes.h"

#define MODE_CHAR_NONE	255

enum { OP_CS7 = 90, OP_CS8 = 91, OP_ISPEED = 128, OP_OSPEED = 129 };

/* VDSUSP (11), VFLUSH (15) and VSTATUS (17) are not Linux's. */
static const struct {
	uint8_t opcode;
	uint8_t index;		/* into c_cc */
} chars[] = {
	{ 1, VINTR }, { 2, VQUIT }, { 3, VERASE }, { 4, VKILL },
	{ 5, VEOF }, { 6, VEOL }, { 7, VEOL2 }, { 8, VSTART },
	{ 9, VSTOP }, { 10, VSUSP }, { 12, VREPRINT }, { 13, VWERASE },
	{ 14, VLNEXT }, { 16, VSWTC }, { 18, VDISCARD },
};

enum word { INPUT, OUTPUT, CONTROL, LOCAL };

static const struct {
	uint8_t opcode;
	uint8_t word;		/* enum word */
	tcflag_t flag;
} flags[] = {
	{ 30, INPUT, IGNPAR }, { 31, INPUT, PARMRK }, { 32, INPUT, INPCK },
	{ 33, INPUT, ISTRIP }, { 34, INPUT, INLCR }, { 35, INPUT, IGNCR },
	{ 36, INPUT, ICRNL }, { 37, INPUT, IUCLC }, { 38, INPUT, IXON },
	{ 39, INPUT, IXANY }, { 40, INPUT, IXOFF }, { 41, INPUT, IMAXBEL },
	{ 42, INPUT, IUTF8 },
	{ 50, LOCAL, ISIG }, { 51, LOCAL, ICANON }, { 52, LOCAL, XCASE },
	{ 53, LOCAL, ECHO }, { 54, LOCAL, ECHOE }, { 55, LOCAL, ECHOK },
	{ 56, LOCAL, ECHONL }, { 57, LOCAL, NOFLSH }, { 58, LOCAL, TOSTOP },
	{ 59, LOCAL, IEXTEN }, { 60, LOCAL, ECHOCTL }, { 61, LOCAL, ECHOKE },
	{ 62, LOCAL, PENDIN },
	{ 70, OUTPUT, OPOST }, { 71, OUTPUT, OLCUC }, { 72, OUTPUT, ONLCR },
	{ 73, OUTPUT, OCRNL }, { 74, OUTPUT, ONOCR }, { 75, OUTPUT, ONLRET },
	{ 92, CONTROL, PARENB }, { 93, CONTROL, PARODD },
};

static const struct {
	uint32_t baud;
	speed_t speed;
} speeds[] = {
	{ 50, B50 }, { 75, B75 }, { 110, B110 }, { 134, B134 },
	{ 150, B150 }, { 200, B200 }, { 300, B300 }, { 600, B600 },
	{ 1200, B1200 }, { 1800, B1800 }, { 2400, B2400 }, { 4800, B4800 },
	{ 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 },
	{ 57600, B57600 }, { 115200, B115200 }, { 230400, B230400 },
	{ 460800, B460800 }, { 500000, B500000 }, { 576000, B576000 },
	{ 921600, B921600 }, { 1000000, B1000000 }, { 1152000, B1152000 },
	{ 1500000, B1500000 }, { 2000000, B2000000 }, { 2500000, B2500000 },
	{ 3000000, B3000000 }, { 3500000, B3500000 }, { 4000000, B4000000 },
};

static void
apply_speed(struct termios *tio, const struct usr_mode *mode)
{
	for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
		if (speeds[i].baud != mode->value)
			continue;
		if (mode->opcode == OP_ISPEED)
			(void)cfsetispeed(tio, speeds[i].speed);
		else
			(void)cfsetospeed(tio, speeds[i].speed);
		return;
	}
}

/*
 * CS7 and CS8 are two values of one field, and clients say "CS8 and not CS7"
 * as well as "CS7 and CS8" for eight bits: only a yes means something.
 */
static void
apply_size(struct termios *tio, const struct usr_mode *mode)
{
	if (mode->value != 0)
		tio->c_cflag = (tio->c_cflag & ~(tcflag_t)CSIZE) |
		    (mode->opcode == OP_CS7 ? CS7 : CS8);
}

static bool
apply_char(struct termios *tio, const struct usr_mode *mode)
{
	for (size_t i = 0; i < ARRAY_LEN(chars); i++) {
		if (chars[i].opcode != mode->opcode)
			continue;
		if (mode->value == MODE_CHAR_NONE)
			tio->c_cc[chars[i].index] = _POSIX_VDISABLE;
		else if (mode->value < MODE_CHAR_NONE)
			tio->c_cc[chars[i].index] = (cc_t)mode->value;
		return true;
	}
	return false;
}

static void
apply_flag(struct termios *tio, const struct usr_mode *mode)
{
	tcflag_t *const words[] = {
		[INPUT] = &tio->c_iflag, [OUTPUT] = &tio->c_oflag,
		[CONTROL] = &tio->c_cflag, [LOCAL] = &tio->c_lflag,
	};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		tcflag_t *w = words[flags[i].word];

		if (flags[i].opcode != mode->opcode)
			continue;
		*w = mode->value != 0 ? *w | flags[i].flag
				      : *w & ~flags[i].flag;
		return;
	}
}

void
modes_apply(struct termios *tio, const struct usr_mode *modes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		switch (modes[i].opcode) {
		case OP_ISPEED:
		case OP_OSPEED:
			apply_speed(tio, &modes[i]);
			break;
		case OP_CS7:
		case OP_CS8:
			apply_size(tio, &modes[i]);
			break;
		default:
			if (!apply_char(tio, &modes[i]))
				apply_flag(tio, &modes[i]);
		}
	}
}
