/*
 * test_user_listen: where the user role listens, for whom, and what it hands
 * to net of it.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "ipc/fwd.h"
#include "run/exits.h"
#include "test_user_rig.h"
#include "user/forward.h"

static void
open_rig(struct rig *r)
{
	rig_init(r);
	r->policy.tcp_forwarding = POLICY_FORWARD_REMOTE;
	r->policy.streamlocal_forwarding = POLICY_FORWARD_REMOTE;
	r->policy.permit_listen = RIG_LIST(r, "*:*");
	r->policy.key_permit_listen = RIG_LIST(r, "*:*");
	r->policy.stream_bind_mask = 0177;
}

static void
down(struct rig *r)
{
	char cmd[128];

	assert_int_equal(rig_status(r), 0);
	snprintf(cmd, sizeof cmd, "rm -rf %s", r->home);
	assert_int_equal(system(cmd), 0);
}

static void
ask_listen(struct rig *r, enum user_req what, uint8_t kind, struct span host,
    uint32_t port)
{
	static uint8_t b[4096];
	struct sink out = sink_of(b, sizeof b);

	usr_listen_put(&out, what, &(struct usr_listen){ kind, host, port });
	rig_send(r, &out);
}

/* The port that it is, -1 for no. */
static int
listening(struct rig *r)
{
	struct ipc_frame f;
	struct usr_listening m;

	assert_int_equal(rig_recv(r, &f), IPC_OK);
	assert_int_equal(f.type, USER_ANS_LISTENING);
	assert_int_equal(f.fd_count, 0);
	assert_true(usr_listening_get(f.body, &m));
	return m.ok ? (int)m.port : -1;
}

static int
start(struct rig *r, const char *host, uint32_t port)
{
	ask_listen(r, USER_REQ_LISTEN, USER_SOCKET_TCP, span_str(host), port);
	return listening(r);
}

static int
stop(struct rig *r, const char *host, uint32_t port)
{
	ask_listen(r, USER_REQ_UNLISTEN, USER_SOCKET_TCP, span_str(host),
	    port);
	return listening(r);
}

static int
connect_to(uint32_t addr, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(addr) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The connection that net is handed. */
static int
accepted(struct rig *r, struct usr_accepted *m)
{
	struct ipc_frame f;

	assert_int_equal(rig_recv(r, &f), IPC_OK);
	assert_int_equal(f.type, USER_EVT_ACCEPTED);
	assert_int_equal(f.fd_count, 1);
	assert_true(usr_accepted_get(f.body, m));
	return ipc_take_fd(&f, 0);
}

/* A port that is free now. */
static uint16_t
some_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void
lists(void **state)
{
	static const struct {
		const char *entry, *host;
		uint32_t port;
		bool yes;
	} t[] = {
		{ "*:*", "", 0, true }, { "8080", "any", 8080, true },
		{ "8080", "any", 80, false }, { "*", "any", 80, true },
		{ "localhost:80", "localhost", 80, true },
		{ "localhost:80", "LocalHost", 80, true },
		{ "localhost:80", "", 80, false },
		{ "local*:80", "localhost", 80, true },
		{ "LOCAL*:80", "localhost", 80, false },
		{ "l?calhost:*", "localhost", 1, true },
		{ "127.0.0.1:80", "localhost", 80, false },
		{ "[::1]:80", "::1", 80, true },
		{ "host:0", "host", 0, true }, { "host:1", "host", 0, false },
		{ "", "x", 0, false },
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		r.lists_len = 0;
		if (forward_in_listen_list(RIG_LIST(&r, "no:1", t[i].entry),
		    span_str(t[i].host), t[i].port) != t[i].yes)
			fail_msg("%s, %s port %u", t[i].entry, t[i].host,
			    t[i].port);
	}
}

static void
matrix(void **state)
{
	const uint16_t port = some_port();

	(void)state;
	for (uint32_t i = 0; i < 64; i++) {
		const uint32_t tcp = i & 3, local = i >> 2 & 3;
		const bool set = i >> 4 & 1, key = i >> 5 & 1;
		char path[128], place[32];
		struct stat st;
		struct usr_accepted a;
		struct rig r;
		int got, far;

		open_rig(&r);
		snprintf(place, sizeof place, "localhost:%u", port);
		r.policy.tcp_forwarding = tcp;
		r.policy.streamlocal_forwarding = local;
		r.policy.permit_listen = set ? RIG_LIST(&r, place)
		    : RIG_LIST(&r, "localhost:1");
		r.policy.key_permit_listen = key ? RIG_LIST(&r, "*:*")
		    : span(NULL, 0);
		rig_up(&r);
		got = start(&r, "localhost", port);
		assert_int_equal(got, (tcp & 2) != 0 && set && key ? port
		    : -1);
		far = connect_to(INADDR_LOOPBACK, port);
		assert_int_equal(far >= 0, got >= 0);
		if (far >= 0)
			close(accepted(&r, &a));
		fd_close(&far);
		snprintf(path, sizeof path, "%s/sock", r.home);
		ask_listen(&r, USER_REQ_LISTEN, USER_SOCKET_UNIX,
		    span_str(path), 0);
		assert_int_equal(listening(&r) >= 0, (local & 2) != 0);
		assert_int_equal(stat(path, &st) == 0, (local & 2) != 0);
		down(&r);
	}
}

static void
tcp(void **state)
{
	struct usr_accepted m;
	struct rig r;
	int port, fd, far;
	char got[8];

	(void)state;
	open_rig(&r);
	rig_up(&r);
	port = start(&r, "localhost", 0);
	assert_true(port > 0);
	for (int i = 0; i < 200; i++) {
		far = connect_to(INADDR_LOOPBACK, port);
		fd = accepted(&r, &m);
		assert_int_equal(m.kind, USER_SOCKET_TCP);
		assert_true(span_is(m.host, "localhost"));
		assert_int_equal(m.port, port);
		assert_true(span_is(m.origin_host, "127.0.0.1"));
		assert_true(m.origin_port > 0);
		assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		close(fd);
		assert_int_equal(read(far, got, sizeof got), 0);
		close(far);
	}
	/* By the name that it was made with, and by no other. */
	assert_int_equal(stop(&r, "127.0.0.1", (uint32_t)port), -1);
	assert_int_equal(stop(&r, "localhost", (uint32_t)port + 1), -1);
	assert_int_equal(stop(&r, "localhost", (uint32_t)port), port);
	assert_int_equal(stop(&r, "localhost", (uint32_t)port), -1);
	assert_int_equal(connect_to(INADDR_LOOPBACK, port), -1);
	assert_int_equal(start(&r, "localhost", (uint32_t)port), port);
	/* Taken, on the one address that was asked for. */
	assert_int_equal(start(&r, "127.0.0.1", (uint32_t)port), -1);
	down(&r);
	assert_int_equal(connect_to(INADDR_LOOPBACK, port), -1);
	assert_non_null(strstr(r.errors, "bind [127.0.0.1]:"));
	assert_non_null(strstr(r.errors, "cannot listen to port: "));
}

/* What another machine would reach: 127.0.0.2 stands for it. */
static void
gateway(void **state)
{
	static const struct {
		uint32_t mode;
		const char *host;
		bool others;
	} t[] = {
		{ POLICY_GATEWAY_NO, "", false },
		{ POLICY_GATEWAY_NO, "*", false },
		{ POLICY_GATEWAY_NO, "0.0.0.0", false },
		{ POLICY_GATEWAY_NO, "127.0.0.2", false },
		{ POLICY_GATEWAY_YES, "localhost", true },
		{ POLICY_GATEWAY_YES, "127.0.0.1", true },
		{ POLICY_GATEWAY_CLIENT, "", true },
		{ POLICY_GATEWAY_CLIENT, "*", true },
		{ POLICY_GATEWAY_CLIENT, "0.0.0.0", true },
		{ POLICY_GATEWAY_CLIENT, "127.0.0.2", true },
		{ POLICY_GATEWAY_CLIENT, "localhost", false },
		{ POLICY_GATEWAY_CLIENT, "127.0.0.1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct usr_accepted m;
		struct rig r;
		int port, fd;

		open_rig(&r);
		r.policy.gateway_ports = t[i].mode;
		rig_up(&r);
		port = start(&r, t[i].host, 0);
		assert_true(port > 0);
		fd = connect_to(INADDR_LOOPBACK + 1, port);
		if ((fd >= 0) != t[i].others)
			fail_msg("mode %u, %s", t[i].mode, t[i].host);
		if (fd >= 0) {
			close(accepted(&r, &m));
			assert_true(span_is(m.host, t[i].host));
		}
		fd_close(&fd);
		down(&r);
	}
}

/* AddressFamily.  There may be no IPv6 here. */
static void
address_family(void **state)
{
	static const struct {
		uint32_t mode, family;
		const char *host;
		bool listens, reached;
	} t[] = {
		{ POLICY_GATEWAY_NO, POLICY_FAMILY_INET, "", true, true },
		{ POLICY_GATEWAY_YES, POLICY_FAMILY_INET, "", true, true },
		{ POLICY_GATEWAY_NO, POLICY_FAMILY_INET, "::1", false,
		    false },
		{ POLICY_GATEWAY_CLIENT, POLICY_FAMILY_INET, "::", false,
		    false },
		{ POLICY_GATEWAY_NO, POLICY_FAMILY_INET6, "", true, false },
		{ POLICY_GATEWAY_YES, POLICY_FAMILY_INET6, "", true, false },
		{ POLICY_GATEWAY_CLIENT, POLICY_FAMILY_INET6, "0.0.0.0",
		    false, false },
		{ POLICY_GATEWAY_NO, POLICY_FAMILY_INET6, "127.0.0.1", false,
		    false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		bool six = t[i].family == POLICY_FAMILY_INET6;
		struct usr_accepted m;
		struct rig r;
		int port, fd;

		open_rig(&r);
		r.policy.gateway_ports = t[i].mode;
		r.policy.address_family = t[i].family;
		rig_up(&r);
		port = start(&r, t[i].host, 0);
		if (!t[i].listens || !six)
			assert_int_equal(port > 0, t[i].listens);
		fd = port > 0 ? connect_to(INADDR_LOOPBACK, port) : -1;
		assert_int_equal(fd >= 0, t[i].reached);
		if (fd >= 0)
			close(accepted(&r, &m));
		fd_close(&fd);
		down(&r);
	}
}

static void
unix_sockets(void **state)
{
	(void)state;
	for (uint32_t mask = 0; mask < 2; mask++) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		struct usr_accepted m;
		struct stat st;
		struct rig r;
		int fd, far = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		open_rig(&r);
		r.policy.stream_bind_mask = mask == 0 ? 0177 : 0117;
		r.policy.stream_bind_unlink = mask == 1;
		rig_up(&r);
		snprintf(at.sun_path, sizeof at.sun_path, "%s/sock", r.home);
		ask_listen(&r, USER_REQ_LISTEN, USER_SOCKET_UNIX,
		    span_str(at.sun_path), 0);
		assert_int_equal(listening(&r), 0);
		assert_int_equal(stat(at.sun_path, &st), 0);
		assert_int_equal(st.st_mode & 0777, mask == 0 ? 0600 : 0660);
		assert_int_equal(connect(far, (struct sockaddr *)&at,
		    sizeof at), 0);
		fd = accepted(&r, &m);
		assert_int_equal(m.kind, USER_SOCKET_UNIX);
		assert_true(span_is(m.host, at.sun_path));
		close(fd);
		close(far);
		/* A second time it is in the way, or not. */
		ask_listen(&r, USER_REQ_LISTEN, USER_SOCKET_UNIX,
		    span_str(at.sun_path), 0);
		assert_int_equal(listening(&r), mask == 0 ? -1 : 0);
		ask_listen(&r, USER_REQ_UNLISTEN, USER_SOCKET_UNIX,
		    span_str(at.sun_path), 0);
		assert_int_equal(listening(&r), 0);
		down(&r);
	}
}

/* As many as there may be, again and again; odd names. */
static void
many(void **state)
{
	static char path[300];
	struct rig r;
	int ports[USER_LISTENERS_MAX_COUNT + 1];

	(void)state;
	open_rig(&r);
	rig_up(&r);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i <= USER_LISTENERS_MAX_COUNT; i++) {
			ports[i] = start(&r, "127.0.0.1", 0);
			assert_int_equal(ports[i] > 0,
			    i < USER_LISTENERS_MAX_COUNT);
		}
		for (int i = 0; i < USER_LISTENERS_MAX_COUNT; i++)
			assert_int_equal(stop(&r, "127.0.0.1",
			    (uint32_t)ports[i]), ports[i]);
	}
	memset(path, 'x', sizeof path - 1);
	ask_listen(&r, USER_REQ_LISTEN, USER_SOCKET_UNIX, span_str(path), 0);
	assert_int_equal(listening(&r), -1);
	ask_listen(&r, USER_REQ_LISTEN, USER_SOCKET_UNIX, span_str(""), 0);
	assert_int_equal(listening(&r), -1);
	ask_listen(&r, USER_REQ_LISTEN, USER_SOCKET_TCP, span("a\0b", 3), 0);
	assert_int_equal(listening(&r), -1);
	down(&r);
}

/*
 * net does not read: who connects waits, the role does not.  Its monitor is
 * still served, and nobody is lost.
 */
static void
net_is_slow(void **state)
{
	enum { COUNT = 120 };
	int far[COUNT], port, good = 0;
	struct rig r;

	(void)state;
	open_rig(&r);
	rig_up(&r);
	port = start(&r, "127.0.0.1", 0);
	for (int i = 0; i < COUNT; i++) {
		far[i] = connect_to(INADDR_LOOPBACK, port);
		assert_true(far[i] >= 0);
	}
	usleep(300000);
	for (int i = 0; i < COUNT; i++) {
		struct usr_accepted m;
		int fd = accepted(&r, &m);

		good += write(fd, "x", 1) == 1;
		close(fd);
	}
	for (int i = 0; i < COUNT; i++)
		close(far[i]);
	assert_int_equal(good, COUNT);
	down(&r);
}

static bool
ask_agent(struct rig *r, uint32_t chan)
{
	uint8_t b[64];
	struct sink out = sink_of(b, sizeof b);

	usr_chan_put(&out, USER_REQ_AGENT, chan);
	rig_send(r, &out);
	return rig_answer(r, chan);
}

/* Once a connection, for the user alone, and nothing is left of it. */
static void
agent(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct usr_accepted m;
	struct stat st;
	struct rig r;
	char out[200], dir[200];
	int fd, far = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	open_rig(&r);
	r.policy.agent_forwarding = true;
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_true(rig_open(&r, 1));
	assert_true(rig_open(&r, 2));
	rig_run(&r, 2, USER_START_EXEC, "printf %s \"$SSH_AUTH_SOCK\"", out,
	    sizeof out);
	assert_string_equal(out, "");
	assert_true(ask_agent(&r, 0));
	assert_false(ask_agent(&r, 0));
	assert_false(ask_agent(&r, 1));
	/* Every command from now on has it, whoever asked. */
	rig_run(&r, 1, USER_START_EXEC, "printf %s \"$SSH_AUTH_SOCK\"", out,
	    sizeof out);
	assert_memory_equal(out, "/tmp/ssh-", 9);
	assert_true(strlen(out) < sizeof at.sun_path);
	assert_int_equal(stat(out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	strcpy(dir, out);
	*strrchr(dir, '/') = '\0';
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	strcpy(at.sun_path, out);
	assert_int_equal(connect(far, (struct sockaddr *)&at, sizeof at), 0);
	fd = accepted(&r, &m);
	assert_int_equal(m.kind, USER_SOCKET_AGENT);
	assert_int_equal(m.host.len, 0);
	close(fd);
	close(far);
	down(&r);
	assert_int_equal(stat(out, &st), -1);
	assert_int_equal(stat(dir, &st), -1);

	open_rig(&r);
	rig_up(&r);
	assert_true(rig_open(&r, 0));
	assert_false(ask_agent(&r, 0));
	down(&r);
}

/* Whoever ends this process by the usual signals finds nothing of it left. */
static void
asked_to_end(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct ipc_frame f;
		struct stat st;
		struct rig r;
		char out[200], *info;

		open_rig(&r);
		r.policy.agent_forwarding = true;
		r.policy.auth_info = span_str("password\n");
		rig_up(&r);
		assert_true(rig_open(&r, 0));
		assert_true(ask_agent(&r, 0));
		rig_run(&r, 0, USER_START_EXEC,
		    "printf %s\" \"%s \"$SSH_AUTH_SOCK\" \"$SSH_USER_AUTH\"",
		    out, sizeof out);
		info = strchr(out, ' ');
		assert_non_null(info);
		*info++ = '\0';
		assert_int_equal(stat(out, &st), 0);
		assert_int_equal(stat(info, &st), 0);
		assert_int_equal(kill(r.pid, signals[i]), 0);
		assert_int_equal(rig_recv(&r, &f), IPC_CLOSED);
		down(&r);
		assert_int_equal(stat(out, &st), -1);
		assert_int_equal(stat(info, &st), -1);
		*strrchr(out, '/') = '\0';
		assert_int_equal(stat(out, &st), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(matrix),
		cmocka_unit_test(tcp),
		cmocka_unit_test(gateway),
		cmocka_unit_test(address_family),
		cmocka_unit_test(unix_sockets),
		cmocka_unit_test(many),
		cmocka_unit_test(agent),
		cmocka_unit_test(asked_to_end),
		cmocka_unit_test(net_is_slow),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
