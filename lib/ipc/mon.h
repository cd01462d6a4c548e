/*
 * mon: the edge between net and the monitor.
 *
 * net asks (ask_monitor_X() in net/, asroot_X() in monitor/) and waits for
 * the one answer; MON_REQ_EVENT and MON_REQ_DONE have none.  The monitor
 * sends nothing on its own but MON_ORDER_STOP, and ahead of a verdict the
 * other MON_ORDER_*, behind it MON_ORDER_LIMITS.
 *
 * Encoder and decoder of each message stand together in mon.c.  A decoder
 * returns false, with *out all zero, unless the body is exactly the message.
 * Spans borrow from the frame's buffer.
 *
 * Trust: whatever net sends was written, in the end, by the peer.  The
 * monitor parses none of it beyond these typed fields.
 */
#ifndef SSHD_CONN_IPC_MON_H
#define SSHD_CONN_IPC_MON_H

#include "base/span.h"
#include "ipc/frame.h"

enum mon_req {
	MON_REQ_NONE,
	MON_REQ_SIGN,		/* struct mon_sign -> MON_ANS_SIGN */
	MON_REQ_AUTH_NONE,	/* struct mon_auth -> MON_ANS_AUTH* */
	MON_REQ_AUTH_KEY_QUERY,	/* likewise, with algorithm and key */
	MON_REQ_AUTH_KEY,	/* likewise, with a signature as well */
	MON_REQ_AUTH_OTHER,	/* a method that net does not know, by name */
	MON_REQ_EVENT,		/* struct mon_event, no answer */
	MON_REQ_DONE,		/* struct mon_done, no answer, last */
	MON_REQ_PROVE,		/* a host key's public blob -> MON_ANS_PROVE */
	MON_REQ_AUTH_PASSWORD,	/* struct mon_auth, with a password */
	MON_REQ_AUTH_KBDINT,	/* likewise, with devices -> also _PROMPT */
	MON_REQ_AUTH_RESPONSE,	/* struct mon_response -> like _KBDINT */
	MON_REQ_AUTH_HOST,	/* like _KEY, for a user of a host */
	MON_REQ_COUNT
};

enum mon_ans {
	MON_ANS_NONE = 0,
	MON_ANS_SIGN,		/* a signature blob */
	MON_ANS_AUTH,		/* struct mon_verdict */
	MON_ANS_AUTH_SUCCESS,	/* struct mon_verdict, and the socket to user */
	MON_ORDER_STOP,		/* struct mon_stop: say goodbye and exit */
	MON_ANS_PROVE,		/* a signature blob, or empty: not now */
	MON_ORDER_BANNER,	/* ahead of a verdict: pieces of its banner */
	MON_ORDER_LIMITS,	/* struct mon_limits, limits.h: from now on */
	MON_ANS_PROMPT,		/* struct mon_prompt, instead of a verdict */
	MON_ORDER_SIG_ALGS,	/* ahead of a verdict: the user's name-list */
	MON_ANS_COUNT
};

/*
 * What one key exchange agreed on, as the exchange hash takes it (RFC 4253
 * section 8, RFC 5656 section 4, RFC 8731 section 3.1, RFC 4419 section 3).  The monitor hashes,
 * signs with the host key, checks its own signature, and never signs the
 * same hash twice.  The first hash is the session identifier.
 */
struct mon_sign {
	struct span kex_name;		/* negotiated method */
	struct span sig_name;		/* negotiated host key algorithm */
	struct span client_ident;	/* V_C, without CR LF */
	struct span server_ident;	/* V_S */
	struct span client_kexinit;	/* I_C, payload from its type byte */
	struct span server_kexinit;	/* I_S */
	struct span host_key;		/* K_S, public key blob */
	struct span client_public;	/* Q_C, or e unsigned big-endian */
	struct span server_public;	/* Q_S, or f */
	struct span shared;		/* K, unsigned big-endian */
	/* RFC 4419 section 3: a group exchange only, else zero and empty. */
	uint32_t gex_min, gex_n, gex_max;
	struct span gex_prime, gex_generator; /* unsigned big-endian */
};

/* The largest KEXINIT payload that fits a MON_REQ_SIGN beside the rest. */
#define MON_KEXINIT_MAX_BYTES 35000

struct mon_auth {
	struct span user;
	struct span service;
	struct span method;		/* OTHER: its name */
	struct span algorithm;		/* KEY_QUERY, KEY, HOST */
	struct span key;		/* public key blob */
	struct span signature;		/* KEY, HOST: signature blob */
	/*
	 * KEY, publickey-hostbound-v00@openssh.com: the host key that the
	 * client says it saw.  Empty for plain publickey.
	 */
	struct span host_key;
	bool hostbound;			/* either key request, either method */
	struct span password;		/* PASSWORD: a secret, any bytes */
	bool change;			/* PASSWORD: it asks for another one */
	struct span devices;		/* KBDINT: name-list, may be empty */
	struct span client_host;	/* HOST: where the user is, and */
	struct span client_user;	/* under which name */
};

/*
 * Far apart, and none of them 0 or 1: one flipped bit or a forgotten
 * initialisation must not log anybody in (threats: CVE-2023-51767).
 */
enum mon_auth_result {
	MON_AUTH_FAILURE = 0x2c8f1d63,
	MON_AUTH_KEY_OK = 0x53b6e09a,
	MON_AUTH_SUCCESS = 0x7a41964d,
	MON_AUTH_DISCONNECT = 0x0d7a6bf4,
};

struct mon_verdict {
	uint32_t result;		/* enum mon_auth_result */
	bool partial;			/* FAILURE: RFC 4252 5.1 */
	struct span methods;		/* FAILURE: that can continue */
	uint32_t reason;		/* DISCONNECT: RFC 4253 11.1 code */
	struct span text;		/* DISCONNECT: for the peer */
	struct span banner;		/* send first if not empty, RFC 4252 5.4 */
};

/*
 * keyboard-interactive, RFC 4256: what the user is to be asked, one thing at
 * a time.  net answers with MON_REQ_AUTH_RESPONSE, and waits again for a
 * prompt or a verdict; until then nothing else but MON_REQ_SIGN (the peer may
 * ask for new keys meanwhile), _EVENT and _DONE is legal.
 */
struct mon_prompt {
	struct span banner;		/* send first if not empty */
	struct span instruction;
	bool has_prompt;		/* false: only shown, count 0 awaited */
	struct span prompt;
	bool echo;
};

struct mon_response {
	bool given;			/* false: the peer gave it up */
	uint32_t count;			/* how many answers it sent */
	struct span answer;		/* the first: a secret, any bytes */
};

/* What the monitor logs for net, in the words of the log contract. */
enum mon_event_kind {
	MON_EVENT_NONE,
	MON_EVENT_DEBUG,	/* code: level 1 to 3; text */
	MON_EVENT_PEER_CLOSED,	/* end of file from the peer */
	MON_EVENT_PEER_RESET,	/* ECONNRESET and kin; text: strerror */
	MON_EVENT_PEER_DISCONNECT, /* code, text: SSH_MSG_DISCONNECT received */
	MON_EVENT_DISCONNECT,	/* code, text: SSH_MSG_DISCONNECT sent */
	MON_EVENT_NO_IDENT,	/* closed before any identification */
	MON_EVENT_BAD_IDENT,	/* text: what came instead */
	MON_EVENT_IDENT,	/* text: the client's, for debug */
	MON_EVENT_NO_MATCH,	/* detail: what kind; text: their offer */
	MON_EVENT_NEGOTIATED,	/* text: kex hostkey ciphers macs, for debug */
	MON_EVENT_PROTOCOL,	/* text: what the peer did wrong */
	MON_EVENT_BAD_PACKET,	/* text: MAC incorrect, bad length, inflate */
	MON_EVENT_GRACE,	/* LoginGraceTime ran out in net */
	MON_EVENT_TIMEOUT,	/* ClientAlive: text */
	MON_EVENT_UNUSED,	/* UnusedConnectionTimeout */
	MON_EVENT_IDLE,		/* ChannelTimeout; code: which, text */
	MON_EVENT_BUG,		/* text: ours; the monitor exits 101 */
	MON_EVENT_COUNT
};

struct mon_event {
	uint8_t kind;
	uint32_t code;
	struct span detail;
	struct span text;
};

#define MON_EVENT_TEXT_MAX_BYTES 2048	/* of detail and of text, each */

struct mon_done {
	uint64_t sent_bytes;
	uint64_t received_bytes;
	uint64_t rekeys;
};

struct mon_stop {
	uint32_t reason;		/* RFC 4253 11.1 */
	struct span text;
};

void mon_sign_put(struct sink *out, const struct mon_sign *m);
bool mon_sign_get(struct cursor in, struct mon_sign *m) MUST_USE;

void mon_signature_put(struct sink *out, struct span signature);
bool mon_signature_get(struct cursor in, struct span *signature) MUST_USE;

/*
 * hostkeys-prove-00@openssh.com: net names a host key that was announced, the
 * monitor builds what is to be signed itself.  Once per key.
 */
void mon_prove_put(struct sink *out, struct span host_key);
bool mon_prove_get(struct cursor in, struct span *host_key) MUST_USE;
void mon_proof_put(struct sink *out, struct span signature);
bool mon_proof_get(struct cursor in, struct span *signature) MUST_USE;

/* type: one of MON_REQ_AUTH_*. */
void mon_auth_put(struct sink *out, enum mon_req type,
    const struct mon_auth *m);
bool mon_auth_get(struct cursor in, struct mon_auth *m) MUST_USE;

/* type: MON_ANS_AUTH or MON_ANS_AUTH_SUCCESS. */
void mon_verdict_put(struct sink *out, enum mon_ans type,
    const struct mon_verdict *m);
bool mon_verdict_get(struct cursor in, struct mon_verdict *m) MUST_USE;

/* At most so much of a banner's text in one frame, and in one message. */
#define MON_BANNER_MAX_BYTES (32u * 1024)
void mon_banner_put(struct sink *out, struct span text);
bool mon_banner_get(struct cursor in, struct span *text) MUST_USE;

void mon_sig_algs_put(struct sink *out, struct span names);
bool mon_sig_algs_get(struct cursor in, struct span *names) MUST_USE;

void mon_prompt_put(struct sink *out, const struct mon_prompt *m);
bool mon_prompt_get(struct cursor in, struct mon_prompt *m) MUST_USE;
void mon_response_put(struct sink *out, const struct mon_response *m);
bool mon_response_get(struct cursor in, struct mon_response *m) MUST_USE;

void mon_event_put(struct sink *out, const struct mon_event *m);
bool mon_event_get(struct cursor in, struct mon_event *m) MUST_USE;

void mon_done_put(struct sink *out, const struct mon_done *m);
bool mon_done_get(struct cursor in, struct mon_done *m) MUST_USE;

void mon_stop_put(struct sink *out, const struct mon_stop *m);
bool mon_stop_get(struct cursor in, struct mon_stop *m) MUST_USE;

#endif
