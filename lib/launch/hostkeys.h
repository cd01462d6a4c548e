/*
 * hostkeys: the public halves of the host keys, and what may be offered with
 * them.  Runs in main, before the fork: no secret is read.
 */
#ifndef SSHD_CONN_LAUNCH_HOSTKEYS_H
#define SSHD_CONN_LAUNCH_HOSTKEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"
#include "crypto/pubkey.h"
#include "image/image.h"

#define HOSTKEYS_MAX_COUNT 16

struct hostkey {
	const char *path;		/* of the private key file */
	uint8_t blob[KEY_BLOB_MAX_BYTES / 4];
	size_t len;
	enum key_type type;
};

struct hostkeys {
	struct hostkey key[HOSTKEYS_MAX_COUNT];
	size_t count;
	size_t configured_count;	/* of them; the rest are credentials */
	char *credential[HOSTKEYS_MAX_COUNT];	/* paths */
	size_t credential_count;
	/* HostKeyAlgorithms, without those that no key of ours serves. */
	char algorithms[1024];
};

/*
 * hostkeys_find_credentials - the service manager's sshd-conn.host_key* files
 *
 * systemd.exec(5) LoadCredential: the directory is in the environment, so
 * this comes before that is scrubbed.  They are private to this connection.
 */
void hostkeys_find_credentials(struct hostkeys *out);
void hostkeys_free(struct hostkeys *keys);

/*
 * hostkeys_load - every usable HostKey of the settings, then the credentials
 *
 * One that is missing, open to others or of an unknown kind is logged, as
 * OpenSSH does, and left out.  What the image (fresh, or NULL) knows is taken
 * from there.  Returns false when none is left.
 */
bool hostkeys_load(const struct settings *settings, const struct image *image,
    struct hostkeys *out) MUST_USE;

#endif
