/*
 * Tests of crypto with memory and a library that fail: each allocation and
 * each call of libgcrypt in turn (tests/THREATS, rows 14, 20 and 39).
 *
 * Linked with --wrap for all that is made to fail.  libgcrypt ends the
 * process when it has no memory in the middle of a number: each such attempt
 * has a process of its own, and an abort is as good as a no.
 */
#include <fcntl.h>
#include <gcrypt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64.h"
#include "crypto/cert.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/init.h"
#include "crypto/kex.h"
#include "crypto/pubkey.h"
#include "crypto/sign.h"
#include "test_cert_made.h"
#include "unit.h"

/* --- what fails ----------------------------------------------------------- */

static unsigned int *memory_calls, *library_calls; /* shared with children */
static unsigned int memory_fails, library_fails; /* the nth; 0: none */
static bool counts;			/* false: all is well, uncounted */

static bool
no_memory(void)
{
	return counts && ++*memory_calls == memory_fails;
}

static const char *broken;		/* what failed */

static bool
library_is_broken(const char *name)
{
	if (!counts || ++*library_calls != library_fails)
		return false;
	broken = name;
	return true;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *
__wrap_malloc(size_t n)
{
	return no_memory() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return no_memory() ? NULL : __real_realloc(p, n);
}

/* What is left of such a call: an error, and nothing done. */
#define BROKEN(name, params, args)					\
	gcry_error_t __real_##name params;				\
	gcry_error_t __wrap_##name params;				\
	gcry_error_t							\
	__wrap_##name params						\
	{								\
		return library_is_broken(#name) ? GPG_ERR_GENERAL	\
						: __real_##name args;	\
	}

typedef gcry_cipher_hd_t cipher_hd;
typedef gcry_mac_hd_t mac_hd;
BROKEN(gcry_cipher_open, (cipher_hd *h, int a, int m, unsigned int f),
    (h, a, m, f))
BROKEN(gcry_cipher_setkey, (cipher_hd h, const void *k, size_t n), (h, k, n))
BROKEN(gcry_cipher_setiv, (cipher_hd h, const void *v, size_t n), (h, v, n))
BROKEN(gcry_cipher_setctr, (cipher_hd h, const void *v, size_t n), (h, v, n))
BROKEN(gcry_cipher_encrypt, (cipher_hd h, void *o, size_t on, const void *i,
    size_t n), (h, o, on, i, n))
BROKEN(gcry_cipher_decrypt, (cipher_hd h, void *o, size_t on, const void *i,
    size_t n), (h, o, on, i, n))
BROKEN(gcry_cipher_authenticate, (cipher_hd h, const void *v, size_t n),
    (h, v, n))
BROKEN(gcry_cipher_gettag, (cipher_hd h, void *t, size_t n), (h, t, n))
BROKEN(gcry_cipher_checktag, (cipher_hd h, const void *t, size_t n),
    (h, t, n))
BROKEN(gcry_mac_open, (mac_hd *h, int a, unsigned int f, gcry_ctx_t c),
    (h, a, f, c))
BROKEN(gcry_mac_setkey, (mac_hd h, const void *k, size_t n), (h, k, n))
BROKEN(gcry_mac_write, (mac_hd h, const void *v, size_t n), (h, v, n))
BROKEN(gcry_mac_read, (mac_hd h, void *o, size_t *n), (h, o, n))
BROKEN(gcry_md_hash_buffers, (int a, unsigned int f, void *d,
    const gcry_buffer_t *v, int n), (a, f, d, v, n))
BROKEN(gcry_pk_verify, (gcry_sexp_t s, gcry_sexp_t d, gcry_sexp_t k),
    (s, d, k))

/* A fault of the machine: what comes out is no signature of d. */
static gcry_sexp_t signed_instead;

gcry_error_t __real_gcry_pk_sign(gcry_sexp_t *r, gcry_sexp_t d,
    gcry_sexp_t k);
gcry_error_t __wrap_gcry_pk_sign(gcry_sexp_t *r, gcry_sexp_t d,
    gcry_sexp_t k);
gcry_error_t
__wrap_gcry_pk_sign(gcry_sexp_t *r, gcry_sexp_t d, gcry_sexp_t k)
{
	if (library_is_broken("gcry_pk_sign"))
		return GPG_ERR_GENERAL;
	return __real_gcry_pk_sign(r, signed_instead != NULL ? signed_instead
							     : d, k);
}
BROKEN(gcry_mpi_scan, (gcry_mpi_t *r, enum gcry_mpi_format f, const void *b,
    size_t n, size_t *d), (r, f, b, n, d))
BROKEN(gcry_mpi_print, (enum gcry_mpi_format f, unsigned char *b, size_t n,
    size_t *w, gcry_mpi_t a), (f, b, n, w, a))
BROKEN(gcry_mpi_ec_new, (gcry_ctx_t *r, gcry_sexp_t k, const char *c),
    (r, k, c))
BROKEN(gcry_mpi_ec_decode_point, (gcry_mpi_point_t r, gcry_mpi_t v,
    gcry_ctx_t c), (r, v, c))
BROKEN(gcry_ecc_mul_point, (int a, unsigned char *r, const unsigned char *s,
    const unsigned char *p), (a, r, s, p))

/* --- what is tried -------------------------------------------------------- */

enum outcome { REFUSED = 43, RIGHT = 42, WRONG = 41 };

typedef enum outcome scenario(void);

#define ROOM_BYTES 2048

struct room {
	uint8_t bytes[ROOM_BYTES];
	size_t len;
};

static struct span
view(const struct room *r)
{
	return span(r->bytes, r->len);
}

static const struct span data = { (const uint8_t *)"what was signed", 15 };
static const uint8_t secret[32] = "thirty-two bytes of shared thing";

static struct privkey *key;		/* of the moment */
static struct span alg;
static struct room signature, forged;
static struct room cert_bytes, forged_cert;
static const struct kex_alg *kex;
static struct kex_key *peer;
static const struct cipher_alg *cipher;
static const struct mac_alg *mac;
static struct room sealed, reference, derived;
static bool opened_wrongly;

static enum outcome
verdict(bool said, enum outcome yes)
{
	return said ? yes : REFUSED;
}

static enum outcome
verifies(void)
{
	return verdict(pubkey_verify(alg, privkey_public(key), data,
	    view(&signature)), RIGHT);
}

static enum outcome
verifies_forged(void)
{
	return verdict(pubkey_verify(alg, privkey_public(key), data,
	    view(&forged)), WRONG);
}

static enum outcome
verifies_other_data(void)
{
	return verdict(pubkey_verify(alg, privkey_public(key),
	    S("what was not signed"), view(&signature)), WRONG);
}

/* A signature that is sent must be one. */
static enum outcome
signs(void)
{
	uint8_t bytes[ROOM_BYTES];
	struct sink out = sink_of(bytes, sizeof bytes);
	bool ok = privkey_sign(key, alg, data, &out);

	counts = false;
	if (!ok)
		return REFUSED;
	return pubkey_verify(alg, privkey_public(key), data, sink_span(&out))
	    ? RIGHT : WRONG;
}

static enum outcome
cert_holds(void)
{
	struct cert cert;

	return verdict(cert_parse(view(&cert_bytes), &cert) &&
	    cert_signature_holds(&cert), RIGHT);
}

static enum outcome
forged_cert_holds(void)
{
	struct cert cert;

	return verdict(cert_parse(view(&forged_cert), &cert) &&
	    cert_signature_holds(&cert), WRONG);
}

/* Both sides have one secret, or there is none. */
static enum outcome
agrees(void)
{
	uint8_t ours[KEX_SHARED_MAX_BYTES], theirs[KEX_SHARED_MAX_BYTES];
	struct sink a = sink_of(ours, sizeof ours);
	struct sink b = sink_of(theirs, sizeof theirs);
	struct kex_key *mine = kex_key_new(kex, NULL);
	bool ok = mine != NULL && kex_key_agree(mine, kex_key_public(peer),
	    &a);
	enum outcome is = REFUSED;

	counts = false;
	if (ok)
		is = kex_key_agree(peer, kex_key_public(mine), &b) &&
		    span_equal(sink_span(&a), sink_span(&b)) ? RIGHT : WRONG;
	kex_key_free(mine);
	return is;
}

static bool
derive(struct room *out)
{
	uint8_t hash[HASH_MAX_BYTES];
	const struct kex_transcript t = {
		.client_ident = S("SSH-2.0-a"), .server_ident = S("SSH-2.0-b"),
		.client_kexinit = S("c"), .server_kexinit = S("d"),
		.host_key = S("e"), .client_public = span(secret, 32),
		.server_public = span(secret, 32),
		.shared = span(secret, 32),
	};

	/* More than one digest's worth. */
	out->len = 96;
	memset(out->bytes, 0, out->len);
	return kex_exchange_hash(kex, &t, hash) &&
	    kex_derive(kex, t.shared, span(hash, hash_bytes(kex->hash)),
		span(hash, hash_bytes(kex->hash)), 'C', out->bytes, out->len);
}

static enum outcome
derives(void)
{
	struct room got;

	if (!derive(&got))
		return REFUSED;
	return span_equal(view(&got), view(&derived)) ? RIGHT : WRONG;
}

static struct packet_cipher *
new_cipher(enum packet_direction direction)
{
	static const uint8_t bytes[64] = "keys, vectors and all of that";

	return packet_cipher_new(cipher, cipher->tag_bytes > 0 ? NULL : mac,
	    direction, bytes, bytes, bytes);
}

/* With four bytes of padding; the length is in what a block cipher takes. */
static size_t
packet_bytes(const struct packet_cipher *pc)
{
	return 64 + packet_aad(pc);
}

/* Two packets, for a first one can be an exception. */
static bool
seal(struct room *out)
{
	struct packet_cipher *pc = new_cipher(PACKET_SEAL);
	bool ok = pc != NULL;

	out->len = 0;
	for (uint32_t i = 0; ok && i < 2; i++) {
		uint8_t *packet = out->bytes + out->len;

		memset(packet, 'p', packet_bytes(pc));
		memcpy(packet, "\0\0\0", 3);
		packet[3] = (uint8_t)(packet_bytes(pc) - 4);
		packet[4] = 4;
		ok = packet_seal(pc, i, packet, packet_bytes(pc));
		out->len += packet_bytes(pc) + packet_tag_bytes(pc);
	}
	packet_cipher_free(pc);
	return ok;
}

static enum outcome
seals(void)
{
	struct room got;

	if (!seal(&got))
		return REFUSED;
	return span_equal(view(&got), view(&reference)) ? RIGHT : WRONG;
}

/* What is opened is what was sealed. */
static bool
open_both(struct room in)
{
	struct packet_cipher *pc = new_cipher(PACKET_OPEN);
	bool ok = pc != NULL, same = true;
	uint32_t length;

	for (uint32_t i = 0; ok && i < 2; i++) {
		uint8_t *packet = in.bytes + i * in.len / 2;

		ok = packet_peek(pc, i, packet, &length) &&
		    packet_open(pc, i, packet, packet_bytes(pc));
		for (size_t at = 5; ok && at < packet_bytes(pc); at++)
			same = same && packet[at] == 'p';
		same = same && (!ok || length == packet_bytes(pc) - 4);
	}
	packet_cipher_free(pc);
	opened_wrongly = !same;
	return ok;
}

static enum outcome
opens(void)
{
	bool ok = open_both(reference);

	return verdict(ok, opened_wrongly ? WRONG : RIGHT);
}

/* Of two packets the second has one bit turned. */
static enum outcome
opens_forged(void)
{
	return verdict(open_both(sealed), WRONG);
}

/* --- trying it ------------------------------------------------------------ */

static enum outcome
attempt(scenario *run, unsigned int allocation, unsigned int call)
{
	enum outcome is;

	*memory_calls = *library_calls = 0;
	memory_fails = allocation;
	library_fails = call;
	counts = true;
	is = run();
	counts = false;
	return is;
}

static void
broken_library(scenario *run, const char *what, enum outcome at_best)
{
	unsigned int total;

	assert_int_equal(attempt(run, 0, 0), at_best);
	total = *library_calls;
	for (unsigned int n = 1; n <= total; n++) {
		enum outcome is = attempt(run, 0, n);

		/* A scalar that cannot be is drawn again. */
		if (is != REFUSED && !(is == RIGHT && run == agrees))
			fail_msg("%s: %s() fails, call %u of %u: %d", what,
			    broken, n, total, (int)is);
	}
}

static void NORETURN
child(scenario *run, unsigned int n)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR);

	setrlimit(RLIMIT_CORE, &none);
	/* cmocka's handlers would make a failed test of it. */
	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	dup2(null, STDERR_FILENO);
	_exit((int)attempt(run, n, 0));
}

/*
 * What is no answer at all is as good as a no: libgcrypt 1.10 aborts, and in
 * one place reads where no memory is.
 */
static bool
died(int status)
{
	return WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT ||
					  WTERMSIG(status) == SIGSEGV);
}

/*
 * Each of the first, then more and more sparsely.  The library can do
 * without some: then at_best is right as well.
 */
static void
no_memory_for(scenario *run, const char *what, enum outcome at_best)
{
	unsigned int total;

	assert_int_equal(attempt(run, 0, 0), at_best);
	total = *memory_calls;
	for (unsigned int n = 1; n <= total; n += 1 + n / 12) {
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			child(run, n);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (died(status) || (WIFEXITED(status) &&
		    (WEXITSTATUS(status) == REFUSED ||
			WEXITSTATUS(status) == (int)at_best)))
			continue;
		fail_msg("%s: %u of %u allocations fails: %#x", what, n,
		    total, (unsigned int)status);
	}
}

static void
both(scenario *run, const char *what, enum outcome at_best)
{
	broken_library(run, what, at_best);
	no_memory_for(run, what, at_best);
}

static const struct {
	enum privkey_kind kind;
	unsigned int bits;
	const char *alg;
} kinds[] = {
	{ PRIVKEY_ED25519, 0, "ssh-ed25519" },
	{ PRIVKEY_ECDSA_P256, 0, "ecdsa-sha2-nistp256" },
	{ PRIVKEY_RSA, 2048, "rsa-sha2-512" },
};

static void
signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct sink out = sink_of(signature.bytes, ROOM_BYTES);

		key = privkey_generate(kinds[i].kind, kinds[i].bits);
		assert_non_null(key);
		alg = S(kinds[i].alg);
		assert_true(privkey_sign(key, alg, data, &out));
		signature.len = out.len;
		forged = signature;
		forged.bytes[forged.len - 1] ^= 1;
		both(verifies, kinds[i].alg, RIGHT);
		both(verifies_forged, kinds[i].alg, REFUSED);
		both(verifies_other_data, kinds[i].alg, REFUSED);
		broken_library(signs, kinds[i].alg, RIGHT);
		privkey_free(key);
	}
}

/* Two RSA signatures, a good and a bad one, are the key. */
static void
faulty_signature(void **state)
{
	static const uint8_t digest[64];
	uint8_t bytes[ROOM_BYTES] = { 0 };
	struct sink out = sink_of(bytes, sizeof bytes);

	(void)state;
	key = privkey_generate(PRIVKEY_RSA, 2048);
	assert_non_null(key);
	assert_int_equal(gcry_sexp_build(&signed_instead, NULL,
	    "(data(flags pkcs1)(hash sha512 %b))", (int)sizeof digest,
	    digest), 0);
	assert_false(privkey_sign(key, S("rsa-sha2-512"), data, &out));
	assert_int_equal(out.len, 0);
	for (size_t i = 0; i < sizeof bytes; i++)
		assert_int_equal(bytes[i], 0);
	gcry_sexp_release(signed_instead);
	signed_instead = NULL;
	assert_true(privkey_sign(key, S("rsa-sha2-512"), data, &out));
	privkey_free(key);
}

static void
certificates(void **state)
{
	(void)state;
	assert_true(base64_decode(S(CERT_ED25519), cert_bytes.bytes,
	    ROOM_BYTES, &cert_bytes.len));
	forged_cert = cert_bytes;
	forged_cert.bytes[forged_cert.len - 1] ^= 1;
	both(cert_holds, "certificate", RIGHT);
	both(forged_cert_holds, "forged certificate", REFUSED);
}

static void
exchanges(void **state)
{
	static const char *const names[] = { "curve25519-sha256",
		"ecdh-sha2-nistp256", "diffie-hellman-group14-sha256" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		kex = kex_find(S(names[i]));
		peer = kex_key_new(kex, NULL);
		assert_non_null(peer);
		broken_library(agrees, names[i], RIGHT);
		assert_true(derive(&derived));
		broken_library(derives, names[i], RIGHT);
		kex_key_free(peer);
	}
}

static void
packets(void **state)
{
	const char *name = cipher_all_names();

	(void)state;
	while (*name != '\0') {
		size_t n = strcspn(name, ",");

		cipher = cipher_find(span(name, n));
		for (const char *m = mac_all_names(); *m != '\0';) {
			size_t len = strcspn(m, ",");

			mac = mac_find(span(m, len));
			assert_true(seal(&reference));
			broken_library(seals, cipher->name, RIGHT);
			broken_library(opens, cipher->name, RIGHT);
			sealed = reference;
			sealed.bytes[sealed.len - 1] ^= 0x80;
			broken_library(opens_forged, cipher->name, REFUSED);
			m += len + (m[len] == ',');
			if (cipher->tag_bytes > 0)
				break;
		}
		name += n + (name[n] == ',');
	}
}

static int
start(void **state)
{
	unsigned int *calls = mmap(NULL, 2 * sizeof *calls,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	if (calls == MAP_FAILED || !crypto_init())
		return -1;
	memory_calls = calls;
	library_calls = calls + 1;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures),
		cmocka_unit_test(faulty_signature),
		cmocka_unit_test(certificates),
		cmocka_unit_test(exchanges),
		cmocka_unit_test(packets),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
