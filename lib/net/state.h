/*
 * state: what net knows, and the functions that its files share.
 *
 * net only.  Every function that takes struct net and returns bool returns
 * false when the connection is over (n->over); the caller returns then.
 */
#ifndef SSHD_CONN_NET_STATE_H
#define SSHD_CONN_NET_STATE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/sink.h"
#include "base/span.h"
#include "conn/channel.h"
#include "crypto/kex.h"
#include "ipc/mon.h"
#include "ipc/usr.h"
#include "net/net.h"
#include "transport/negotiate.h"
#include "transport/packet.h"
#include "wire/channel.h"
#include "wire/numbers.h"

/*
 * What the peer may send is decided by the phase, a bit each so that a row
 * of the dispatch table can name several.
 */
enum net_phase {
	NET_IDENT = 1 << 0,	/* no packet yet: the identification line */
	NET_FIRST_KEXINIT = 1 << 1,
	NET_KEX = 1 << 2,	/* KEXINITs exchanged: the method's message */
	NET_GEX_REQUEST = 1 << 7, /* likewise, of a group exchange */
	NET_GEX_INIT = 1 << 8,	/* its group is out: the last message */
	NET_NEWKEYS = 1 << 3,
	NET_SERVICE = 1 << 4,
	NET_AUTH = 1 << 5,
	NET_OPEN = 1 << 6,
	NET_PROMPT = 1 << 9,	/* as AUTH; an INFO_REQUEST is out */
};

/* How far an exchange is, the first or a later one. */
enum kex_state {
	KEX_IDLE,
	KEX_SENT,		/* our KEXINIT is out, theirs is not here */
	KEX_INIT,		/* both are */
	KEX_GROUP,		/* and the group that the peer asked for */
	KEX_NEWKEYS,		/* our NEWKEYS is out, theirs is not here */
};

#define NET_RX_BYTES	(512u * 1024)
/* Read at once: what a command's pipe takes at once. */
#define NET_READ_BYTES	(256u * 1024)
/* A command that falls behind: how much of its buffer outlives that. */
#define NET_PENDING_KEEP_BYTES	(512u * 1024)
#define NET_TX_BYTES	(512u * 1024)
/* Data of channels is gathered up to here before it is written. */
#define NET_TX_GATHER_BYTES	(256u * 1024)
/* Kept free of it for our own messages: the largest is a PONG. */
#define NET_MESSAGE_MAX_BYTES	(40u * 1024)
#define NET_TX_RESERVE_BYTES	(64u * 1024)
/* Messages that wait for the end of a key exchange. */
#define NET_DEFERRED_BYTES	(64u * 1024)
/* How far a command's exit and the end of its output may lie apart. */
#define NET_SETTLE_MS	100

/* A flat buffer: bytes from start to end are there, cap is its size. */
struct net_buf {
	uint8_t *p;
	size_t start, end, cap;
};

struct net_kex {
	enum kex_state state;
	bool first_done;
	bool strict;			/* OpenSSH's strict kex is in force */
	bool ext_info_wanted;
	bool skip_guess;
	struct negotiated want;		/* being agreed on */
	struct kex_key *key;		/* our ephemeral pair */
	struct gex_want gex_want;	/* a group exchange's */
	struct gex_group gex_group;
	uint8_t *client_kexinit;	/* I_C */
	size_t client_kexinit_len;
	uint8_t server_kexinit[NET_FIRST_FLIGHT_MAX_BYTES]; /* I_S */
	size_t server_kexinit_len;
	struct span host_key;		/* K_S of this exchange */
	uint8_t session_id[HASH_MAX_BYTES];
	size_t session_id_len;
	struct packet_cipher *next_in;	/* from their NEWKEYS on */
	bool compress_in, compress_out;	/* zlib@openssh.com agreed */
	uint64_t rekeys;
	uint64_t limit_in, limit_out;	/* bytes under one set of keys */
	int64_t done_ms;		/* when the present keys were made */
};

/* The peer's data that a command has not taken yet. */
struct net_pending {
	uint8_t *p;
	size_t start, end, cap;
};

/*
 * Data of several packets for one command, written at once.  It is held, and
 * nothing more is looked at or read of the peer, while a command that keeps
 * up takes the rest of it: for as long as that is cheaper than a copy.
 */
#define NET_GATHER_MAX 32
#define NET_HOLD_MS 5
struct net_gather {
	uint32_t id;
	int first, count;	/* pieces first to count - 1 are left */
	size_t bytes;
	int64_t held_until_ms;	/* 0: it is not held */
	struct iovec iov[NET_GATHER_MAX];	/* in the receive buffer */
};

/* What net keeps of a channel beside conn's numbers. */
struct net_chan {
	int in_fd;		/* to the command; -1: none or closed */
	int out_fd, err_fd;	/* from it; a pty has in_fd == out_fd */
	bool started;		/* shell, exec or subsystem is running */
	bool pty;
	bool mute;		/* a subsystem: err_fd is read for nobody */
	bool forward;		/* a socket, no command: in_fd == out_fd */
	bool ours;		/* we opened it */
	bool out_ready, err_ready;	/* poll said so, or not asked yet */
	struct net_pending pending;
	bool exited;		/* USER_EVT_EXIT came */
	bool exit_sent;
	struct usr_exit exit;
	char exit_signal[32];
	/*
	 * Until when net waits for the other half of an end: an exited
	 * terminal's last output, or the exit of a command whose output has
	 * ended.  0: not waiting.
	 */
	int64_t settle_ms;
	bool eow_due;		/* the command closed its input */
	/* idle.c: */
	const char *type;	/* "session"; NULL: not begun */
	char label[300];	/* "session:subsystem:sftp" */
	uint32_t idle_sec;	/* 0: no limit */
	bool used;		/* something went through since then: */
	int64_t used_ms;
	bool let_go;		/* it is over, and user knows */
};

/* The one request to user that an answer is awaited for. */
struct net_waiting {
	bool active;
	uint32_t chan;
	enum user_req what;
	bool want_reply;
	bool wants_port;	/* the answer tells the peer a port */
};

/* A command in pieces, while the one channel that waits is asked to start. */
struct net_command {
	uint8_t *p;		/* NULL: none */
	size_t at, len;		/* what is before at has been sent */
};

/* What the connection's packets are marked as: see qos.c. */
enum net_mark { NET_MARK_NONE, NET_MARK_BULK, NET_MARK_TTY };

struct net {
	const struct net_params *params;
	struct mon_limits limits;
	enum net_mark marked;
	enum net_phase phase;	/* IDENT, FIRST_KEXINIT, SERVICE, AUTH, OPEN */
	bool over;
	int exit_status;

	struct net_buf rx, tx;
	struct packet_in in;
	struct packet_out out;
	bool read_closed;	/* the peer's end of file was seen */
	bool look_again;	/* there is room again, but no news */
	uint64_t received_bytes, sent_bytes;

	char client_ident[256];	/* V_C, without CR LF */
	bool client_is_openssh;

	struct net_kex kex;
	uint8_t *deferred;	/* uint32 length, payload, ... */
	size_t deferred_len;
	uint32_t packets_since_newkeys;

	int64_t grace_ms;	/* LoginGraceTime ends; 0: never */
	int64_t alive_ms;	/* when the peer was last heard */
	unsigned int alive_asked;
	int64_t unused_ms;	/* when a channel must be open; 0: any time */
	bool idle_watched;	/* idle.c: there is any limit */
	uint32_t idle_sec;	/* that of all channels together, or 0 */
	int64_t used_ms;	/* when something went through any of them */

	char login_name[101];	/* of the last request, fit to be shown */
	bool ext_info_in_auth;	/* the client wants another, and had none */
	char sig_algs[1024];	/* server-sig-algs, which it will say */
	size_t sig_algs_len;

	int user_fd;		/* -1 before authentication */
	struct net_waiting waiting;
	struct net_command command;
	bool user_full;		/* nothing more for user for now */
	bool no_more_sessions;
	uint32_t proved;	/* host keys, a bit each: once is enough */
	struct conn *conn;	/* from authentication on */
	struct net_gather gather;
	uint32_t pump_first;	/* the channel whose turn is first */
	struct net_chan *chan[CONN_CHANNELS_MAX_COUNT];

	uint8_t *ipc_buf;	/* IPC_FRAME_MAX_BYTES, for both edges */
};

/* --- over.c: ends, and words for the monitor ---------------------------- */
void net_event(struct net *n, enum mon_event_kind kind, uint32_t code,
    struct span detail, struct span text);
void net_debug(struct net *n, unsigned int level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* The peer broke a rule: DISCONNECT with reason, one event.  Always false. */
bool net_die_peer(struct net *n, uint32_t reason, const char *text);
/* We end it in the monitor's words. */
bool net_die_told(struct net *n, uint32_t reason, struct span text);
/* A DISCONNECT without an event, for who has told the monitor already. */
void net_goodbye(struct net *n, uint32_t reason, struct span text);
/* The connection broke: no DISCONNECT can be sent. */
bool net_die_gone(struct net *n, enum mon_event_kind kind, const char *text);
/* A packet that does not authenticate or parse as one. */
bool net_die_packet(struct net *n, enum packet_err err);
/* Another role broke a rule, or the system failed us. */
bool net_die_bug(struct net *n, const char *text);
bool net_die_env(struct net *n, const char *text);
int64_t net_now_ms(void);

/* --- io.c: bytes and packets ------------------------------------------- */
bool net_io_open(struct net *n) MUST_USE;
void net_io_close(struct net *n);
bool net_read(struct net *n) MUST_USE;
bool net_flush(struct net *n) MUST_USE;
size_t net_tx_pending(const struct net *n);
/* Room for a whole message of ours beside what waits to be written? */
bool net_tx_has_room(const struct net *n);

/*
 * net_message, net_send - one message of ours
 *
 * net_message gives a sink in the place where the packet will be sealed;
 * net_send seals it, or keeps it until a key exchange has ended.  No other
 * call of net's between the two.
 */
struct sink net_message(struct net *n);
bool net_send(struct net *n, struct sink *message) MUST_USE;
/* Seals a payload of len bytes that lies in place already. */
bool net_send_in_place(struct net *n, size_t len) MUST_USE;
bool net_send_deferred(struct net *n) MUST_USE;

/*
 * net_bulk_place - where the next packet will start, and how much room there
 * is from there
 */
uint8_t *net_bulk_place(struct net *n, size_t *room);

/* --- dispatch.c ---------------------------------------------------------- */
bool net_input(struct net *n) MUST_USE;

/* --- kex.c, newkeys.c ------------------------------------------------------ */
bool net_kex_start(struct net *n) MUST_USE;
bool net_kex_due(const struct net *n, int64_t now_ms);
/* The limits have changed. */
void net_kex_limits(struct net *n);
void net_kex_prepare(struct net *n);
void net_kex_close(struct net *n);
bool net_handle_kexinit(struct net *n, struct span payload) MUST_USE;
bool net_handle_kex_init(struct net *n, struct span payload) MUST_USE;
bool net_handle_gex_request(struct net *n, struct span payload) MUST_USE;
bool net_handle_newkeys(struct net *n, struct span payload) MUST_USE;
bool net_put_kexinit(const struct net_params *p, bool first,
    struct sink *out) MUST_USE;
bool net_send_newkeys(struct net *n, struct span exchange_hash,
    struct span shared) MUST_USE;

/* --- extinfo.c --------------------------------------------------------------- */
bool net_handle_ext_info(struct net *n, struct span payload) MUST_USE;
bool net_send_ext_info(struct net *n) MUST_USE;
/* The user's PubkeyAcceptedAlgorithms, if they are not the announced ones. */
void net_set_sig_algs(struct net *n, struct span accepted);
/* With the first answer to a request, once, to who asked for it. */
bool net_send_ext_info_in_auth(struct net *n) MUST_USE;

/* --- ask.c: the edge to the monitor -------------------------------------- */
bool ask_monitor_sign(struct net *n, const struct mon_sign *m,
    struct span *signature) MUST_USE;
struct auth_answer {
	bool is_prompt;
	struct mon_prompt prompt;
	struct mon_verdict verdict;	/* unless it is a prompt */
	int user_fd;		/* the socket to user on success, else -1 */
};
bool ask_monitor_auth(struct net *n, enum mon_req type,
    const struct mon_auth *m, struct auth_answer *answer) MUST_USE;
bool ask_monitor_response(struct net *n, const struct mon_response *m,
    struct auth_answer *answer) MUST_USE;
/* The proof that a host key is ours; empty: the monitor has none. */
bool ask_monitor_prove(struct net *n, struct span host_key,
    struct span *signature) MUST_USE;
bool net_monitor_speaks(struct net *n) MUST_USE;

/* --- auth.c ----------------------------------------------------------------- */
bool net_handle_service_request(struct net *n, struct span payload) MUST_USE;
bool net_handle_userauth(struct net *n, struct span payload) MUST_USE;
bool net_handle_info_response(struct net *n, struct span payload) MUST_USE;

/* --- hostkeys.c: OpenSSH's way to learn a server's other keys ----------------- */
bool net_announce_host_keys(struct net *n) MUST_USE;
bool net_prove_host_keys(struct net *n, const struct wire_global_request *m)
    MUST_USE;

/* --- qos.c ---------------------------------------------------------------------- */
void net_mark(struct net *n, bool interactive);

/* --- session.c: requests of the peer ------------------------------------------ */
bool net_handle_channel_open(struct net *n, struct span payload) MUST_USE;
bool net_handle_channel_request(struct net *n, struct span payload) MUST_USE;
/* A channel for what the peer opens; *id is -1 when it was refused one. */
bool net_chan_take(struct net *n, const struct wire_channel_open *m, int *id)
    MUST_USE;
bool net_refuse_open(struct net *n, uint32_t peer_id, uint32_t reason,
    struct span text) MUST_USE;
/* SUCCESS or FAILURE, if one is wanted and may still be said. */
bool net_reply_request(struct net *n, const struct chan *c, bool want_reply,
    bool ok) MUST_USE;
/* The next piece of n->command, whose last has been answered. */
bool net_command_goes_on(struct net *n) MUST_USE;
void net_command_drop(struct net *n);
/* Sends a request to user; false when user is gone. */
bool net_ask_user(struct net *n, const struct sink *frame) MUST_USE;

/* --- answers.c: what user says --------------------------------------------------- */
bool net_user_speaks(struct net *n) MUST_USE;
bool net_confirm_open(struct net *n, uint32_t id) MUST_USE;
/* It is gone: its number is anybody's. */
void net_chan_forget(struct net *n, uint32_t id);
/* It was taken and comes to nothing: the peer is told why. */
bool net_chan_abandon(struct net *n, uint32_t id, uint32_t reason,
    struct span text) MUST_USE;
/* What kind of file it is, as st_mode says; 0 if that cannot be told. */
unsigned int net_fd_mode(int fd);

/* --- global.c: requests of no channel, and what is listened for ---------------- */
bool net_handle_global_request(struct net *n, struct span payload) MUST_USE;
bool net_handle_open_confirmation(struct net *n, struct span payload)
    MUST_USE;
bool net_handle_open_failure(struct net *n, struct span payload) MUST_USE;
bool net_listening(struct net *n, struct ipc_frame *frame) MUST_USE;
bool net_accepted(struct net *n, struct ipc_frame *frame) MUST_USE;

/* --- forward.c: channels that are connections of user's ------------------------ */
bool net_open_direct_tcpip(struct net *n, const struct wire_channel_open *m)
    MUST_USE;
bool net_open_direct_unix(struct net *n, const struct wire_channel_open *m)
    MUST_USE;
bool net_dialed(struct net *n, struct ipc_frame *frame) MUST_USE;
bool net_dial_failed(struct net *n, struct ipc_frame *frame) MUST_USE;
/* What the state of things on our side calls for. */
bool net_forward_progress(struct net *n, struct net_chan *c,
    struct chan *chan) MUST_USE;

/* --- data.c: to the commands ---------------------------------------------- */
bool net_handle_channel_data(struct net *n, struct span payload) MUST_USE;
bool net_handle_channel_extended(struct net *n, struct span payload)
    MUST_USE;
bool net_handle_channel_eof(struct net *n, struct span payload) MUST_USE;
bool net_handle_channel_close(struct net *n, struct span payload) MUST_USE;
bool net_handle_channel_adjust(struct net *n, struct span payload) MUST_USE;
/*
 * net_deliver, net_deliver_or_hold - write what was gathered
 *
 * After the first nothing is gathered any more.  The second leaves, held,
 * what a command that keeps up has no room for: to be called again when it
 * has, or when the time is over.
 */
bool net_deliver(struct net *n) MUST_USE;
bool net_deliver_or_hold(struct net *n) MUST_USE;
/* Writes what a command did not take before. */
void net_drain_pending(struct net *n, uint32_t id);
struct net_chan *net_chan_new(void) MUST_USE;
void net_chan_free(struct net_chan *c);
void net_chan_close_in(struct net_chan *c);
void net_chan_close_out(struct net_chan *c);
void net_chan_close_err(struct net_chan *c);
void net_chan_peer_stopped_reading(struct net_chan *c);

/* --- pump.c: from the commands ---------------------------------------------- */
/* Sends a message that is a channel's number and nothing else. */
bool net_send_simple(struct net *n, const struct chan *chan,
    void (*put)(struct sink *out, uint32_t peer_id)) MUST_USE;
/* Both sides have closed it: it is forgotten, and user told so. */
bool net_chan_finish(struct net *n, uint32_t id) MUST_USE;
/* Moves all that can move from and to the commands. */
bool net_pump(struct net *n) MUST_USE;
/* Can channels say anything now?  Not during a key exchange. */
bool net_may_speak(const struct net *n);
/* Is there room for more data in what is to be written? */
bool net_gather_more(const struct net *n);

/* --- idle.c ------------------------------------------------------------------- */
/*
 * net_idle_name - what ChannelTimeout calls this channel, from now on
 *
 * type is "session" or another static name; kind and what are for the name
 * of a session: ":subsystem:" and "sftp".
 */
void net_idle_name(struct net *n, struct net_chan *c, const char *type,
    const char *kind, struct span what);
/* The limits have changed. */
void net_idle_limits(struct net *n);
/* Ends what nothing went through for too long. */
bool net_idle_check(struct net *n, int64_t now_ms) MUST_USE;
int64_t net_idle_deadline(const struct net *n);

/* --- wait.c ------------------------------------------------------------------- */
size_t net_chan_poll(struct net *n, struct pollfd *fds, uint32_t *who,
    size_t max);
void net_chan_polled(struct net *n, const struct pollfd *fds,
    const uint32_t *who, size_t count);
int64_t net_chan_deadline(const struct net *n);

#endif
