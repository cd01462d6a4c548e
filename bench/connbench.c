/*
 * connbench: what one connection costs an inetd-style SSH server.
 *
 *	connbench MODE COUNT USER KEYFILE -- SERVER ARG...
 *
 * It is both the super-server (accepts on loopback, executes SERVER with the
 * socket as fd 0 and 1) and the client (libssh), so every server is started
 * in the very same way.
 *	probe	connect, read the identification line, hang up
 *	session	key exchange, public-key login, exec `true`, close
 *	hold	COUNT sessions open at once, then the sum of their PSS
 *	serve	COUNT connections for a client of your own; prints the port
 *		first, then each connection's cpu
 * Prints one line: medians in ms (wall, as the client sees it; cpu, of every
 * process of the server).  Must never run beside other work that it would
 * reap: it is the subreaper of all that the servers leave.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <libssh/libssh.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	WARM_UP_COUNT = 3,	/* connections before the ones that count */
	SETTLE_USEC = 500000,	/* for held sessions to reach their rest */
	BACKLOG_COUNT = 1024,
	PIDS_MAX_COUNT = 65536,
};

struct bench {
	const char *user;
	const char *keyfile;
	char **server;
	int listener;
	struct sockaddr_in addr;
};

/* When things happened, in ms since the connect; one row a connection. */
struct times {
	double banner;
	double kex;
	double auth;
	double done;
	double cpu;
};

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Median of the double at offset in each row. */
static double
median(const struct times *row, size_t count, size_t offset)
{
	double *v = calloc(count, sizeof(*v));
	double m;

	if (v == NULL)
		err(1, NULL);
	for (size_t i = 0; i < count; i++)
		memcpy(&v[i], (const char *)&row[i] + offset, sizeof(v[i]));
	qsort(v, count, sizeof(*v), by_value);
	m = v[count / 2];
	free(v);
	return m;
}

static void
be_the_server(const struct bench *b, int fd)
{
	const char *path = getenv("CONNBENCH_LOG");
	int log = open(path != NULL ? path : "/dev/null",
	    O_WRONLY | O_CREAT | O_APPEND, 0600);

	dup2(fd, 0);
	dup2(fd, 1);
	dup2(log, 2);
	if (log > 2)
		close(log);
	execv(b->server[0], b->server);
	_exit(127);
}

static void
accept_and_exec(const struct bench *b)
{
	int fd = accept4(b->listener, NULL, NULL, SOCK_CLOEXEC);
	pid_t pid;

	if (fd < 0)
		err(1, "accept");
	/* fork(2) would charge this process's size to the server. */
	pid = vfork();
	if (pid < 0)
		err(1, "vfork");
	if (pid == 0)
		be_the_server(b, fd);
	close(fd);
}

static double
tv_ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Reaps every process that the server left; their cpu in ms. */
static double
reap_all(void)
{
	struct rusage r;
	double cpu = 0;
	int status;

	while (wait4(-1, &status, 0, &r) > 0)
		cpu += tv_ms(r.ru_utime) + tv_ms(r.ru_stime);
	return cpu;
}

static int
tcp_connect(const struct bench *b)
{
	const int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&b->addr,
	    sizeof(b->addr)) != 0)
		err(1, "connect");
	return fd;
}

static void
need(bool ok, ssh_session s, const char *what)
{
	if (!ok)
		errx(1, "%s: %s", what, ssh_get_error(s));
}

static ssh_session
new_client(const struct bench *b, int fd)
{
	static const char kex[] =
	    "curve25519-sha256,curve25519-sha256@libssh.org";
	static const char cipher[] = "chacha20-poly1305@openssh.com";
	ssh_session s = ssh_new();
	int off = 0;

	if (s == NULL)
		errx(1, "ssh_new");
	ssh_options_set(s, SSH_OPTIONS_FD, &fd);
	ssh_options_set(s, SSH_OPTIONS_HOST, "127.0.0.1");
	ssh_options_set(s, SSH_OPTIONS_USER, b->user);
	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &off);
	ssh_options_set(s, SSH_OPTIONS_KEY_EXCHANGE, kex);
	ssh_options_set(s, SSH_OPTIONS_HOSTKEYS, "ssh-ed25519");
	ssh_options_set(s, SSH_OPTIONS_CIPHERS_C_S, cipher);
	ssh_options_set(s, SSH_OPTIONS_CIPHERS_S_C, cipher);
	return s;
}

static ssh_session
open_session(const struct bench *b, int fd, const char *command,
    struct times *t, ssh_channel *ch)
{
	ssh_session s = new_client(b, fd);
	ssh_key k;

	need(ssh_connect(s) == SSH_OK, s, "connect");
	t->kex = now_ms();
	need(ssh_pki_import_privkey_file(b->keyfile, NULL, NULL, NULL,
	    &k) == SSH_OK, s, "key");
	need(ssh_userauth_publickey(s, NULL, k) == SSH_AUTH_SUCCESS, s,
	    "authentication");
	t->auth = now_ms();
	ssh_key_free(k);
	*ch = ssh_channel_new(s);
	need(ssh_channel_open_session(*ch) == SSH_OK, s, "channel");
	need(ssh_channel_request_exec(*ch, command) == SSH_OK, s, "exec");
	return s;
}

static void
one_probe(const struct bench *b, struct times *t)
{
	double start = now_ms();
	int fd = tcp_connect(b);
	char c;

	accept_and_exec(b);
	while (read(fd, &c, 1) == 1 && c != '\n')
		;
	t->banner = now_ms() - start;
	close(fd);
	t->cpu = reap_all();
}

static void
one_session(const struct bench *b, struct times *t)
{
	double start = now_ms();
	int fd = tcp_connect(b);
	ssh_channel ch;
	ssh_session s;
	char buf[64];

	accept_and_exec(b);
	if (recv(fd, buf, 1, MSG_PEEK) != 1)
		errx(1, "the server hung up");
	t->banner = now_ms() - start;
	s = open_session(b, fd, "true", t, &ch);
	while (ssh_channel_read(ch, buf, sizeof(buf), 0) > 0)
		;
	if (ssh_channel_get_exit_status(ch) != 0)
		errx(1, "exit status %d", ssh_channel_get_exit_status(ch));
	t->done = now_ms() - start;
	t->kex -= start;
	t->auth -= start;
	ssh_disconnect(s);
	ssh_free(s);
	t->cpu = reap_all();
}

static void
measure(const struct bench *b, size_t count,
    void (*one)(const struct bench *, struct times *), const char *name)
{
	struct times *t = calloc(count, sizeof(*t));
#define MEDIAN(field) median(t, count, offsetof(struct times, field))

	if (t == NULL)
		err(1, NULL);
	for (int i = 0; i < WARM_UP_COUNT; i++)
		one(b, &t[0]);
	for (size_t i = 0; i < count; i++)
		one(b, &t[i]);
	if (one == one_probe)
		printf("%s n=%zu banner_ms=%.2f cpu_ms=%.2f\n", name, count,
		    MEDIAN(banner), MEDIAN(cpu));
	else
		printf("%s n=%zu banner_ms=%.2f kex_ms=%.2f auth_ms=%.2f "
		    "done_ms=%.2f cpu_ms=%.2f\n", name, count, MEDIAN(banner),
		    MEDIAN(kex), MEDIAN(auth), MEDIAN(done), MEDIAN(cpu));
#undef MEDIAN
	free(t);
}

static long
pss_kib(pid_t pid)
{
	char path[64], line[256];
	long v = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Pss: %ld", &v) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return v;
}

/* The parent and the name of a process; false when it is gone. */
static bool
process_stat(pid_t pid, pid_t *parent, char comm[static 64])
{
	char path[64], state;
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	n = fscanf(f, "%*d (%63[^)]) %c %d", comm, &state, parent);
	fclose(f);
	return n == 3;
}

static bool
contains(const pid_t *v, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == pid)
			return true;
	return false;
}

/* The session's own command is the user's memory, not the server's. */
static bool
is_server(const char *comm)
{
	static const char *const others[] = { "sleep", "sh", "bash", "dash" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(comm, others[i]) == 0)
			return false;
	return true;
}

/* One pass over /proc; true if it found a descendant that was not known. */
static bool
grow_family(pid_t *known, size_t *n, long *sum_kib, int *procs)
{
	DIR *d = opendir("/proc");
	bool grew = false;
	struct dirent *e;

	if (d == NULL)
		err(1, "/proc");
	while ((e = readdir(d)) != NULL && *n < PIDS_MAX_COUNT) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10), parent;
		char comm[64];

		if (pid <= 0 || contains(known, *n, pid) ||
		    !process_stat(pid, &parent, comm) ||
		    !contains(known, *n, parent))
			continue;
		known[(*n)++] = pid;
		grew = true;
		if (is_server(comm)) {
			*sum_kib += pss_kib(pid);
			(*procs)++;
		}
	}
	closedir(d);
	return grew;
}

static void
hold(const struct bench *b, size_t count)
{
	static pid_t known[PIDS_MAX_COUNT];
	ssh_session *s = calloc(count, sizeof(ssh_session));
	struct times unused;
	ssh_channel ch;
	size_t n = 1;
	long sum_kib = 0;
	int procs = 0;

	if (s == NULL)
		err(1, NULL);
	for (size_t i = 0; i < count; i++) {
		int fd = tcp_connect(b);

		accept_and_exec(b);
		s[i] = open_session(b, fd, "exec sleep 600", &unused, &ch);
	}
	usleep(SETTLE_USEC);
	known[0] = getpid();
	while (grow_family(known, &n, &sum_kib, &procs))
		;
	printf("hold n=%zu pss_per_connection_kib=%.0f "
	    "processes_per_connection=%.1f\n", count,
	    (double)sum_kib / (double)count, (double)procs / (double)count);
	for (size_t i = 0; i < count; i++)
		ssh_disconnect(s[i]);
	/* A server may leave the command running; it is nobody's now. */
	for (size_t i = 1; i < n; i++)
		kill(known[i], SIGKILL);
	reap_all();
	free(s);
}

static void
serve(const struct bench *b, size_t count)
{
	printf("%d\n", ntohs(b->addr.sin_port));
	fflush(stdout);
	for (size_t i = 0; i < count; i++) {
		accept_and_exec(b);
		printf("cpu_ms=%.0f\n", reap_all());
		fflush(stdout);
	}
}

static void
listen_on_loopback(struct bench *b)
{
	socklen_t len = sizeof(b->addr);

	b->addr.sin_family = AF_INET;
	b->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	b->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (b->listener < 0 ||
	    bind(b->listener, (struct sockaddr *)&b->addr, len) != 0 ||
	    listen(b->listener, BACKLOG_COUNT) != 0 ||
	    getsockname(b->listener, (struct sockaddr *)&b->addr, &len) != 0)
		err(1, "listen");
}

int
main(int argc, char **argv)
{
	struct bench b = { 0 };
	size_t count;

	if (argc < 7)
		errx(2, "usage: connbench probe|session|hold|serve COUNT "
		    "USER KEY -- SERVER ARG...");
	count = strtoul(argv[2], NULL, 10);
	if (count == 0)
		errx(2, "COUNT must be a number over 0");
	b.user = argv[3];
	b.keyfile = argv[4];
	b.server = argv + 6;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
	listen_on_loopback(&b);
	ssh_init();
	if (strcmp(argv[1], "probe") == 0)
		measure(&b, count, one_probe, "probe");
	else if (strcmp(argv[1], "session") == 0)
		measure(&b, count, one_session, "session");
	else if (strcmp(argv[1], "hold") == 0)
		hold(&b, count);
	else if (strcmp(argv[1], "serve") == 0)
		serve(&b, count);
	else
		errx(2, "unknown mode %s", argv[1]);
	return 0;
}
