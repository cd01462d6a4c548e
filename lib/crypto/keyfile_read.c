/*
 * keyfile_read: private key files, and OpenSSH's format of them; the others
 * are keyfile_pem.c's.  Monitor and keygen; main for the public halves.
 *
 * Must never take a file that others can read, or read one that it only
 * wants the public half of beyond that half.
 *
 *	"openssh-key-v1" NUL
 *	string	cipher, kdf, kdf options	"none", "none", ""
 *	uint32	number of keys			1
 *	string	public key blob
 *	string	private section:
 *		uint32	check, twice the same
 *		....	fields of the key, string comment
 *		....	padding 1 2 3 ... to a block of the cipher (8)
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/fd.h"
#include "base/secret.h"
#include "crypto/privkey_impl.h"

#define PAD_BLOCK_BYTES 8
/* All before the public blob, its length included. */
#define HEAD_BYTES (sizeof(KEYFILE_MAGIC) + 8 + 8 + 4 + 4 + 4)

const char *
keyfile_strerror(enum keyfile_err err)
{
	switch (err) {
	case KEYFILE_OK:
		return "no error";
	case KEYFILE_SYSTEM:
		return strerror(errno);
	case KEYFILE_FORMAT:
		return "invalid format";
	case KEYFILE_ENCRYPTED:
		return "key is protected by a passphrase";
	case KEYFILE_TYPE:
		return "unsupported key type";
	case KEYFILE_MODE:
		return "bad permissions";
	}
	return "unknown error";
}

static enum keyfile_err
keyfile_open(const char *path, int *fd)
{
	struct stat st;

	/* O_NONBLOCK: a FIFO must not hold a connection up. */
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0)
		return KEYFILE_SYSTEM;
	if (fstat(*fd, &st) != 0) {
		fd_close(fd);
		return KEYFILE_SYSTEM;
	}
	if (!S_ISREG(st.st_mode)) {
		fd_close(fd);
		return KEYFILE_FORMAT;
	}
	if (st.st_uid == geteuid() && (st.st_mode & 077) != 0) {
		fd_close(fd);
		return KEYFILE_MODE;
	}
	return KEYFILE_OK;
}

/* Magic, "none" "none" "", one key; then in is at the public blob. */
static enum keyfile_err
read_head(struct cursor *in)
{
	struct span magic = cursor_bytes(in, sizeof(KEYFILE_MAGIC));
	struct span cipher = cursor_string(in), kdf = cursor_string(in);
	struct span options;
	uint32_t count;

	if (!span_equal(magic, span(KEYFILE_MAGIC, sizeof(KEYFILE_MAGIC))))
		return KEYFILE_FORMAT;
	if (cipher.len > 0 && kdf.len > 0 &&
	    (!span_is(cipher, "none") || !span_is(kdf, "none")))
		return KEYFILE_ENCRYPTED;
	options = cursor_string(in);
	count = cursor_u32(in);
	return in->err == WIRE_OK && options.len == 0 && count == 1 ?
	    KEYFILE_OK : KEYFILE_FORMAT;
}

static bool
padding_good(struct cursor *in)
{
	struct span pad = cursor_rest(in);

	if (pad.len >= PAD_BLOCK_BYTES)
		return false;
	for (size_t i = 0; i < pad.len; i++) {
		if (pad.p[i] != i + 1)
			return false;
	}
	return true;
}

static enum keyfile_err
read_section(struct span section, struct span public, struct privkey **key)
{
	struct cursor in = cursor_of(section);
	uint32_t check = cursor_u32(&in), again = cursor_u32(&in);
	struct priv_parts parts;
	bool known = true;

	if (check != again || in.err != WIRE_OK)
		return KEYFILE_FORMAT;
	if (!priv_split(&in, &parts, &known))
		return known || in.err != WIRE_OK ? KEYFILE_FORMAT :
		    KEYFILE_TYPE;
	cursor_string(&in);	/* comment */
	if (in.err != WIRE_OK || !padding_good(&in))
		return KEYFILE_FORMAT;
	*key = privkey_from(&parts);
	if (*key == NULL)
		return KEYFILE_FORMAT;
	/* Signing under a key other than the one that was offered: never. */
	if (!span_equal(privkey_public(*key), public)) {
		privkey_free(*key);
		*key = NULL;
		return KEYFILE_FORMAT;
	}
	return KEYFILE_OK;
}

/* What stands between the two marker lines. */
static bool
find_body(struct span text, struct span *body)
{
	struct span begin = span_str(KEYFILE_BEGIN);
	struct span end = span_str(KEYFILE_END);
	const uint8_t *stop;

	if (text.len < begin.len ||
	    memcmp(text.p, begin.p, begin.len) != 0)
		return false;
	body->p = text.p + begin.len;
	stop = memmem(body->p, text.len - begin.len, end.p, end.len);
	if (stop == NULL)
		return false;
	body->len = (size_t)(stop - body->p);
	return true;
}

static enum keyfile_err
parse_openssh(struct span text, struct privkey **key)
{
	enum keyfile_err err = KEYFILE_FORMAT;
	struct span body, public, section;
	struct cursor in;
	uint8_t *raw;
	size_t len;

	*key = NULL;
	if (text.len > KEYFILE_MAX_BYTES || !find_body(text, &body))
		return KEYFILE_FORMAT;
	raw = malloc(KEYFILE_MAX_BYTES);
	if (raw == NULL)
		return KEYFILE_SYSTEM;
	if (!base64_decode(body, raw, KEYFILE_MAX_BYTES, &len))
		goto out;
	in = cursor_of(span(raw, len));
	err = read_head(&in);
	if (err != KEYFILE_OK)
		goto out;
	public = cursor_string(&in);
	section = cursor_string(&in);
	err = cursor_end(&in) != WIRE_OK ? KEYFILE_FORMAT :
	    read_section(section, public, key);
out:
	/* Base64 is longer than what it stands for. */
	secret_wipe(raw, body.len);
	free(raw);
	return err;
}

enum keyfile_err
keyfile_parse(struct span text, struct privkey **key)
{
	const size_t begin = sizeof(KEYFILE_BEGIN) - 1;

	if (text.len >= begin && memcmp(text.p, KEYFILE_BEGIN, begin) == 0)
		return parse_openssh(text, key);
	return pem_parse(text, key);
}

/* Up to n bytes; fewer only at the end of the file.  -1: errno says. */
static ssize_t
read_up_to(int fd, void *p, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = read(fd, (uint8_t *)p + have, n - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

enum keyfile_err
keyfile_load(const char *path, struct privkey **key)
{
	uint8_t *text = NULL;
	enum keyfile_err err;
	ssize_t n;
	int fd;

	*key = NULL;
	err = keyfile_open(path, &fd);
	if (err != KEYFILE_OK)
		return err;
	/* Not stdio: its buffer would keep the secret. */
	text = malloc(KEYFILE_MAX_BYTES + 1);
	n = text == NULL ? -1 : read_up_to(fd, text, KEYFILE_MAX_BYTES + 1);
	err = n < 0 ? KEYFILE_SYSTEM :
	    keyfile_parse(span(text, (size_t)n), key);
	if (text != NULL)
		secret_wipe(text, n < 0 ? KEYFILE_MAX_BYTES + 1 : (size_t)n);
	free(text);
	fd_close(&fd);
	return err;
}

/* What was read of the base64 text so far, and how many digits it has. */
struct partial {
	int fd;
	uint8_t text[2 * KEY_BLOB_MAX_BYTES];
	size_t len, digits;
};

/*
 * Read on until the text has the digits that hold n bytes, and not one byte
 * of the file more; then decode them.
 */
static enum keyfile_err
read_digits(struct partial *part, size_t n, uint8_t *raw, size_t size,
    size_t *len)
{
	size_t want = (n + 2) / 3 * 4;

	while (part->digits < want) {
		size_t ask = want - part->digits;
		ssize_t got;

		if (ask > sizeof(part->text) - part->len)
			return KEYFILE_FORMAT;
		got = read_up_to(part->fd, part->text + part->len, ask);
		if (got < 0)
			return KEYFILE_SYSTEM;
		if (got == 0)
			return KEYFILE_FORMAT;
		for (ssize_t i = 0; i < got; i++) {
			uint8_t c = part->text[part->len++];

			part->digits += c != '\n' && c != '\r';
		}
	}
	return base64_decode(span(part->text, part->len), raw, size, len) ?
	    KEYFILE_OK : KEYFILE_FORMAT;
}

/* Of a file of OpenSSH's that was read up to the end of its marker. */
static enum keyfile_err
read_public(struct partial *part, uint8_t *blob, size_t *len)
{
	uint8_t raw[HEAD_BYTES + KEY_BLOB_MAX_BYTES + 3] UNINITIALIZED;
	struct pubkey_info info;
	enum keyfile_err err;
	struct cursor in;
	struct span public;
	size_t have;
	uint32_t n;

	err = read_digits(part, HEAD_BYTES, raw, sizeof(raw), &have);
	if (err != KEYFILE_OK)
		return err;
	in = cursor_of(span(raw, have));
	err = read_head(&in);
	if (err != KEYFILE_OK)
		return err;
	n = cursor_u32(&in);
	if (in.err != WIRE_OK || n > KEY_BLOB_MAX_BYTES)
		return KEYFILE_FORMAT;
	err = read_digits(part, HEAD_BYTES + n, raw, sizeof(raw), &have);
	if (err != KEYFILE_OK)
		return err;
	if (have < HEAD_BYTES + n)
		return KEYFILE_FORMAT;
	public = span(raw + HEAD_BYTES, n);
	if (!pubkey_describe(public, &info)) {
		in = cursor_of(public);
		return key_kind_find(cursor_name(&in)) == NULL &&
		    in.err == WIRE_OK ? KEYFILE_TYPE : KEYFILE_FORMAT;
	}
	if (info.sk)
		return KEYFILE_TYPE;
	memcpy(blob, public.p, public.len);
	*len = public.len;
	return KEYFILE_OK;
}

/*
 * The other formats: what the .pub says, or else the whole key is read for
 * it, and is gone again before this returns.
 */
static enum keyfile_err
public_of_pem(const char *path, struct span head, uint8_t *blob, size_t *len)
{
	char pub[PATH_MAX];
	struct privkey *key;
	enum keyfile_err err;
	int n = snprintf(pub, sizeof(pub), "%s.pub", path);

	if (pem_begins(head) && n > 0 && (size_t)n < sizeof(pub) &&
	    keyfile_read_pub(pub, blob, len))
		return KEYFILE_OK;
	*len = 0;
	err = keyfile_load(path, &key);
	if (err != KEYFILE_OK)
		return err;
	memcpy(blob, key->public, key->public_len);
	*len = key->public_len;
	privkey_free(key);
	return KEYFILE_OK;
}

enum keyfile_err
keyfile_public(const char *path, uint8_t *blob, size_t *len)
{
	/* No byte of OpenSSH's format beyond the marker, none of a secret. */
	const size_t begin = sizeof(KEYFILE_BEGIN) - 1;
	struct partial part UNINITIALIZED;
	enum keyfile_err err;
	ssize_t n;
	int saved;

	*len = 0;
	part.len = part.digits = 0;
	err = keyfile_open(path, &part.fd);
	if (err != KEYFILE_OK)
		return err;
	n = read_up_to(part.fd, part.text, begin);
	if (n < 0)
		err = KEYFILE_SYSTEM;
	else if ((size_t)n == begin &&
	    memcmp(part.text, KEYFILE_BEGIN, begin) == 0)
		err = read_public(&part, blob, len);
	else
		err = public_of_pem(path, span(part.text, (size_t)n), blob,
		    len);
	saved = errno;
	fd_close(&part.fd);
	errno = saved;
	return err;
}
