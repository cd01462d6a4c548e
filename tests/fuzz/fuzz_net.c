/*
 * fuzz_net: net's dispatch and everything behind it, without a process of
 * its own.  The bytes are what the peer sends, in plain packets; the first
 * says how far the connection has come:
 *
 *	0	nothing was sent yet: an identification comes first
 *	1	after the first key exchange
 *	2	logged in
 *	3	logged in, channel 0 has a command
 *
 * The monitor and the user role are stubs that tell the truth, so whatever
 * the peer sends is no bug of ours.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "crypto/init.h"
#include "fuzz.h"
#include "ipc/fwd.h"
#include "net/state.h"
#include "run/exits.h"

enum mode { BEFORE, KEYED, LOGGED_IN, WITH_COMMAND, MODE_COUNT };

#define TURNS_MAX	200
#define INPUT_MAX_BYTES	((size_t)65536)

const unsigned long fuzz_mutations = 300;

/* RFC 8032 7.1, test 1. */
static const uint8_t host_key[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20"
    "\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a"
    "\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";

struct world {
	struct net_params params;
	struct net_first_flight first;
	struct net n;
	int peer, monitor, user;	/* the stubs' ends */
	int ours[2];			/* net's ends of the first two */
	uint8_t frame[IPC_FRAME_MAX_BYTES];
};

static void
make_pair(int type, int *stub, int *net)
{
	int pair[2];

	FUZZ_CHECK(socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    pair) == 0);
	*stub = pair[0];
	*net = pair[1];
}

static void
say(struct world *w, const struct sink *frame, const int *fds, size_t count)
{
	FUZZ_CHECK(ipc_send(w->monitor, sink_span(frame), fds, count) ==
	    IPC_OK);
}

/* What net may ask of the monitor, answered ahead; then there is nobody. */
static void
answer_ahead(struct world *w, enum mode mode)
{
	struct mon_verdict v = { .result = MON_AUTH_FAILURE,
		.methods = span_str("publickey") };
	struct sink out = sink_of(w->frame, sizeof w->frame);
	int net;

	if (mode != KEYED) {
		mon_signature_put(&out, span_str("signature"));
		say(w, &out, NULL, 0);
	} else {
		mon_verdict_put(&out, MON_ANS_AUTH, &v);
		say(w, &out, NULL, 0);
		out.len = 0;
		v = (struct mon_verdict){ .result = MON_AUTH_KEY_OK };
		mon_verdict_put(&out, MON_ANS_AUTH, &v);
		say(w, &out, NULL, 0);
		out.len = 0;
		v.result = MON_AUTH_SUCCESS;
		mon_verdict_put(&out, MON_ANS_AUTH_SUCCESS, &v);
		make_pair(SOCK_SEQPACKET, &w->user, &net);
		say(w, &out, &net, 1);
		close(net);
	}
	shutdown(w->monitor, SHUT_WR);
}

static void
set_up(struct world *w, enum mode mode)
{
	struct net *n = &w->n;

	w->user = -1;
	w->params = (struct net_params){
		.stream_socket = true, .server_ident = "SSH-2.0-fuzzed",
		.kex_algorithms = "curve25519-sha256,ecdh-sha2-nistp256",
		.host_key_algorithms = "ssh-ed25519",
		.ciphers = "chacha20-poly1305@openssh.com,aes128-ctr",
		.macs = "hmac-sha2-256", .compression = true,
		.server_sig_algs = "ssh-ed25519",
		.host_keys = { span(host_key, sizeof host_key - 1) },
		.host_key_count = 1,
	};
	make_pair(SOCK_STREAM, &w->peer, &w->ours[0]);
	make_pair(SOCK_SEQPACKET, &w->monitor, &w->ours[1]);
	w->params.in_fd = w->params.out_fd = w->ours[0];
	w->params.monitor_fd = w->ours[1];
	FUZZ_CHECK(net_first_flight(&w->params, &w->first));
	*n = (struct net){ .params = &w->params, .phase = NET_IDENT,
		.user_fd = -1, .kex.state = KEX_SENT, .in.first_kex = true,
		.out.seq = 1, .ipc_buf = malloc(IPC_FRAME_MAX_BYTES) };
	memcpy(n->kex.server_kexinit, w->first.bytes + w->first.kexinit_at,
	    w->first.kexinit_len);
	n->kex.server_kexinit_len = w->first.kexinit_len;
	FUZZ_CHECK(n->ipc_buf != NULL && net_io_open(n));
	answer_ahead(w, mode);
}

/* As if everything before had gone well, and without a cipher. */
static void
go_to(struct world *w, enum mode mode)
{
	struct net *n = &w->n;

	if (mode == BEFORE)
		return;
	n->phase = mode == KEYED ? NET_SERVICE : NET_OPEN;
	n->kex.state = KEX_IDLE;
	n->kex.first_done = true;
	n->kex.session_id_len = 32;
	n->kex.limit_in = n->kex.limit_out = UINT64_MAX;
	n->in.first_kex = false;
	if (mode == KEYED)
		return;
	/* What lies ready is an exchange's signature, no proof of a key. */
	n->proved = UINT32_MAX;
	make_pair(SOCK_SEQPACKET, &w->user, &n->user_fd);
	n->conn = calloc(1, sizeof *n->conn);
	FUZZ_CHECK(n->conn != NULL);
	if (mode == WITH_COMMAND) {
		FUZZ_CHECK(conn_open(n->conn, 7, 1000, 32768) == 0);
		n->conn->chan[0].state = CHAN_OPEN;
		n->chan[0] = net_chan_new();
		FUZZ_CHECK(n->chan[0] != NULL);
		n->chan[0]->started = true;
		n->chan[0]->in_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		n->chan[0]->out_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	}
}

static void
tear_down(struct world *w)
{
	struct net *n = &w->n;

	for (size_t i = 0; i < CONN_CHANNELS_MAX_COUNT; i++)
		net_chan_free(n->chan[i]);
	net_kex_close(n);
	net_io_close(n);
	if (n->deferred != NULL)
		munmap(n->deferred, NET_DEFERRED_BYTES);
	free(n->conn);
	free(n->ipc_buf);
	fd_close(&n->user_fd);
	fd_close(&w->peer);
	fd_close(&w->monitor);
	fd_close(&w->user);
	fd_close(&w->ours[0]);
	fd_close(&w->ours[1]);
}

/* The user role: yes to all, and a command is /dev/null. */
static void
answer_user(struct world *w)
{
	const struct net_waiting *ask = &w->n.waiting;
	struct sink out = sink_of(w->frame, sizeof w->frame);
	bool start = ask->what == USER_REQ_START && ask->chan % 2 == 0;
	int fds[3] = { -1, -1, -1 };

	if (ask->what == USER_REQ_LISTEN || ask->what == USER_REQ_UNLISTEN)
		usr_listening_put(&out, &(struct usr_listening){ true,
		    ask->wants_port ? 2022 : 0 });
	else
		usr_ans_put(&out, start ? USER_ANS_STARTED_PIPES
		    : USER_ANS_DONE, &(struct usr_ans){ ask->chan, start ||
		    ask->what != USER_REQ_START });
	for (int i = 0; start && i < 3; i++)
		fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
	FUZZ_CHECK(ipc_send(w->user, sink_span(&out), fds, start ? 3 : 0) ==
	    IPC_OK);
	for (int i = 0; i < 3; i++)
		fd_close(&fds[i]);
}

/* Whatever net said is taken: no queue is ever full. */
static void
drain(struct world *w)
{
	while (recv(w->peer, w->frame, sizeof w->frame, MSG_DONTWAIT) > 0)
		;
	while (recv(w->monitor, w->frame, sizeof w->frame, MSG_DONTWAIT) > 0)
		;
	while (w->user >= 0 && recv(w->user, w->frame, sizeof w->frame,
	    MSG_DONTWAIT) > 0)
		;
}

static void
take_turns(struct world *w)
{
	struct net *n = &w->n;

	for (int turn = 0; turn < TURNS_MAX && !n->over; turn++) {
		size_t left = n->rx.end - n->rx.start;

		if (!net_input(n) || !net_pump(n) || !net_flush(n))
			return;
		drain(w);
		if (n->waiting.active) {
			answer_user(w);
			if (!net_user_speaks(n))
				return;
			FUZZ_CHECK(!n->waiting.active);
		} else if (left == n->rx.end - n->rx.start) {
			return;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	enum mode mode;

	FUZZ_CHECK(crypto_init());
	if (size == 0 || size > INPUT_MAX_BYTES)
		return 0;
	mode = (enum mode)(data[0] % MODE_COUNT);
	memset(&w, 0, sizeof w);
	set_up(&w, mode);
	go_to(&w, mode);
	memcpy(w.n.rx.p, data + 1, size - 1);
	w.n.rx.end = size - 1;
	take_turns(&w);
	/* For KEYED the stub has verdicts ready, and no signature. */
	FUZZ_CHECK(w.n.exit_status != EXIT_BUG ||
	    (mode == KEYED && w.n.kex.client_kexinit != NULL));
	/* No login without the monitor's word. */
	FUZZ_CHECK(mode != BEFORE || w.n.user_fd < 0);
	tear_down(&w);
	return 0;
}
