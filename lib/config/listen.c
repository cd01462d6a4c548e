/*
 * listen: Port, ListenAddress and AddressFamily, for people and for systemd.
 * Pure layer: this server listens on nothing.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/span.h"
#include "config/dump.h"
#include "config/internal.h"
#include "config/text.h"

struct listen {
	struct text *text;
	const struct settings *settings;
	const char *prefix;
	bool names;
	bool any_ipv6;
};

/*
 * Numeric addresses are printed the way the kernel would; a name is left as
 * it is, since nothing here looks it up.
 */
static void
put_address(struct listen *l, const char *address, size_t n, const char *port)
{
	char host[64], shown[INET6_ADDRSTRLEN];
	struct in6_addr v6;
	struct in_addr v4;

	host[0] = '\0';
	(void)span_copy_str(span(address, n), host, sizeof(host));
	if (inet_aton(host, &v4) != 0) {
		text_put(l->text, "%s%s:%s\n", l->prefix,
		    inet_ntop(AF_INET, &v4, shown, sizeof(shown)), port);
	} else if (inet_pton(AF_INET6, host, &v6) == 1) {
		l->any_ipv6 = true;
		text_put(l->text, "%s[%s]:%s\n", l->prefix,
		    inet_ntop(AF_INET6, &v6, shown, sizeof(shown)), port);
	} else {
		text_put(l->text, "%s%s%.*s:%s\n",
		    l->names ? "" : "# the address of this name: ",
		    l->prefix, (int)n, address, port);
	}
}

static void
put_line(struct listen *l, const char *s)
{
	const struct strlist *ports = &l->settings->ports;
	const char *bracket = s[0] == '[' ? strchr(s, ']') : NULL;
	const char *colon = strchr(s, ':'), *port = NULL;
	size_t n = strlen(s), i;

	if (bracket != NULL) {
		port = bracket[1] == ':' ? bracket + 2 : NULL;
		n = (size_t)(bracket - ++s);
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		port = colon + 1;
		n = (size_t)(colon - s);
	}
	if (port != NULL) {
		put_address(l, s, n, port);
		return;
	}
	for (i = 0; i < ports->n; i++)
		put_address(l, s, n, ports->v[i]);
}

bool
put_listen_addresses(struct text *t, const struct settings *s,
    const char *prefix, bool names)
{
	struct listen l = { t, s, prefix, names, false };
	size_t i;

	for (i = 0; i < s->listen_addresses.n; i++)
		put_line(&l, s->listen_addresses.v[i]);
	for (i = 0; s->listen_addresses.n == 0 && i < s->ports.n; i++) {
		if (s->address_family != AF_INET)
			put_address(&l, "::", 2, s->ports.v[i]);
		if (s->address_family != AF_INET6)
			put_address(&l, "0.0.0.0", 7, s->ports.v[i]);
	}
	return l.any_ipv6;
}

static bool
said(const struct config *config, enum keyword_id id)
{
	return config->winner[id] != NULL || fixed_has(config, id);
}

char *
config_socket_text(struct config *config)
{
	struct text t = { 0 };
	struct settings s;

	if (!resolve_global(config, &s) ||
	    (!said(config, KW_PORT) && !said(config, KW_LISTEN_ADDRESS) &&
	    !said(config, KW_ADDRESS_FAMILY)))
		return NULL;
	/* The empty assignment takes back what the unit itself listens on. */
	text_put(&t, "[Socket]\nListenStream=\n");
	if (put_listen_addresses(&t, &s, "ListenStream=", false))
		text_put(&t, "BindIPv6Only=ipv6-only\n");
	return text_done(&t);
}
