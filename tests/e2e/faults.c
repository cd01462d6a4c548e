/*
 * faults: makes one call of a server's processes fail, as a full or unusual
 * machine would.  LD_PRELOADed by test_faults.py only; never installed.
 *
 * All processes of a server share the page in $FAULTS: what test_faults.py
 * wants, and what was called.  Only writes to that page: net's processes do
 * this too.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <grp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* test_faults.py has the same list. */
enum call { CALL_FORK, CALL_SETRESUID, CALL_SETRESGID, CALL_SETGROUPS,
	CALL_INITGROUPS, CALL_CHROOT, CALL_PRCTL, CALL_UNSHARE,
	CALL_CLOSE_RANGE, CALL_SOCKETPAIR, CALL_SETRLIMIT, CALL_LIBGCRYPT,
	CALL_COUNT };

enum how { HOW_FAIL, HOW_LIE };

struct page {
	uint32_t call;			/* which one */
	uint32_t nth;			/* of all processes; 0: none */
	uint32_t how;
	uint32_t failed;		/* it did */
	_Atomic uint32_t bad_kills;	/* kill(2) of everybody, or of init */
	_Atomic uint32_t counts[CALL_COUNT];
	char victim[32];		/* of libgcrypt's that failed */
};

static struct page *page;

__attribute__((constructor)) static void
open_page(void)
{
	const char *path = getenv("FAULTS");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *page,
	    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	page = p == MAP_FAILED ? NULL : p;
	if (page == NULL)
		abort();
}

/* Is this the one?  Then *answer is what it comes to. */
static bool
strikes(enum call call, int error, int *answer)
{
	uint32_t now = atomic_fetch_add(&page->counts[call], 1) + 1;

	if (page->call != (uint32_t)call || page->nth != now)
		return false;
	page->failed = 1;
	*answer = page->how == HOW_LIE ? 0 : -1;
	errno = error;
	return true;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

pid_t
fork(void)
{
	int answer;

	return strikes(CALL_FORK, EAGAIN, &answer) ? answer :
	    REAL(pid_t (*)(void), "fork")();
}

int
setresuid(uid_t r, uid_t e, uid_t s)
{
	int answer;

	/* That is how it is asked whether root is out of reach. */
	if (r == (uid_t)-1)
		return REAL(int (*)(uid_t, uid_t, uid_t), "setresuid")(r, e,
		    s);
	return strikes(CALL_SETRESUID, EAGAIN, &answer) ? answer :
	    REAL(int (*)(uid_t, uid_t, uid_t), "setresuid")(r, e, s);
}

int
setresgid(gid_t r, gid_t e, gid_t s)
{
	int answer;

	return strikes(CALL_SETRESGID, EPERM, &answer) ? answer :
	    REAL(int (*)(gid_t, gid_t, gid_t), "setresgid")(r, e, s);
}

int
setgroups(size_t n, const gid_t *list)
{
	int answer;

	return strikes(CALL_SETGROUPS, ENOMEM, &answer) ? answer :
	    REAL(int (*)(size_t, const gid_t *), "setgroups")(n, list);
}

int
initgroups(const char *name, gid_t gid)
{
	int answer;

	return strikes(CALL_INITGROUPS, ENOMEM, &answer) ? answer :
	    REAL(int (*)(const char *, gid_t), "initgroups")(name, gid);
}

int
chroot(const char *path)
{
	int answer;

	return strikes(CALL_CHROOT, EPERM, &answer) ? answer :
	    REAL(int (*)(const char *), "chroot")(path);
}

int
prctl(int option, ...)
{
	/* All of them take what fits a register. */
	unsigned long a[4];
	__builtin_va_list ap;
	int answer;

	__builtin_va_start(ap, option);
	for (int i = 0; i < 4; i++)
		a[i] = __builtin_va_arg(ap, unsigned long);
	__builtin_va_end(ap);
	if ((option == PR_SET_DUMPABLE || option == PR_SET_PDEATHSIG ||
		option == PR_SET_NO_NEW_PRIVS || option == PR_SET_SECCOMP) &&
	    strikes(CALL_PRCTL, EINVAL, &answer))
		return answer;
	return REAL(int (*)(int, unsigned long, unsigned long, unsigned long,
	    unsigned long), "prctl")(option, a[0], a[1], a[2], a[3]);
}

int
unshare(int flags)
{
	int answer;

	return strikes(CALL_UNSHARE, ENOMEM, &answer) ? answer :
	    REAL(int (*)(int), "unshare")(flags);
}

int
close_range(unsigned int first, unsigned int last, int flags)
{
	int answer;

	return strikes(CALL_CLOSE_RANGE, EMFILE, &answer) ? answer :
	    REAL(int (*)(unsigned int, unsigned int, int), "close_range")(
		first, last, flags);
}

int
socketpair(int domain, int type, int protocol, int fds[2])
{
	int answer;

	return strikes(CALL_SOCKETPAIR, ENFILE, &answer) ? answer :
	    REAL(int (*)(int, int, int, int *), "socketpair")(domain, type,
		protocol, fds);
}

int
setrlimit(__rlimit_resource_t resource, const struct rlimit *r)
{
	int answer;

	return strikes(CALL_SETRLIMIT, EPERM, &answer) ? answer :
	    REAL(int (*)(__rlimit_resource_t, const struct rlimit *),
		"setrlimit")(resource, r);
}

int
kill(pid_t pid, int signo)
{
	if (pid == 0 || pid == -1 || pid == 1) {
		atomic_fetch_add(&page->bad_kills, 1);
		return 0;
	}
	return REAL(int (*)(pid_t, int), "kill")(pid, signo);
}

/* --- libgcrypt: any of these that is called, as one ------------------------- */

#define GCRYPT(name, params, args)					\
	gcry_error_t							\
	name params							\
	{								\
		static gcry_error_t (*real) params;			\
		int answer;						\
									\
		if (real == NULL)					\
			real = REAL(gcry_error_t (*) params, #name);	\
		if (!strikes(CALL_LIBGCRYPT, EIO, &answer))		\
			return real args;				\
		memcpy(page->victim, #name, sizeof #name);	\
		return GPG_ERR_GENERAL;					\
	}

typedef gcry_cipher_hd_t cipher_hd;
typedef gcry_mac_hd_t mac_hd;
GCRYPT(gcry_cipher_open, (cipher_hd *h, int a, int m, unsigned int f),
    (h, a, m, f))
GCRYPT(gcry_cipher_setkey, (cipher_hd h, const void *k, size_t n), (h, k, n))
GCRYPT(gcry_cipher_setiv, (cipher_hd h, const void *v, size_t n), (h, v, n))
GCRYPT(gcry_cipher_setctr, (cipher_hd h, const void *v, size_t n), (h, v, n))
GCRYPT(gcry_cipher_encrypt, (cipher_hd h, void *o, size_t on, const void *i,
    size_t n), (h, o, on, i, n))
GCRYPT(gcry_cipher_decrypt, (cipher_hd h, void *o, size_t on, const void *i,
    size_t n), (h, o, on, i, n))
GCRYPT(gcry_cipher_authenticate, (cipher_hd h, const void *v, size_t n),
    (h, v, n))
GCRYPT(gcry_cipher_gettag, (cipher_hd h, void *t, size_t n), (h, t, n))
GCRYPT(gcry_cipher_checktag, (cipher_hd h, const void *t, size_t n),
    (h, t, n))
GCRYPT(gcry_mac_open, (mac_hd *h, int a, unsigned int f, gcry_ctx_t c),
    (h, a, f, c))
GCRYPT(gcry_mac_setkey, (mac_hd h, const void *k, size_t n), (h, k, n))
GCRYPT(gcry_mac_write, (mac_hd h, const void *v, size_t n), (h, v, n))
GCRYPT(gcry_mac_read, (mac_hd h, void *o, size_t *n), (h, o, n))
GCRYPT(gcry_md_hash_buffers, (int a, unsigned int f, void *d,
    const gcry_buffer_t *v, int n), (a, f, d, v, n))
GCRYPT(gcry_pk_verify, (gcry_sexp_t s, gcry_sexp_t d, gcry_sexp_t k),
    (s, d, k))
GCRYPT(gcry_pk_sign, (gcry_sexp_t *r, gcry_sexp_t d, gcry_sexp_t k),
    (r, d, k))
GCRYPT(gcry_mpi_scan, (gcry_mpi_t *r, enum gcry_mpi_format f, const void *b,
    size_t n, size_t *d), (r, f, b, n, d))
GCRYPT(gcry_mpi_print, (enum gcry_mpi_format f, unsigned char *b, size_t n,
    size_t *w, gcry_mpi_t a), (f, b, n, w, a))
GCRYPT(gcry_mpi_ec_new, (gcry_ctx_t *r, gcry_sexp_t k, const char *c),
    (r, k, c))
GCRYPT(gcry_mpi_ec_decode_point, (gcry_mpi_point_t r, gcry_mpi_t v,
    gcry_ctx_t c), (r, v, c))
GCRYPT(gcry_ecc_mul_point, (int a, unsigned char *r, const unsigned char *s,
    const unsigned char *p), (a, r, s, p))
