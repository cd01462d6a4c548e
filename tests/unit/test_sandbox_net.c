/*
 * The sandbox from inside: a process that confine_net() has confined tries
 * what a taken net would try first.  Each attempt is a process of its own; it
 * has to fail or to die of SIGSYS.  What net needs has to go on working.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipc/frame.h"
#include "sandbox/confine.h"
#include "unit.h"

#define NOBODY 65534
#define FDS_MAX 64

/* Exit status of a confined child. */
enum outcome { REFUSED = 10, DONE, NOT_CONFINED };

/* A system call and the arguments that would do harm. */
struct attempt {
	const char *name;
	long nr;
	long arg[6];
};

static const char path[] = "/etc/passwd";
static const char *const argv_true[] = { "/bin/true", NULL };

#define P(p) ((long)(intptr_t)(p))
#define TRY(name, ...) { #name, SYS_##name, { __VA_ARGS__ } }

static const struct attempt attempts[] = {
	/* Files. */
#ifdef SYS_open
	TRY(open, P(path), O_RDONLY),
	TRY(mkdir, P("/x"), 0700),
	TRY(unlink, P("/x")),
	TRY(chmod, P("/"), 0777),
	TRY(readlink, P("/proc/self/exe"), P(0), 1),
#endif
	TRY(openat, AT_FDCWD, P(path), O_RDONLY),
	TRY(openat, AT_FDCWD, P("/x"), O_WRONLY | O_CREAT, 0600),
	{ "openat2", 437, { AT_FDCWD, P(path) } },
	TRY(open_by_handle_at, 0, P(path), O_RDONLY),
	TRY(mkdirat, AT_FDCWD, P("/x"), 0700),
	TRY(unlinkat, AT_FDCWD, P("/x"), 0),
	TRY(renameat2, AT_FDCWD, P("/x"), AT_FDCWD, P("/y"), 0),
	TRY(linkat, AT_FDCWD, P(path), AT_FDCWD, P("/y"), 0),
	TRY(symlinkat, P(path), AT_FDCWD, P("/y")),
	TRY(mknodat, AT_FDCWD, P("/x"), 0600, 0),
	TRY(fchmod, 0, 0777),
	TRY(fchown, 0, 0, 0),
	TRY(ftruncate, 0, 0),
	TRY(getdents64, 0, P(0), 0),
	TRY(newfstatat, AT_FDCWD, P(path), P(0), 0),
	TRY(statx, AT_FDCWD, P(path), 0, 0, P(0)),
	TRY(memfd_create, P("x"), 0),
	TRY(name_to_handle_at, AT_FDCWD, P(path), P(0), P(0), 0),
	TRY(inotify_init1, 0),
	TRY(chdir, P("/")),
	TRY(fchdir, 0),
	TRY(chroot, P("/")),
	TRY(mount, P("x"), P("/"), P("tmpfs"), 0, P(0)),
	/* Sockets. */
	TRY(socket, AF_INET, SOCK_STREAM, 0),
	TRY(socket, AF_UNIX, SOCK_STREAM, 0),
	TRY(socketpair, AF_UNIX, SOCK_STREAM, 0, P(0)),
	TRY(connect, 0, P(path), 16),
	TRY(bind, 0, P(path), 16),
	TRY(listen, 0, 1),
	TRY(accept4, 0, P(0), P(0), 0),
	/* Processes. */
#ifdef SYS_fork
	TRY(fork, 0),
	TRY(vfork, 0),
#endif
	TRY(clone, SIGCHLD, 0),
	TRY(clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0),
	{ "clone3", 435, { 0, 0 } },
	TRY(execve, P("/bin/true"), P(argv_true), P(0)),
	TRY(execveat, 0, P(""), P(argv_true), P(0), 0x1000),
	TRY(kill, -1, 0),
	TRY(kill, 1, 0),
	TRY(tkill, 1, 0),
	TRY(tgkill, 1, 1, 0),
	TRY(rt_sigqueueinfo, 1, SIGTERM, P(0)),
	{ "pidfd_open", 434, { 1, 0 } },
	{ "pidfd_send_signal", 424, { 0, SIGTERM } },
	{ "pidfd_getfd", 438, { 0, 0 } },
	TRY(ptrace, 0, 0, 0, 0),
	TRY(ptrace, 16, 1, 0, 0),
	TRY(process_vm_readv, 1, P(0), 0, P(0), 0, 0),
	TRY(process_vm_writev, 1, P(0), 0, P(0), 0, 0),
	/* Rights and name spaces. */
	TRY(setuid, 0),
	TRY(setgid, 0),
	TRY(setresuid, 0, 0, 0),
	TRY(setgroups, 0, P(0)),
	TRY(capset, P(0), P(0)),
	TRY(unshare, 0x10000000),		/* CLONE_NEWUSER */
	TRY(setns, 0, 0),
	TRY(prctl, 4, 1),			/* PR_SET_DUMPABLE */
	TRY(prlimit64, 0, RLIMIT_NOFILE, P(path), P(0)),
#ifdef SYS_setrlimit
	TRY(setrlimit, RLIMIT_NOFILE, P(path)),
#endif
	TRY(seccomp, 1, 0, P(0)),
	TRY(personality, 0xffffffff),
	/* Memory that runs. */
	TRY(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0),
	TRY(mmap, 0, 4096, PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	TRY(mprotect, 0, 4096, PROT_EXEC),
	/* The kernel's wide surfaces. */
	TRY(ioctl, 0, 0x5412, P("x")),		/* TIOCSTI */
	{ "io_uring_setup", 425, { 1, P(0) } },
	TRY(bpf, 0, P(0), 0),
	TRY(userfaultfd, 0),
	TRY(perf_event_open, P(0), 0, -1, -1, 0),
	TRY(keyctl, 0, 0),
	TRY(add_key, P("user"), P("x"), P("x"), 1, -2),
	TRY(shmget, 0, 4096, 0600),
	TRY(msgget, 0, 0600),
	TRY(semget, 0, 1, 0600),
	TRY(mq_open, P("/x"), O_RDONLY),
	TRY(timer_create, 0, P(0), P(0)),
	TRY(uname, P(0)),
	TRY(sethostname, P("x"), 1),
	TRY(reboot, 0),
	TRY(syslog, 3, P(0), 0),
#ifdef __x86_64__
	{ "x32 open", 0x40000000 | SYS_open, { P(path), O_RDONLY } },
	{ "x32 execve", 0x40000000 | 520, { P("/bin/true"), P(argv_true) } },
	{ "arch_prctl", SYS_arch_prctl, { 0x1002, 0 } },
#endif
};

static bool
as_root(void)
{
	return geteuid() == 0;
}

/* In the child.  Returns only if it is confined. */
static void
be_confined(pid_t parent)
{
	struct confine how = { .parent = parent, .root = as_root(),
		.uid = NOBODY, .gid = NOBODY, .fds_max = FDS_MAX };
	const char *failed = confine_net(&how);

	if (failed == NULL)
		return;
	dprintf(STDOUT_FILENO, "# %s: %s\n", failed, strerror(errno));
	_exit(NOT_CONFINED);
}

static bool
was_refused(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS;
	return WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
}

static int
run_confined(void (*act)(const void *arg), const void *arg)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		be_confined(parent);
		act(arg);
		_exit(DONE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_CONFINED)
		fail_msg("not confined");
	return status;
}

static void
attempt(const void *arg)
{
	const struct attempt *a = arg;

	if (syscall(a->nr, a->arg[0], a->arg[1], a->arg[2], a->arg[3],
	    a->arg[4], a->arg[5]) < 0 && errno == EACCES)
		_exit(REFUSED);
}

static void
everything_else_is_refused(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		int status = run_confined(attempt, &attempts[i]);

		if (was_refused(status))
			continue;
		print_error("%s: status %#x\n", attempts[i].name,
		    (unsigned int)status);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* A system call number that no kernel has given out is refused as well. */
static void
unknown_calls_are_refused(void **state)
{
	(void)state;
	for (long nr = 1000; nr < 1500; nr += 250) {
		struct attempt a = { "unknown", nr, { 0 } };

		assert_true(was_refused(run_confined(attempt, &a)));
	}
}

#define NEED(what) do {							\
	if (!(what))							\
		_exit(20);						\
} while (0)

/* A frame with a descriptor: the one kind of thing that net is given. */
static void
pass_descriptor(const int *pair)
{
	uint8_t buf[16];
	struct ipc_frame frame;

	NEED(ipc_send(pair[0], BYTES("\1x"), pair, 1) == IPC_OK);
	NEED(ipc_recv(pair[1], buf, sizeof buf, false, &frame) == IPC_OK);
	NEED(frame.fd_count == 1 && frame.fds[0] >= 0);
	ipc_drop(&frame);
}

static void
work(const void *arg)
{
	const int *fds = arg;
	struct pollfd p = { .fd = fds[2], .events = POLLIN };
	char c = 'c';
	void *m;
	struct timespec now;

	pass_descriptor(fds);
	NEED(write(fds[3], &c, 1) == 1);
	NEED(poll(&p, 1, 0) == 1 && p.revents == POLLIN);
	NEED(read(fds[2], &c, 1) == 1 && c == 'c');
	NEED(send(fds[0], &c, 1, MSG_NOSIGNAL) == 1);
	NEED(recv(fds[1], &c, 1, MSG_DONTWAIT) == 1);
	NEED(getrandom(&c, 1, 0) == 1);
	NEED(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(m != MAP_FAILED);
	NEED(mprotect(m, 4096, PROT_READ) == 0 && munmap(m, 4096) == 0);
	m = malloc((size_t)1 << 20);
	NEED(m != NULL);
	memset(m, 1, (size_t)1 << 20);
	free(m);
}

static void
work_goes_on(void **state)
{
	int fds[4], status;

	(void)state;
	assert_true(ipc_pair(fds));
	assert_int_equal(pipe(fds + 2), 0);
	status = run_confined(work, fds);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != DONE)
		fail_msg("status %#x", (unsigned int)status);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

/* More descriptors than RLIMIT_NOFILE leaves room for do not come in. */
static void
hoard(const void *arg)
{
	const int *pair = arg;
	uint8_t buf[16];
	struct ipc_frame frame;

	for (int i = 0; i < FDS_MAX; i++) {
		NEED(ipc_send(pair[0], BYTES("\1x"), pair, 1) == IPC_OK);
		if (ipc_recv(pair[1], buf, sizeof buf, false, &frame) !=
		    IPC_OK)
			_exit(REFUSED);
	}
}

static void
descriptors_are_bounded(void **state)
{
	int pair[2];

	(void)state;
	assert_true(ipc_pair(pair));
	assert_true(was_refused(run_confined(hoard, pair)));
	close(pair[0]);
	close(pair[1]);
}

/* One line of /proc/PID/status, after its colon and white space. */
static void
status_of(pid_t pid, const char *key, char *out, size_t size)
{
	char name[64], line[512];
	size_t n = strlen(key);
	FILE *f;

	out[0] = '\0';
	snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
	f = fopen(name, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, key, n) == 0 && line[n] == ':')
			snprintf(out, size, "%s",
			    line + n + 1 + strspn(line + n + 1, " \t"));
	}
	fclose(f);
	out[strcspn(out, "\n")] = '\0';
}

static void
assert_status(pid_t pid, const char *key, const char *want)
{
	char got[256];

	status_of(pid, key, got, sizeof got);
	if (strcmp(got, want) != 0)
		fail_msg("%s: '%s', not '%s'", key, got, want);
}

static void
assert_root_is_empty(pid_t pid)
{
	char name[64];
	int fd;
	uint8_t entries[1024];
	long n;

	/* A path below its root that every system has. */
	snprintf(name, sizeof name, "/proc/%d/root/etc", (int)pid);
	assert_int_equal(access(name, F_OK), -1);
	snprintf(name, sizeof name, "/proc/%d/root", (int)pid);
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;		/* its directory has gone altogether */
	n = syscall(SYS_getdents64, fd, entries, sizeof entries);
	close(fd);
	/* "." and "..", or not even those: 24 bytes each. */
	assert_true(n <= 48);
}

static void
process_looks_confined(void **state)
{
	pid_t parent = getpid(), pid;
	int up[2], down[2];
	char c;

	(void)state;
	assert_int_equal(pipe(up) | pipe(down), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(down[1]);
		be_confined(parent);
		NEED(write(up[1], "c", 1) == 1);
		(void)!read(down[0], &c, 1);
		_exit(DONE);
	}
	close(up[1]);
	assert_int_equal(read(up[0], &c, 1), 1);
	assert_status(pid, "Seccomp", "2");
	assert_status(pid, "NoNewPrivs", "1");
	if (as_root()) {
		assert_status(pid, "Uid", "65534\t65534\t65534\t65534");
		assert_status(pid, "Gid", "65534\t65534\t65534\t65534");
		assert_status(pid, "Groups", "");
		assert_status(pid, "CapEff", "0000000000000000");
		assert_status(pid, "CapPrm", "0000000000000000");
		assert_root_is_empty(pid);
	}
	close(down[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(up[0]);
	close(down[0]);
}

static void
gone_parent_is_noticed(void **state)
{
	struct confine how = { .parent = getpid() + 1, .fds_max = FDS_MAX };
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(confine_net(&how) == NULL ? DONE : REFUSED);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(was_refused(status));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(unknown_calls_are_refused),
		cmocka_unit_test(work_goes_on),
		cmocka_unit_test(descriptors_are_bounded),
		cmocka_unit_test(process_looks_confined),
		cmocka_unit_test(gone_parent_is_noticed),
	};

	return cmocka_run_group_tests_name("sandbox_net", tests, NULL, NULL);
}
