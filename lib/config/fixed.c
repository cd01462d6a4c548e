/*
 * fixed: what the command line says beats what the text says, and what an
 * image has of it.  Pure layer.
 */
#include <string.h>
#include <sys/socket.h>

#include "config/internal.h"

const struct config_fixed *
config_fix(struct config *config, const struct config_fixed *fixed)
{
	const struct config_fixed *before = config->fixed;

	config->fixed = fixed;
	return before;
}

bool
fixed_has(const struct config *config, enum keyword_id id)
{
	const struct directive *level = config->winner[KW_LOG_LEVEL];
	const struct config_fixed *f = config->fixed;

	if (f == NULL)
		return false;
	switch (id) {
	case KW_ADDRESS_FAMILY:
		return f->address_family != AF_UNSPEC;
	case KW_LOGIN_GRACE_TIME:
		return f->grace_sec >= 0;
	case KW_LOG_LEVEL:
		/* As in OpenSSH, a Match can say otherwise for its users. */
		return f->log_level >= 0 && (level == NULL ||
		    level->block->parent == NULL);
	case KW_PORT:
		return f->ports.n > 0;
	case KW_HOST_KEY:
		return f->host_keys.n > 0;
	case KW_HOST_CERTIFICATE:
		return f->host_certificates.n > 0;
	default:
		return false;
	}
}

/* first, then what the text has. */
static bool
put_before(struct config *config, const struct strlist *first,
    struct strlist *list)
{
	const char **v;

	if (first->n == 0)
		return true;
	v = arena_alloc(&config->arena, (first->n + list->n) * sizeof(*v));
	if (v == NULL)
		return false;
	memcpy(v, first->v, first->n * sizeof(*v));
	if (list->n > 0)
		memcpy(v + first->n, list->v, list->n * sizeof(*v));
	*list = (struct strlist){ v, first->n + list->n };
	return true;
}

bool
fixed_apply(struct config *config, struct settings *out)
{
	const struct config_fixed *f = config->fixed;

	if (f == NULL)
		return true;
	if (fixed_has(config, KW_ADDRESS_FAMILY))
		out->address_family = f->address_family;
	if (fixed_has(config, KW_LOGIN_GRACE_TIME))
		out->login_grace_sec = (uint32_t)f->grace_sec;
	if (fixed_has(config, KW_LOG_LEVEL))
		out->log_level = f->log_level;
	if (fixed_has(config, KW_PORT))
		out->ports = f->ports;
	/* A key on the command line is as good as a line: no defaults then. */
	if (fixed_has(config, KW_HOST_KEY) &&
	    config->winner[KW_HOST_KEY] == NULL)
		out->host_keys = (struct strlist){ 0 };
	return put_before(config, &f->host_keys, &out->host_keys) &&
	    put_before(config, &f->host_certificates,
	    &out->host_certificates);
}
