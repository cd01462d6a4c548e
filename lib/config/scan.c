/*
 * scan: text to numbers.  Pure layer.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

#include "config/scan.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
scan_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char *digits = *s == '-' || *s == '+' ? s + 1 : s;
	long long v;
	char *end;

	*out = 0;
	if (!is_digit(*digits))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return false;
	*out = v;
	return true;
}

static int64_t
unit_seconds(char c)
{
	switch (c) {
	case '\0':
	case 's':
	case 'S':
		return 1;
	case 'm':
	case 'M':
		return 60;
	case 'h':
	case 'H':
		return 60 * 60;
	case 'd':
	case 'D':
		return 24 * 60 * 60;
	case 'w':
	case 'W':
		return 7 * 24 * 60 * 60;
	default:
		return 0;
	}
}

bool
scan_time(const char *s, int64_t *sec)
{
	int64_t total = 0;

	*sec = 0;
	if (*s == '\0')
		return false;
	while (*s != '\0') {
		int64_t n = 0, unit;

		if (!is_digit(*s))
			return false;
		for (; is_digit(*s); s++) {
			n = n * 10 + (*s - '0');
			if (n > INT_MAX)
				return false;
		}
		unit = unit_seconds(*s);
		total += n * unit;
		if (unit == 0 || total > INT_MAX)
			return false;
		if (*s != '\0')
			s++;
	}
	*sec = total;
	return true;
}

static int
unit_shift(char c)
{
	static const char units[] = "bkmgtpe";
	int i;

	for (i = 0; units[i] != '\0'; i++) {
		if (tolower((unsigned char)c) == units[i])
			return i * 10;
	}
	return -1;
}

/*
 * The digits after a decimal point are kept to six: more cannot change the
 * result by a byte that anybody would miss, and the product stays small.
 */
bool
scan_size(const char *s, int64_t *bytes)
{
	int64_t whole = 0, part = 0, scale = 1, result;
	int shift = 0;

	*bytes = 0;
	if (!is_digit(*s) && !(*s == '.' && is_digit(s[1])))
		return false;
	for (; is_digit(*s); s++) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *s - '0', &whole))
			return false;
	}
	if (*s == '.') {
		for (s++; is_digit(*s); s++) {
			if (scale < 1000000) {
				part = part * 10 + (*s - '0');
				scale *= 10;
			}
		}
	}
	if (*s != '\0') {
		shift = unit_shift(*s);
		if (shift < 0 || s[1] != '\0')
			return false;
	}
	if (__builtin_mul_overflow(whole, (int64_t)1 << shift, &result))
		return false;
	part = shift <= 40 ? (part << shift) / scale :
	    (part << 40) / scale * ((int64_t)1 << (shift - 40));
	if (__builtin_add_overflow(result, part, &result))
		return false;
	*bytes = result;
	return true;
}

bool
scan_port(const char *s, unsigned int *port)
{
	struct servent *service;
	int64_t n;

	*port = 0;
	if (scan_int(s, 0, 65535, &n)) {
		*port = (unsigned int)n;
		return true;
	}
	/* A name costs a look into /etc/services, a wrong number must not. */
	if (!isalpha((unsigned char)*s))
		return false;
	service = getservbyname(s, "tcp");
	if (service == NULL)
		return false;
	*port = ntohs((uint16_t)service->s_port);
	return true;
}

static const struct {
	const char *name;
	int value;
} qos_names[] = {
	{ "none", IPQOS_NONE },
	{ "af11", 0x28 }, { "af12", 0x30 }, { "af13", 0x38 },
	{ "af21", 0x48 }, { "af22", 0x50 }, { "af23", 0x58 },
	{ "af31", 0x68 }, { "af32", 0x70 }, { "af33", 0x78 },
	{ "af41", 0x88 }, { "af42", 0x90 }, { "af43", 0x98 },
	{ "cs0", 0x00 }, { "cs1", 0x20 }, { "cs2", 0x40 }, { "cs3", 0x60 },
	{ "cs4", 0x80 }, { "cs5", 0xa0 }, { "cs6", 0xc0 }, { "cs7", 0xe0 },
	{ "ef", 0xb8 }, { "va", 0xb0 }, { "le", 0x04 },
	/* RFC 1349 names, which RFC 2474 took the bits from. */
	{ "lowdelay", 0x10 }, { "throughput", 0x08 }, { "reliability", 0x04 },
};

bool
scan_ip_qos(const char *s, int64_t *out)
{
	size_t i;
	char *end;
	long v;

	*out = 0;
	for (i = 0; i < ARRAY_LEN(qos_names); i++) {
		if (strcasecmp(s, qos_names[i].name) == 0) {
			*out = qos_names[i].value;
			return true;
		}
	}
	if (!is_digit(*s))
		return false;
	errno = 0;
	v = strtol(s, &end, 0);
	if (errno != 0 || *end != '\0' || v < 0 || v > 255)
		return false;
	*out = v;
	return true;
}

const char *
ip_qos_name(int value)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(qos_names); i++) {
		if (qos_names[i].value == value)
			return qos_names[i].name;
	}
	return NULL;
}
