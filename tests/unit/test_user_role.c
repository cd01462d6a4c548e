/*
 * test_user_role: sessions by an honest net: commands, shells, terminals,
 * environment, descriptors, signals, exits.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>

#include "test_user_rig.h"

static void
exec_and_exit(void **state)
{
	struct rig r;
	char out[4096];
	struct usr_exit e;

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	e = rig_run(&r, 0, USER_START_EXEC, "echo hi; pwd; exit 7", out,
	    sizeof out);
	assert_false(e.signaled);
	assert_int_equal(e.status, 7);
	assert_memory_equal(out, "hi\n", 3);
	assert_non_null(strstr(out, r.home));
	rig_close(&r, 0);
	rig_down(&r);
	assert_string_equal(r.starts, "command;");
	assert_int_equal(r.close_count, 1);
	assert_int_equal(r.error_count, 0);
}

static void
pipes_are_separate(void **state)
{
	struct rig r;
	char out[256], err[256];
	int fds[3];

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 3));
	assert_int_equal(rig_start(&r, 3, USER_START_EXEC,
	    "cat; echo err >&2", fds), 3);
	for (int i = 0; i < 3; i++)
		assert_true(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
	assert_int_equal(write(fds[0], "ping", 4), 4);
	close(fds[0]);
	rig_read(&r, fds[1], out, sizeof out);
	rig_read(&r, fds[2], err, sizeof err);
	assert_string_equal(out, "ping");
	assert_string_equal(err, "err\n");
	assert_int_equal(rig_exit(&r, 3).status, 0);
	close(fds[1]);
	close(fds[2]);
	rig_down(&r);
}

/* Blocking input, no descriptor but three, default signals, empty mask. */
static void
child_is_clean(void **state)
{
	static const char script[] =
	    "exec 2>&1; for f in 0 1 2 3 4 5 6 7 8 9 10 11 300 301; do"
	    "  [ -e /proc/$$/fd/$f ] && echo fd=$f; done;"
	    "grep flags /proc/$$/fdinfo/0; umask; ps -o pid=,pgid=,sid= -p $$;"
	    /* Not of the shell while it runs something: it blocks signals. */
	    "exec grep -E '^Sig(Blk|Ign)' /proc/self/status";
	struct rig r;
	char out[4096], *ids, *ignored;
	long pid, pgid, sid;

	(void)state;
	signal(SIGUSR1, SIG_IGN);
	umask(022);
	rig_init(&r);
	rig_up(&r);
	signal(SIGUSR1, SIG_DFL);
	assert_true(rig_open(&r, 0));
	rig_run(&r, 0, USER_START_EXEC, script, out, sizeof out);
	assert_memory_equal(out, "fd=0\nfd=1\nfd=2\n", 15);
	assert_null(strstr(out, "fd=3"));
	assert_non_null(strstr(out, "SigBlk:\t0000000000000000"));
	/*
	 * But for 32 and 33, which libc keeps for itself: posix_spawn(3), which
	 * make runs tests by, leaves them ignored, and nobody can set them.
	 */
	ignored = strstr(out, "SigIgn:\t");
	assert_non_null(ignored);
	assert_int_equal(strtoul(ignored + 8, NULL, 16) & ~(3ul << 31), 0);
	assert_non_null(strstr(out, "flags:\t00\n"));
	ids = strstr(out, "0022\n");
	assert_non_null(ids);
	assert_int_equal(sscanf(ids + 5, "%ld %ld %ld", &pid, &pgid, &sid), 3);
	assert_int_equal(pid, pgid);
	assert_int_equal(pid, sid);
	rig_down(&r);
}

static void
environment_of_command(void **state)
{
	struct rig r;
	char out[4096], want[1024];

	(void)state;
	setenv("LISTEN_FDS", "1", 1);
	setenv("FOO", "bar", 1);
	setenv("TZ", "Europe/Vienna", 1);
	rig_init(&r);
	r.policy.accept_env = RIG_LIST(&r, "LC_*", "LANG");
	r.policy.set_env = RIG_LIST(&r, "SET=1", "LANG=C.UTF-8");
	r.policy.session_env = RIG_LIST(&r, "XDG_SESSION_ID=5", "SET=0",
	    "=none", "none");
	rig_up(&r);
	unsetenv("TZ");
	assert_true(rig_open(&r, 0));
	assert_true(rig_env(&r, 0, span_str("LC_ALL"), span_str("x\ny")));
	assert_true(rig_env(&r, 0, span_str("LANG"), span_str("de")));
	assert_true(rig_env(&r, 0, span_str("LC_E"), span_str("")));
	assert_false(rig_env(&r, 0, span_str("LD_PRELOAD"), span_str("x")));
	rig_run(&r, 0, USER_START_EXEC, "tr '\\0' '\\n' </proc/$$/environ",
	    out, sizeof out);
	snprintf(want, sizeof want, "LC_ALL=x\ny\nLANG=C.UTF-8\nLC_E=\n"
	    "USER=alice\nLOGNAME=alice\nHOME=%s\nPATH=/usr/bin:/bin\n"
	    "MAIL=/var/mail/alice\nSHELL=/bin/sh\nTZ=Europe/Vienna\n"
	    "XDG_SESSION_ID=5\nSET=1\nSSH_CLIENT=192.0.2.7 4711 22\n"
	    "SSH_CONNECTION=192.0.2.7 4711 192.0.2.1 22\n", r.home);
	assert_string_equal(out, want);
	unsetenv("LISTEN_FDS");
	unsetenv("FOO");
	rig_down(&r);
}

static void
env_requests(void **state)
{
	static const struct {
		struct span name, value;
		bool ok;
	} t[] = {
		{ { (const uint8_t *)"A", 1 }, { (const uint8_t *)"1", 1 }, 1 },
		{ { (const uint8_t *)"", 0 }, { (const uint8_t *)"1", 1 }, 0 },
		{ { (const uint8_t *)"A=B", 3 }, { NULL, 0 }, 0 },
		{ { (const uint8_t *)"A\0B", 3 }, { NULL, 0 }, 0 },
		{ { (const uint8_t *)"A", 1 },
		    { (const uint8_t *)"\0", 1 }, 0 },
		{ { (const uint8_t *)"SSH_CONNECTION", 14 }, { NULL, 0 }, 0 },
		{ { (const uint8_t *)"SSH_ORIGINAL_COMMAND", 20 },
		    { NULL, 0 }, 0 },
	};
	static uint8_t big[65000];
	struct rig r;
	int accepted = 0;

	(void)state;
	rig_init(&r);
	r.policy.accept_env = RIG_LIST(&r, "*");
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		assert_int_equal(rig_env(&r, 0, t[i].name, t[i].value),
		    t[i].ok);
	for (int i = 0; i < 1000; i++)
		accepted += rig_env(&r, 0, span_str("B"), span_str("2"));
	assert_int_equal(accepted, 127);
	assert_true(rig_open(&r, 1));
	memset(big, 'x', sizeof big);
	assert_true(rig_env(&r, 1, span_str("C"), span(big, 65000)));
	assert_true(rig_env(&r, 1, span_str("D"), span(big, 530)));
	assert_false(rig_env(&r, 1, span_str("E"), span_str("")));
	rig_down(&r);
}

static void
login_shell(void **state)
{
	struct rig r;
	char out[4096];
	int fds[3];

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_int_equal(rig_start(&r, 0, USER_START_SHELL, "", fds), 3);
	assert_true(fd_write_all(fds[0], "echo $0; exit 3\n", 16));
	rig_read(&r, fds[1], out, sizeof out);
	assert_string_equal(out, "-sh\n");
	assert_int_equal(rig_exit(&r, 0).status, 3);
	rig_down(&r);
	assert_string_equal(r.starts, "shell;");
}

static void
terminal(void **state)
{
	struct rig r;
	char out[4096], mode[16];

	(void)state;
	rig_init(&r);
	r.policy.login_records = true;
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_true(rig_pty(&r, 0));
	rig_run(&r, 0, USER_START_EXEC,
	    "stty size; stty -a | tr ' ' '\\n' | grep -x -e -echo -e -onlcr;"
	    "tty; echo $SSH_TTY $TERM; stat -c %u:%a $(tty); echo <&2 ok;"
	    "for f in 3 4 5 6 7 300 301; do"
	    "  [ -e /proc/$$/fd/$f ] && echo leak=$f; done;"
	    "cat /dev/null >/dev/tty && echo c",
	    out, sizeof out);
	assert_non_null(strstr(out, "37 91\n"));
	assert_non_null(strstr(out, "-echo\n"));
	assert_non_null(strstr(out, "-onlcr\n"));
	assert_non_null(strstr(out, "/dev/pts/"));
	assert_non_null(strstr(out, " vt220\n"));
	assert_non_null(strstr(out, "ok\n"));
	assert_null(strstr(out, "leak"));
	snprintf(mode, sizeof mode, "%d:6", (int)getuid());
	assert_non_null(strstr(out, mode));
	assert_int_equal(strstr(out, mode)[strlen(mode) + 1], '0');
	assert_non_null(strstr(out, "c\n"));
	rig_close(&r, 0);
	rig_down(&r);
	assert_int_equal(r.pty_open_count, 1);
	assert_int_equal(r.pty_close_count, 1);
	assert_memory_equal(r.starts, "command on pts/", 15);
}

/* What asked for a terminal and got none is told of none. */
static void
no_terminal(void **state)
{
	struct rlimit was, none = { 3, 3 };
	struct rig r;
	char out[64];

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_int_equal(prlimit(r.pid, RLIMIT_NOFILE, NULL, &was), 0);
	none.rlim_max = was.rlim_max;
	assert_int_equal(prlimit(r.pid, RLIMIT_NOFILE, &none, NULL), 0);
	assert_false(rig_pty(&r, 0));
	assert_int_equal(prlimit(r.pid, RLIMIT_NOFILE, &was, NULL), 0);
	rig_run(&r, 0, USER_START_EXEC, "echo \"${TERM-none}\"", out,
	    sizeof out);
	assert_string_equal(out, "none\n");
	rig_down(&r);
	assert_int_equal(r.error_count, 1);
	assert_memory_equal(r.errors, "openpty: ", 9);
}

static void
resize_and_break(void **state)
{
	struct rig r;
	struct winsize ws;
	uint8_t b[64];
	struct sink o = sink_of(b, sizeof b);
	struct usr_resize size = { 0, 100000, 50, 1, 2 };
	struct usr_break brk = { 0, 500 };
	int fds[3];

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_true(rig_pty(&r, 0));
	assert_int_equal(rig_start(&r, 0, USER_START_EXEC, "cat", fds), 1);
	usr_resize_put(&o, &size);
	rig_send(&r, &o);
	assert_true(rig_answer(&r, 0));
	assert_int_equal(ioctl(fds[0], TIOCGWINSZ, &ws), 0);
	assert_int_equal(ws.ws_row, 50);
	assert_int_equal(ws.ws_col, 65535);
	o = sink_of(b, sizeof b);
	usr_break_put(&o, &brk);
	rig_send(&r, &o);
	assert_true(rig_answer(&r, 0));
	/* The last master gone: the terminal hangs up. */
	close(fds[0]);
	rig_close(&r, 0);
	rig_down(&r);
}

static void
greeting(void **state)
{
	struct rig r;
	char out[4096];
	int fds[3];

	(void)state;
	setenv("TZ", "UTC", 1);
	for (int quiet = 0; quiet < 2; quiet++) {
		rig_init(&r);
		r.policy.login_records = r.policy.print_last_log = true;
		r.last_sec = 1000000000;
		if (quiet) {
			char path[128];

			snprintf(path, sizeof path, "%s/.hushlogin", r.home);
			close(open(path, O_CREAT | O_WRONLY, 0600));
		}
		rig_up(&r);
		assert_true(rig_open(&r, 0));
		assert_true(rig_pty(&r, 0));
		assert_int_equal(rig_start(&r, 0, USER_START_SHELL, "", fds),
		    1);
		assert_true(fd_write_all(fds[0], "exit 4\n", 7));
		rig_read(&r, fds[0], out, sizeof out);
		assert_int_equal(strstr(out, "Last login: Sun Sep  9 01:46:40 "
		    "2001 from 198.51.100.9\r") != NULL, !quiet);
		assert_int_equal(rig_exit(&r, 0).status, 4);
		close(fds[0]);
		rig_down(&r);
	}
	unsetenv("TZ");
}

static void
rc_files(void **state)
{
	struct rig r;
	char out[512], path[128];
	int fd;
	static const char *const told[] = { "cmd\n", "rc\ncmd\n",
		"forced\n", "rc\nforced\n" };

	(void)state;
	for (size_t kind = 0; kind < ARRAY_LEN(told); kind++) {
		rig_init(&r);
		r.policy.permit_user_rc = kind > 0;
		if (kind >= 2) {
			r.policy.forced = true;
			r.policy.forced_by_key = kind == 3;
			r.policy.forced_command = span_str("echo forced");
		}
		snprintf(path, sizeof path, "%s/.ssh", r.home);
		assert_int_equal(mkdir(path, 0700), 0);
		strcat(path, "/rc");
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		assert_true(fd_write_all(fd, "echo rc; cat\n", 13));
		close(fd);
		rig_up(&r);
		assert_true(rig_open(&r, 0));
		rig_run(&r, 0, USER_START_EXEC, "echo cmd", out, sizeof out);
		assert_string_equal(out, told[kind]);
		rig_down(&r);
	}
}

static void
user_environment_file(void **state)
{
	static const char text[] =
	    "# no\n\n  A=1\nPATH=/x\nbad\nSSH_CLIENT=9\n\tworse";
	struct rig r;
	char out[1024], path[128], want[512];
	int fd;

	(void)state;
	for (int permit = 0; permit < 2; permit++) {
		rig_init(&r);
		r.policy.user_environment = span_str(permit ? "*" : "");
		snprintf(path, sizeof path, "%s/.ssh", r.home);
		assert_int_equal(mkdir(path, 0700), 0);
		strcat(path, "/environment");
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		assert_true(fd_write_all(fd, text, sizeof text - 1));
		close(fd);
		rig_up(&r);
		assert_true(rig_open(&r, 0));
		rig_run(&r, 0, USER_START_EXEC,
		    "echo $A $PATH $SSH_CLIENT", out, sizeof out);
		assert_string_equal(out, permit ? "1 /x 192.0.2.7 4711 22\n" :
		    "/usr/bin:/bin 192.0.2.7 4711 22\n");
		rig_close(&r, 0);
		/* What is wrong with it is its owner's to know. */
		assert_true(rig_open(&r, 0));
		assert_true(rig_pty(&r, 0));
		rig_run(&r, 0, USER_START_EXEC, "echo end", out, sizeof out);
		snprintf(want, sizeof want,
		    "Bad line 5 in %s\nBad line 7 in %s\nend\n", path, path);
		assert_string_equal(out, permit ? want : "end\n");
		rig_down(&r);
	}
}

static void
exit_signals(void **state)
{
	static const struct {
		const char *sig, *name;
	} t[] = {
		{ "ABRT", "ABRT" }, { "ALRM", "ALRM" }, { "FPE", "FPE" },
		{ "HUP", "HUP" }, { "ILL", "ILL" }, { "INT", "INT" },
		{ "KILL", "KILL" }, { "PIPE", "PIPE" }, { "QUIT", "QUIT" },
		{ "SEGV", "SEGV" }, { "TERM", "TERM" }, { "USR1", "USR1" },
		{ "USR2", "USR2" }, { "BUS", "SIG@openssh.com" },
		{ "SYS", "SIG@openssh.com" },
	};
	struct rig r;
	char out[64], cmd[64];
	struct usr_exit e;

	(void)state;
	rig_init(&r);
	rig_up(&r);
	for (uint32_t i = 0; i < ARRAY_LEN(t); i++) {
		assert_true(rig_open(&r, i));
		snprintf(cmd, sizeof cmd, "ulimit -c 0; kill -%s $$", t[i].sig);
		e = rig_run(&r, i, USER_START_EXEC, cmd, out, sizeof out);
		assert_true(e.signaled);
		assert_int_equal(e.signal.len, strlen(t[i].name));
		assert_memory_equal(e.signal.p, t[i].name, e.signal.len);
		assert_false(e.core_dumped);
		rig_close(&r, i);
	}
	rig_down(&r);
}

static bool
ask_signal(struct rig *r, uint32_t chan, const char *name)
{
	uint8_t b[256];
	struct sink o = sink_of(b, sizeof b);
	struct usr_signal m = { chan, span_str(name) };

	usr_signal_put(&o, &m);
	rig_send(r, &o);
	return rig_answer(r, chan);
}

static void
signals_to_the_group(void **state)
{
	struct rig r;
	int fds[3];
	struct usr_exit e;

	(void)state;
	rig_init(&r);
	r.policy.subsystems = RIG_LIST(&r, "eternal", "exec cat");
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_int_equal(rig_start(&r, 0, USER_START_EXEC,
	    "trap '' HUP; sleep 60; :", fds), 3);
	assert_false(ask_signal(&r, 0, "INFO@openssh.com"));
	assert_false(ask_signal(&r, 0, "SIGTERM"));
	assert_false(ask_signal(&r, 0, ""));
	assert_true(ask_signal(&r, 0, "KILL"));
	e = rig_exit(&r, 0);
	assert_true(e.signaled);
	assert_memory_equal(e.signal.p, "KILL", 4);
	assert_false(ask_signal(&r, 0, "TERM"));	/* no group any more */
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	assert_true(rig_open(&r, 1));
	assert_int_equal(rig_start(&r, 1, USER_START_SUBSYSTEM, "eternal",
	    fds), 3);
	assert_false(ask_signal(&r, 1, "KILL"));
	close(fds[0]);
	assert_int_equal(rig_exit(&r, 1).status, 0);
	rig_down(&r);
	assert_string_equal(r.starts, "command;subsystem 'eternal';");
}

static void
subsystems(void **state)
{
	struct rig r;
	char out[64];
	int fds[3];

	(void)state;
	rig_init(&r);
	r.policy.subsystems = RIG_LIST(&r, "echo", "echo a b", "sftp",
	    "internal-sftp -l INFO");
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_int_equal(rig_start(&r, 0, USER_START_SUBSYSTEM, "nope", fds),
	    0);
	assert_int_equal(rig_start(&r, 0, USER_START_SUBSYSTEM, "sftp", fds),
	    0);
	/* A command's text is not a subsystem's name. */
	assert_int_equal(rig_start(&r, 0, USER_START_SUBSYSTEM, "echo a b",
	    fds), 0);
	rig_run(&r, 0, USER_START_SUBSYSTEM, "echo", out, sizeof out);
	assert_string_equal(out, "a b\n");
	rig_down(&r);
	/* Who runs the server may have to mend it, and hears of it. */
	assert_string_equal(r.infos,
	    "subsystem request for nope by user alice failed, "
	    "subsystem not found;"
	    "subsystem request for sftp by user alice failed, "
	    "internal-sftp is not built in;"
	    "subsystem request for echo a b by user alice failed, "
	    "subsystem not found;");
}

static void
no_home_no_shell(void **state)
{
	struct rig r;
	char out[512];
	int fds[3];

	(void)state;
	rig_init(&r);
	r.policy.home = span_str("/nonexistent");
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	rig_run(&r, 0, USER_START_EXEC, "pwd", out, sizeof out);
	assert_string_equal(out, "/\n");
	assert_true(rig_open(&r, 1));
	rig_start(&r, 1, USER_START_EXEC, "pwd", fds);
	rig_read(&r, fds[2], out, sizeof out);
	assert_string_equal(out, "Could not chdir to home directory "
	    "/nonexistent: No such file or directory\n");
	rig_exit(&r, 1);
	rig_down(&r);

	rig_init(&r);
	r.policy.shell = span_str("/bin/no-shell");
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	rig_start(&r, 0, USER_START_EXEC, "pwd", fds);
	rig_read(&r, fds[2], out, sizeof out);
	assert_string_equal(out, "/bin/no-shell: No such file or directory\n");
	assert_int_equal(rig_exit(&r, 0).status, 1);
	rig_down(&r);
}

/* Ten at once, each with a terminal, one that ignores the hang-up. */
static void
many_channels(void **state)
{
	struct rig r;
	int fds[10][3];
	char out[64];
	ssize_t n;

	(void)state;
	rig_init(&r);
	r.policy.login_records = true;
	rig_up(&r);
	for (uint32_t i = 0; i < 10; i++) {
		assert_true(rig_open(&r, i));
		assert_true(rig_pty(&r, i));
		assert_int_equal(rig_start(&r, i, USER_START_EXEC, i == 9 ?
		    "trap '' HUP; echo up; sleep 1" : "echo up; exec sleep 60",
		    fds[i]), 1);
	}
	assert_false(rig_open(&r, 10));
	for (int i = 0; i < 10; i++) {
		struct pollfd p = { .fd = fds[i][0], .events = POLLIN };

		assert_int_equal(poll(&p, 1, RIG_WAIT_MS), 1);
		n = read(fds[i][0], out, sizeof out);
		assert_true(n >= 2);
		assert_memory_equal(out, "up", 2);
	}
	/* net dies: all are hung up, and the role does not wait for the one. */
	for (int i = 0; i < 10; i++)
		close(fds[i][0]);
	rig_down(&r);
	assert_int_equal(r.pty_close_count, 10);
	assert_int_equal(r.close_count, 10);
}

static size_t
count_fds(pid_t pid)
{
	char path[64];
	DIR *d;
	size_t n = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	d = opendir(path);
	if (d == NULL)
		return 0;	/* not dumpable: not ours to see */
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
no_growth(void **state)
{
	struct rig r;
	size_t before;
	int fds[3];

	(void)state;
	rig_init(&r);
	r.policy.login_records = true;
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	rig_close(&r, 0);
	assert_true(rig_open(&r, 0));
	before = count_fds(r.pid);
	rig_close(&r, 0);
	for (int i = 0; i < 10000; i++) {
		assert_true(rig_open(&r, 0));
		if (i % 10 == 0)
			assert_true(rig_pty(&r, 0));
		if (i % 100 == 0) {
			assert_int_not_equal(rig_start(&r, 0, USER_START_EXEC,
			    "exec true", fds), 0);
			rig_exit(&r, 0);
			for (int k = 0; k < 3; k++)
				fd_close(&fds[k]);
		}
		rig_close(&r, 0);
	}
	assert_true(rig_open(&r, 0));
	assert_int_equal(count_fds(r.pid), before);
	rig_down(&r);
	assert_int_equal(r.pty_open_count, 1000);
	assert_int_equal(r.pty_close_count, 1000);
	assert_int_equal(r.close_count, 10003);
}

/* The monitor's death is the end as well. */
static void
monitor_gone(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	fd_close(&r.mon);
	rig_down(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_and_exit),
		cmocka_unit_test(pipes_are_separate),
		cmocka_unit_test(child_is_clean),
		cmocka_unit_test(environment_of_command),
		cmocka_unit_test(env_requests),
		cmocka_unit_test(login_shell),
		cmocka_unit_test(terminal),
		cmocka_unit_test(no_terminal),
		cmocka_unit_test(resize_and_break),
		cmocka_unit_test(greeting),
		cmocka_unit_test(rc_files),
		cmocka_unit_test(user_environment_file),
		cmocka_unit_test(exit_signals),
		cmocka_unit_test(signals_to_the_group),
		cmocka_unit_test(subsystems),
		cmocka_unit_test(no_home_no_shell),
		cmocka_unit_test(many_channels),
		cmocka_unit_test(no_growth),
		cmocka_unit_test(monitor_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
