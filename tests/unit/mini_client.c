/*
 * mini_client: net's peer, as far as transport, with net in a child process.
 * Test programs only.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "crypto/cipher.h"
#include "crypto/init.h"
#include "crypto/pubkey.h"
#include "crypto/sign.h"
#include "mini_client.h"
#include "run/exits.h"
#include "sandbox/confine.h"
#include "transport/compress.h"
#include "unit.h"
#include "wire/kexinit.h"
#include "wire/numbers.h"
#include "wire/transport.h"

#define CHACHA	"chacha20-poly1305@openssh.com"
#define NOBODY	65534
#define FDS_MAX	1024

static struct privkey *host_key;

bool
mini_init(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!crypto_init())
		return false;
	host_key = privkey_generate(PRIVKEY_ED25519, 0);
	return host_key != NULL;
}

/* --- the process ---------------------------------------------------------- */

static int
count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < FDS_MAX; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			n++;
	return n;
}

static void
run_net(struct mini *m, pid_t parent)
{
	const struct confine how = { .parent = parent,
		.root = geteuid() == 0, .uid = NOBODY, .gid = NOBODY,
		.fds_max = FDS_MAX };
	int status, had;

	if (m->options.confined) {
		if (confine_net(&how) != NULL)
			_exit(EXIT_ENV);
		_exit(net_run(&m->params, &m->first));
	}
	had = count_fds();
	status = net_run(&m->params, &m->first);
	_exit(count_fds() == had ? status : MINI_LEAKED);
}

static void
fill_params(struct mini *m, const struct mini_options *o)
{
	m->params = (struct net_params){
		.stream_socket = true,
		.server_ident = "SSH-2.0-under_test",
		.kex_algorithms = MINI_KEX ",ecdh-sha2-nistp256," MINI_GEX,
		.host_key_algorithms = "ssh-ed25519",
		.ciphers = o->cipher == NULL ? CHACHA : o->cipher,
		.macs = "hmac-sha2-256-etm@openssh.com,hmac-sha2-256",
		.compression = o->compress,
		.server_sig_algs = "ssh-ed25519",
		.host_keys = { privkey_public(host_key) },
		.host_key_count = 1,
		.limits.rekey_bytes = o->rekey_bytes,
		.limits.rekey_sec = o->rekey_sec,
		.login_grace_sec = o->login_grace_sec,
		.limits.unused_sec = o->unused_sec,
		.limits.client_alive_interval_sec = o->alive_sec,
		.limits.client_alive_count_max = o->alive_max,
		.limits.channel_timeouts_len = (uint32_t)o->timeouts.len,
	};
	if (o->timeouts.len > 0)
		memcpy(m->params.limits.channel_timeouts, o->timeouts.p,
		    o->timeouts.len);
}

/* A pipe that takes all that net can have to say at once, if it may. */
static int
make_out_pipe(struct mini *m)
{
	int pair[2];

	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	(void)fcntl(pair[1], F_SETPIPE_SZ, 1 << 20);
	assert_true(fd_set_nonblock(pair[1], true));
	assert_true(fd_set_nonblock(m->params.in_fd, true));
	m->from = pair[0];
	m->params.out_fd = pair[1];
	m->params.stream_socket = false;
	return pair[1];
}

void
mini_start(struct mini *m, const struct mini_options *o)
{
	static const struct mini_options usual;
	int peer[2], monitor[2], out = -1;
	pid_t parent = getpid();

	memset(m, 0, sizeof *m);
	m->options = o == NULL ? usual : *o;
	m->user = -1;
	m->rx = malloc(MINI_RX_BYTES);
	m->tx = malloc(MINI_RX_BYTES);
	assert_true(m->rx != NULL && m->tx != NULL);
	fill_params(m, &m->options);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    peer), 0);
	assert_true(ipc_pair(monitor));
	m->params.in_fd = m->params.out_fd = peer[1];
	m->params.monitor_fd = monitor[1];
	m->from = peer[0];
	if (m->options.out_pipe)
		out = make_out_pipe(m);
	assert_true(net_first_flight(&m->params, &m->first));
	m->server_kexinit_len = m->first.kexinit_len;
	memcpy(m->server_kexinit, m->first.bytes + m->first.kexinit_at,
	    m->first.kexinit_len);
	m->in.seq = 1;
	m->pid = fork();
	assert_true(m->pid >= 0);
	if (m->pid == 0) {
		close(peer[0]);
		close(monitor[0]);
		run_net(m, parent);
	}
	close(peer[1]);
	close(monitor[1]);
	fd_close(&out);
	m->peer = peer[0];
	m->monitor = monitor[0];
}

static void
keep_event(struct mini *m, struct cursor body)
{
	struct mini_event *e = &m->events[m->event_count];
	struct mon_event event;

	assert_true(mon_event_get(body, &event));
	if (m->event_count == MINI_EVENTS_MAX)
		return;
	m->event_count++;
	e->kind = event.kind;
	e->code = event.code;
	snprintf(e->text, sizeof e->text, "%.*s", (int)event.text.len,
	    (const char *)event.text.p);
}

bool
mini_event_seen(const struct mini *m, enum mon_event_kind kind,
    const char *text)
{
	for (size_t i = 0; i < m->event_count; i++)
		if (m->events[i].kind == kind &&
		    strstr(m->events[i].text, text) != NULL)
			return true;
	return false;
}

bool
mini_asked(struct mini *m, struct ipc_frame *frame)
{
	for (;;) {
		struct pollfd fd = { m->monitor, POLLIN, 0 };

		if (poll(&fd, 1, MINI_WAIT_MS) != 1)
			fail_msg("net says nothing to the monitor");
		if (ipc_recv(m->monitor, m->frame, sizeof m->frame, true,
		    frame) != IPC_OK)
			return false;
		assert_int_equal(frame->fd_count, 0);
		if (frame->type != MON_REQ_EVENT)
			return true;
		keep_event(m, frame->body);
	}
}

static void
release(struct mini *m)
{
	if (m->options.out_pipe)
		fd_close(&m->from);
	fd_close(&m->peer);
	fd_close(&m->monitor);
	fd_close(&m->user);
	packet_in_clear(&m->in);
	packet_out_clear(&m->out);
	packet_cipher_free(m->next_in);
	kex_key_free(m->key);
	free(m->rx);
	free(m->tx);
}

int
mini_wait(struct mini *m)
{
	struct ipc_frame frame;
	struct mon_done done;
	bool told = false;
	int status;

	while (mini_asked(m, &frame)) {
		/* The counters, last and once: nothing else is asked now. */
		assert_int_equal(frame.type, MON_REQ_DONE);
		assert_true(!told && mon_done_get(frame.body, &done));
		told = true;
	}
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	release(m);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void
mini_expect_bug(struct mini *m, const char *what)
{
	struct span payload = mini_recv(m);

	if (payload.len > 0)
		fail_msg("%s: the peer got message %d", what, payload.p[0]);
	if (mini_wait(m) != EXIT_BUG)
		fail_msg("%s: no bug", what);
}

int
mini_end(struct mini *m)
{
	fd_close(&m->peer);
	return mini_wait(m);
}

long
mini_cpu_ms(const struct mini *m)
{
	char path[64], text[512];
	unsigned long user = 0, sys = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)m->pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof text, f));
	fclose(f);
	assert_int_equal(sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d "
	    "%*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys), 2);
	return (long)(user + sys) * 1000 / sysconf(_SC_CLK_TCK);
}

/* --- packets -------------------------------------------------------------- */

void
mini_raw(struct mini *m, const void *p, size_t n)
{
	/* A net that has hung up is for the caller to see. */
	(void)!fd_write_all(m->peer, p, n);
}

size_t
mini_seal(struct mini *m, uint8_t *at, size_t size, struct span payload)
{
	size_t bytes;

	assert_true(size >= payload.len + PACKET_OVERHEAD_MAX_BYTES);
	memcpy(at + PACKET_HEAD_BYTES, payload.p, payload.len);
	assert_int_equal(packet_finish(&m->out, at, size, payload.len,
	    &bytes), PACKET_OK);
	return bytes;
}

void
mini_send(struct mini *m, struct span payload)
{
	mini_raw(m, m->tx, mini_seal(m, m->tx, MINI_RX_BYTES, payload));
}

void
mini_send_type(struct mini *m, uint8_t type)
{
	mini_send(m, span(&type, 1));
}

/* More bytes behind those that are there; false at the end, or no news. */
static bool
fill(struct mini *m, int ms)
{
	struct pollfd fd = { m->from, POLLIN, 0 };
	ssize_t got;

	if (poll(&fd, 1, ms) != 1)
		return false;
	memmove(m->rx, m->rx + m->rx_start, m->rx_end - m->rx_start);
	m->rx_end -= m->rx_start;
	m->rx_start = 0;
	got = read(m->from, m->rx + m->rx_end, MINI_RX_BYTES - m->rx_end);
	if (got <= 0)
		return false;
	m->rx_end += (size_t)got;
	return true;
}

struct span
mini_recv_ms(struct mini *m, int ms)
{
	for (;;) {
		struct span payload;
		size_t used, want;

		switch (packet_next(&m->in, m->rx + m->rx_start,
		    m->rx_end - m->rx_start, &used, &want, &payload)) {
		case PACKET_OK:
			m->rx_start += used;
			return payload;
		case PACKET_MORE:
			if (!fill(m, ms))
				return span(NULL, 0);
			break;
		default:
			fail_msg("net sent a packet that does not open");
		}
	}
}

struct span
mini_recv(struct mini *m)
{
	return mini_recv_ms(m, MINI_WAIT_MS);
}

struct span
mini_expect(struct mini *m, uint8_t type)
{
	struct span payload = mini_recv(m);

	if (payload.len == 0)
		fail_msg("nothing came instead of message %d", type);
	if (payload.p[0] != type)
		fail_msg("message %d came instead of %d", payload.p[0],
		    type);
	return payload;
}

void
mini_expect_silence(struct mini *m)
{
	struct span payload = mini_recv_ms(m, 100);

	if (payload.len > 0)
		fail_msg("message %d came, and none was due", payload.p[0]);
}

int
mini_expect_disconnect(struct mini *m, uint32_t reason)
{
	struct span payload = mini_expect(m, SSH_MSG_DISCONNECT);
	struct wire_disconnect d;

	assert_int_equal(wire_parse_disconnect(cursor_of(span(payload.p + 1,
	    payload.len - 1)), &d), WIRE_OK);
	assert_int_equal(d.reason, reason);
	assert_int_equal(mini_recv(m).len, 0);
	return mini_end(m);
}

/* --- key exchange --------------------------------------------------------- */

void
mini_ident(struct mini *m)
{
	mini_raw(m, MINI_IDENT "\r\n", sizeof MINI_IDENT + 1);
}

void
mini_send_kexinit(struct mini *m, const char *kex, bool follows)
{
	struct sink out = sink_of(m->client_kexinit,
	    sizeof m->client_kexinit);
	struct span cipher = S(m->params.ciphers), mac = S(m->params.macs);
	struct span comp = S(m->options.compress ? "zlib@openssh.com"
	    : "none");
	const struct wire_kexinit k = {
		.cookie = "0123456789abcde", .kex = S(kex),
		.host_key = S("ssh-ed25519"),
		.cipher_c2s = cipher, .cipher_s2c = cipher,
		.mac_c2s = mac, .mac_s2c = mac,
		.comp_c2s = comp, .comp_s2c = comp,
		.first_kex_follows = follows,
	};

	wire_put_kexinit(&out, &k);
	assert_true(sink_ok(&out));
	m->client_kexinit_len = out.len;
	if (!m->first_done)
		m->strict = strstr(kex, "kex-strict") != NULL;
	mini_send(m, sink_span(&out));
}

void
mini_take_kexinit(struct mini *m, struct span payload)
{
	assert_true(payload.len <= sizeof m->server_kexinit);
	memcpy(m->server_kexinit, payload.p, payload.len);
	m->server_kexinit_len = payload.len;
}

void
mini_send_ecdh(struct mini *m)
{
	uint8_t buf[128];
	struct sink out = sink_of(buf, sizeof buf);

	kex_key_free(m->key);
	m->key = kex_key_new(kex_find(S(MINI_KEX)), NULL);
	assert_non_null(m->key);
	sink_u8(&out, SSH_MSG_KEX_ECDH_INIT);
	sink_string(&out, kex_key_public(m->key));
	mini_send(m, sink_span(&out));
}

static struct packet_cipher *
derive(struct mini *m, const char *letters, struct span shared,
    struct span hash, enum packet_direction d)
{
	const struct kex_alg *kex = kex_find(S(MINI_KEX));
	const struct cipher_alg *cipher = cipher_find(S(m->params.ciphers));
	const struct mac_alg *mac = cipher->tag_bytes > 0 ? NULL
	    : mac_find(S("hmac-sha2-256-etm@openssh.com"));
	struct span id = span(m->session_id, hash.len);
	uint8_t part[3][64] = { { 0 } };
	const size_t bytes[3] = { cipher->iv_bytes, cipher->key_bytes,
		mac == NULL ? 0 : mac->key_bytes };

	for (int i = 0; i < 3; i++)
		assert_true(kex_derive(kex, shared, hash, id, letters[i],
		    part[i], bytes[i]));
	return packet_cipher_new(cipher, mac, d, part[1], part[0], part[2]);
}

/* KEX_ECDH_REPLY: the same hash and keys as net's. */
static struct packet_cipher *
agree(struct mini *m, struct span payload)
{
	struct cursor in = cursor_of(span(payload.p + 1, payload.len - 1));
	uint8_t secret[KEX_SHARED_MAX_BYTES], hash[HASH_MAX_BYTES];
	struct sink shared = sink_of(secret, sizeof secret);
	struct kex_transcript t = {
		.client_ident = S(MINI_IDENT),
		.server_ident = S(m->params.server_ident),
		.client_kexinit = span(m->client_kexinit,
		    m->client_kexinit_len),
		.server_kexinit = span(m->server_kexinit,
		    m->server_kexinit_len),
		.client_public = kex_key_public(m->key),
	};
	struct span h = span(hash, 32);

	t.host_key = cursor_string(&in);
	t.server_public = cursor_string(&in);
	assert_true(span_is(cursor_string(&in), "signature"));
	assert_int_equal(cursor_end(&in), WIRE_OK);
	assert_true(kex_key_agree(m->key, t.server_public, &shared));
	t.shared = sink_span(&shared);
	assert_true(kex_exchange_hash(kex_find(S(MINI_KEX)), &t, hash));
	if (!m->first_done)
		memcpy(m->session_id, hash, h.len);
	packet_cipher_free(m->next_in);
	m->next_in = derive(m, "BDF", t.shared, h, PACKET_OPEN);
	return derive(m, "ACE", t.shared, h, PACKET_SEAL);
}

static struct packet_cipher *next_out;

void
mini_finish_kex(struct mini *m)
{
	mini_answer_sign(m);
	packet_cipher_free(next_out);
	next_out = agree(m, mini_expect(m, SSH_MSG_KEX_ECDH_REPLY));
	assert_int_equal(mini_expect(m, SSH_MSG_NEWKEYS).len, 1);
	packet_cipher_free(m->in.cipher);
	m->in.cipher = m->next_in;
	m->next_in = NULL;
	if (m->strict)
		m->in.seq = 0;
	if (m->compressed) {
		compress_free(m->in.inflate);
		m->in.inflate = compress_new_inflate();
	}
}

void
mini_send_newkeys(struct mini *m)
{
	mini_send_type(m, SSH_MSG_NEWKEYS);
	packet_cipher_free(m->out.cipher);
	m->out.cipher = next_out;
	next_out = NULL;
	if (m->strict)
		m->out.seq = 0;
	if (m->compressed) {
		compress_free(m->out.deflate);
		m->out.deflate = compress_new_deflate();
	}
	m->first_done = true;
}

void
mini_kex(struct mini *m)
{
	mini_ident(m);
	mini_send_kexinit(m, MINI_STRICT, false);
	mini_send_ecdh(m);
	mini_finish_kex(m);
	mini_send_newkeys(m);
}
