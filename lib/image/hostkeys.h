/*
 * hostkeys: the public halves of the host keys, and what may be offered with
 * them.  Main, before the fork, and keygen: no secret is kept.
 */
#ifndef SSHD_CONN_IMAGE_HOSTKEYS_H
#define SSHD_CONN_IMAGE_HOSTKEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "config/settings.h"
#include "image/image.h"

#define HOSTKEYS_MAX_COUNT 16

struct hostkeys {
	/* Of each: the private key's file, its public blob, its certificate. */
	const char *path[HOSTKEYS_MAX_COUNT];
	struct span blob[HOSTKEYS_MAX_COUNT];	/* malloc(3)ed, like those */
	struct span cert[HOSTKEYS_MAX_COUNT];	/* empty: there is none */
	size_t count;
	char *credential[HOSTKEYS_MAX_COUNT];	/* paths */
	size_t credential_count;
	/* HostKeyAlgorithms, without those that no key of ours serves. */
	char algorithms[1024];
};

/*
 * image_hostkeys_find_credentials - the service manager's sshd-conn.host_key*
 *
 * systemd.exec(5) LoadCredential: the directory is in the environment, so
 * this comes before that is scrubbed.  They are private to this connection.
 */
void image_hostkeys_find_credentials(struct hostkeys *out);
void image_hostkeys_free(struct hostkeys *keys);

/*
 * image_hostkeys_load - every usable HostKey of the settings, then the
 * credentials, and the HostCertificates that go with them
 *
 * One that is missing, open to others or of an unknown kind is left out, and
 * say (or NULL) hears of it, a line at a time, as OpenSSH logs it as an error;
 * with a HostKeyAgent its public half is enough.  What the image (fresh, or
 * NULL) knows is taken from there.  Returns false when no key is left, or
 * none that HostKeyAlgorithms has a use for.
 */
bool image_hostkeys_load(const struct settings *settings,
    const struct image *image, void (*say)(const char *line),
    struct hostkeys *out) MUST_USE;

#endif
