/*
 * algs: Ciphers, MACs, KexAlgorithms and the key algorithm lists.
 *
 * Pure layer.  "+list" adds to the default, "-list" takes away from it,
 * "^list" puts in front, a plain list replaces.  Names that OpenSSH knows
 * and this build lacks are passed over with a warning, so that a file
 * written for OpenSSH works; names that nobody knows are errors.
 */
#include <string.h>

#include "base/names.h"
#include "base/pattern.h"
#include "config/internal.h"

/*
 * The one mutable static of this layer, set once by main: a parameter of the
 * build that has to pass the interface of config_read().
 */
static struct config_algorithms built;

/*
 * Known to OpenSSH 10.5, or to 9.2 as distributions still have it (DSA),
 * whether or not this build has them.
 */
static const char *const known[ALGS_COUNT] = {
	[ALGS_KEX] =
	    "mlkem768x25519-sha256,mlkem768nistp256-sha256,"
	    "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
	    "curve25519-sha256,curve25519-sha256@libssh.org,"
	    "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
	    "diffie-hellman-group-exchange-sha256,"
	    "diffie-hellman-group-exchange-sha1,"
	    "diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,"
	    "diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,"
	    "diffie-hellman-group1-sha1",
	[ALGS_CIPHERS] =
	    "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,"
	    "aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"
	    "aes128-cbc,aes192-cbc,aes256-cbc,3des-cbc,"
	    "rijndael-cbc@lysator.liu.se",
	[ALGS_MACS] =
	    "umac-64-etm@openssh.com,umac-128-etm@openssh.com,"
	    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	    "hmac-sha1-etm@openssh.com,hmac-sha1-96-etm@openssh.com,"
	    "hmac-md5-etm@openssh.com,hmac-md5-96-etm@openssh.com,"
	    "umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,"
	    "hmac-sha2-512,hmac-sha1,hmac-sha1-96,hmac-md5,hmac-md5-96",
#define KEY_NAMES \
	    "ssh-ed25519,ssh-ed25519-cert-v01@openssh.com," \
	    "ssh-mldsa44-ed25519@openssh.com," \
	    "ssh-mldsa44-ed25519-cert-v01@openssh.com," \
	    "sk-ssh-ed25519@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com," \
	    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	    "ecdsa-sha2-nistp384,ecdsa-sha2-nistp384-cert-v01@openssh.com," \
	    "ecdsa-sha2-nistp521,ecdsa-sha2-nistp521-cert-v01@openssh.com," \
	    "sk-ecdsa-sha2-nistp256@openssh.com," \
	    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com," \
	    "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	    "ssh-dss,ssh-dss-cert-v01@openssh.com," \
	    "ssh-rsa,ssh-rsa-cert-v01@openssh.com,rsa-sha2-256," \
	    "rsa-sha2-256-cert-v01@openssh.com,rsa-sha2-512," \
	    "rsa-sha2-512-cert-v01@openssh.com"
	[ALGS_HOSTKEYS] = KEY_NAMES,
	[ALGS_PUBKEYS] = KEY_NAMES,
	[ALGS_CA] = KEY_NAMES,
};

void
config_set_algorithms(const struct config_algorithms *algorithms)
{
	built = *algorithms;
}

const char *
algs_version(void)
{
	return built.version;
}

static const char *
either(const char *own, const char *common)
{
	return own != NULL ? own : common;
}

static const char *
list_of(enum algs_kind kind, bool all)
{
	const char *sigs = all ? built.sigs_all : built.sigs_default;

	switch (kind) {
	case ALGS_KEX:
		return all ? built.kex_all : built.kex_default;
	case ALGS_CIPHERS:
		return all ? built.ciphers_all : built.ciphers_default;
	case ALGS_MACS:
		return all ? built.macs_all : built.macs_default;
	case ALGS_HOSTKEYS:
		return either(all ? built.hostkeys_all :
		    built.hostkeys_default, sigs);
	case ALGS_PUBKEYS:
		return either(all ? built.pubkeys_all :
		    built.pubkeys_default, sigs);
	case ALGS_CA:
		return either(all ? built.ca_all : built.ca_default, sigs);
	default:
		return NULL;
	}
}

const char *
algs_default(enum algs_kind kind)
{
	const char *list = list_of(kind, false);

	return list == NULL ? "" : list;
}

/* Does any name of list fit the pattern? */
static bool
any_fits(const char *list, struct span pattern)
{
	struct span rest = span_str(list), name;

	while (names_next(&rest, &name)) {
		if (pattern_match(name, pattern))
			return true;
	}
	return false;
}

/*
 * Each name of what the file says must exist; wildcards are for key
 * algorithms only, as OpenSSH has it.  Nothing between commas is no name.
 */
static bool
check_names(struct parser *p, enum algs_kind kind, const struct word *w,
    const char *list)
{
	bool wildcards = kind >= ALGS_HOSTKEYS;
	struct span rest = span_str(list), name;

	if (rest.len == 0)
		return parse_error(p, w->column, "\"%s\": no name", w->s);
	while (names_next(&rest, &name)) {
		bool here, elsewhere;

		if (name.len == 0)
			continue;
		if (wildcards) {
			here = any_fits(list_of(kind, true), name);
			elsewhere = any_fits(known[kind], name);
		} else {
			here = names_contain(span_str(list_of(kind, true)),
			    name);
			elsewhere = names_contain(span_str(known[kind]), name);
		}
		if (!here && !elsewhere)
			return parse_error(p, w->column,
			    "\"%.*s\" is not an algorithm", (int)name.len,
			    (const char *)name.p);
		if (!here)
			parse_message(p, CONFIG_WARNING, w->column,
			    "%.*s is not built into this server: passed over",
			    (int)name.len, (const char *)name.p);
	}
	return true;
}

static void
add_name(char *out, size_t *n, struct span name)
{
	if (names_contain(span(out, *n), name))
		return;
	if (*n > 0)
		out[(*n)++] = ',';
	memcpy(out + *n, name.p, name.len);
	*n += name.len;
}

/* All that is built in and fits a pattern of the list, in the list's order. */
static void
add_fitting(char *out, size_t *n, const char *list, const char *all)
{
	struct span rest = span_str(list), pattern;

	while (names_next(&rest, &pattern)) {
		struct span names = span_str(all), name;

		while (names_next(&names, &name)) {
			if (pattern_match(name, pattern))
				add_name(out, n, name);
		}
	}
}

static void
add_remaining(char *out, size_t *n, const char *list, const char *defaults)
{
	struct span names = span_str(defaults), name;

	while (names_next(&names, &name)) {
		if (pattern_list(name, span_str(list), false) == PATTERN_NONE)
			add_name(out, n, name);
	}
}

const char *
algs_assemble(struct parser *p, enum algs_kind kind, const struct word *w)
{
	const char *all = list_of(kind, true), *defaults = algs_default(kind);
	char sign = strchr("+-^", w->s[0]) == NULL ? '\0' : w->s[0];
	const char *list = sign == '\0' ? w->s : w->s + 1;
	size_t n = 0;
	char *out;

	if (all == NULL)
		return w->s;
	if (sign != '-' && !check_names(p, kind, w, list))
		return NULL;
	/* Without duplicates, no result is longer than everything there is. */
	out = arena_alloc(&p->config->arena,
	    strlen(all) + strlen(defaults) + 2);
	if (out == NULL)
		return NULL;
	if (sign == '+')
		add_fitting(out, &n, defaults, all);
	if (sign == '-')
		add_remaining(out, &n, list, defaults);
	else
		add_fitting(out, &n, list, all);
	if (sign == '^')
		add_fitting(out, &n, defaults, all);
	out[n] = '\0';
	if (n > 0)
		return out;
	(void)parse_error(p, w->column, "\"%s\" leaves no algorithm that is "
	    "built into this server", w->s);
	return NULL;
}

static bool
parse_algs(struct parser *p, enum algs_kind kind, struct line *line,
    struct value *out)
{
	const struct word *w = parse_next(p, line);

	if (w != NULL)
		out->string = algs_assemble(p, kind, w);
	return out->string != NULL;
}

bool
parse_kex(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	(void)k;
	return parse_algs(p, ALGS_KEX, line, out);
}

bool
parse_ciphers(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	(void)k;
	return parse_algs(p, ALGS_CIPHERS, line, out);
}

bool
parse_macs(struct parser *p, const struct keyword *k, struct line *line,
    struct value *out)
{
	(void)k;
	return parse_algs(p, ALGS_MACS, line, out);
}

bool
parse_host_key_algorithms(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	(void)k;
	return parse_algs(p, ALGS_HOSTKEYS, line, out);
}

bool
parse_pubkey_algorithms(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	(void)k;
	return parse_algs(p, ALGS_PUBKEYS, line, out);
}

bool
parse_ca_algorithms(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out)
{
	(void)k;
	return parse_algs(p, ALGS_CA, line, out);
}
