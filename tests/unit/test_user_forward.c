/*
 * test_user_forward: what the user role dials, for whom, and as whom; and a
 * net that asks for what it may not have.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "ipc/fwd.h"
#include "run/exits.h"
#include "test_user_rig.h"
#include "user/forward.h"

static int
listen_tcp(uint16_t *port, int backlog)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static int
listen_unix(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* Somebody who may dial what they like. */
static void
open_rig(struct rig *r)
{
	rig_init(r);
	r->policy.tcp_forwarding = POLICY_FORWARD_LOCAL;
	r->policy.streamlocal_forwarding = POLICY_FORWARD_LOCAL;
	r->policy.permit_open = RIG_LIST(r, "*:*");
	r->policy.key_permit_open = RIG_LIST(r, "*:*");
}

static void
ask_dial(struct rig *r, uint32_t chan, enum usr_socket_kind kind,
    struct span host, uint32_t port)
{
	static uint8_t b[4096];
	struct sink out = sink_of(b, sizeof b);

	usr_dial_put(&out, &(struct usr_dial){ chan, (uint8_t)kind, host,
	    port, span_str("192.0.2.1"), 99 });
	rig_send(r, &out);
}

/* How one dial ended: the socket, or -1 with its reason. */
static int
dialed(struct rig *r, uint32_t *chan, struct usr_refusal *no)
{
	struct ipc_frame f;
	struct usr_ans a;

	*no = (struct usr_refusal){ 0 };
	assert_int_equal(rig_recv(r, &f), IPC_OK);
	if (f.type == USER_EVT_DIALED) {
		assert_int_equal(f.fd_count, 1);
		assert_true(usr_ans_get(f.body, &a));
		assert_true(a.ok);
		*chan = a.chan;
		return ipc_take_fd(&f, 0);
	}
	assert_int_equal(f.type, USER_EVT_DIAL_FAILED);
	assert_int_equal(f.fd_count, 0);
	assert_true(usr_refusal_get(f.body, no));
	*chan = no->chan;
	return -1;
}

static int
dial(struct rig *r, uint32_t chan, enum usr_socket_kind kind,
    const char *host, uint32_t port, struct usr_refusal *no)
{
	uint32_t which;
	int fd;

	ask_dial(r, chan, kind, span_str(host), port);
	fd = dialed(r, &which, no);
	assert_int_equal(which, chan);
	return fd;
}

static void
gone_with(struct rig *r, int status)
{
	char cmd[128];

	assert_int_equal(rig_status(r), status);
	snprintf(cmd, sizeof cmd, "rm -rf %s", r->home);
	assert_int_equal(system(cmd), 0);
}

/* --- what may be dialled --------------------------------------------------------- */

static void
lists(void **state)
{
	static const struct {
		const char *entry, *host;
		uint32_t port;
		bool yes;
	} t[] = {
		{ "*:*", "host", 22, true }, { "*:22", "host", 22, true },
		{ "*:22", "host", 23, false }, { "host:*", "host", 1, true },
		{ "host:*", "Host", 1, false },
		{ "host:*", "host.", 1, false },
		{ "host:22", "host", 22, true },
		{ "host:22", "host", 220, false },
		{ "host:220", "host", 22, false },
		{ "h*:22", "host", 22, false },	/* no patterns */
		{ "?ost:22", "host", 22, false },
		{ "[::1]:22", "::1", 22, true },
		{ "[::1]:22", "[::1]", 22, false },
		{ "::1:22", "::1", 22, true }, { "[*]:22", "x", 22, true },
		{ "host:0", "host", 0, true }, { "host:022", "host", 22, false },
		{ "host", "host", 22, false }, { "", "", 0, false },
		{ ":22", "", 22, true }, { "host:", "host", 0, false },
		{ "*", "host", 22, false },
		{ "localhost:22", "127.0.0.1", 22, false },
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		r.lists_len = 0;
		if (forward_in_list(RIG_LIST(&r, t[i].entry),
		    span_str(t[i].host), t[i].port) != t[i].yes)
			fail_msg("%s, %s port %u", t[i].entry, t[i].host,
			    t[i].port);
		r.lists_len = 0;
		assert_int_equal(forward_in_list(RIG_LIST(&r, "no:1",
		    t[i].entry, "no:2"), span_str(t[i].host), t[i].port),
		    t[i].yes);
	}
	assert_false(forward_in_list(span(NULL, 0), span_str("x"), 1));
}

/* Permissions x settings' list x key's list x kind. */
static void
matrix(void **state)
{
	char path[128];
	uint16_t port;
	int tcp = listen_tcp(&port, 64);

	(void)state;
	for (uint32_t i = 0; i < 64; i++) {
		const uint32_t tcp_perm = i & 3, unix_perm = i >> 2 & 3;
		const bool open = i >> 4 & 1, key = i >> 5 & 1;
		const bool may_tcp = (tcp_perm & 1) != 0 && open && key;
		const bool may_unix = (unix_perm & 1) != 0;
		struct usr_refusal no;
		struct rig r;
		char place[32];
		int fd, local;

		rig_init(&r);
		snprintf(place, sizeof place, "127.0.0.1:%u", port);
		r.policy.tcp_forwarding = tcp_perm;
		r.policy.streamlocal_forwarding = unix_perm;
		r.policy.permit_open = open ? RIG_LIST(&r, "a:1", place)
		    : RIG_LIST(&r, "127.0.0.1:1");
		r.policy.key_permit_open = key ? RIG_LIST(&r, "*:*")
		    : span(NULL, 0);
		rig_up(&r);
		snprintf(path, sizeof path, "%s/sock", r.home);
		local = listen_unix(path);
		fd = dial(&r, 0, USER_SOCKET_TCP, "127.0.0.1", port, &no);
		assert_int_equal(fd >= 0, may_tcp);
		if (!may_tcp)
			assert_int_equal(no.reason, USER_DIAL_PROHIBITED);
		fd_close(&fd);
		fd = dial(&r, 1, USER_SOCKET_UNIX, path, 0, &no);
		assert_int_equal(fd >= 0, may_unix);
		if (!may_unix)
			assert_int_equal(no.reason, USER_DIAL_PROHIBITED);
		fd_close(&fd);
		close(local);
		gone_with(&r, 0);
	}
	close(tcp);
}

/* --- dialling --------------------------------------------------------------------- */

static void
tcp(void **state)
{
	uint16_t port;
	int listener = listen_tcp(&port, 64), on = 0;
	socklen_t len = sizeof on;
	struct usr_refusal no;
	struct rig r;
	char got[8];

	(void)state;
	open_rig(&r);
	rig_up(&r);
	for (uint32_t i = 0; i < 2; i++) {
		int fd = dial(&r, i, USER_SOCKET_TCP,
		    i == 0 ? "127.0.0.1" : "localhost", port, &no);
		int far = accept(listener, NULL, NULL);

		assert_true(fd >= 0 && far >= 0);
		assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    &len), 0);
		assert_int_not_equal(on, 0);
		assert_int_equal(write(far, "hello", 5), 5);
		assert_int_equal(read(fd, got, sizeof got), 5);
		/* Ours is the only one: closed here, it is over there. */
		close(fd);
		assert_int_equal(read(far, got, sizeof got), 0);
		close(far);
	}
	close(listener);
	/* Now nobody listens there; and there is no such name. */
	assert_int_equal(dial(&r, 2, USER_SOCKET_TCP, "127.0.0.1", port, &no),
	    -1);
	assert_int_equal(no.reason, USER_DIAL_FAILED);
	assert_true(span_is(no.text, "Connection refused"));
	assert_int_equal(dial(&r, 2, USER_SOCKET_TCP, "no-such.invalid", port,
	    &no), -1);
	assert_int_equal(no.reason, USER_DIAL_FAILED);
	assert_true(no.text.len > 0);
	/* The name that is no name. */
	assert_int_equal(dial(&r, 2, USER_SOCKET_TCP, "", port, &no), -1);
	ask_dial(&r, 3, USER_SOCKET_TCP, span("127.0.0.1\0x", 11), port);
	{
		uint32_t chan;

		assert_int_equal(dialed(&r, &chan, &no), -1);
		assert_int_equal(chan, 3);
		assert_int_equal(no.reason, USER_DIAL_PROHIBITED);
	}
	rig_down(&r);
	assert_non_null(strstr(r.errors, "connect_to 127.0.0.1 port "));
	assert_non_null(strstr(r.errors,
	    "connect_to no-such.invalid: unknown host ("));
}

/* AddressFamily: what is of another is no host. */
static void
address_family(void **state)
{
	static const struct {
		uint32_t family;
		const char *host;
		bool reached;
	} t[] = {
		{ POLICY_FAMILY_INET, "127.0.0.1", true },
		{ POLICY_FAMILY_INET, "localhost", true },
		{ POLICY_FAMILY_INET, "::1", false },
		{ POLICY_FAMILY_INET6, "127.0.0.1", false },
		{ POLICY_FAMILY_INET6, "localhost", false },
	};
	uint16_t port;
	int listener = listen_tcp(&port, 64);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct usr_refusal no;
		struct rig r;
		int fd;

		open_rig(&r);
		r.policy.address_family = t[i].family;
		rig_up(&r);
		fd = dial(&r, 0, USER_SOCKET_TCP, t[i].host, port, &no);
		assert_int_equal(fd >= 0, t[i].reached);
		if (fd < 0)
			assert_int_equal(no.reason, USER_DIAL_FAILED);
		fd_close(&fd);
		rig_down(&r);
		if (fd < 0 && strcmp(t[i].host, "localhost") != 0 &&
		    !t[i].reached)
			assert_non_null(strstr(r.errors, "unknown host ("));
	}
	close(listener);
}

static void
unix_sockets(void **state)
{
	struct ucred who;
	socklen_t len = sizeof who;
	struct usr_refusal no;
	struct rig r;
	char path[200];
	int listener, fd, far;

	(void)state;
	open_rig(&r);
	rig_up(&r);
	snprintf(path, sizeof path, "%s/sock", r.home);
	listener = listen_unix(path);
	fd = dial(&r, 0, USER_SOCKET_UNIX, path, 0, &no);
	far = accept(listener, NULL, NULL);
	assert_true(fd >= 0 && far >= 0);
	assert_int_equal(getsockopt(far, SOL_SOCKET, SO_PEERCRED, &who, &len),
	    0);
	assert_int_equal(who.uid, getuid());
	/* A process that lives: who asks for its rights finds it. */
	assert_int_equal(who.pid, r.pid);
	close(fd);
	close(far);
	close(listener);
	assert_int_equal(dial(&r, 1, USER_SOCKET_UNIX, path, 0, &no), -1);
	assert_int_equal(no.reason, USER_DIAL_FAILED);
	assert_int_equal(dial(&r, 1, USER_SOCKET_UNIX, "/no/such", 0, &no),
	    -1);
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(dial(&r, 1, USER_SOCKET_UNIX, path, 0, &no), -1);
	rig_down(&r);
	assert_non_null(strstr(r.errors, "Connection refused"));
	assert_non_null(strstr(r.errors, "File name too long"));
}

/* More names than resolvers; each gets its answer, and sessions go on. */
static void
many_names(void **state)
{
	enum { COUNT = 100 };
	uint16_t port;
	int listener = listen_tcp(&port, COUNT), good = 0;
	struct usr_refusal no;
	struct rig r;
	char out[64];

	(void)state;
	open_rig(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 255));
	for (uint32_t i = 0; i < COUNT; i++)
		ask_dial(&r, i, USER_SOCKET_TCP, span_str("localhost"), port);
	for (int i = 0; i < COUNT; i++) {
		uint32_t chan;
		int fd = dialed(&r, &chan, &no);

		assert_true(chan < COUNT);
		good += fd >= 0;
		fd_close(&fd);
	}
	assert_int_equal(good, COUNT);
	rig_run(&r, 255, USER_START_EXEC, "echo on", out, sizeof out);
	assert_string_equal(out, "on\n");
	close(listener);
	rig_down(&r);
}

/* --- numbers ------------------------------------------------------------------------ */

/* A port at which a connection neither comes about nor fails. */
static int
listen_deaf(uint16_t *port, int fillers[static 4])
{
	int fd = listen_tcp(port, 0);
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK |
		    SOCK_CLOEXEC, 0);
		(void)connect(fillers[i], (struct sockaddr *)&at, sizeof at);
		usleep(20000);
	}
	return fd;
}

enum act { OPEN, DIAL, CLOSE, ACT_COUNT };

static void
act(struct rig *r, enum act what, uint16_t port)
{
	uint8_t b[64];
	struct sink out = sink_of(b, sizeof b);

	if (what == DIAL) {
		ask_dial(r, 5, USER_SOCKET_TCP, span_str("127.0.0.1"), port);
		return;
	}
	usr_chan_put(&out, what == OPEN ? USER_REQ_OPEN : USER_REQ_CLOSE, 5);
	rig_send(r, &out);
}

/* On its way, nothing may happen to the number; made, it may be closed. */
static void
numbers(void **state)
{
	int fillers[4];
	uint16_t port, deaf_port;
	int listener = listen_tcp(&port, 8);
	int deaf = listen_deaf(&deaf_port, fillers);
	struct usr_refusal no;

	(void)state;
	for (enum act what = OPEN; what < ACT_COUNT; what++) {
		struct rig r;
		int fd;

		open_rig(&r);
		rig_up(&r);
		ask_dial(&r, 5, USER_SOCKET_TCP, span_str("127.0.0.1"),
		    deaf_port);
		act(&r, what, port);
		gone_with(&r, EXIT_BUG);

		open_rig(&r);
		rig_up(&r);
		fd = dial(&r, 5, USER_SOCKET_TCP, "127.0.0.1", port, &no);
		assert_true(fd >= 0);
		act(&r, what, port);
		if (what == CLOSE)
			assert_true(rig_open(&r, 5));
		gone_with(&r, what == CLOSE ? 0 : EXIT_BUG);
		close(fd);
	}
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(listener);
	close(deaf);
}

/* One that was refused leaves nothing: the number is anybody's. */
static void
refused_is_free(void **state)
{
	struct usr_refusal no;
	struct rig r;

	(void)state;
	rig_init(&r);
	rig_up(&r);
	assert_int_equal(dial(&r, 0, USER_SOCKET_TCP, "h", 1, &no), -1);
	assert_int_equal(dial(&r, 0, USER_SOCKET_UNIX, "/h", 0, &no), -1);
	assert_true(rig_open(&r, 0));
	rig_down(&r);
}

/* MaxSessions counts sessions; a deaf dial does not outlive the role. */
static void
no_sessions(void **state)
{
	int fillers[4];
	uint16_t port, deaf_port;
	int listener = listen_tcp(&port, 8);
	int deaf = listen_deaf(&deaf_port, fillers), fd;
	struct usr_refusal no;
	struct rig r;

	(void)state;
	open_rig(&r);
	r.policy.max_sessions = 0;
	rig_up(&r);
	assert_false(rig_open(&r, 0));
	fd = dial(&r, 0, USER_SOCKET_TCP, "127.0.0.1", port, &no);
	assert_true(fd >= 0);
	close(fd);
	ask_dial(&r, 1, USER_SOCKET_TCP, span_str("127.0.0.1"), deaf_port);
	ask_dial(&r, 2, USER_SOCKET_TCP, span_str("localhost"), deaf_port);
	rig_down(&r);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(listener);
	close(deaf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(matrix),
		cmocka_unit_test(tcp),
		cmocka_unit_test(address_family),
		cmocka_unit_test(unix_sockets),
		cmocka_unit_test(many_names),
		cmocka_unit_test(numbers),
		cmocka_unit_test(refused_is_free),
		cmocka_unit_test(no_sessions),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
