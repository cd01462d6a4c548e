/*
 * rhosts: which users of which hosts are taken for one's own.  Keys role; no
 * log, opens no file.
 */
#include <netdb.h>
#include <string.h>
#include <strings.h>

#include "keys/rhosts.h"
#include "base/sysdef.h"

#define WORD_BYTES	1024
#define NOT_AN_ENTRY	"NO_PLUS"	/* of other systems, at the front */

/* The next word as a C string; false at the end, or for what is none. */
static bool
next_word(struct span *in, char word[static WORD_BYTES], bool *bad)
{
	size_t n = 0;

	while (in->len > 0 && strchr(" \t\v\f\r", in->p[0]) != NULL &&
	    in->p[0] != '\0') {
		in->p++;
		in->len--;
	}
	while (n < in->len && (in->p[n] == '\0' ||
	    strchr(" \t\v\f\r", in->p[n]) == NULL))
		n++;
	if (!span_copy_str(span(in->p, n), word, WORD_BYTES))
		*bad = true;
	in->p += n;
	in->len -= n;
	return n > 0 && !*bad;
}

static const char *
without_sign(const char *word, bool *negated)
{
	if (word[0] == '-')
		*negated = true;
	return word[0] == '-' || word[0] == '+' ? word + 1 : word;
}

static bool
is_host(const char *host, const struct rhosts_want *want)
{
	if (host[0] == '@')
		return innetgr(host + 1, want->host, NULL, NULL) != 0 ||
		    innetgr(host + 1, want->address, NULL, NULL) != 0;
	return strcasecmp(host, want->host) == 0 ||
	    strcmp(host, want->address) == 0;
}

static bool
is_user(const char *user, const struct rhosts_want *want)
{
	if (user[0] == '@')
		return innetgr(user + 1, NULL, want->client_user, NULL) != 0;
	return strcmp(user, want->client_user) == 0;
}

enum rhosts
rhosts_line(struct span line, const struct rhosts_want *want)
{
	char host_word[WORD_BYTES], user_word[WORD_BYTES], more[WORD_BYTES];
	const char *host, *user = want->server_user;
	bool negated = false, bad = false;

	if (!next_word(&line, host_word, &bad) || host_word[0] == '#' ||
	    strncmp(host_word, NOT_AN_ENTRY, strlen(NOT_AN_ENTRY)) == 0)
		return RHOSTS_NOTHING;
	host = without_sign(host_word, &negated);
	if (next_word(&line, user_word, &bad))
		user = without_sign(user_word, &negated);
	if (next_word(&line, more, &bad) || bad ||
	    host[0] == '\0' || user[0] == '\0' ||
	    !is_host(host, want) || !is_user(user, want))
		return RHOSTS_NOTHING;
	return negated ? RHOSTS_NO : RHOSTS_YES;
}
