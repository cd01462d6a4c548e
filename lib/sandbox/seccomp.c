/*
 * seccomp: net's system call filter, a table that names each call and its
 * reason, made into BPF.  Runs in net, once.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "sandbox/seccomp.h"

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#else
#error "no seccomp filter for this architecture yet"
#endif

enum verdict {
	ALLOW,
	DENY,		/* fails with EACCES */
	DENY_VALUE,	/* likewise, if argument arg is mask */
	DENY_OTHER,	/* likewise, if it is not */
	ALLOW_BITS,	/* if argument arg has no bit outside mask */
	ALLOW_OPTION,	/* setsockopt: if arg is the level, mask the option */
};

/*
 * The order is that of use under load: a filter is walked from the front.
 */
static const struct row {
	int nr;
	enum verdict verdict;
	unsigned char arg;
	unsigned int mask;
} rows[] = {
	/* The connection and the commands' pipes and terminals. */
	{ SYS_readv, ALLOW, 0, 0 },
	{ SYS_writev, ALLOW, 0, 0 },
	{ SYS_read, ALLOW, 0, 0 },
	{ SYS_write, ALLOW, 0, 0 },
	{ SYS_recvfrom, ALLOW, 0, 0 },
	{ SYS_sendto, ALLOW, 0, 0 },
#ifdef SYS_poll
	{ SYS_poll, ALLOW, 0, 0 },
#endif
	{ SYS_ppoll, ALLOW, 0, 0 },
	{ SYS_close, ALLOW, 0, 0 },
	/* The end of one direction of a forwarded connection. */
	{ SYS_shutdown, ALLOW, 0, 0 },
	/* Frames and descriptors from the monitor and from user. */
	{ SYS_recvmsg, ALLOW, 0, 0 },
	{ SYS_sendmsg, ALLOW, 0, 0 },
	/* What kind a received descriptor is of; takes no path. */
	{ SYS_fstat, ALLOW, 0, 0 },
	/* Time limits, where the vDSO does not answer. */
	{ SYS_clock_gettime, ALLOW, 0, 0 },
	/* A poll that a stop and continue of the process interrupted. */
	{ SYS_restart_syscall, ALLOW, 0, 0 },
	/* Keys, cookies, padding. */
	{ SYS_getrandom, ALLOW, 0, 0 },
	/* Memory, which is never executable. */
	{ SYS_brk, ALLOW, 0, 0 },
	{ SYS_mmap, ALLOW_BITS, 2, PROT_READ | PROT_WRITE },
	{ SYS_mprotect, ALLOW_BITS, 2, PROT_READ | PROT_WRITE },
	{ SYS_munmap, ALLOW, 0, 0 },
	{ SYS_mremap, ALLOW, 0, 0 },
	{ SYS_madvise, ALLOW, 0, 0 },
	/* libgcrypt's and the allocator's locks; nobody ever waits. */
	{ SYS_futex, ALLOW_BITS, 1, FUTEX_PRIVATE_FLAG | FUTEX_WAKE |
	    FUTEX_WAIT | FUTEX_CLOCK_REALTIME },
	/* The end: exit, and abort(3)'s way to it. */
	{ SYS_exit_group, ALLOW, 0, 0 },
	{ SYS_exit, ALLOW, 0, 0 },
	{ SYS_rt_sigprocmask, ALLOW, 0, 0 },
	{ SYS_rt_sigreturn, ALLOW, 0, 0 },
	{ SYS_getpid, ALLOW, 0, 0 },
	{ SYS_gettid, ALLOW, 0, 0 },
	/* IPQoS.  A level a row: the first that fits decides. */
	{ SYS_setsockopt, ALLOW_OPTION, IPPROTO_IP, IP_TOS },
	{ SYS_setsockopt, ALLOW_OPTION, IPPROTO_IPV6, IPV6_TCLASS },
	/* Libraries look for files on their own; let them not find any. */
	{ SYS_openat, DENY, 0, 0 },
#ifdef SYS_open
	{ SYS_open, DENY, 0, 0 },
#endif
	{ SYS_newfstatat, DENY, 0, 0 },
#ifdef SYS_readlink
	{ SYS_readlink, DENY, 0, 0 },
#endif
#ifdef WITH_SANITIZERS
	/* AddressSanitizer's own bookkeeping and its report before it dies. */
	{ SYS_sigaltstack, ALLOW, 0, 0 },
	{ SYS_sched_yield, ALLOW, 0, 0 },
	{ SYS_getrlimit, ALLOW, 0, 0 },
	{ SYS_prlimit64, DENY, 0, 0 },
	{ SYS_rt_sigaction, ALLOW, 0, 0 },
	{ SYS_ioctl, DENY, 0, 0 },
	{ SYS_clone, DENY, 0, 0 },
	{ SYS_prctl, DENY, 0, 0 },
#endif
};

/* Per row at most: two compares more, three loads, one return. */
#define ROW_OPS_MAX	7
#define HEAD_OPS	8
#define PROGRAM_MAX	(HEAD_OPS + ROW_OPS_MAX * ARRAY_LEN(rows) + 1)

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
	    (unsigned int)offsetof(struct seccomp_data, field))
#define RETURN(value)	BPF_STMT(BPF_RET | BPF_K, (value))

/* The low half of an argument: both architectures are little-endian. */
static unsigned int
arg_offset(unsigned int arg, bool high)
{
	return (unsigned int)(offsetof(struct seccomp_data, args) +
	    arg * sizeof(unsigned long long) + (high ? 4 : 0));
}

struct program {
	struct sock_filter op[PROGRAM_MAX];
	unsigned short len;
};

static void
emit(struct program *p, struct sock_filter op)
{
	p->op[p->len++] = op;
}

/* A jump over so many operations unless the loaded value is this one. */
static void
emit_unless(struct program *p, unsigned int value, unsigned char skip)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    value, 0, skip));
}

static void
emit_arg(struct program *p, unsigned int arg)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    arg_offset(arg, false)));
}

static void
emit_end(struct program *p, unsigned int value)
{
	emit(p, (struct sock_filter)RETURN(value));
}

/* Leaves the call's number loaded for the rows behind it. */
static void
emit_option(struct program *p, const struct row *row)
{
	emit_unless(p, (unsigned int)row->nr, 6);
	emit_arg(p, 1);
	emit_unless(p, row->arg, 3);
	emit_arg(p, 2);
	emit_unless(p, row->mask, 1);
	emit_end(p, SECCOMP_RET_ALLOW);
	emit(p, (struct sock_filter)LOAD(nr));
}

static void
emit_bits(struct program *p, const struct row *row)
{
	emit_unless(p, (unsigned int)row->nr, 5);
	emit_arg(p, row->arg);
	emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
	    ~row->mask));
	emit_unless(p, 0, 1);
	emit_end(p, SECCOMP_RET_ALLOW);
	emit_end(p, SECCOMP_RET_KILL_PROCESS);
}

/* Leaves the call's number loaded, too. */
static void
emit_denial(struct program *p, const struct row *row)
{
	bool other = row->verdict == DENY_OTHER;

	emit_unless(p, (unsigned int)row->nr, 4);
	emit_arg(p, row->arg);
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    row->mask, other, !other));
	emit_end(p, SECCOMP_RET_ERRNO | EACCES);
	emit(p, (struct sock_filter)LOAD(nr));
}

static void
emit_row(struct program *p, const struct row *row)
{
	if (row->verdict == ALLOW_OPTION) {
		emit_option(p, row);
	} else if (row->verdict == ALLOW_BITS) {
		emit_bits(p, row);
	} else if (row->verdict != ALLOW && row->verdict != DENY) {
		emit_denial(p, row);
	} else {
		emit_unless(p, (unsigned int)row->nr, 1);
		emit_end(p, row->verdict == ALLOW ? SECCOMP_RET_ALLOW
			 : SECCOMP_RET_ERRNO | EACCES);
	}
}

/*
 * What reaches into other processes of one's own user: for who shares it with
 * every net there is.  Names of a second set of calls, x32's, are none.
 */
static const struct row others[] = {
	{ SYS_kill, DENY, 0, 0 },
	{ SYS_tkill, DENY, 0, 0 },
	{ SYS_tgkill, DENY, 0, 0 },
	{ SYS_rt_sigqueueinfo, DENY, 0, 0 },
	{ SYS_rt_tgsigqueueinfo, DENY, 0, 0 },
	{ SYS_pidfd_send_signal, DENY, 0, 0 },
	{ SYS_ptrace, DENY, 0, 0 },
	{ SYS_process_vm_readv, DENY, 0, 0 },
	{ SYS_process_vm_writev, DENY, 0, 0 },
	/* Who owns a descriptor is sent signals of one's choice. */
	{ SYS_fcntl, DENY_VALUE, 1, F_SETOWN },
	{ SYS_fcntl, DENY_VALUE, 1, F_SETOWN_EX },
	{ SYS_ioctl, DENY_VALUE, 1, FIOSETOWN },
	{ SYS_ioctl, DENY_VALUE, 1, SIOCSPGRP },
	/* Nobody's limits but one's own, and nobody's turn. */
	{ SYS_prlimit64, DENY_OTHER, 0, 0 },
	{ SYS_setpriority, DENY, 0, 0 },
	{ SYS_ioprio_set, DENY, 0, 0 },
	{ SYS_sched_setscheduler, DENY, 0, 0 },
	{ SYS_sched_setparam, DENY, 0, 0 },
	{ SYS_sched_setattr, DENY, 0, 0 },
	{ SYS_sched_setaffinity, DENY, 0, 0 },
};
#define X32_CALLS 0x40000000

bool
seccomp_alone(void)
{
	struct program p UNINITIALIZED;
	struct sock_fprog prog;

	p.len = 0;
	emit(&p, (struct sock_filter)LOAD(arch));
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    OUR_ARCH, 1, 0));
	emit(&p, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
	emit(&p, (struct sock_filter)LOAD(nr));
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
	    X32_CALLS, 0, 1));
	emit(&p, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		emit_row(&p, &others[i]);
	emit(&p, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	prog = (struct sock_fprog){ p.len, p.op };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

bool
seccomp_net(void)
{
	struct program p UNINITIALIZED;
	struct sock_fprog prog;

	p.len = 0;
	emit(&p, (struct sock_filter)LOAD(arch));
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    OUR_ARCH, 1, 0));
	emit(&p, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
	emit(&p, (struct sock_filter)LOAD(nr));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		emit_row(&p, &rows[i]);
	emit(&p, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
	prog = (struct sock_fprog){ p.len, p.op };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}
