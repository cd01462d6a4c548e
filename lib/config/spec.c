/*
 * spec: the -C option.  Pure layer.
 */
#include <stdio.h>
#include <string.h>

#include "config/dump.h"
#include "config/scan.h"

/* The text after "name=", or NULL if s is something else. */
static const char *
after(const char *s, const char *name)
{
	size_t n = strlen(name);

	return strncmp(s, name, n) == 0 && s[n] == '=' ? s + n + 1 : NULL;
}

static bool
parse_part(const char *s, struct config_spec *spec)
{
	const struct {
		const char *name;
		const char **member;
	} rows[] = {
		{ "user", &spec->user },
		{ "host", &spec->host },
		{ "addr", &spec->addr },
		{ "laddr", &spec->laddr },
		{ "rdomain", &spec->rdomain },
	};
	const char *value;
	size_t i;

	if (strcmp(s, "invalid-user") == 0) {
		spec->invalid_user = true;
		return true;
	}
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		value = after(s, rows[i].name);
		if (value != NULL) {
			*rows[i].member = value;
			return true;
		}
	}
	value = after(s, "lport");
	return value != NULL && scan_port(value, &spec->lport);
}

char *
config_parse_spec(char *text, struct config_spec *spec)
{
	const char *port;
	char *part, *wrong;
	int n;

	/* As in OpenSSH, nothing between commas ends the list. */
	while ((part = strsep(&text, ",")) != NULL && *part != '\0') {
		if (parse_part(part, spec))
			continue;
		port = after(part, "lport");
		n = port == NULL ? asprintf(&wrong,
		    "Invalid test mode specification %s", part) :
		    asprintf(&wrong, "Invalid port '%s' in test mode "
		    "specification %s", port, part);
		return n < 0 ? strdup("no memory") : wrong;
	}
	return NULL;
}
