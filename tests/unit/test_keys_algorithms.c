/*
 * Tests of the keys role and of verify: one name of an algorithm is one
 * algorithm (tests/THREATS, row 38).  Each value of PubkeyAcceptedAlgorithms
 * with each name that a request can have and each key; and each signature
 * under each name.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/fd.h"
#include "config/settings.h"
#include "crypto/init.h"
#include "crypto/pubkey.h"
#include "crypto/sign.h"
#include "keys/internal.h"
#include "test_keyfile_keys.h"
#include "unit.h"

#define NAMES_MAX_COUNT 32
#define BLOB_ROOM_BYTES 1024

/* Which names are whose, written a second time on purpose. */
static struct {
	const char *file;	/* NULL: of an authenticator */
	const char *algs;
	struct privkey *key;
	uint8_t blob[BLOB_ROOM_BYTES];
	size_t len;
} keys[] = {
	{ .file = FILE_ED25519, .algs = "ssh-ed25519" },
	{ .file = FILE_P256, .algs = "ecdsa-sha2-nistp256" },
	{ .file = FILE_P384, .algs = "ecdsa-sha2-nistp384" },
	{ .file = FILE_P521, .algs = "ecdsa-sha2-nistp521" },
	{ .file = FILE_RSA, .algs = "rsa-sha2-512,rsa-sha2-256,ssh-rsa" },
	{ .algs = "sk-ssh-ed25519@openssh.com" },
	{ .algs = "sk-ecdsa-sha2-nistp256@openssh.com,"
		  "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" },
};

static char names[NAMES_MAX_COUNT][64];
static size_t name_count;

static bool
is_its(size_t key, const char *alg)
{
	const char *at = keys[key].algs;
	size_t n = strlen(alg);

	for (; at != NULL; at = strchr(at, ',')) {
		at += at[0] == ',';
		if (strncmp(at, alg, n) == 0 &&
		    (at[n] == '\0' || at[n] == ','))
			return true;
	}
	return false;
}

static struct span
blob_of(size_t key)
{
	return span(keys[key].blob, keys[key].len);
}

/* --- what the keys role lets pass ----------------------------------------- */

struct place {
	char file[64];
	struct settings settings;
	struct peer peer;
};

static enum keys_verdict
ask(const struct place *p, size_t key, const char *alg)
{
	static uint8_t buf[IPC_FRAME_MAX_BYTES];
	struct keys_job job = { .kind = KEYS_PUBLICKEY,
		.settings = &p->settings, .peer = &p->peer, .user = "alice",
		.home = "/nonexistent", .uid = geteuid(), .known = true,
		.algorithm = S(alg), .key = blob_of(key), .ca_fd = -1 };
	struct keys_grant grant = { .verdict = KEYS_DENIED };
	struct ipc_frame frame;
	int edge[2];

	for (size_t i = 0; i < KEYS_REVOKED_MAX_COUNT; i++)
		job.revoked_fd[i] = -1;
	assert_true(ipc_pair(edge));
	job.edge = edge[1];
	assert_int_equal(keys_answer(&job), 0);
	do
		assert_int_equal(ipc_recv(edge[0], buf, sizeof buf, false,
		    &frame), IPC_OK);
	while (frame.type != KEYS_ANS_GRANT);
	assert_true(keys_grant_get(frame.body, &grant));
	if (grant.verdict == KEYS_ALLOWED)
		assert_true(span_is(grant.algorithm, alg));
	close(edge[0]);
	close(edge[1]);
	return grant.verdict;
}

static void
write_all(const struct place *p)
{
	int fd = open(p->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char text[2 * BLOB_ROOM_BYTES];

	assert_true(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct cursor in = cursor_of(blob_of(i));
		struct span type = cursor_string(&in);
		char base64[2 * BLOB_ROOM_BYTES - 256];

		assert_true(base64_encode(blob_of(i), base64, sizeof base64));
		snprintf(text, sizeof text, "%.*s %s\n", (int)type.len,
		    (const char *)type.p, base64);
		assert_true(fd_write_all(fd, text, strlen(text)));
	}
	close(fd);
}

static void
accepted(void **state)
{
	static struct place p = { .file = "/tmp/sshd-conn-algs.XXXXXX" };
	static const char *files[] = { p.file, NULL };
	int fd = mkstemp(p.file), right = 0;

	(void)state;
	close(fd);
	write_all(&p);
	log_set_level(LOG_LEVEL_ERROR);
	p.peer = (struct peer){ .transport = PEER_INET,
		.remote_host = "192.0.2.7" };
	p.settings.authorized_keys_files = (struct strlist){ files, 1 };
	for (size_t a = 0; a < name_count; a++) {
		p.settings.pubkey_accepted_algorithms = names[a];
		for (size_t r = 0; r < name_count; r++) {
			for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
				bool may = a == r && is_its(k, names[r]);
				enum keys_verdict is = ask(&p, k, names[r]);

				right += may;
				if ((is == KEYS_ALLOWED) != may)
					fail_msg("%s accepted, %s asked for, "
					    "key %zu: %d", names[a], names[r],
					    k, (int)is);
			}
		}
	}
	/* Each name let its key in: it was not the file that said no. */
	assert_int_equal(right, 10);
	unlink(p.file);
}

/* --- what verify takes ---------------------------------------------------- */

/* The signature with another name in front of the same bytes. */
static struct span
renamed(struct span signature, const char *name, uint8_t *room, size_t size)
{
	struct cursor in = cursor_of(signature);
	struct sink out = sink_of(room, size);

	(void)cursor_string(&in);
	sink_cstring(&out, name);
	sink_string(&out, cursor_string(&in));
	assert_true(sink_ok(&out));
	return sink_span(&out);
}

/* A signature by key as by is none as anything else, whatever it is called. */
static void
one_signature(size_t key, const char *by)
{
	uint8_t bytes[BLOB_ROOM_BYTES], other[BLOB_ROOM_BYTES];
	struct sink out = sink_of(bytes, sizeof bytes);

	assert_true(privkey_sign(keys[key].key, S(by), S("data"), &out));
	for (size_t n = 0; n < name_count; n++) {
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			struct span called = renamed(sink_span(&out),
			    names[n], other, sizeof other);
			bool is = k == key && strcmp(names[n], by) == 0;

			assert_int_equal(pubkey_verify(S(names[n]),
			    blob_of(k), S("data"), sink_span(&out)), is);
			assert_int_equal(pubkey_verify(S(names[n]),
			    blob_of(k), S("data"), called), is);
			assert_int_equal(pubkey_verify(S(by), blob_of(k),
			    S("data"), called), is);
		}
	}
}

static void
signatures(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		for (size_t n = 0; n < name_count; n++) {
			if (keys[k].key != NULL && is_its(k, names[n]))
				one_signature(k, names[n]);
		}
	}
}

/* RFC 8332 section 3: in front of a number there is nothing, not even zeroes. */
static void
padded(void **state)
{
	uint8_t bytes[BLOB_ROOM_BYTES], longer[BLOB_ROOM_BYTES];
	struct sink out = sink_of(bytes, sizeof bytes);
	struct sink frame = sink_of(longer, sizeof longer);
	const char *by = "rsa-sha2-512";
	struct cursor in;
	struct span raw;

	(void)state;
	assert_true(privkey_sign(keys[4].key, S(by), S("data"), &out));
	in = cursor_of(sink_span(&out));
	(void)cursor_string(&in);
	raw = cursor_string(&in);
	assert_true(pubkey_verify(S(by), blob_of(4), S("data"),
	    sink_span(&out)));
	sink_cstring(&frame, by);
	sink_u32(&frame, (uint32_t)raw.len + 1);
	sink_u8(&frame, 0);
	sink_bytes(&frame, raw);
	assert_false(pubkey_verify(S(by), blob_of(4), S("data"),
	    sink_span(&frame)));
}

/* a + b, of n bytes each; false if it does not fit. */
static bool
add(const uint8_t *a, const uint8_t *b, size_t n, uint8_t *sum)
{
	unsigned int carry = 0;

	for (size_t i = n; i-- > 0;) {
		carry += (unsigned int)a[i] + b[i];
		sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return carry == 0;
}

/* RFC 8017 section 8.2.2: s + n would be a second signature for the same. */
static void
out_of_range(void **state)
{
	struct cursor in = cursor_of(blob_of(4));
	const char *by = "rsa-sha2-512";
	int made = 0;
	struct span n;

	(void)state;
	(void)cursor_string(&in);
	(void)cursor_string(&in);
	n = cursor_mpint(&in);
	for (char text = 'a'; text <= 'z'; text++) {
		uint8_t bytes[BLOB_ROOM_BYTES], frame[BLOB_ROOM_BYTES];
		uint8_t sum[BLOB_ROOM_BYTES];
		struct sink out = sink_of(bytes, sizeof bytes);
		struct sink other = sink_of(frame, sizeof frame);
		struct span data = span(&text, 1), raw;

		assert_true(privkey_sign(keys[4].key, S(by), data, &out));
		in = cursor_of(sink_span(&out));
		(void)cursor_string(&in);
		raw = cursor_string(&in);
		if (raw.len != n.len || !add(raw.p, n.p, n.len, sum))
			continue;
		made++;
		sink_cstring(&other, by);
		sink_string(&other, span(sum, n.len));
		assert_false(pubkey_verify(S(by), blob_of(4), data,
		    sink_span(&other)));
	}
	assert_true(made > 0);
}

/* --- keys ----------------------------------------------------------------- */

/* A security key has the point of an ordinary one, and an application. */
static void
make_sk(size_t key, size_t of, const char *type, bool curve)
{
	struct cursor in = cursor_of(blob_of(of));
	struct sink out = sink_of(keys[key].blob, BLOB_ROOM_BYTES);

	(void)cursor_string(&in);
	sink_cstring(&out, type);
	if (curve)
		sink_string(&out, cursor_string(&in));
	sink_string(&out, cursor_string(&in));
	sink_cstring(&out, "ssh:");
	assert_true(sink_ok(&out));
	keys[key].len = out.len;
}

static int
start(void **state)
{
	const char *all = sig_alg_user_all_names();

	(void)state;
	if (!crypto_init())
		return -1;
	while (*all != '\0' && name_count < NAMES_MAX_COUNT) {
		size_t n = strcspn(all, ",");

		snprintf(names[name_count++], sizeof names[0], "%.*s", (int)n,
		    all);
		all += n + (all[n] == ',');
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct span blob;

		if (keys[i].file == NULL)
			continue;
		if (keyfile_parse(S(keys[i].file), &keys[i].key) !=
		    KEYFILE_OK)
			return -1;
		blob = privkey_public(keys[i].key);
		memcpy(keys[i].blob, blob.p, blob.len);
		keys[i].len = blob.len;
	}
	make_sk(5, 0, "sk-ssh-ed25519@openssh.com", false);
	make_sk(6, 1, "sk-ecdsa-sha2-nistp256@openssh.com", true);
	return *all == '\0' ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		privkey_free(keys[i].key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(signatures),
		cmocka_unit_test(padded),
		cmocka_unit_test(out_of_range),
	};

	return cmocka_run_group_tests(tests, start, end);
}
