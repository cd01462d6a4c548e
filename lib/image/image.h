/*
 * image: the compiled configuration that a connection maps instead of
 * parsing text.
 *
 * One image per configuration file (the path given with -f), in the first of
 * the places that has it:
 *
 *	$STATE_DIRECTORY, or /var/lib/sshd-conn		outlives a reboot
 *	$RUNTIME_DIRECTORY, or /run/sshd-conn		where /var is read-only
 *
 * (both variables as systemd sets them).  The first is disk, for an edit that
 * is wrong must not lock anyone out after a reboot either.  Without root:
 * $STATE_DIRECTORY, $HOME/.local/state/sshd-conn, $XDG_RUNTIME_DIR/sshd-conn.
 * That there is no such directory is no error; writing makes it, if the
 * directory around it is there.
 *
 * Beside NAME.image stand NAME.lock, which writers lock and which remembers
 * what was said in the log already, and NAME.new while one is written.
 */
#ifndef SSHD_CONN_IMAGE_IMAGE_H
#define SSHD_CONN_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"
#include "config/config.h"
#include "image/form.h"

#define IMAGE_PLACES_MAX_COUNT	2
#define IMAGE_NAME_MAX_BYTES	96
#define IMAGE_SECRET_BYTES	32

struct image_places {
	char *dir[IMAGE_PLACES_MAX_COUNT];
	size_t count;
};

/* From the environment, so before it is scrubbed.  May find none. */
void image_places_find(struct image_places *places);
void image_places_free(struct image_places *places);

/*
 * image_path - path made absolute, as images are named after; malloc(3)
 *
 * NULL without memory or working directory.
 */
char *image_path(const char *path) MUST_USE;

/* The name of the image of config_path, with a suffix: ".image". */
void image_name(const char *config_path, const char *suffix,
    char out[static IMAGE_NAME_MAX_BYTES]);

struct image {
	struct image_parts parts;
	char *file;		/* its path */
	void *body;
	size_t bytes;
	bool mapped;		/* or copied */
};

/*
 * image_open - map, or copy, the image of config_path that is in dir
 *
 * It must be a regular file of root's or our own that nobody else may write,
 * whole, of this build and of this configuration.  *out is NULL unless
 * IMAGE_OK.  The timing secret is in the file but not in the memory, so
 * that no other role inherits it.
 */
enum image_err image_open(const char *dir, const char *config_path,
    struct image **out) MUST_USE;
void image_close(struct image *image);

/* One stat(2) per file that it was made from: is it still that? */
bool image_fresh(const struct image *image) MUST_USE;

/* The configuration; borrows from the image.  NULL: damaged, or no memory. */
struct config *image_config(const struct image *image) MUST_USE;

/*
 * image_find_file - what stands in this file (struct image_file)
 *
 * False if the image does not know it.  Only a fresh image's word counts.
 */
bool image_find_file(const struct image *image, const char *path,
    struct span *bytes) MUST_USE;

/*
 * image_secret - secret bytes, made once and kept when the image is made
 * anew; read from the file when they are asked for
 */
bool image_secret(const struct image *image,
    uint8_t out[static IMAGE_SECRET_BYTES]) MUST_USE;

/*
 * image_first_secret - what image_secret() of a first image will be
 *
 * Made of the first private host key that can be read, so that a connection
 * without any image comes to the same.  False: there is none.
 */
bool image_first_secret(const struct strlist *host_keys,
    uint8_t out[static IMAGE_SECRET_BYTES]) MUST_USE;

/*
 * image_timing_secret - the one that all connections of a configuration
 * share: the image's (which may be NULL, and need not be fresh), else the
 * first, else zeroes
 */
void image_timing_secret(const struct image *image,
    const struct strlist *host_keys, uint8_t out[static IMAGE_SECRET_BYTES]);

/*
 * image_user_number - a number of this user that only who has that secret
 * can know; the same for all connections
 */
uint32_t image_user_number(const struct image *image,
    const struct strlist *host_keys, struct span user);

/*
 * image_store - put an image in its place in dir, whole or not at all
 *
 * Written beside it, synced and renamed, mode 0600, by one writer at a time;
 * wait: for other writers, some seconds, otherwise EWOULDBLOCK at once.  When a
 * source has changed since it was read: ESTALE.  False: errno says, and what
 * was there is still there.
 */
bool image_store(const char *dir, const struct image_content *content,
    bool wait) MUST_USE;

/*
 * image_remember - is this the first time that somebody comes with digest?
 *
 * For what must be in the log once per change; kept in dir until another
 * digest comes, or an image is stored.  Of several at the same time one is
 * the first.  False, with *first true, where nothing can be kept.
 */
bool image_remember(const char *dir, const char *config_path,
    uint64_t digest, bool *first) MUST_USE;

#endif
