/*
 * fuzz_config: a configuration with its included files, from memory.
 *
 * The input is cut at each byte 1: the first piece is the main file, the
 * others are what an Include whose pattern ends in "1", "2"... finds.  No
 * file is opened.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/algorithms.h"
#include "config/dump.h"
#include "config/source.h"
#include "fuzz.h"

#define PIECES_COUNT	9
/* A file that includes itself twice would be read 2^16 times. */
#define LOADS_COUNT	24

struct pieces {
	struct span piece[PIECES_COUNT];
	size_t count;
	unsigned int loads;
};

static void
cut(const uint8_t *data, size_t size, struct pieces *out)
{
	memset(out, 0, sizeof(*out));
	while (out->count < PIECES_COUNT) {
		const uint8_t *stop = size == 0 ? NULL :
		    memchr(data, 1, size);
		size_t n = stop == NULL ? size : (size_t)(stop - data);

		out->piece[out->count++] = span(data, n);
		if (stop == NULL)
			return;
		data += n + 1;
		size -= n + 1;
	}
}

static int
load(void *ctx, const char *path, char **text, size_t *n)
{
	struct pieces *p = ctx;
	size_t i = (size_t)(path[strlen(path) - 1] - '0');

	*text = NULL;
	*n = 0;
	if (++p->loads > LOADS_COUNT)
		return ENOENT;
	*text = malloc(p->piece[i].len + 1);
	if (*text == NULL)
		return ENOMEM;
	*n = p->piece[i].len;
	if (*n > 0)
		memcpy(*text, p->piece[i].p, *n);
	return 0;
}

static bool
find(void *ctx, const char *pattern,
    bool (*found)(void *arg, const char *path), void *arg)
{
	const struct pieces *p = ctx;
	size_t n = strlen(pattern);
	char last = n == 0 ? '\0' : pattern[n - 1];

	if (last > '0' && last < (char)('0' + p->count))
		(void)found(arg, pattern);
	return last != '?';
}

static bool
exists(void *ctx, const char *path)
{
	(void)ctx;
	(void)path;
	return true;
}

static bool
in_group(void *ctx, const char *patterns)
{
	(void)ctx;
	return strchr(patterns, 'a') != NULL;
}

static void
ask(struct config *config)
{
	const struct config_spec specs[] = {
		{ .user = NULL },
		{ .user = "alice", .host = "h.example.com",
		    .addr = "192.0.2.7", .laddr = "::1", .lport = 22,
		    .rdomain = "r", .in_group = in_group },
		{ .user = "bob", .addr = "UNKNOWN", .invalid_user = true },
	};
	size_t i, count;

	for (i = 0; i < ARRAY_LEN(specs); i++) {
		char *text = i % 2 == 0 ? config_dump(config, &specs[i]) :
		    config_explain(config, &specs[i]);

		FUZZ_CHECK(text != NULL);
		free(text);
	}
	free(config_socket_text(config));
	FUZZ_CHECK(config_messages(config, &count) != NULL || count == 0);
	FUZZ_CHECK(config_valid(config) || count > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config_algorithms algorithms = {
		.kex_all = "curve25519-sha256,ecdh-sha2-nistp256",
		.kex_default = "curve25519-sha256",
		.ciphers_all = "aes128-ctr,aes256-ctr,aes128-cbc",
		.ciphers_default = "aes256-ctr,aes128-ctr",
		.macs_all = "hmac-sha2-256,hmac-sha1",
		.macs_default = "hmac-sha2-256",
		.sigs_all = "ssh-ed25519,rsa-sha2-512,ssh-rsa",
		.sigs_default = "ssh-ed25519,rsa-sha2-512",
		.version = "OpenSSH_10.5",
	};
	struct pieces pieces;
	const struct config_files files = {
		.load = load,
		.glob = find,
		.exists = exists,
		.ctx = &pieces,
	};
	struct config *config;

	config_set_algorithms(&algorithms);
	cut(data, size, &pieces);
	config = config_read_text(&files, "input",
	    (const char *)pieces.piece[0].p, pieces.piece[0].len);
	if (config != NULL)
		ask(config);
	config_free(config);
	return 0;
}
