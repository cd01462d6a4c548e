/*
 * dns: the peer's name, where UseDNS wants one.  Keys role.
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

/* As text, so that a v4 address in v6 clothes is one address. */
static bool
leads_back(const char *name, const char *address)
{
	struct addrinfo *list = look_up(name, 0);
	char text[NI_MAXHOST];
	bool found = false;

	for (struct addrinfo *ai = list; ai != NULL && !found;
	     ai = ai->ai_next)
		found = getnameinfo(ai->ai_addr, ai->ai_addrlen, text,
			    sizeof text, NULL, 0, NI_NUMERICHOST) == 0 &&
		    strcasecmp(text, address) == 0;
	if (list != NULL)
		freeaddrinfo(list);
	return found;
}

static void
find_name(struct keys *k)
{
	const char *address = k->job->peer->remote_host;
	struct addrinfo *list = look_up(address, AI_NUMERICHOST);
	char name[NI_MAXHOST];
	bool ok = list != NULL && getnameinfo(list->ai_addr,
	    list->ai_addrlen, name, sizeof name, NULL, 0, NI_NAMEREQD) == 0;

	if (list != NULL)
		freeaddrinfo(list);
	if (!ok || strlen(name) >= sizeof k->name || is_number(name))
		return;
	for (char *c = name; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	if (leads_back(name, address))
		strcpy(k->name, name);
	else
		keys_log(k, LOG_LEVEL_INFO, "Address %.100s maps to "
		    "%.600s, but this does not map back to the address.",
		    address, name);
}

const char *
keys_peer_name(struct keys *k)
{
	const char *address = k->job->peer->remote_host;

	if (!k->name_known) {
		k->name_known = true;
		if (k->job->settings->use_dns && keys_peer_has_address(k))
			find_name(k);
	}
	return k->name[0] == '\0' ? address : k->name;
}
