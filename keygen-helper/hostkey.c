/*
 * hostkey: make what is missing of one host key.  Keygen only.
 *
 * Must never replace, change or delete a key that it finds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "hostkey.h"
#include "place.h"

#define TEXT_MAX_BYTES (32 * 1024)
#define NAME_MAX_BYTES 64
#define PRIVATE_MODE 0600
#define PUBLIC_MODE 0644

static void
complain(const struct hostkey_options *options, const char *file,
    const char *suffix, const char *text)
{
	fprintf(stderr, "sshd-conn-keygen: %s/%s%s: %s\n", options->dir, file,
	    suffix, text);
}

static void
announce(const struct hostkey_type *type,
    const struct hostkey_options *options, struct span blob)
{
	char fingerprint[FINGERPRINT_MAX_BYTES];
	struct pubkey_info info;

	if (options->quiet || !pubkey_parse(blob, &info) ||
	    !hash_fingerprint(HASH_SHA256, blob, fingerprint))
		return;
	printf("made %s/%s: %u %s %s (%s)\n", options->dir, type->file,
	    info.bits, fingerprint, options->comment, info.log_name);
	fflush(stdout);
}

/*
 * A new key at its name.  PLACE_EXISTS is no failure: somebody else's run
 * was faster, and that key is the one from now on.
 */
static bool
make_private(const struct hostkey_type *type,
    const struct hostkey_options *options)
{
	char *text = malloc(TEXT_MAX_BYTES);
	enum place_result result = PLACE_FAILED;
	struct privkey *key = NULL;

	if (text == NULL) {
		complain(options, type->file, "", strerror(errno));
		return false;
	}
	key = privkey_generate(type->kind, options->rsa_bits);
	if (key == NULL || !keyfile_format(key, options->comment, text,
	    TEXT_MAX_BYTES)) {
		complain(options, type->file, "", "cannot make a key");
	} else {
		result = place_file(type->file, span_str(text), PRIVATE_MODE);
		if (result == PLACE_DONE)
			announce(type, options, privkey_public(key));
		if (result == PLACE_FAILED)
			complain(options, type->file, "", strerror(errno));
	}
	privkey_free(key);
	secret_wipe(text, TEXT_MAX_BYTES);
	free(text);
	return result != PLACE_FAILED;
}

/* Does an existing .pub hold this key?  The comment may differ. */
static bool
public_matches(const char *name, const char *text)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t len, want = strlen(text);
	bool same = false;
	char *have;

	/* Up to the second blank: type and key. */
	for (size_t blanks = 0, i = 0; text[i] != '\0'; i++) {
		if (text[i] == ' ' && ++blanks == 2)
			want = i;
	}
	if (fd >= 0 && fd_read_all(fd, TEXT_MAX_BYTES, &have, &len)) {
		same = len >= want && memcmp(have, text, want) == 0;
		free(have);
	}
	fd_close(&fd);
	return same;
}

static bool
ensure_public(const struct hostkey_type *type,
    const struct hostkey_options *options, struct span blob)
{
	char name[NAME_MAX_BYTES], *text = malloc(TEXT_MAX_BYTES);
	bool good = false;

	snprintf(name, sizeof(name), "%s.pub", type->file);
	if (text == NULL || !keyfile_format_blob(blob, options->comment, text,
	    TEXT_MAX_BYTES)) {
		complain(options, type->file, ".pub", "cannot make it");
		goto out;
	}
	switch (place_file(name, span_str(text), PUBLIC_MODE)) {
	case PLACE_DONE:
		good = true;
		break;
	case PLACE_EXISTS:
		good = true;
		if (!public_matches(name, text))
			complain(options, type->file, ".pub", "is not the "
			    "public half of the key beside it; left alone");
		break;
	case PLACE_FAILED:
		complain(options, type->file, ".pub", strerror(errno));
		break;
	}
out:
	free(text);
	return good;
}

bool
hostkey_ensure(const struct hostkey_type *type,
    const struct hostkey_options *options)
{
	uint8_t blob[KEY_BLOB_MAX_BYTES];
	enum keyfile_err err;
	size_t len;

	err = keyfile_public(type->file, blob, &len);
	if (err == KEYFILE_SYSTEM && errno == ENOENT) {
		if (!make_private(type, options))
			return false;
		err = keyfile_public(type->file, blob, &len);
	}
	if (err != KEYFILE_OK) {
		fprintf(stderr, "sshd-conn-keygen: %s/%s: cannot be used: "
		    "%s; left alone\n", options->dir, type->file,
		    keyfile_strerror(err));
		return false;
	}
	return ensure_public(type, options, span(blob, len));
}
