/*
 * match: addresses, networks, user@host patterns.  Pure layer.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/names.h"
#include "base/pattern.h"
#include "config/match.h"
#include "config/scan.h"

#define ADDRESS_TEXT_BYTES 64

struct address {
	unsigned int bits;	/* 32 or 128: the family */
	uint8_t b[16];
	char scope[16];		/* "eth0" of "fe80::1%eth0" */
};

/*
 * IPv4 as inet_aton(3) reads it, so that "10.1" is 10.0.0.1: that is what
 * files in the field rely on, on purpose or not.
 */
static bool
address_parse(const char *text, struct address *out)
{
	char host[ADDRESS_TEXT_BYTES];
	const char *scope = strchr(text, '%');
	size_t n = scope == NULL ? strlen(text) : (size_t)(scope - text);
	struct in_addr v4;

	memset(out, 0, sizeof(*out));
	if (n == 0 || n >= sizeof(host) || strpbrk(text, " \t\r\n") != NULL)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (scope == NULL && inet_aton(host, &v4) != 0) {
		out->bits = 32;
		memcpy(out->b, &v4, 4);
		return true;
	}
	if (inet_pton(AF_INET6, host, out->b) != 1)
		return false;
	out->bits = 128;
	return scope == NULL ||
	    span_copy_str(span_str(scope + 1), out->scope, sizeof(out->scope));
}

static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned int n)
{
	unsigned int rest = n % 8;

	if (memcmp(a, b, n / 8) != 0)
		return false;
	return rest == 0 || (a[n / 8] ^ b[n / 8]) >> (8 - rest) == 0;
}

static bool
host_bits_are_zero(const struct address *a, unsigned int mask)
{
	unsigned int i;

	for (i = mask; i < a->bits; i++) {
		if (a->b[i / 8] & (0x80 >> i % 8))
			return false;
	}
	return true;
}

/*
 * Entry "address" or "address/bits".  MATCH_BAD: it is one, and the mask
 * cannot be.  MATCH_NO: it is none, so it is a wildcard.
 */
static enum match_verdict
network_parse(const char *entry, struct address *out, unsigned int *mask)
{
	char host[ADDRESS_TEXT_BYTES];
	const char *slash = strchr(entry, '/');
	int64_t bits = 0;

	*mask = 0;
	if (slash != NULL) {
		size_t n = (size_t)(slash - entry);

		if (n >= sizeof(host) || !isdigit((unsigned char)slash[1]) ||
		    !scan_int(slash + 1, 0, 128, &bits))
			return MATCH_NO;
		memcpy(host, entry, n);
		host[n] = '\0';
		entry = host;
	}
	if (!address_parse(entry, out))
		return MATCH_NO;
	*mask = slash == NULL ? out->bits : (unsigned int)bits;
	if (*mask > out->bits || !host_bits_are_zero(out, *mask))
		return MATCH_BAD;
	return MATCH_YES;
}

static bool
network_has(const struct address *net, unsigned int mask,
    const struct address *a)
{
	return net->bits == a->bits && same_bits(net->b, a->b, mask) &&
	    (net->scope[0] == '\0' || strcmp(net->scope, a->scope) == 0);
}

/* One entry, '!' gone, NUL-terminated. */
static enum match_verdict
match_entry(const char *text, const struct address *address,
    const char *entry)
{
	struct address net;
	unsigned int mask;

	switch (network_parse(entry, &net, &mask)) {
	case MATCH_BAD:
		return MATCH_BAD;
	case MATCH_YES:
		return address != NULL && network_has(&net, mask, address) ?
		    MATCH_YES : MATCH_NO;
	default:
		return text != NULL &&
		    pattern_match(span_str(text), span_str(entry)) ?
		    MATCH_YES : MATCH_NO;
	}
}

enum match_verdict
match_address_list(const char *text, const char *list)
{
	enum match_verdict verdict = MATCH_NO, one;
	struct span rest = span_str(list), entry;
	struct address address;
	bool known = text != NULL && address_parse(text, &address);
	bool more = true;

	/* Something that is no address ("UNKNOWN") fits no entry. */
	if (!known)
		text = NULL;
	while (more) {
		char copy[256];
		bool negated;

		more = rest.len > 0 && memchr(rest.p, ',', rest.len) != NULL;
		(void)names_next(&rest, &entry);
		negated = entry.len > 0 && entry.p[0] == '!';
		if (negated)
			entry = span(entry.p + 1, entry.len - 1);
		if (entry.len == 0 || !span_copy_str(entry, copy,
		    sizeof(copy)))
			return MATCH_BAD;
		one = match_entry(text, known ? &address : NULL, copy);
		if (one == MATCH_BAD)
			return MATCH_BAD;
		if (one == MATCH_YES && verdict != MATCH_DENIED)
			verdict = negated ? MATCH_DENIED : MATCH_YES;
	}
	return verdict;
}

enum match_verdict
match_host_and_address(const char *host, const char *address,
    const char *list)
{
	enum match_verdict by_address = match_address_list(address, list);
	enum pattern_verdict by_name;

	if (by_address == MATCH_BAD || by_address == MATCH_DENIED)
		return by_address;
	if (host == NULL)
		return by_address;
	by_name = pattern_list(span_str(host), span_str(list), true);
	if (by_name == PATTERN_DENIED)
		return MATCH_DENIED;
	return by_name == PATTERN_YES ? MATCH_YES : by_address;
}

enum match_verdict
match_user(const char *user, const char *host, const char *address,
    const char *pattern)
{
	const char *at = strrchr(pattern, '@');

	if (user == NULL) {
		return at != NULL && match_address_list(NULL, at + 1) ==
		    MATCH_BAD ? MATCH_BAD : MATCH_NO;
	}
	if (at == NULL) {
		return pattern_match(span_str(user), span_str(pattern)) ?
		    MATCH_YES : MATCH_NO;
	}
	if (!pattern_match(span_str(user),
	    span(pattern, (size_t)(at - pattern))))
		return MATCH_NO;
	return match_host_and_address(host, address, at + 1);
}
