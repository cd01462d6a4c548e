/*
 * keyfile_pub: the .pub beside a private key.  Main and keygen only.
 *
 * Nothing in it is secret, and nothing in it is believed beyond "this may be
 * offered": the monitor compares it with the private key before it signs.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/fd.h"
#include "crypto/privkey_impl.h"

/* Type, digits and some of the comment. */
#define LINE_MAX_BYTES (KEY_BLOB_MAX_BYTES / 3 * 4 + 256)

static struct span
take_word(struct span *line)
{
	struct span word = { line->p, 0 };

	while (word.len < line->len && line->p[word.len] != ' ' &&
	    line->p[word.len] != '\n' && line->p[word.len] != '\r')
		word.len++;
	line->p += word.len;
	line->len -= word.len;
	if (line->len > 0 && *line->p == ' ') {
		line->p++;
		line->len--;
	}
	return word;
}

static size_t
read_line(const char *path, uint8_t *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, text, size);
	fd_close(&fd);
	return n < 0 ? 0 : (size_t)n;
}

/* What the line says, and that it says the same type twice. */
bool
keyfile_read_line(const char *path, uint8_t *blob, size_t *len)
{
	uint8_t text[LINE_MAX_BYTES] UNINITIALIZED;
	struct span line = { text, read_line(path, text, sizeof(text)) };
	struct span type = take_word(&line), digits = take_word(&line);
	struct cursor c;

	*len = 0;
	if (!base64_decode(digits, blob, KEY_BLOB_MAX_BYTES, len))
		return false;
	c = cursor_of(span(blob, *len));
	return span_equal(type, cursor_name(&c)) && c.err == WIRE_OK;
}

bool
keyfile_read_pub(const char *path, uint8_t *blob, size_t *len)
{
	struct pubkey_info info;

	return keyfile_read_line(path, blob, len) &&
	    pubkey_describe(span(blob, *len), &info) && !info.sk;
}

/* A security key too: its agent can ask for the touch, we could not. */
static bool
read_any_pub(const char *path, uint8_t *blob, size_t *len)
{
	struct pubkey_info info;

	return keyfile_read_line(path, blob, len) &&
	    pubkey_describe(span(blob, *len), &info);
}

bool
keyfile_public_alone(const char *path, uint8_t *blob, size_t *len)
{
	char pub[PATH_MAX];
	int n = snprintf(pub, sizeof(pub), "%s.pub", path);

	return read_any_pub(path, blob, len) ||
	    (n > 0 && (size_t)n < sizeof(pub) &&
	    read_any_pub(pub, blob, len));
}
