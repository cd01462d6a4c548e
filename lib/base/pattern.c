/*
 * pattern: '*' and '?' wildcards.  Pure layer, every process.
 */
#include "base/names.h"
#include "base/pattern.h"

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool
same(uint8_t text, uint8_t pattern, bool fold)
{
	if (pattern == '?')
		return true;
	return fold ? lower(text) == lower(pattern) : text == pattern;
}

/*
 * Only the last star can need another try: whatever an earlier one would
 * take, the last can take instead.  So one place to come back to is enough.
 */
static bool
match(struct span text, struct span pattern, bool fold)
{
	size_t t = 0, p = 0, star = SIZE_MAX, star_text = 0;

	while (t < text.len) {
		if (p < pattern.len && pattern.p[p] == '*') {
			star = p++;
			star_text = t;
		} else if (p < pattern.len &&
		    same(text.p[t], pattern.p[p], fold)) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++star_text;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	return p == pattern.len;
}

bool
pattern_match(struct span text, struct span pattern)
{
	return match(text, pattern, false);
}

enum pattern_verdict
pattern_list(struct span text, struct span list, bool fold)
{
	enum pattern_verdict verdict = PATTERN_NONE;
	struct span one;

	while (names_next(&list, &one)) {
		bool negated = one.len > 0 && one.p[0] == '!';

		if (negated)
			one = span(one.p + 1, one.len - 1);
		if (!match(text, one, fold))
			continue;
		if (negated)
			return PATTERN_DENIED;
		verdict = PATTERN_YES;
	}
	return verdict;
}
