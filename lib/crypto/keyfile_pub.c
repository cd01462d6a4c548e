/*
 * keyfile_pub: the .pub beside a private key.  Main and keygen only.
 *
 * Nothing in it is secret, and nothing in it is believed beyond "this may be
 * offered": the monitor compares it with the private key before it signs.
 */
#include <fcntl.h>
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

bool
keyfile_read_pub(const char *path, uint8_t *blob, size_t *len)
{
	uint8_t text[LINE_MAX_BYTES] UNINITIALIZED;
	struct span line = { text, read_line(path, text, sizeof(text)) };
	struct span type = take_word(&line), digits = take_word(&line);
	struct pubkey_info info;

	*len = 0;
	return base64_decode(digits, blob, KEY_BLOB_MAX_BYTES, len) &&
	    pubkey_describe(span(blob, *len), &info) && !info.sk &&
	    span_is(type, info.key_name);
}
