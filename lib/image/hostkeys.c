/*
 * hostkeys: find what can be offered.  Main, as root, and keygen.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hostcert.h"
#include "crypto/sign.h"
#include "image/gather.h"
#include "image/hostkeys.h"

typedef void say_fn(const char *line);

static void tell(say_fn *say, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
tell(say_fn *say, const char *fmt, ...)
{
	char line[PATH_MAX + 256];
	va_list ap;

	if (say == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	say(line);
}

static void
complain(say_fn *say, const char *path, enum keyfile_err err)
{
	if (err == KEYFILE_MODE) {
		tell(say, "Permissions for '%s' are too open.", path);
		tell(say, "It is required that your private key files are "
		    "NOT accessible by others.");
		tell(say, "This private key will be ignored.");
		return;
	}
	/* A default that was never made is not in the list: this one was. */
	tell(say, "Unable to load host key \"%s\": %s", path,
	    err == KEYFILE_SYSTEM ? strerror(errno) : keyfile_strerror(err));
}

static bool
copy(struct span in, struct span *out)
{
	void *p = malloc(in.len);

	if (p == NULL)
		return false;
	free((void *)(uintptr_t)out->p);
	memcpy(p, in.p, in.len);
	*out = span(p, in.len);
	return true;
}

/* The first of a kind is used; the others are announced. */
static void
add(const struct settings *settings, const struct image *image,
    const char *path, say_fn *say, struct hostkeys *out)
{
	uint8_t blob[KEY_BLOB_MAX_BYTES] UNINITIALIZED;
	size_t len;
	struct pubkey_info info;
	enum keyfile_err err;

	if (out->count == HOSTKEYS_MAX_COUNT)
		return;
	err = image_host_key(image, path, settings->host_key_agent != NULL,
	    blob, &len);
	if (err == KEYFILE_OK && !pubkey_describe(span(blob, len), &info))
		err = KEYFILE_TYPE;
	if (err != KEYFILE_OK)
		complain(say, path, err);
	else if (info.type == KEY_RSA &&
	    info.bits < settings->required_rsa_bits)
		tell(say, "Host key %s: Invalid key length", path);
	else if (copy(span(blob, len), &out->blob[out->count]))
		out->path[out->count++] = path;
}

/* NULL, or what is wrong; the last of several for one key counts. */
static const char *
add_certificate(const struct image *image, const char *path,
    struct hostkeys *out)
{
	uint8_t cert[HOSTCERT_MAX_BYTES] UNINITIALIZED;
	size_t len;
	const char *wrong = image_host_cert(image, path, cert, &len);

	if (wrong != NULL)
		return wrong;
	for (size_t i = 0; i < out->count; i++) {
		if (hostcert_fits(span(cert, len), out->blob[i]))
			return copy(span(cert, len), &out->cert[i]) ? NULL :
			    strerror(ENOMEM);
	}
	return "no host key that it certifies";
}

void
image_hostkeys_find_credentials(struct hostkeys *out)
{
	out->credential_count = keyfile_find(getenv("CREDENTIALS_DIRECTORY"),
	    "sshd-conn.host_key", out->credential, HOSTKEYS_MAX_COUNT);
}

static void
forget_keys(struct hostkeys *keys)
{
	for (size_t i = 0; i < HOSTKEYS_MAX_COUNT; i++) {
		free((void *)(uintptr_t)keys->blob[i].p);
		free((void *)(uintptr_t)keys->cert[i].p);
		keys->blob[i] = keys->cert[i] = span(NULL, 0);
	}
	keys->count = 0;
}

void
image_hostkeys_free(struct hostkeys *keys)
{
	forget_keys(keys);
	while (keys->credential_count > 0)
		free(keys->credential[--keys->credential_count]);
}

bool
image_hostkeys_load(const struct settings *settings,
    const struct image *image, void (*say)(const char *line),
    struct hostkeys *out)
{
	forget_keys(out);
	for (size_t i = 0; i < settings->host_keys.n; i++)
		add(settings, image, settings->host_keys.v[i], say, out);
	for (size_t i = 0; i < out->credential_count; i++)
		add(settings, NULL, out->credential[i], say, out);
	for (size_t i = 0; i < settings->host_certificates.n; i++) {
		const char *path = settings->host_certificates.v[i];
		const char *wrong = add_certificate(image, path, out);

		if (wrong != NULL)
			tell(say, "Could not load host certificate \"%s\": "
			    "%s", path, wrong);
	}
	hostkey_algs(settings->host_key_algorithms, out->blob, out->cert,
	    out->count, out->algorithms, sizeof out->algorithms);
	return out->algorithms[0] != '\0';
}
