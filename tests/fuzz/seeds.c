/*
 * seeds: writes the corpora that start fuzzing, from our own encoders.
 *
 *	seeds FOLDER		(tests/fuzz/corpus)
 *
 * Run by hand when a message changes; what it writes is committed.  Those of
 * keyblob, cert, krl and keys_list were made with throw-away keys and stay as
 * they are.  Test programs only.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ipc/mon.h"
#include "ipc/keys.h"
#include "ipc/policy.h"
#include "ipc/sess.h"
#include "ipc/fwd.h"
#include "ipc/usr.h"
#include "wire/channel.h"
#include "wire/kexinit.h"
#include "wire/numbers.h"
#include "wire/transport.h"

#define S(text) span_str(text)
#define B(literal) span(literal, sizeof(literal) - 1)

static const char *folder;
static uint8_t buf[8192];
static struct sink out;

static struct sink *
start(void)
{
	out = sink_of(buf, sizeof buf);
	return &out;
}

static void
save(const char *target, const char *name)
{
	char path[4096];
	FILE *f;

	if (!sink_ok(&out))
		errx(1, "%s/%s does not fit", target, name);
	snprintf(path, sizeof path, "%s/%s", folder, target);
	(void)mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(out.p, 1, out.len, f) != out.len ||
	    fclose(f) != 0)
		err(1, "%s", path);
}

/* The answers' bit, as the targets of ipc/ have it. */
static void
save_answer(const char *target, const char *name)
{
	out.p[0] |= 0x80;
	save(target, name);
}

static void
cursor_seeds(void)
{
	sink_bytes(start(), B("\x0a\0\1\2\3\4\5\6\7\x12\xff"
	    "\1\1\2\2\3\3\3\3\4\4\4\4\4\4\4\4" "\0\0\0\7a,bc,,d"
	    "\0\0\0\4none" "\0\0\0\2\0\x80" "012345678901234567" "rest"));
	save("cursor", "types");
	sink_bytes(start(), B("\x03\5\5\5" "\0\0\0\7abababc"
	    "\0\0\0\5*a*b?" "\0\0\0\x08Zm9vYmE="));
	save("cursor", "text");
}

static void
packet_seeds(void)
{
	static const char *const names[] = { "plain", "chacha", "gcm128",
		"gcm256", "ctr-256", "ctr-512", "ctr-256-etm",
		"ctr-512-etm" };

	/* A good packet for plain, garbage for the ciphers. */
	for (uint8_t i = 0; i < ARRAY_LEN(names); i++) {
		char name[64];

		sink_u8(start(), i);
		sink_bytes(&out, B("\0\x1f" "\0\0\0\x0c\4\2\0\0\0\2hi....."));
		sink_bytes(&out, B("0123456789abcdef0123456789abcdef"
		    "0123456789abcdef0123456789abcdef0123456789abcdef"));
		save("packets", names[i]);
		sink_u8(start(), i);
		sink_bytes(&out, B("\3\7a payload of ours, ours, ours"));
		snprintf(name, sizeof name, "%s-ours", names[i]);
		save("packets", name);
	}
	/* A stored block of zlib's in a plain packet. */
	sink_bytes(start(), B("\0\2\xff" "\0\0\0\x14\x06"
	    "\x78\x9c\0\5\0\xfa\xff\2abcd\0" "......"));
	save("packets", "inflate");
}

static void
kexinit_seeds(void)
{
	struct wire_kexinit m = {
		.cookie = "0123456789abcde",
		.kex = S("curve25519-sha256,ecdh-sha2-nistp256,"
			 "ext-info-c,kex-strict-c-v00@openssh.com"),
		.host_key = S("ssh-ed25519,rsa-sha2-512"),
		.cipher_c2s = S("chacha20-poly1305@openssh.com,aes128-ctr"),
		.cipher_s2c = S("aes128-gcm@openssh.com"),
		.mac_c2s = S("hmac-sha2-256-etm@openssh.com"),
		.mac_s2c = S("hmac-sha2-256"),
		.comp_c2s = S("none,zlib@openssh.com"),
		.comp_s2c = S("none"),
	};
	struct wire_ext ext[] = {
		{ S("server-sig-algs"), S("ssh-ed25519") },
		{ S("ping@openssh.com"), S("0") },
	};

	wire_put_kexinit(start(), &m);
	save("kexinit", "kexinit");
	/* Without its type byte; then one that agrees on other things. */
	out.p++;
	out.len--;
	save("negotiate", "first-choice");
	m.kex = S("nothing@example.com,diffie-hellman-group14-sha256");
	m.host_key = S("ecdsa-sha2-nistp256");
	m.cipher_c2s = m.cipher_s2c = S("aes256-ctr");
	m.mac_c2s = S("hmac-sha2-512-etm@openssh.com");
	m.first_kex_follows = true;
	wire_put_kexinit(start(), &m);
	out.p++;
	out.len--;
	save("negotiate", "wrong-guess");
	wire_put_ext_info(start(), ext, ARRAY_LEN(ext));
	save("kexinit", "ext-info");
	wire_put_disconnect(start(), 11, S("disconnected by user"));
	save("kexinit", "disconnect");
	wire_put_debug(start(), true, S("text"));
	save("kexinit", "debug");
	wire_put_ping(start(), S("ping"));
	save("kexinit", "ping");
	sink_u8(start(), SSH_MSG_SERVICE_REQUEST);
	sink_cstring(&out, "ssh-userauth");
	save("kexinit", "service");
	sink_u8(start(), SSH_MSG_KEX_ECDH_INIT);
	sink_string(&out, B("\0\0\x80" "456789abcdef0123456789abcdef0"));
	save("kexinit", "kex-init");
	sink_bytes(start(), S("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3"));
	save("kexinit", "ident");
}

static struct sink *
auth(const char *method)
{
	sink_cstring(start(), "alice");
	sink_cstring(&out, "ssh-connection");
	sink_cstring(&out, method);
	return &out;
}

static void
auth_seeds(void)
{
	auth("none");
	save("auth", "none");
	sink_bytes(auth("publickey"), B("\0\0\0\0\x0bssh-ed25519\0\0\0\3key"));
	save("auth", "query");
	sink_bytes(auth("publickey"), B("\1\0\0\0\x0bssh-ed25519\0\0\0\3key"
	    "\0\0\0\3sig"));
	save("auth", "publickey");
	sink_bytes(auth("publickey-hostbound-v00@openssh.com"),
	    B("\1\0\0\0\x0bssh-ed25519\0\0\0\3key\0\0\0\4host\0\0\0\3sig"));
	save("auth", "hostbound");
	sink_bytes(auth("password"), B("\0\0\0\0\6secret"));
	save("auth", "password");
	sink_bytes(auth("password"), B("\1\0\0\0\6secret\0\0\0\6better"));
	save("auth", "password-change");
	sink_bytes(auth("keyboard-interactive"),
	    B("\0\0\0\0\0\0\0\3pam"));
	save("auth", "keyboard-interactive");
	sink_bytes(auth("keyboard-interactive"),
	    B("\0\0\0\2\0\0\0\6secret\0\0\0\4more"));
	save("auth", "info-response");
	auth("this-name-is-as-long-as-any-name-can-be-by-rfc4251-6@example.com");
	save("auth", "long-name");
}

static struct sink *
request(const char *type)
{
	wire_put_channel_request_head(start(), 0, type, true);
	return &out;
}

static void
request_seeds(void)
{
	struct sink *to = request("pty-req");

	sink_bytes(to, B("\0\0\0\5xterm\0\0\0\x50\0\0\0\x18\0\0\0\0\0\0\0\0"
	    "\0\0\0\x10\1\0\0\0\3\x35\0\0\0\1\x81\0\0\x96\0\0"));
	save("channel", "pty-req");
	sink_bytes(request("env"), B("\0\0\0\4LANG\0\0\0\1C"));
	save("channel", "env");
	sink_bytes(request("exec"), B("\0\0\0\4true"));
	save("channel", "exec");
	request("shell");
	save("channel", "shell");
	sink_bytes(request("subsystem"), B("\0\0\0\4sftp"));
	save("channel", "subsystem");
	sink_bytes(request("window-change"),
	    B("\0\0\0\x50\0\0\0\x18\0\0\0\0\0\0\0\0"));
	save("channel", "window-change");
	sink_bytes(request("signal"), B("\0\0\0\4TERM"));
	save("channel", "signal");
	sink_bytes(request("break"), B("\0\0\1\xf4"));
	save("channel", "break");
}

static void
channel_seeds(void)
{
	wire_put_channel_open(start(), "session", 0, 0x200000, 0x8000);
	save("channel", "open");
	wire_put_channel_open(start(), "direct-tcpip", 0, 0x200000, 0x8000);
	sink_cstring(&out, "localhost");
	sink_u32(&out, 80);
	sink_cstring(&out, "192.0.2.1");
	sink_u32(&out, 40000);
	save("channel", "direct-tcpip");
	wire_put_channel_open_confirmation(start(), 0, 1, 0x200000, 0x8000);
	save("channel", "confirmation");
	wire_put_channel_open_failure(start(), 0, 1, S("no"));
	save("channel", "failure");
	wire_put_channel_data_head(start(), 0, 4);
	sink_bytes(&out, S("data"));
	save("channel", "data");
	wire_put_channel_extended_data_head(start(), 0, 1, 4);
	sink_bytes(&out, S("data"));
	save("channel", "extended-data");
	wire_put_channel_window_adjust(start(), 0, 0x8000);
	save("channel", "window-adjust");
	wire_put_channel_eof(start(), 0);
	save("channel", "eof");
	wire_put_global_request_head(start(), "tcpip-forward", true);
	sink_bytes(&out, B("\0\0\0\0\0\0\0\0"));
	save("channel", "global-request");
}

static void
mon_seeds(void)
{
	struct mon_auth auth_key = { S("alice"), S("ssh-connection"), S(""),
		S("ssh-ed25519"), S("key"), S("sig"), S("host"), true,
		S("password"), true, S("pam"), S("host"), S("user") };

	mon_sign_put(start(), &(struct mon_sign){
	    S("curve25519-sha256"), S("ssh-ed25519"), S("SSH-2.0-c"),
	    S("SSH-2.0-s"), S("\x14" "c"), S("\x14s"), S("KS"), S("QC"),
	    S("QS"), S("K"), 2048, 3072, 8192, S("p"), S("g") });
	save("ipc_mon", "sign");
	mon_auth_put(start(), MON_REQ_AUTH_KEY, &auth_key);
	save("ipc_mon", "auth");
	mon_response_put(start(), &(struct mon_response){ true, 1,
	    S("answer") });
	save("ipc_mon", "response");
	mon_prompt_put(start(), &(struct mon_prompt){ S("banner"), S("text"),
	    true, S("Password: "), false });
	save_answer("ipc_mon", "prompt");
	mon_event_put(start(), &(struct mon_event){ MON_EVENT_DISCONNECT, 11,
	    S("detail"), S("text") });
	save("ipc_mon", "event");
	mon_done_put(start(), &(struct mon_done){ 1, 2, 3 });
	save("ipc_mon", "done");
	mon_prove_put(start(), S("a key"));
	save("ipc_mon", "prove");
	mon_proof_put(start(), S("a signature"));
	save_answer("ipc_mon", "proof");
	mon_signature_put(start(), S("signature"));
	save_answer("ipc_mon", "signature");
	mon_verdict_put(start(), MON_ANS_AUTH, &(struct mon_verdict){
	    MON_AUTH_FAILURE, true, S("publickey"), 2, S("text"), S("b") });
	save_answer("ipc_mon", "verdict");
	mon_stop_put(start(), &(struct mon_stop){ 2, S("text") });
	save_answer("ipc_mon", "stop");
}

static void
usr_seeds(void)
{
	static struct usr_pty pty = { .chan = 1, .cols = 80, .rows = 24,
		.mode_count = 2, .modes = { { 1, 3 }, { 53, 1 } } };

	usr_chan_put(start(), USER_REQ_OPEN, 1);
	save("ipc_usr", "open");
	usr_env_put(start(), &(struct usr_env){ 1, S("LANG"), S("C") });
	save("ipc_usr", "env");
	pty.term = S("xterm");
	usr_pty_put(start(), &pty);
	save("ipc_usr", "pty");
	pty.mode_count = USER_MODES_MAX_COUNT;
	usr_pty_put(start(), &pty);
	save("ipc_usr", "pty-all-modes");
	usr_resize_put(start(), &(struct usr_resize){ 1, 80, 24, 0, 0 });
	save("ipc_usr", "resize");
	usr_start_put(start(),
	    &(struct usr_start){ 1, USER_START_EXEC, S("true"), false });
	save("ipc_usr", "start");
	usr_signal_put(start(), &(struct usr_signal){ 1, S("TERM") });
	save("ipc_usr", "signal");
	usr_break_put(start(), &(struct usr_break){ 1, 500 });
	save("ipc_usr", "break");
	usr_ans_put(start(), USER_ANS_STARTED_PTY,
	    &(struct usr_ans){ 1, true });
	save_answer("ipc_usr", "answer");
	usr_exit_put(start(),
	    &(struct usr_exit){ 1, true, 0, S("KILL"), true });
	save_answer("ipc_usr", "exit");
	usr_dial_put(start(), &(struct usr_dial){ 1, USER_SOCKET_TCP,
	    S("localhost"), 80, S("192.0.2.1"), 40000 });
	save("ipc_usr", "dial");
	usr_refusal_put(start(),
	    &(struct usr_refusal){ 1, USER_DIAL_FAILED, S("no") });
	save_answer("ipc_usr", "refusal");
	usr_listen_put(start(), USER_REQ_LISTEN,
	    &(struct usr_listen){ USER_SOCKET_TCP, S("localhost"), 0 });
	save("ipc_usr", "listen");
	usr_listening_put(start(), &(struct usr_listening){ true, 8080 });
	save_answer("ipc_usr", "listening");
	usr_accepted_put(start(), &(struct usr_accepted){ USER_SOCKET_TCP,
	    S("localhost"), 8080, S("192.0.2.1"), 40000 });
	save_answer("ipc_usr", "accepted");
}

static void
sess_seeds(void)
{
	sess_pty_put(start(), SESS_REQ_PTY_OPEN,
	    &(struct sess_pty){ S("pts/3"), 42 });
	save("ipc_sess", "pty");
	sess_event_put(start(),
	    &(struct sess_event){ SESS_EVENT_START, 0, S("shell") });
	save("ipc_sess", "event");
	sess_last_put(start(),
	    &(struct sess_last){ 1700000000, S("192.0.2.1") });
	save_answer("ipc_sess", "last");
	policy_put(start(), &(struct user_policy){
	    .user = S("alice"), .home = S("/home/alice"),
	    .shell = S("/bin/sh"), .uid = 1000, .gid = 1000,
	    .remote_host = S("192.0.2.1"), .remote_port = 40000,
	    .session_env = B("\0\0\0\3A=1\0\0\0\3B=2"),
	    .set_env = B("\0\0\0\3C=3"), .accept_env = B("\0\0\0\4LC_*"),
	    .subsystems = B("\0\0\0\4sftp\0\0\0\1x"),
	    .max_sessions = 10, .permit_tty = true });
	save("ipc_policy", "policy");
	policy_put(start(), &(struct user_policy){ .user = S("bob") });
	save("ipc_policy", "empty");
	keys_log_put(start(), &(struct keys_log){ 3, S("a line") });
	save("ipc_keys", "log");
	keys_grant_put(start(), &(struct keys_grant){
	    .verdict = KEYS_DENIED, .more = 8, .text = S(": RSA x") });
	save("ipc_keys", "denied");
	keys_grant_put(start(), &(struct keys_grant){
	    .verdict = KEYS_ALLOWED, .text = S(": ED25519 x"),
	    .signer = S("blob"), .algorithm = S("ssh-ed25519"),
	    .auth_info = S("ssh-ed25519 AAAA"),
	    .options = { .permit_pty = true, .has_command = true,
		.command = S("echo"), .environment = B("\0\0\0\3A=1"),
		.has_permitopen = true, .permitopen = B("\0\0\0\3a:1"),
		.has_tunnel = true, .tunnel = 1, .expires = 9 } });
	save("ipc_keys", "allowed");
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: seeds FOLDER");
	folder = argv[1];
	(void)mkdir(folder, 0777);
	cursor_seeds();
	packet_seeds();
	kexinit_seeds();
	auth_seeds();
	request_seeds();
	channel_seeds();
	mon_seeds();
	usr_seeds();
	sess_seeds();
	return 0;
}
