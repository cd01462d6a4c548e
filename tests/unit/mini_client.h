/*
 * mini_client: net_run() in a process of its own, with the test in the place
 * of everybody that net talks to: the peer, the monitor and the user role.
 * Test programs only.
 *
 * As the peer it is a small SSH client: curve25519-sha256 and one cipher.
 * It checks no signature, for the test makes them itself.
 */
#ifndef SSHD_CONN_TESTS_UNIT_MINI_CLIENT_H
#define SSHD_CONN_TESTS_UNIT_MINI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/hash.h"
#include "crypto/kex.h"
#include "ipc/mon.h"
#include "ipc/usr.h"
#include "net/net.h"
#include "transport/packet.h"

#define MINI_IDENT	"SSH-2.0-OpenSSH_mini"
#define MINI_KEX	"curve25519-sha256"
#define MINI_STRICT	MINI_KEX ",kex-strict-c-v00@openssh.com"
#define MINI_GEX	"diffie-hellman-group-exchange-sha256"
#define MINI_WAIT_MS	30000
#define MINI_WINDOW	(1u << 20)
#define MINI_LEAKED	97	/* exit status: a descriptor was left open */
#define MINI_EVENTS_MAX	64
#define MINI_RX_BYTES	((size_t)1 << 20)

/* What a test may want otherwise; zeroes are the usual. */
struct mini_options {
	const char *cipher;		/* chacha20-poly1305@openssh.com */
	bool confined;
	bool compress;
	uint32_t login_grace_sec;
	uint64_t rekey_bytes;
	uint32_t rekey_sec;
	uint32_t alive_sec, alive_max;
	uint32_t unused_sec;
	bool out_pipe;			/* net writes to a pipe: 1 MiB */
	struct span timeouts;		/* as struct mon_limits has them */
};

struct mini_event {
	uint8_t kind;
	uint32_t code;
	char text[256];
};

struct mini {
	struct mini_options options;
	struct net_params params;
	struct net_first_flight first;
	pid_t pid;
	int peer, monitor, user;	/* our ends; user -1 before login */
	int from;			/* what net writes comes here */

	struct packet_in in;
	struct packet_out out;
	uint8_t *rx, *tx;		/* MINI_RX_BYTES each */
	size_t rx_start, rx_end;
	bool strict, first_done, compressed;
	uint8_t session_id[HASH_MAX_BYTES];
	struct kex_key *key;
	uint8_t client_kexinit[4096], server_kexinit[8192];
	size_t client_kexinit_len, server_kexinit_len;
	struct packet_cipher *next_in;

	uint8_t frame[IPC_FRAME_MAX_BYTES];	/* received last */
	struct mini_event events[MINI_EVENTS_MAX];
	size_t event_count;
};

/* Before the first of them, once: libgcrypt, a host key. */
bool mini_init(void);

void mini_start(struct mini *m, const struct mini_options *o);
/* Closes the peer's end, and waits: the exit status, or minus a signal. */
int mini_end(struct mini *m);
/* Waits for net to end by itself, with the peer's end open. */
int mini_wait(struct mini *m);
/* Nothing more for the peer, and net ends with EXIT_BUG; what: the case. */
void mini_expect_bug(struct mini *m, const char *what);
bool mini_event_seen(const struct mini *m, enum mon_event_kind kind,
    const char *text);
/* Processor time of the net process so far, milliseconds. */
long mini_cpu_ms(const struct mini *m);

/* --- as the peer ---------------------------------------------------------- */
void mini_raw(struct mini *m, const void *p, size_t n);
void mini_send(struct mini *m, struct span payload);
void mini_send_type(struct mini *m, uint8_t type);
/* Puts a packet behind others in at; mini_raw() sends several at once. */
size_t mini_seal(struct mini *m, uint8_t *at, size_t size,
    struct span payload);
/* The next payload, or one of no bytes: end of file, or nothing in ms. */
struct span mini_recv_ms(struct mini *m, int ms);
struct span mini_recv(struct mini *m);
/* The next payload has to be of this type. */
struct span mini_expect(struct mini *m, uint8_t type);
/* Nothing comes for a while. */
void mini_expect_silence(struct mini *m);
/* A DISCONNECT, then the end; returns net's exit status. */
int mini_expect_disconnect(struct mini *m, uint32_t reason);

void mini_ident(struct mini *m);
void mini_send_kexinit(struct mini *m, const char *kex, bool follows);
void mini_take_kexinit(struct mini *m, struct span payload);
void mini_send_ecdh(struct mini *m);
/* As the monitor: answers the SIGN; then as the peer up to its NEWKEYS. */
void mini_finish_kex(struct mini *m);
void mini_send_newkeys(struct mini *m);
void mini_kex(struct mini *m);		/* the whole first exchange */
void mini_service(struct mini *m);
void mini_send_none(struct mini *m);
void mini_expect_host_keys(struct mini *m);
void mini_login(struct mini *m);	/* from a started mini to open */

/* --- as the monitor ------------------------------------------------------- */
/* The next request that is no event.  False: net is gone. */
bool mini_asked(struct mini *m, struct ipc_frame *frame);
void mini_answer(struct mini *m, struct span frame, const int *fds,
    size_t fd_count);
void mini_answer_sign(struct mini *m);
void mini_answer_auth(struct mini *m, enum mon_ans type, uint32_t result,
    const int *fds, size_t fd_count);
void mini_answer_success(struct mini *m);

/* --- as the user role ----------------------------------------------------- */
/* The next request; returns its type and channel. */
uint8_t mini_user_asked(struct mini *m, uint32_t *chan);
void mini_user_done(struct mini *m, uint32_t chan, bool ok);
void mini_user_says(struct mini *m, struct span frame, const int *fds,
    size_t fd_count);
void mini_user_exit(struct mini *m, uint32_t chan, uint32_t status);

/* A command with our ends of its pipes, or of its terminal. */
struct mini_command {
	uint32_t id;		/* net's number of the channel */
	uint32_t peer_id;
	int in, out, err;	/* in == out: a pty's slave */
};
uint32_t mini_open(struct mini *m, uint32_t peer_id, uint32_t window);
void mini_request(struct mini *m, uint32_t id, const char *type,
    bool want_reply, struct span rest);
void mini_command(struct mini *m, struct mini_command *c, uint32_t window,
    bool pty);
void mini_command_close(struct mini_command *c);
void mini_send_data(struct mini *m, uint32_t id, const void *p, size_t n);
void mini_send_chan(struct mini *m, uint8_t type, uint32_t id);
void mini_send_adjust(struct mini *m, uint32_t id, uint32_t bytes);

#endif
