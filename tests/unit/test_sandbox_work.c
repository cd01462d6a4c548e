/*
 * What net does all day, done inside of the sandbox: a library that needs a
 * system call more than it did dies here, not in somebody's connection.
 * (What the sandbox refuses is test_sandbox's to say.)
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/names.h"
#include "base/secret.h"
#include "crypto/cipher.h"
#include "crypto/init.h"
#include "crypto/kex.h"
#include "ipc/frame.h"
#include "sandbox/confine.h"
#include "transport/compress.h"
#include "unit.h"

#define NOBODY 65534
#define FDS_MAX 64

/* Exit status of a confined child. */
enum outcome { DONE = 10, REFUSED, FAILED, NOT_CONFINED };

#define NEED(what) do {							\
	if (!(what)) {							\
		dprintf(STDERR_FILENO, "# %s: %s\n", __func__, #what);	\
		_exit(FAILED);						\
	}								\
} while (0)

/* In the child.  Returns only if it is confined. */
static void
be_confined(pid_t parent)
{
	struct confine how = { .parent = parent, .root = geteuid() == 0,
		.uid = NOBODY, .gid = NOBODY, .fds_max = FDS_MAX };
	const char *failed = confine_net(&how);

	if (failed == NULL)
		return;
	dprintf(STDERR_FILENO, "# %s: %s\n", failed, strerror(errno));
	_exit(NOT_CONFINED);
}

/* The work happens in a confined child; its end must be the expected one. */
static void
confined(void (*act)(const int *fds), const int *fds, enum outcome want)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		be_confined(parent);
		act(fds);
		_exit(DONE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		fail_msg("died of signal %d", WTERMSIG(status));
	assert_int_equal(WEXITSTATUS(status), want);
}

/* The one kind of thing that net is given: a frame with a descriptor. */
static void
pass_descriptor(const int *fds)
{
	uint8_t buf[16];
	struct ipc_frame frame;

	NEED(ipc_send(fds[0], BYTES("\1x"), fds, 1) == IPC_OK);
	NEED(ipc_recv(fds[1], buf, sizeof buf, false, &frame) == IPC_OK);
	NEED(frame.fd_count == 1 && frame.fds[0] >= 0);
	ipc_drop(&frame);
}

static void
move_bytes(const int *fds)
{
	struct pollfd p = { .fd = fds[2], .events = POLLIN };
	char c = 'c';

	NEED(write(fds[3], &c, 1) == 1);
	NEED(poll(&p, 1, 0) == 1 && p.revents == POLLIN);
	NEED(read(fds[2], &c, 1) == 1 && c == 'c');
	NEED(send(fds[0], &c, 1, MSG_NOSIGNAL) == 1);
	NEED(recv(fds[1], &c, 1, MSG_DONTWAIT) == 1);
	pass_descriptor(fds);
}

static void
descriptors(void **state)
{
	int fds[4];

	(void)state;
	assert_true(ipc_pair(fds));
	assert_int_equal(pipe(fds + 2), 0);
	confined(move_bytes, fds, DONE);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

/* More than RLIMIT_NOFILE leaves room for do not come in. */
static void
hoard(const int *fds)
{
	uint8_t buf[16];
	struct ipc_frame frame;
	enum ipc_io io;

	for (int i = 0; i < FDS_MAX; i++) {
		NEED(ipc_send(fds[0], BYTES("\1x"), fds, 1) == IPC_OK);
		io = ipc_recv(fds[1], buf, sizeof buf, false, &frame);
		if (io == IPC_BAD)
			_exit(REFUSED);
		NEED(io == IPC_OK);
	}
}

static void
descriptors_are_bounded(void **state)
{
	int pair[2];

	(void)state;
	assert_true(ipc_pair(pair));
	confined(hoard, pair, REFUSED);
	close(pair[0]);
	close(pair[1]);
}

static void
use_memory(const int *fds)
{
	struct timespec now;
	char *p;

	(void)fds;
	NEED(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	for (size_t n = 1; n <= (size_t)1 << 24; n *= 4) {
		p = malloc(n);
		NEED(p != NULL);
		memset(p, 1, n);
		p = realloc(p, 2 * n);
		NEED(p != NULL && p[n - 1] == 1);
		free(p);
	}
}

static void
memory(void **state)
{
	(void)state;
	confined(use_memory, NULL, DONE);
}

static void
agree(struct span name)
{
	const struct kex_alg *alg = kex_find(name);
	uint8_t a[KEX_SHARED_MAX_BYTES], b[KEX_SHARED_MAX_BYTES];
	struct sink one = sink_of(a, sizeof a), two = sink_of(b, sizeof b);
	const struct gex_want want = { 2048, 3072, 8192 };
	struct gex_group group;
	struct kex_key *ours, *theirs;

	NEED(alg != NULL);
	NEED(moduli_pick(span(NULL, 0), &want, &group));
	ours = kex_key_new(alg, alg->kind == KEX_GEX ? &group : NULL);
	theirs = kex_key_new(alg, alg->kind == KEX_GEX ? &group : NULL);
	NEED(ours != NULL && theirs != NULL);
	NEED(kex_key_agree(ours, kex_key_public(theirs), &one));
	NEED(kex_key_agree(theirs, kex_key_public(ours), &two));
	NEED(one.len > 0 && span_equal(sink_span(&one), sink_span(&two)));
	kex_key_free(ours);
	kex_key_free(theirs);
}

static void
agree_on_keys(const int *fds)
{
	struct span names = span_str(kex_all_names()), one;

	(void)fds;
	while (names_next(&names, &one))
		agree(one);
}

static void
key_exchanges(void **state)
{
	(void)state;
	confined(agree_on_keys, NULL, DONE);
}

static void
seal_and_open(struct span cipher, struct span mac_name)
{
	static uint8_t packet[32 * 1024 + 128];
	/* Zeroes alone would be one of DES's weak keys. */
	static const uint8_t key[128] = "0123456789abcdefghijklmnopqrstuv";
	const struct cipher_alg *alg = cipher_find(cipher);
	const struct mac_alg *mac = NULL;
	struct packet_cipher *to, *from;
	const size_t len = 32 * 1024 + 4;
	uint32_t length;

	NEED(alg != NULL);
	if (alg->tag_bytes == 0)
		mac = mac_find(mac_name);
	to = packet_cipher_new(alg, mac, PACKET_SEAL, key, key, key);
	from = packet_cipher_new(alg, mac, PACKET_OPEN, key, key, key);
	NEED(to != NULL && from != NULL);
	for (uint32_t seq = 0; seq < 3; seq++) {
		size_t whole = packet_aad(to) == 4 ? len : len - 4;
		struct sink head = sink_of(packet, 4);

		memset(packet, 'x', sizeof packet);
		sink_u32(&head, (uint32_t)whole - 4);
		NEED(packet_seal(to, seq, packet, whole));
		NEED(packet_peek(from, seq, packet, &length));
		NEED(length == whole - 4);
		NEED(packet_open(from, seq, packet, whole));
		NEED(packet[whole - 1] == 'x');
	}
	packet_cipher_free(to);
	packet_cipher_free(from);
}

static void
seal_packets(const int *fds)
{
	struct span ciphers = span_str(cipher_all_names());
	struct span macs, cipher, mac;
	uint8_t byte;

	(void)fds;
	NEED(random_bytes(&byte, 1));
	while (names_next(&ciphers, &cipher)) {
		macs = span_str(mac_all_names());
		while (names_next(&macs, &mac))
			seal_and_open(cipher, mac);
	}
}

static void
packets(void **state)
{
	(void)state;
	confined(seal_packets, NULL, DONE);
}

static void
compress_payload(const int *fds)
{
	static uint8_t buf[70000];
	struct compress *to = compress_new_deflate();
	struct compress *from = compress_new_inflate();
	size_t len = 32768;
	struct span payload;

	(void)fds;
	NEED(to != NULL && from != NULL);
	memset(buf, 'z', len);
	NEED(compress_deflate(to, buf, &len, sizeof buf));
	payload = span(buf, len);
	NEED(compress_inflate(from, &payload) && payload.len == 32768);
	compress_free(to);
	compress_free(from);
}

static void
compression(void **state)
{
	(void)state;
	if (!compress_available())
		skip();
	confined(compress_payload, NULL, DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(descriptors_are_bounded),
		cmocka_unit_test(memory),
		cmocka_unit_test(key_exchanges),
		cmocka_unit_test(packets),
		cmocka_unit_test(compression),
	};

	/* As main does it: once, before the fork. */
	if (!crypto_init())
		return 1;
	return cmocka_run_group_tests_name("sandbox_work", tests, NULL, NULL);
}
