/*
 * hostcert: certificates of host keys.  Pure layer; net chooses among names
 * with it, main and the monitor look at what the files hold.
 */
#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "base/names.h"
#include "crypto/cert.h"
#include "crypto/hostcert.h"
#include "crypto/privkey_impl.h"

struct span
hostkey_alg_plain(struct span alg, bool *certified)
{
	struct span plain = sig_alg_of_cert(alg);

	*certified = plain.len > 0;
	return *certified ? plain : alg;
}

size_t
hostkey_for(const struct span *keys, const struct span *certs, size_t count,
    struct span alg)
{
	struct pubkey_info info;
	bool certified;
	enum key_type type = sig_alg_key_type(
	    hostkey_alg_plain(alg, &certified));
	size_t i;

	for (i = 0; i < count; i++) {
		if ((!certified || certs[i].len > 0) &&
		    pubkey_describe(keys[i], &info) && info.type == type)
			break;
	}
	return i;
}

void
hostkey_algs(const char *configured, const struct span *keys,
    const struct span *certs, size_t count, char *out, size_t size)
{
	struct span list = span_str(configured), name;
	size_t at = 0;

	while (names_next(&list, &name)) {
		if (hostkey_for(keys, certs, count, name) == count ||
		    name.len + 2 > size - at)
			continue;
		if (at > 0)
			out[at++] = ',';
		memcpy(out + at, name.p, name.len);
		at += name.len;
	}
	out[at] = '\0';
}

/* Behind the key's fields: is there all that a certificate has? */
static bool
ends_as_host_cert(struct cursor c)
{
	(void)cursor_u64(&c);
	if (cursor_u32(&c) != CERT_HOST)
		return false;
	(void)cursor_string(&c);
	(void)cursor_string(&c);
	(void)cursor_u64(&c);
	(void)cursor_u64(&c);
	for (int i = 0; i < 5; i++)
		(void)cursor_string(&c);
	return cursor_end(&c) == WIRE_OK;
}

/* "sk-ssh-ed25519@openssh.com" has no second domain as a certificate. */
static bool
is_type_of(struct span cert_type, struct span key_type)
{
	const struct span suffix = span_str("-cert-v01@openssh.com");
	const uint8_t *at = key_type.len == 0 ? NULL :
	    memchr(key_type.p, '@', key_type.len);
	size_t n = at == NULL ? key_type.len : (size_t)(at - key_type.p);

	return n > 0 && cert_type.len == n + suffix.len &&
	    memcmp(cert_type.p, key_type.p, n) == 0 &&
	    memcmp(cert_type.p + n, suffix.p, suffix.len) == 0;
}

bool
hostcert_fits(struct span cert, struct span key)
{
	struct cursor c = cursor_of(cert), k = cursor_of(key);
	struct span fields;

	if (!is_type_of(cursor_string(&c), cursor_string(&k)))
		return false;
	(void)cursor_string(&c);
	fields = cursor_rest(&k);
	return fields.len > 0 &&
	    span_equal(cursor_bytes(&c, fields.len), fields) &&
	    ends_as_host_cert(c);
}

const char *
hostcert_read(const char *path, uint8_t *blob, size_t *len)
{
	errno = 0;
	if (!keyfile_read_line(path, blob, len)) {
		*len = 0;
		return errno != 0 ? strerror(errno) : "invalid format";
	}
	if (cert_is(span(blob, *len)))
		return NULL;
	*len = 0;
	return "not a certificate";
}
