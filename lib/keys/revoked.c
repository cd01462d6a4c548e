/*
 * revoked: has somebody taken this key's trust away?  Keys role.
 *
 * The files may be root's alone: root opened them, in the process that this
 * one was, and not a byte of them was read before the change of ids.  What
 * cannot be read revokes every key: losing a list must not let anybody in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/krl.h"
#include "keys/cert.h"
#include "keys/list.h"

/* Of a list of revoked keys, or of CAs. */
#define LIST_MAX_BYTES (128 * 1024 * 1024)
#define NULL_DEVICE makedev(1, 3)	/* Linux: devices.txt */

/* A file that grows meanwhile ends where it ended. */
static bool
read_all(int fd, uint8_t *bytes, size_t size, size_t *len)
{
	ssize_t n = 1;

	while (n != 0 && *len < size) {
		n = pread(fd, bytes + *len, size - *len, (off_t)*len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		*len += (size_t)n;
	}
	return true;
}

bool
keys_read_whole(int fd, uint8_t **bytes, size_t *len)
{
	struct stat st;
	size_t size;

	*bytes = NULL;
	*len = 0;
	if (fstat(fd, &st) < 0)
		return false;
	/* Who names /dev/null means that there is none. */
	if (S_ISCHR(st.st_mode) && st.st_rdev == NULL_DEVICE)
		st.st_mode = S_IFREG;
	/* A FIFO without a writer would look like an empty list. */
	if (!S_ISREG(st.st_mode) || st.st_size > LIST_MAX_BYTES) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		return false;
	}
	size = (size_t)st.st_size;
	*bytes = malloc(size + 1);
	if (*bytes != NULL && read_all(fd, *bytes, size, len))
		return true;
	free(*bytes);
	*bytes = NULL;
	*len = 0;
	return false;
}

/* "ED25519-CERT SHA256:..." */
static void
name_key(const struct keys *k, char *out, size_t size)
{
	char print[FINGERPRINT_MAX_BYTES];

	out[0] = '\0';
	if (hash_fingerprint(
	    (enum hash_alg)k->job->settings->fingerprint_hash, k->plain,
	    print))
		snprintf(out, size, "%s %s", k->is_cert ? k->cert.log_name :
		    k->info.log_name, print);
}

static enum krl_verdict
look_up(const struct keys *k, struct span file, unsigned int *line)
{
	const struct krl_key key = { k->plain, k->cert.ca, k->cert.key_id,
		k->cert.serial };
	const struct span blobs[] = { k->plain, k->cert.ca };
	enum krl_verdict verdict = krl_check(file, &key);

	*line = 0;
	if (verdict != KRL_NO_LIST)
		return verdict;
	switch (key_list_find(file, blobs, ARRAY_LEN(blobs), true, line)) {
	case KEY_LIST_WITHOUT:
		return KRL_CLEAN;
	case KEY_LIST_HAS:
		return KRL_REVOKED;
	case KEY_LIST_BAD:
		break;
	}
	return KRL_BROKEN;
}

/* True: revoked, or nobody can say. */
static bool
revoked_by(struct keys *k, int fd, int open_errno, const char *path)
{
	char key[FINGERPRINT_MAX_BYTES + 32], why[64];
	enum krl_verdict verdict = KRL_BROKEN;
	uint8_t *bytes = NULL;
	unsigned int line = 0;
	size_t len;

	name_key(k, key, sizeof key);
	if (fd >= 0 && keys_read_whole(fd, &bytes, &len)) {
		verdict = look_up(k, span(bytes, len), &line);
		snprintf(why, sizeof why, line > 0 ?
		    "line %u: invalid format" : "invalid format", line);
	} else {
		snprintf(why, sizeof why, "%s",
		    strerror(fd >= 0 ? errno : open_errno));
	}
	free(bytes);
	if (verdict == KRL_CLEAN)
		return false;
	if (verdict == KRL_REVOKED)
		keys_log(k, LOG_LEVEL_ERROR, "Authentication key %s revoked "
		    "by file %s", key, path);
	else
		keys_log(k, LOG_LEVEL_ERROR, "Error checking authentication "
		    "key %s in revoked keys file %s: %s", key, path, why);
	return true;
}

bool
keys_revoked(struct keys *k)
{
	const struct strlist *files = &k->job->settings->revoked_keys;

	if (files->n > KEYS_REVOKED_MAX_COUNT) {
		keys_log(k, LOG_LEVEL_ERROR, "RevokedKeys: over %d files",
		    KEYS_REVOKED_MAX_COUNT);
		return true;
	}
	for (size_t i = 0; i < files->n; i++) {
		if (revoked_by(k, k->job->revoked_fd[i],
		    k->job->revoked_errno[i], files->v[i]))
			return true;
	}
	return false;
}
