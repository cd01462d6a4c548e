/*
 * time: expiry-time="20301231".  Keys role; pure but for the time zone.
 */
#include <time.h>

#include "keys/options.h"

/* Some digits of a fixed width. */
static bool
take_number(struct span *in, size_t digits, int *out)
{
	*out = 0;
	if (in->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (in->p[i] < '0' || in->p[i] > '9')
			return false;
		*out = *out * 10 + (in->p[i] - '0');
	}
	*in = span(in->p + digits, in->len - digits);
	return true;
}

bool
key_time_parse(struct span text, uint64_t *out)
{
	struct tm tm = { .tm_isdst = -1 }, want;
	bool utc;
	time_t t;

	*out = 0;
	utc = text.len > 0 && (text.p[text.len - 1] == 'Z' ||
				  text.p[text.len - 1] == 'z');
	text.len -= utc;
	if (!take_number(&text, 4, &tm.tm_year) ||
	    !take_number(&text, 2, &tm.tm_mon) ||
	    !take_number(&text, 2, &tm.tm_mday))
		return false;
	if (text.len > 0 && (!take_number(&text, 2, &tm.tm_hour) ||
	    !take_number(&text, 2, &tm.tm_min)))
		return false;
	if (text.len > 0 && !take_number(&text, 2, &tm.tm_sec))
		return false;
	if (text.len > 0 || tm.tm_hour > 23 || tm.tm_min > 59 ||
	    tm.tm_sec > 60)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	want = tm;
	t = utc ? timegm(&tm) : mktime(&tm);
	/* The 31st of February would have become a day of March. */
	if (t < 0 || tm.tm_mon != want.tm_mon || tm.tm_mday != want.tm_mday)
		return false;
	*out = (uint64_t)t;
	return true;
}
