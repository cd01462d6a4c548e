/*
 * Tests of sandbox: confine_net() in a child, and then each system call that
 * there is, with arguments that would do no harm.  What is left is what the
 * golden lists below say, no more and no less.
 *
 * As root the child changes its ids and its root directory too.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/confine.h"
#include "sandbox/seccomp.h"
#include "unit.h"

#define CALLS_COUNT	500	/* well past the last that Linux has */
#define NOBODY		65534
#define FDS_MAX		64
#define X32_BIT		0x40000000

/* Exit statuses of a child that is still there after its call. */
enum { RETURNED = 81, REFUSED, NOT_CONFINED };

static const int allowed[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_recvfrom, SYS_sendto,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll, SYS_close, SYS_shutdown, SYS_recvmsg, SYS_sendmsg, SYS_fstat,
	SYS_clock_gettime, SYS_restart_syscall, SYS_getrandom, SYS_brk,
	SYS_mmap, SYS_mprotect, SYS_munmap, SYS_mremap, SYS_madvise,
	SYS_futex, SYS_exit_group, SYS_exit, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_getpid, SYS_gettid,
#ifdef WITH_SANITIZERS
	SYS_sigaltstack, SYS_sched_yield, SYS_getrlimit, SYS_rt_sigaction,
#endif
};

static const int refused[] = {
	SYS_openat, SYS_newfstatat,
#ifdef SYS_open
	SYS_open,
#endif
#ifdef SYS_readlink
	SYS_readlink,
#endif
#ifdef WITH_SANITIZERS
	SYS_prlimit64, SYS_ioctl, SYS_clone, SYS_prctl,
#endif
};

/*
 * The kernel lets these past any filter: uretprobe and uprobe do nothing but
 * from trampolines that the kernel itself maps (Linux 6.13 and 6.18).
 */
static const int exempt[] = {
#ifdef __x86_64__
	335, 336,
#else
	-1,
#endif
};

static bool
listed(const int *list, size_t count, int nr)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == nr)
			return true;
	return false;
}

static void
confine_or_exit(pid_t parent)
{
	const struct confine how = {
		.parent = parent, .root = geteuid() == 0,
		.uid = NOBODY, .gid = NOBODY, .fds_max = FDS_MAX,
	};

	if (confine_net(&how) != NULL)
		_exit(NOT_CONFINED);
}

static pid_t
fork_or_fail(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_CONFINED)
		fail_msg("confine_net failed");
	return status;
}

/* One call in a confined child; its wait status. */
static int
call(long nr, const long a[6])
{
	pid_t parent = getpid(), pid = fork_or_fail();
	long rc;

	if (pid == 0) {
		confine_or_exit(parent);
		rc = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		_exit(rc == -1 && errno == EACCES ? REFUSED : RETURNED);
	}
	return wait_for(pid);
}

static bool
died(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void
test_every_call(void **state)
{
	/* Descriptor -1, no bytes, no flags: and no pointer to anything. */
	static const long args[6] = { -1, 0, 0, -1, -1, -1 };
	int wrong = 0;

	(void)state;
	for (int nr = 0; nr < CALLS_COUNT; nr++) {
		bool may = listed(allowed, ARRAY_LEN(allowed), nr);
		bool no = listed(refused, ARRAY_LEN(refused), nr);
		int status = listed(exempt, ARRAY_LEN(exempt), nr) ? SIGSYS
		    : call(nr, args);
		bool is_no = WIFEXITED(status) &&
		    WEXITSTATUS(status) == REFUSED;
		bool is_may = !died(status) && !is_no;

		if (may == is_may && no == is_no)
			continue;
		print_error("system call %d: %s\n", nr, is_may
		    ? "is allowed" : is_no ? "fails with EACCES" : "kills");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void
test_other_tables(void **state)
{
	(void)state;
#ifdef __x86_64__
	static const long args[6] = { -1, 0, 0, -1, -1, -1 };

	/* The x32 numbers are others under the same architecture. */
	for (long nr = 0; nr < 20; nr++)
		assert_true(died(call(nr | X32_BIT, args)));
	for (long nr = 512; nr < 548; nr++)
		assert_true(died(call(nr | X32_BIT, args)));
	assert_true(died(call(-1, args)));
	/* The way in for 32-bit programs, where 20 is getpid. */
	pid_t parent = getpid(), pid = fork_or_fail();

	if (pid == 0) {
		long rc = 20;

		confine_or_exit(parent);
		__asm__ volatile("int $0x80" : "+a"(rc) : : "memory",
		    "r8", "r9", "r10", "r11");
		_exit(RETURNED);
	}
	int status = wait_for(pid);

	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == RETURNED);
#else
	skip();
#endif
}

/* IPQoS needs one option of each family, and there is no other. */
static void
test_only_two_socket_options(void **state)
{
	(void)state;
	for (int level = 0; level < 64; level++) {
		for (int option = 0; option < 80; option++) {
			const long args[6] = { -1, level, option, 0, 0, 0 };
			bool may = (level == IPPROTO_IP && option == IP_TOS) ||
			    (level == IPPROTO_IPV6 && option == IPV6_TCLASS);

			/* All of them would take a minute. */
			if (!may && level > 2 && level != IPPROTO_IPV6 &&
			    level != IPPROTO_TCP && option % 13 != 0)
				continue;
			if (died(call(SYS_setsockopt, args)) == may)
				fail_msg("level %d option %d", level, option);
		}
	}
}

static void
test_nothing_becomes_code(void **state)
{
	const long rw = PROT_READ | PROT_WRITE;
	const long anon = MAP_PRIVATE | MAP_ANONYMOUS;
	const long page = sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, (size_t)page, (int)rw, (int)anon, -1, 0);
	const long at = (long)(intptr_t)p;

	(void)state;
	assert_true(p != MAP_FAILED);
	for (long prot = 0; prot < 8; prot++) {
		const bool code = (prot & PROT_EXEC) != 0;

		assert_int_equal(died(call(SYS_mmap, (long[]){ 0, page, prot,
		    anon, -1, 0 })), code);
		assert_int_equal(died(call(SYS_mprotect, (long[]){ at, page,
		    prot, 0, 0, 0 })), code);
	}
	assert_true(died(call(SYS_mprotect, (long[]){ at, page,
	    rw | PROT_GROWSDOWN, 0, 0, 0 })));
	assert_true(died(call(SYS_mprotect, (long[]){ at, page,
	    (1L << 31) | rw, 0, 0, 0 })));
	munmap(p, (size_t)page);
}

static void
test_futex_only_wakes_and_waits(void **state)
{
	static const long dead[] = { FUTEX_FD, FUTEX_REQUEUE,
		FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_LOCK_PI,
		FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI, FUTEX_WAIT_BITSET,
		FUTEX_CMP_REQUEUE_PI, FUTEX_WAIT_REQUEUE_PI };
	uint32_t word = 1;
	const long at = (long)(intptr_t)&word;

	(void)state;
	assert_false(died(call(SYS_futex, (long[]){ at, FUTEX_WAIT, 0, 0, 0,
	    0 })));
	assert_false(died(call(SYS_futex, (long[]){ at, FUTEX_WAKE |
	    FUTEX_PRIVATE_FLAG, 1, 0, 0, 0 })));
	for (size_t i = 0; i < ARRAY_LEN(dead); i++)
		assert_true(died(call(SYS_futex, (long[]){ at, dead[i], 1, 0,
		    0, 0 })));
}

static void
test_no_file(void **state)
{
	static const char *const paths[] = { "/", ".", "..", "/etc/passwd",
		"/proc/self/status", "/dev/null", "new", "/tmp/new" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		for (int flags = 0; flags < 2; flags++) {
			const int how = flags == 0 ? O_RDONLY
			    : O_RDWR | O_CREAT;
			int status = call(SYS_openat, (long[]){ AT_FDCWD,
			    (long)(intptr_t)paths[i], how, 0600, 0, 0 });

			assert_true(WIFEXITED(status) &&
			    WEXITSTATUS(status) == REFUSED);
		}
	}
}

/* A confined child that lives until stop_child(). */
struct child {
	pid_t pid;
	int life;
};

static struct child
start_child(void)
{
	struct child c;
	int life[2], ready[2];
	pid_t parent = getpid();
	char byte = 0;

	assert_int_equal(pipe(life), 0);
	assert_int_equal(pipe(ready), 0);
	c.pid = fork_or_fail();
	if (c.pid == 0) {
		close(life[1]);
		confine_or_exit(parent);
		(void)!write(ready[1], "r", 1);
		(void)!read(life[0], &byte, 1);
		_exit(0);
	}
	close(life[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	c.life = life[1];
	return c;
}

static void
stop_child(struct child *c)
{
	int status;

	close(c->life);
	status = wait_for(c->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static char *
path_of(const struct child *c, const char *name)
{
	static char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)c->pid, name);
	return path;
}

/* The line of /proc/PID/FILE that starts with name, without it. */
static const char *
line_of(const struct child *c, const char *file, const char *name)
{
	static char line[256];
	FILE *f = fopen(path_of(c, file), "r");
	size_t len = strlen(name);

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, name, len) != 0)
			continue;
		fclose(f);
		line[strcspn(line, "\n")] = '\0';
		return line + len + strspn(line + len, "\t ");
	}
	fclose(f);
	fail_msg("%s has no %s", file, name);
	return NULL;
}

static void
test_status(void **state)
{
	struct child c = start_child();
	struct stat st;

	(void)state;
	assert_string_equal(line_of(&c, "status", "NoNewPrivs:"), "1");
	assert_string_equal(line_of(&c, "status", "Seccomp:"), "2");
	assert_string_equal(line_of(&c, "status", "Threads:"), "1");
	assert_string_equal(line_of(&c, "status", "CapEff:"),
	    "0000000000000000");
	assert_string_equal(line_of(&c, "status", "CapPrm:"),
	    "0000000000000000");
	assert_string_equal(line_of(&c, "status", "CapAmb:"),
	    "0000000000000000");
	/* Not dumpable: what is in /proc/PID is root's. */
	assert_int_equal(stat(path_of(&c, "environ"), &st), 0);
	assert_int_equal(st.st_uid, 0);
	stop_child(&c);
}

static void
test_limits(void **state)
{
	static const struct {
		const char *name;
		unsigned long value;
	} limits[] = {
		{ "Max file size", 0 }, { "Max processes", 0 },
		{ "Max core file size", 0 }, { "Max open files", FDS_MAX },
	};
	struct child c = start_child();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		unsigned long soft = 1234, hard = 1234;

		assert_int_equal(sscanf(line_of(&c, "limits",
		    limits[i].name), "%lu %lu", &soft, &hard), 2);
		assert_int_equal(soft, limits[i].value);
		assert_int_equal(hard, limits[i].value);
	}
	stop_child(&c);
}

static bool
need_root(void)
{
	if (geteuid() == 0)
		return true;
	print_message("skipped: only root changes ids and its root\n");
	return false;
}

static void
test_ids(void **state)
{
	struct child c;

	(void)state;
	if (!need_root())
		skip();
	c = start_child();
	assert_string_equal(line_of(&c, "status", "Uid:"),
	    "65534\t65534\t65534\t65534");
	assert_string_equal(line_of(&c, "status", "Gid:"),
	    "65534\t65534\t65534\t65534");
	assert_string_equal(line_of(&c, "status", "Groups:"), "");
	stop_child(&c);
}

static void
test_empty_root(void **state)
{
	struct child c;
	struct dirent *entry;
	DIR *dir;
	int count = 0;

	(void)state;
	if (!need_root())
		skip();
	c = start_child();
	/* A directory that has been removed cannot even be listed. */
	dir = opendir(path_of(&c, "root/"));
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			count++;
	if (dir != NULL)
		closedir(dir);
	assert_int_equal(count, 0);
	/* And nobody, root neither, can put anything there. */
	assert_int_equal(mkdir(path_of(&c, "root/x"), 0700), -1);
	assert_int_equal(open(path_of(&c, "root/x"), O_CREAT | O_WRONLY,
	    0600), -1);
	stop_child(&c);
}

static void
test_name_spaces(void **state)
{
	static const char *const ns[] = { "ns/ipc", "ns/uts" };
	struct child c;
	struct stat theirs, ours;
	char path[32];

	(void)state;
	if (!need_root())
		skip();
	c = start_child();
	for (size_t i = 0; i < ARRAY_LEN(ns); i++) {
		snprintf(path, sizeof path, "/proc/self/%s", ns[i]);
		assert_int_equal(stat(path_of(&c, ns[i]), &theirs), 0);
		assert_int_equal(stat(path, &ours), 0);
		if (theirs.st_ino == ours.st_ino)
			print_message("%s: forbidden here\n", ns[i]);
	}
	stop_child(&c);
}

/* The box dies with the one who made it. */
static void
test_dies_with_parent(void **state)
{
	int life[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(life), 0);
	pid = fork_or_fail();
	if (pid == 0) {
		pid_t parent = getpid();

		close(life[0]);
		if (fork() != 0) {
			/* Once it says that it is confined. */
			usleep(200 * 1000);
			_exit(0);
		}
		confine_or_exit(parent);
		for (;;)
			(void)syscall(SYS_ppoll, 0, 0, 0, 0, 0);
	}
	close(life[1]);
	(void)wait_for(pid);
	/* Nobody but the grandchild could hold the other end. */
	assert_int_equal(read(life[0], &byte, 1), 0);
	close(life[0]);
}

static void
test_parent_gone_before(void **state)
{
	pid_t parent = getpid(), pid = fork_or_fail();
	int status;

	(void)state;
	if (pid == 0) {
		const struct confine how = { .parent = parent + 1,
			.fds_max = FDS_MAX };

		_exit(confine_net(&how) == NULL ? 1 : 0);
	}
	status = wait_for(pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Which step is not as it should be; 0: none. */
static int
reach_out(void)
{
	const struct f_owner_ex owner = { F_OWNER_PID, getppid() };
	struct rlimit limit;
	int pair[2], n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 15;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !seccomp_alone())
		return 1;
	if (kill(getpid(), 0) != -1 || errno != EACCES)
		return 2;
	if (kill(getppid(), 0) != -1 || errno != EACCES)
		return 3;
	if (syscall(SYS_tgkill, getpid(), getpid(), 0) != -1 ||
	    errno != EACCES)
		return 4;
	if (ptrace(PTRACE_ATTACH, getppid(), 0, 0) != -1 || errno != EACCES)
		return 5;
	if (process_vm_readv(getppid(), NULL, 0, NULL, 0, 0) != -1 ||
	    errno != EACCES)
		return 6;
	/* Who owns a descriptor gets a signal of one's choice. */
	if (fcntl(STDERR_FILENO, F_SETOWN, getppid()) != -1 ||
	    errno != EACCES)
		return 9;
	if (fcntl(STDERR_FILENO, F_SETOWN_EX, &owner) != -1 ||
	    errno != EACCES)
		return 10;
	if (ioctl(pair[0], FIOSETOWN, &owner.pid) != -1 || errno != EACCES ||
	    ioctl(pair[0], SIOCSPGRP, &owner.pid) != -1 || errno != EACCES)
		return 11;
	if (prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit) != -1 ||
	    errno != EACCES)
		return 12;
	if (setpriority(PRIO_PROCESS, (id_t)getppid(), 19) != -1 ||
	    errno != EACCES)
		return 13;
	/* All else is as it was. */
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    fcntl(pair[0], F_GETFL) < 0 || ioctl(pair[0], FIONREAD, &n) != 0)
		return 14;
	if (open("/dev/null", O_RDONLY) < 0 ||
	    socket(AF_INET, SOCK_DGRAM, 0) < 0)
		return 7;
	(void)syscall(X32_BIT | SYS_getpid);
#ifdef __x86_64__
	return 8;
#else
	return 0;
#endif
}

static void
test_alone(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(reach_out());
	assert_int_equal(waitpid(pid, &status, 0), pid);
#ifdef __x86_64__
	/* The other name of a call is none. */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
#else
	assert_int_equal(status, 0);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_call),
		cmocka_unit_test(test_other_tables),
		cmocka_unit_test(test_only_two_socket_options),
		cmocka_unit_test(test_nothing_becomes_code),
		cmocka_unit_test(test_futex_only_wakes_and_waits),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_empty_root),
		cmocka_unit_test(test_name_spaces),
		cmocka_unit_test(test_dies_with_parent),
		cmocka_unit_test(test_parent_gone_before),
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
