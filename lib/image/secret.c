/*
 * secret: the timing secret, in the tail of an image's file.  Keygen, and the
 * monitor when it refuses somebody.
 *
 * Must never leave it in memory that another role inherits.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "image/checksum.h"
#include "image/internal.h"

#define KEY_FILE_MAX_BYTES (64 * 1024)
/* Of every format of private keys; not of a .pub, which is no secret. */
#define PRIVATE_BEGIN "-----BEGIN "

bool
image_tail_read(int fd, uint8_t out[static IMAGE_SECRET_BYTES])
{
	uint8_t tail[IMAGE_TAIL_BYTES] = { 0 };
	struct stat st;
	uint64_t sum;
	bool good;

	good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    image_file_is_safe(&st) && st.st_size > IMAGE_TAIL_BYTES &&
	    pread(fd, tail, sizeof(tail), st.st_size - IMAGE_TAIL_BYTES) ==
	    IMAGE_TAIL_BYTES;
	memcpy(&sum, tail + IMAGE_SECRET_BYTES, sizeof(sum));
	good = good && sum == image_checksum(span(tail, IMAGE_SECRET_BYTES));
	memset(out, 0, IMAGE_SECRET_BYTES);
	if (good)
		memcpy(out, tail, IMAGE_SECRET_BYTES);
	secret_wipe(tail, sizeof(tail));
	return good;
}

bool
image_secret(const struct image *image,
    uint8_t out[static IMAGE_SECRET_BYTES])
{
	int fd = open(image->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool good;

	memset(out, 0, IMAGE_SECRET_BYTES);
	good = fd >= 0 && image_tail_read(fd, out);
	fd_close(&fd);
	return good;
}

static bool
secret_of(const char *path, uint8_t out[static IMAGE_SECRET_BYTES])
{
	static const char label[] = "sshd-conn timing secret";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t hash[HASH_MAX_BYTES];
	struct span pieces[2];
	char *text = NULL;
	size_t len = 0;
	bool good;

	good = fd >= 0 && fd_read_all(fd, KEY_FILE_MAX_BYTES, &text, &len) &&
	    strncmp(text, PRIVATE_BEGIN, strlen(PRIVATE_BEGIN)) == 0;
	fd_close(&fd);
	pieces[0] = span_str(label);
	pieces[1] = span(text, len);
	good = good && hash_spans(HASH_SHA512, pieces, 2, hash);
	if (good)
		memcpy(out, hash, IMAGE_SECRET_BYTES);
	secret_wipe(hash, sizeof(hash));
	if (text != NULL)
		secret_wipe(text, len);
	free(text);
	return good;
}

bool
image_first_secret(const struct strlist *host_keys,
    uint8_t out[static IMAGE_SECRET_BYTES])
{
	size_t i;

	memset(out, 0, IMAGE_SECRET_BYTES);
	for (i = 0; i < host_keys->n; i++) {
		if (secret_of(host_keys->v[i], out))
			return true;
	}
	return false;
}

void
image_timing_secret(const struct image *image,
    const struct strlist *host_keys, uint8_t out[static IMAGE_SECRET_BYTES])
{
	if (image == NULL || !image_secret(image, out))
		(void)!image_first_secret(host_keys, out);
}

uint32_t
image_user_number(const struct image *image, const struct strlist *host_keys,
    struct span user)
{
	static const char label[] = "sshd-conn failure delay";
	uint8_t hash[HASH_MAX_BYTES] = { 0 }, secret[IMAGE_SECRET_BYTES];
	const struct span pieces[] = { span_str(label),
		span(secret, sizeof(secret)), user };
	uint32_t number = 0;

	image_timing_secret(image, host_keys, secret);
	if (hash_spans(HASH_SHA512, pieces, ARRAY_LEN(pieces), hash))
		memcpy(&number, hash, sizeof(number));
	secret_wipe(secret, sizeof(secret));
	return number;
}
