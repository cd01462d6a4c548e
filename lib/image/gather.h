/*
 * gather: the small files that a configuration names, for the image to hold.
 *
 * Pure layer but for reading them; keygen, and main of a connection that had
 * to read the text.  What stands in here is public: no private key is kept.
 *
 * RevokedKeys is not among them on purpose: a revocation has to hold from the
 * moment it is written, an unreadable list has to keep everybody out, and
 * only a connection that offers a key has any use for it.
 */
#ifndef SSHD_CONN_IMAGE_GATHER_H
#define SSHD_CONN_IMAGE_GATHER_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "config/config.h"
#include "crypto/sign.h"
#include "image/image.h"

enum image_source_kind {
	SOURCE_HOST_KEY,	/* HostKey: its public blob; .pub counts too */
	SOURCE_HOST_CERT,	/* HostCertificate: its blob */
	SOURCE_BANNER,		/* Banner, of any Match block: its text */
	SOURCE_MODULI,		/* ModuliFile, packed (crypto/moduli.h) */
};

/*
 * image_each_source - every such file that a valid config names
 *
 * ModuliFile only if KexAlgorithms has a group exchange.  False: damaged or
 * without memory.
 */
bool image_each_source(struct config *config, void (*each)(void *ctx,
    enum image_source_kind kind, const char *path), void *ctx) MUST_USE;

/* What was read; start with all zero. */
struct image_files {
	struct image_file *v;
	size_t n, room;
	bool agent;		/* HostKeyAgent: a public half is a host key */
	bool failed;		/* sticky: without memory */
	void (*complain)(const char *path, const char *what);	/* or NULL */
};

/*
 * image_gather - read them all
 *
 * One that cannot be read is left out, and so looked up, and logged, by each
 * connection; a HostKey that is not there is kept as such.  False without
 * memory; image_files_free() in any case.
 */
bool image_gather(struct config *config, struct image_files *out) MUST_USE;
void image_files_free(struct image_files *files);

/*
 * image_host_key, image_host_cert - the blob of one, from the image if it
 * (fresh, or NULL) knows the path, else from the file
 *
 * agent: where there is no private key, its .pub will do.  blob has room for
 * KEY_BLOB_MAX_BYTES, or HOSTCERT_MAX_BYTES.  The second returns NULL or what
 * is wrong.
 */
enum keyfile_err image_host_key(const struct image *image, const char *path,
    bool agent, uint8_t *blob, size_t *len) MUST_USE;
const char *image_host_cert(const struct image *image, const char *path,
    uint8_t *blob, size_t *len) MUST_USE;

/* The largest Banner: what net has room for at once. */
#define IMAGE_BANNER_MAX_BYTES (256u * 1024)

/*
 * image_banner - the text of a Banner file, likewise
 *
 * malloc(3)ed; NULL: errno says, or it is 0 for what is no regular file.
 */
char *image_banner(const struct image *image, const char *path, size_t *len)
    MUST_USE;

#endif
