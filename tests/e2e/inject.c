/*
 * inject: makes another process execute one system call, and says what came
 * of it: a test from inside of a sandbox.  Run as root by test_inside_net.py
 * only; never installed.
 *
 *	inject PID CALL [OTHER-PID]
 *
 * The process is stopped, its registers are set up for the call at a system
 * call instruction of its own text, and it makes one step.  If it lives,
 * what it was doing goes on.  Prints one of
 *
 *	killed by signal N
 *	failed with errno N
 *	returned N
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_COUNT	6
#define SCRATCH_BYTES	256
/* Below what a leaf function may use without moving the stack pointer. */
#define BELOW_STACK_BYTES 1024
#define ERRNO_MAX	4095

#if defined(__x86_64__)
static const uint8_t instruction[] = { 0x0f, 0x05 };
#define PC(r)		((r)->rip)
#define SP(r)		((r)->rsp)
#define RESULT(r)	((r)->rax)
typedef struct user_regs_struct regs;
#elif defined(__aarch64__)
static const uint8_t instruction[] = { 0x01, 0x00, 0x00, 0xd4 };
#define PC(r)		((r)->pc)
#define SP(r)		((r)->sp)
#define RESULT(r)	((r)->regs[0])
typedef struct user_regs_struct regs;
#else
#error "no injection on this architecture yet"
#endif

struct target {
	pid_t pid;
	int mem;		/* /proc/PID/mem */
	regs saved;
	uint64_t scratch;	/* where the path lies */
};

struct call {
	const char *name;
	long nr;
	/* PATH and OTHER stand for the address of it, and the other pid. */
	int64_t arg[ARGS_COUNT];
	const char *path;
};
#define PATH	INT64_C(-1000001)
#define OTHER	INT64_C(-1000002)

static const struct call calls[] = {
	{ "getpid", SYS_getpid, { 0 }, "" },
	{ "openat", SYS_openat, { AT_FDCWD, PATH, O_RDONLY }, "/etc/passwd" },
	{ "openat-root", SYS_openat, { AT_FDCWD, PATH, O_RDONLY }, "/" },
	{ "openat-proc", SYS_openat, { AT_FDCWD, PATH, O_RDONLY },
	    "/proc/self/mem" },
	{ "creat", SYS_openat, { AT_FDCWD, PATH, O_CREAT | O_RDWR, 0600 },
	    "new" },
	{ "socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, "" },
	{ "socket-unix", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, "" },
	{ "clone", SYS_clone, { SIGCHLD }, "" },
#ifdef SYS_fork
	{ "fork", SYS_fork, { 0 }, "" },
	{ "vfork", SYS_vfork, { 0 }, "" },
#endif
	{ "execve", SYS_execve, { PATH, 0, 0 }, "/bin/sh" },
	{ "execveat", SYS_execveat, { AT_FDCWD, PATH, 0, 0, 0 }, "/bin/sh" },
	{ "kill", SYS_kill, { OTHER, SIGTERM }, "" },
	{ "tgkill", SYS_tgkill, { OTHER, OTHER, SIGTERM }, "" },
	{ "ptrace", SYS_ptrace, { PTRACE_ATTACH, OTHER }, "" },
	{ "process_vm_readv", SYS_process_vm_readv, { OTHER, PATH, 0, PATH,
	    0, 0 }, "" },
	{ "pidfd_open", SYS_pidfd_open, { OTHER, 0 }, "" },
	{ "chroot", SYS_chroot, { PATH }, "." },
	{ "setuid", SYS_setuid, { 0 }, "" },
	{ "setns", SYS_setns, { 0, 0 }, "" },
	{ "unshare", SYS_unshare, { 0x10000000 }, "" },	/* CLONE_NEWUSER */
	{ "connect", SYS_connect, { 0, PATH, 16 }, "" },
	{ "bpf", SYS_bpf, { 0, PATH, 0 }, "" },
};

static void
die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static bool
get_regs(pid_t pid, regs *r)
{
	struct iovec iov = { r, sizeof *r };

	return ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov) == 0;
}

static bool
set_regs(pid_t pid, const regs *r)
{
	struct iovec iov = { (void *)(uintptr_t)r, sizeof *r };

	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov) == 0;
}

/* The call that it was stopped in must not be started over before ours. */
static void
forget_call(pid_t pid, regs *r)
{
#if defined(__x86_64__)
	(void)pid;
	r->orig_rax = (unsigned long long)-1;
#else
	int none = -1;
	struct iovec iov = { &none, sizeof none };

	(void)r;
	(void)ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &iov);
#endif
}

static void
set_call(regs *r, const struct call *c, const uint64_t arg[ARGS_COUNT])
{
#if defined(__x86_64__)
	r->rax = (uint64_t)c->nr;
	r->rdi = arg[0];
	r->rsi = arg[1];
	r->rdx = arg[2];
	r->r10 = arg[3];
	r->r8 = arg[4];
	r->r9 = arg[5];
#else
	r->regs[8] = (uint64_t)c->nr;
	for (int i = 0; i < ARGS_COUNT; i++)
		r->regs[i] = arg[i];
#endif
}

static bool
is_instruction(const struct target *t, uint64_t at)
{
	uint8_t there[sizeof instruction];

	return pread(t->mem, there, sizeof there, (off_t)at) ==
	    (ssize_t)sizeof there &&
	    memcmp(there, instruction, sizeof there) == 0;
}

/* In what /proc/PID/maps says is code. */
static uint64_t
search(const struct target *t)
{
	char path[64], line[512], perms[8];
	uint64_t from, to;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)t->pid);
	f = fopen(path, "r");
	if (f == NULL)
		die(path);
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to,
		    perms) != 3 || perms[2] != 'x' ||
		    strstr(line, "[v") != NULL)
			continue;
		for (uint64_t at = from; at + 4 <= to; at++) {
			if (is_instruction(t, at)) {
				fclose(f);
				return at;
			}
		}
	}
	fclose(f);
	errno = ENOENT;
	die("no system call instruction");
	return 0;
}

static void
attach(struct target *t, pid_t pid)
{
	char path[64];
	int status;

	t->pid = pid;
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) != 0)
		die("PTRACE_SEIZE");
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) != 0 ||
	    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		die("PTRACE_INTERRUPT");
	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	t->mem = open(path, O_RDWR | O_CLOEXEC);
	if (t->mem < 0 || !get_regs(pid, &t->saved))
		die(path);
	t->scratch = (SP(&t->saved) - BELOW_STACK_BYTES) & ~UINT64_C(15);
}

static void
prepare(const struct target *t, const struct call *c, pid_t other)
{
	regs r = t->saved;
	uint64_t at = PC(&r) - sizeof instruction, arg[ARGS_COUNT];
	char text[SCRATCH_BYTES] = "";

	if (!is_instruction(t, at))
		at = search(t);
	for (int i = 0; i < ARGS_COUNT; i++)
		arg[i] = c->arg[i] == PATH ? t->scratch
		    : c->arg[i] == OTHER ? (uint64_t)other
		    : (uint64_t)c->arg[i];
	snprintf(text, sizeof text, "%s", c->path);
	if (pwrite(t->mem, text, sizeof text, (off_t)t->scratch) !=
	    (ssize_t)sizeof text)
		die("cannot write to its stack");
	set_call(&r, c, arg);
	PC(&r) = at;
	forget_call(t->pid, &r);
	if (!set_regs(t->pid, &r))
		die("cannot set its registers");
}

/* One step: it is dead then, or stopped behind the instruction. */
static void
step(const struct target *t)
{
	int status, give = 0;
	regs r;

	for (;;) {
		if (ptrace(PTRACE_SINGLESTEP, t->pid, 0, give) != 0)
			die("PTRACE_SINGLESTEP");
		if (waitpid(t->pid, &status, __WALL) != t->pid)
			die("waitpid");
		if (WIFSIGNALED(status)) {
			printf("killed by signal %d\n", WTERMSIG(status));
			return;
		}
		if (WIFEXITED(status)) {
			printf("exited with %d\n", WEXITSTATUS(status));
			return;
		}
		if (WSTOPSIG(status) == SIGTRAP)
			break;
		give = WSTOPSIG(status);
	}
	if (!get_regs(t->pid, &r))
		die("cannot get its registers");
	if ((int64_t)RESULT(&r) < 0 && (int64_t)RESULT(&r) >= -ERRNO_MAX)
		printf("failed with errno %d\n", -(int)RESULT(&r));
	else
		printf("returned %" PRId64 "\n", (int64_t)RESULT(&r));
	if (!set_regs(t->pid, &t->saved) ||
	    ptrace(PTRACE_DETACH, t->pid, 0, 0) != 0)
		die("cannot let it go on");
}

int
main(int argc, char **argv)
{
	struct target t;

	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		const struct call *c = &calls[i];

		if (argc == 2 && strcmp(argv[1], "list") == 0)
			puts(c->name);
		if (argc < 3 || strcmp(argv[2], c->name) != 0)
			continue;
		attach(&t, (pid_t)atoi(argv[1]));
		prepare(&t, c, argc > 3 ? (pid_t)atoi(argv[3]) : 0);
		step(&t);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return 0;
	fprintf(stderr, "usage: inject PID CALL [OTHER-PID]\n");
	return 2;
}
