/*
 * dns: the peer's name, where UseDNS wants one.  Keys role, with net's ids:
 * it looks into nobody's files, and talks to servers that a peer may own.
 *
 * Trust: who owns an address owns its name; one that does not lead back to
 * the address is no name.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "keys/internal.h"

bool
keys_peer_has_address(const struct keys *k)
{
	enum peer_transport transport = k->job->peer->transport;

	return transport == PEER_INET || transport == PEER_INET6;
}

static struct addrinfo *
look_up(const char *name, int flags)
{
	const struct addrinfo hints = { .ai_flags = flags,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;

	return getaddrinfo(name, NULL, &hints, &list) == 0 ? list : NULL;
}

static bool
is_number(const char *text)
{
	struct addrinfo *list = look_up(text, AI_NUMERICHOST);

	if (list == NULL)
		return false;
	freeaddrinfo(list);
	return true;
}

static bool
find_name(const char *address, char *name, socklen_t size)
{
	struct addrinfo *list = look_up(address, AI_NUMERICHOST);
	bool ok = list != NULL && getnameinfo(list->ai_addr,
	    list->ai_addrlen, name, size, NULL, 0, NI_NAMEREQD) == 0;

	if (list != NULL)
		freeaddrinfo(list);
	return ok;
}

/* As text, so that a v4 address in v6 clothes is one address. */
static bool
is_among(const struct addrinfo *list, const char *address)
{
	char text[NI_MAXHOST];
	bool found = false;

	for (const struct addrinfo *ai = list; ai != NULL && !found;
	     ai = ai->ai_next)
		found = getnameinfo(ai->ai_addr, ai->ai_addrlen, text,
			    sizeof text, NULL, 0, NI_NUMERICHOST) == 0 &&
		    strcasecmp(text, address) == 0;
	return found;
}

/* The owner of an address can write any name there; it has to be theirs. */
static bool
leads_back(struct keys *k, const char *name, const char *address)
{
	struct addrinfo *list = look_up(name, 0);
	bool found = is_among(list, address);

	if (list == NULL)
		keys_log(k, LOG_LEVEL_INFO, "reverse mapping checking "
		    "getaddrinfo for %.700s [%s] failed.", name, address);
	else if (!found)
		keys_log(k, LOG_LEVEL_INFO, "Address %.100s maps to "
		    "%.600s, but this does not map back to the address.",
		    address, name);
	if (list != NULL)
		freeaddrinfo(list);
	return found;
}

static void
to_lower(char *text)
{
	for (char *c = text; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
}

void
keys_resolve_peer(struct keys *k)
{
	const char *address = k->job->peer->remote_host;
	char name[NI_MAXHOST];

	if (!keys_peer_has_address(k) ||
	    !find_name(address, name, sizeof name))
		return;
	if (is_number(name)) {
		keys_log(k, LOG_LEVEL_INFO, "Nasty PTR record \"%s\" is set "
		    "up for %s, ignoring", name, address);
		return;
	}
	to_lower(name);
	if (strlen(name) < PEER_NAME_MAX_BYTES &&
	    leads_back(k, name, address))
		snprintf(k->text, sizeof k->text, "%s", name);
}
