/*
 * hostkeys: find what can be offered.  Runs in main, as root.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "crypto/sign.h"
#include "launch/hostkeys.h"
#include "run/log.h"

static void
complain(const char *path, enum keyfile_err err)
{
	if (err == KEYFILE_MODE) {
		log_line(LOG_LEVEL_ERROR, false,
		    "Permissions for '%s' are too open.", path);
		log_line(LOG_LEVEL_ERROR, false, "It is required that your "
		    "private key files are NOT accessible by others.");
		log_line(LOG_LEVEL_ERROR, false,
		    "This private key will be ignored.");
		return;
	}
	/* A default that was never made is not in the list: this one was. */
	log_line(LOG_LEVEL_ERROR, false,
	    "Unable to load host key \"%s\": %s", path,
	    err == KEYFILE_SYSTEM ? strerror(errno) : keyfile_strerror(err));
}

/* From the image, if it knows the file; it may know that there is none. */
static enum keyfile_err
find_public(const struct image *image, const char *path, uint8_t *blob,
    size_t *len)
{
	struct span known;

	if (image == NULL || !image_find_key(image, path, &known) ||
	    known.len > KEY_BLOB_MAX_BYTES)
		return keyfile_public(path, blob, len);
	if (known.len == 0) {
		errno = ENOENT;
		return KEYFILE_SYSTEM;
	}
	memcpy(blob, known.p, known.len);
	*len = known.len;
	return KEYFILE_OK;
}

static bool
load_one(const struct settings *settings, const struct image *image,
    const char *path, struct hostkey *out)
{
	uint8_t blob[KEY_BLOB_MAX_BYTES] UNINITIALIZED;
	size_t len;
	struct pubkey_info info;
	enum keyfile_err err = find_public(image, path, blob, &len);

	if (err == KEYFILE_OK && (len > sizeof out->blob ||
	    !pubkey_describe(span(blob, len), &info)))
		err = KEYFILE_TYPE;
	if (err != KEYFILE_OK) {
		complain(path, err);
		return false;
	}
	if (info.type == KEY_RSA && info.bits < settings->required_rsa_bits) {
		log_line(LOG_LEVEL_ERROR, false,
		    "Host key %s: Invalid key length", path);
		return false;
	}
	memcpy(out->blob, blob, len);
	out->len = len;
	out->path = path;
	out->type = info.type;
	return true;
}

static bool
have_type(const struct hostkeys *keys, enum key_type type)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->key[i].type == type)
			return true;
	}
	return false;
}

static void
choose_algorithms(const char *configured, struct hostkeys *out)
{
	struct span list = span_str(configured), name;
	size_t at = 0;

	out->algorithms[0] = '\0';
	while (names_next(&list, &name)) {
		if (!have_type(out, sig_alg_key_type(name)) ||
		    name.len + 2 > sizeof out->algorithms - at)
			continue;
		if (at > 0)
			out->algorithms[at++] = ',';
		memcpy(out->algorithms + at, name.p, name.len);
		at += name.len;
		out->algorithms[at] = '\0';
	}
}

void
hostkeys_find_credentials(struct hostkeys *out)
{
	out->credential_count = keyfile_find(getenv("CREDENTIALS_DIRECTORY"),
	    "sshd-conn.host_key", out->credential, HOSTKEYS_MAX_COUNT);
}

void
hostkeys_free(struct hostkeys *keys)
{
	while (keys->credential_count > 0)
		free(keys->credential[--keys->credential_count]);
}

/* The first of a kind is used; the others are announced. */
static void
add(const struct settings *settings, const struct image *image,
    const char *path, struct hostkeys *out)
{
	if (out->count < HOSTKEYS_MAX_COUNT &&
	    load_one(settings, image, path, &out->key[out->count]))
		out->count++;
}

bool
hostkeys_load(const struct settings *settings, const struct image *image,
    struct hostkeys *out)
{
	out->count = 0;
	for (size_t i = 0; i < settings->host_keys.n; i++)
		add(settings, image, settings->host_keys.v[i], out);
	out->configured_count = out->count;
	for (size_t i = 0; i < out->credential_count; i++)
		add(settings, NULL, out->credential[i], out);
	choose_algorithms(settings->host_key_algorithms, out);
	return out->count > 0 && out->algorithms[0] != '\0';
}
