/*
 * floor: what it costs to move and encrypt a session's bytes and do nothing
 * else, for the bench's table: the least that a server of this shape, with
 * this libgcrypt, can take on this machine.
 *
 *	floor CIPHER down|up COMMAND
 *
 * The peer is fd 0, COMMAND runs by /bin/sh behind one pipe.  Packets are 32
 * KiB, encrypted (or, up, as if they were) and authenticated as the cipher's
 * SSH mode has it, many to a system call, where they lie: no key exchange, no
 * login, no channels, no windows, no other process.  Not a server: the key is
 * zero, and no tag is looked at.
 */
#include <err.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATA_BYTES	(32 * 1024)
#define HEAD_BYTES	16	/* lengths, type, channel: enough to be like it */
#define TAG_BYTES	16
#define PACKET_BYTES	(HEAD_BYTES + DATA_BYTES + TAG_BYTES)
#define PACKETS		8
#define PIPE_BYTES	(256 * 1024)

static uint8_t buf[PACKETS][PACKET_BYTES];

static void
check(gcry_error_t e)
{
	if (e)
		errx(1, "libgcrypt: %s", gcry_strerror(e));
}

struct cipher {
	bool gcm;
	gcry_cipher_hd_t key;
	gcry_mac_hd_t poly;
	uint64_t number;	/* of the packet */
};

static void
cipher_open(struct cipher *c, const char *name)
{
	static const uint8_t zero[32];

	c->gcm = strstr(name, "gcm") != NULL;
	if (!gcry_check_version(NULL))
		errx(1, "no libgcrypt");
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	if (c->gcm) {
		check(gcry_cipher_open(&c->key, GCRY_CIPHER_AES128,
		    GCRY_CIPHER_MODE_GCM, 0));
		check(gcry_cipher_setkey(c->key, zero, 16));
		return;
	}
	check(gcry_cipher_open(&c->key, GCRY_CIPHER_CHACHA20,
	    GCRY_CIPHER_MODE_STREAM, 0));
	check(gcry_cipher_setkey(c->key, zero, sizeof zero));
	check(gcry_mac_open(&c->poly, GCRY_MAC_POLY1305, 0, NULL));
}

static void
poly(struct cipher *c, const uint8_t *p, size_t len, uint8_t *tag)
{
	uint8_t block[64] = { 0 };
	size_t n = TAG_BYTES;

	check(gcry_cipher_setiv(c->key, &c->number, sizeof c->number));
	check(gcry_cipher_encrypt(c->key, block, sizeof block, NULL, 0));
	check(gcry_mac_setkey(c->poly, block, 32));
	check(gcry_mac_write(c->poly, p, len));
	check(gcry_mac_read(c->poly, tag, &n));
}

/* One packet of len bytes, without its tag; out is the direction. */
static void
protect(struct cipher *c, uint8_t *p, size_t len, bool out)
{
	uint8_t iv[12] = { 0 }, tag[TAG_BYTES];

	c->number++;
	if (c->gcm) {
		memcpy(iv + 4, &c->number, sizeof c->number);
		check(gcry_cipher_setiv(c->key, iv, sizeof iv));
		check(gcry_cipher_authenticate(c->key, p, 4));
		if (out)
			check(gcry_cipher_encrypt(c->key, p + 4, len - 4,
			    NULL, 0));
		else
			check(gcry_cipher_decrypt(c->key, p + 4, len - 4,
			    NULL, 0));
		check(gcry_cipher_gettag(c->key, tag, sizeof tag));
	} else {
		if (!out)
			poly(c, p, len, tag);
		else
			check(gcry_cipher_setiv(c->key, &c->number,
			    sizeof c->number));
		check(gcry_cipher_encrypt(c->key, p + 4, len - 4, NULL, 0));
		if (out)
			poly(c, p, len, tag);
	}
	memcpy(p + len, tag, sizeof tag);
}

static void
down(struct cipher *c, int pipe_fd)
{
	struct iovec in[PACKETS], out[PACKETS];
	ssize_t n;

	for (;;) {
		int k = 0;

		for (int i = 0; i < PACKETS; i++)
			in[i] = (struct iovec){ buf[i] + HEAD_BYTES,
				DATA_BYTES };
		n = readv(pipe_fd, in, PACKETS);
		if (n <= 0)
			return;
		for (; n > 0; k++) {
			size_t len = n < DATA_BYTES ? (size_t)n : DATA_BYTES;

			protect(c, buf[k], HEAD_BYTES + len, true);
			out[k] = (struct iovec){ buf[k],
				HEAD_BYTES + len + TAG_BYTES };
			n -= (ssize_t)len;
		}
		/* A blocking socket takes all of it. */
		if (writev(0, out, k) < 0)
			err(1, "writev");
	}
}

static void
up(struct cipher *c, int pipe_fd)
{
	struct iovec out[PACKETS];
	ssize_t n;

	while ((n = recv(0, buf, sizeof buf, MSG_WAITALL)) > 0) {
		int k = (int)((size_t)n / PACKET_BYTES);

		for (int i = 0; i < k; i++) {
			protect(c, buf[i], PACKET_BYTES - TAG_BYTES, false);
			out[i] = (struct iovec){ buf[i] + HEAD_BYTES,
				DATA_BYTES };
		}
		if (k > 0 && writev(pipe_fd, out, k) < 0)
			err(1, "writev");
	}
}

int
main(int argc, char **argv)
{
	struct cipher c = { 0 };
	int ends[2];
	bool out;

	if (argc != 4)
		errx(2, "usage: floor CIPHER down|up COMMAND");
	out = strcmp(argv[2], "down") == 0;
	cipher_open(&c, argv[1]);
	if (pipe2(ends, O_CLOEXEC) != 0)
		err(1, "pipe2");
	(void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES);
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		dup2(ends[out ? 1 : 0], out ? 1 : 0);
		execl("/bin/sh", "sh", "-c", argv[3], (char *)NULL);
		err(1, "/bin/sh");
	default:
		close(ends[out ? 1 : 0]);
	}
	if (out)
		down(&c, ends[0]);
	else
		up(&c, ends[1]);
	close(ends[out ? 0 : 1]);
	shutdown(0, SHUT_WR);
	wait(NULL);
	return 0;
}
