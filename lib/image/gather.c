/*
 * gather: what stands in small files, read once for all connections.  Keygen
 * and main.
 *
 * Must never keep a byte of a private key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "config/origin.h"
#include "crypto/hostcert.h"
#include "crypto/moduli.h"
#include "image/gather.h"

#define BANNER_KEPT_MAX_BYTES	((size_t)8 << 10)
#define MODULI_TEXT_MAX_BYTES ((size_t)16 << 20)

struct visit {
	void (*each)(void *ctx, enum image_source_kind kind,
	    const char *path);
	void *ctx;
};

static void
visit_banner(void *ctx, const char *path)
{
	const struct visit *v = ctx;

	if (strcasecmp(path, "none") != 0)
		v->each(v->ctx, SOURCE_BANNER, path);
}

bool
image_each_source(struct config *config, void (*each)(void *ctx,
    enum image_source_kind kind, const char *path), void *ctx)
{
	struct visit visit = { each, ctx };
	struct settings s;
	size_t i;

	if (!config_resolve(config, NULL, &s))
		return false;
	for (i = 0; i < s.host_keys.n; i++)
		each(ctx, SOURCE_HOST_KEY, s.host_keys.v[i]);
	for (i = 0; i < s.host_certificates.n; i++)
		each(ctx, SOURCE_HOST_CERT, s.host_certificates.v[i]);
	if (strstr(s.kex_algorithms, "diffie-hellman-group-exchange-") != NULL)
		each(ctx, SOURCE_MODULI, s.moduli_file);
	config_each_string(config, "Banner", visit_banner, &visit);
	return true;
}

/* --- from the image, or the file -------------------------------------------- */

enum keyfile_err
image_host_key(const struct image *image, const char *path, bool agent,
    uint8_t *blob, size_t *len)
{
	enum keyfile_err err;
	struct span known;

	if (image != NULL && image_find_file(image, path, &known) &&
	    known.len <= KEY_BLOB_MAX_BYTES) {
		memcpy(blob, known.p, known.len);
		*len = known.len;
		errno = ENOENT;
		return known.len > 0 ? KEYFILE_OK : KEYFILE_SYSTEM;
	}
	err = keyfile_public(path, blob, len);
	return err != KEYFILE_OK && agent &&
	    keyfile_public_alone(path, blob, len) ? KEYFILE_OK : err;
}

const char *
image_host_cert(const struct image *image, const char *path, uint8_t *blob,
    size_t *len)
{
	struct span known;

	if (image == NULL || !image_find_file(image, path, &known) ||
	    known.len == 0 || known.len > HOSTCERT_MAX_BYTES)
		return hostcert_read(path, blob, len);
	memcpy(blob, known.p, known.len);
	*len = known.len;
	return NULL;
}

char *
image_banner(const struct image *image, const char *path, size_t *len)
{
	struct span known;
	struct stat st;
	char *text = NULL;
	int fd, saved;

	*len = 0;
	if (image != NULL && image_find_file(image, path, &known)) {
		text = malloc(known.len + 1);
		if (text != NULL)
			memcpy(text, known.p, known.len);
		*len = text == NULL ? 0 : known.len;
		return text;
	}
	errno = 0;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !fd_read_all(fd, IMAGE_BANNER_MAX_BYTES, &text, len)))
		text = NULL;
	saved = errno;
	fd_close(&fd);
	errno = saved;
	return text;
}

/* --- all of them ------------------------------------------------------------ */

static bool
make_room(struct image_files *files)
{
	size_t room = files->room == 0 ? 16 : files->room * 2;
	struct image_file *v;

	if (files->n < files->room)
		return true;
	v = reallocarray(files->v, room, sizeof(*v));
	if (v == NULL)
		return false;
	files->v = v;
	files->room = room;
	return true;
}

static void
keep(struct image_files *files, const char *path, struct span bytes)
{
	uint8_t *copy = malloc(bytes.len + 1);
	char *name = strdup(path);

	if (copy == NULL || name == NULL || !make_room(files)) {
		free(copy);
		free(name);
		files->failed = true;
		return;
	}
	if (bytes.len > 0)
		memcpy(copy, bytes.p, bytes.len);
	files->v[files->n++] = (struct image_file){ name,
		span(copy, bytes.len) };
}

/* NULL, or what is wrong. */
static const char *
gather_key(struct image_files *files, const char *path)
{
	uint8_t blob[KEY_BLOB_MAX_BYTES] UNINITIALIZED;
	size_t len;
	enum keyfile_err err = image_host_key(NULL, path, files->agent, blob,
	    &len);

	if (err == KEYFILE_SYSTEM && errno == ENOENT)
		len = 0;
	else if (err != KEYFILE_OK)
		return err == KEYFILE_SYSTEM ? strerror(errno) :
		    keyfile_strerror(err);
	keep(files, path, span(blob, len));
	return NULL;
}

static const char *
gather_cert(struct image_files *files, const char *path)
{
	uint8_t blob[HOSTCERT_MAX_BYTES] UNINITIALIZED;
	size_t len;
	const char *wrong = hostcert_read(path, blob, &len);

	if (wrong == NULL)
		keep(files, path, span(blob, len));
	return wrong;
}

static const char *
gather_banner(struct image_files *files, const char *path)
{
	size_t len;
	char *text = image_banner(NULL, path, &len);

	if (text == NULL)
		return errno != 0 ? strerror(errno) : "not a regular file";
	/* A long one would cost every connection more than its own reading. */
	if (len <= BANNER_KEPT_MAX_BYTES)
		keep(files, path, span(text, len));
	free(text);
	return NULL;
}

static const char *
gather_moduli(struct image_files *files, const char *path)
{
	uint8_t *packed = malloc(MODULI_PACKED_MAX_BYTES);
	struct sink out = sink_of(packed, MODULI_PACKED_MAX_BYTES);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *wrong = NULL;
	char *text = NULL;
	size_t len;

	if (packed == NULL || fd < 0 ||
	    !fd_read_all(fd, MODULI_TEXT_MAX_BYTES, &text, &len)) {
		wrong = strerror(errno);
	} else {
		moduli_pack(span(text, len), &out);
		keep(files, path, sink_span(&out));
	}
	free(text);
	fd_close(&fd);
	free(packed);
	return wrong;
}

static void
gather_one(void *ctx, enum image_source_kind kind, const char *path)
{
	struct image_files *files = ctx;
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < files->n; i++) {
		if (strcmp(files->v[i].path, path) == 0)
			return;
	}
	switch (kind) {
	case SOURCE_HOST_KEY:
		wrong = gather_key(files, path);
		break;
	case SOURCE_HOST_CERT:
		wrong = gather_cert(files, path);
		break;
	case SOURCE_BANNER:
		wrong = gather_banner(files, path);
		break;
	case SOURCE_MODULI:
		wrong = gather_moduli(files, path);
		break;
	}
	if (wrong != NULL && files->complain != NULL)
		files->complain(path, wrong);
}

bool
image_gather(struct config *config, struct image_files *out)
{
	struct settings s;

	if (!config_resolve(config, NULL, &s))
		return false;
	out->agent = s.host_key_agent != NULL;
	return image_each_source(config, gather_one, out) && !out->failed;
}

void
image_files_free(struct image_files *files)
{
	while (files->n > 0) {
		files->n--;
		free((char *)(uintptr_t)files->v[files->n].path);
		free((void *)(uintptr_t)files->v[files->n].bytes.p);
	}
	free(files->v);
	*files = (struct image_files){ .n = 0 };
}
