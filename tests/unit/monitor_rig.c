/*
 * monitor_rig: see monitor_rig.h.  Test programs only.
 */
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "base/fd.h"
#include "crypto/init.h"
#include "crypto/kex.h"
#include "keys/keys.h"
#include "monitor_rig.h"
#include "run/grace.h"
#include "run/log.h"
#include "unit.h"

#define WAIT_MS 30000

static struct settings *rig_settings;

/* The linker's --wrap calls it instead of config_resolve(). */
bool __wrap_config_resolve(struct config *config,
    const struct config_spec *spec, struct settings *out);

bool
__wrap_config_resolve(struct config *config, const struct config_spec *spec,
    struct settings *out)
{
	(void)config;
	(void)spec;
	*out = *rig_settings;
	return true;
}

static void
path_in(const struct rig *rig, const char *name, char out[static 128])
{
	snprintf(out, 128, "%s/%s", rig->dir, name);
}

static void
write_file(const struct rig *rig, const char *name, const char *text)
{
	char path[128];
	int fd;

	path_in(rig, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, text, strlen(text)));
	close(fd);
}

void
rig_authorize(struct rig *rig, const char *before, const struct privkey *key)
{
	static char text[16384];

	assert_true(keyfile_format_public(key, "comment", text, sizeof text));
	write_file(rig, "authorized_keys", before);
	write_file(rig, "authorized_keys", text);
}

void
rig_new(struct rig *rig)
{
	static char keys_path[128];
	static const char *files[] = { keys_path, NULL };
	const struct passwd *pw = getpwuid(getuid());
	char text[16384];

	memset(rig, 0, sizeof *rig);
	rig->net = rig->user_edge = rig->life = -1;
	assert_true(crypto_init());
	strcpy(rig->dir, "/tmp/sshd-conn-rig.XXXXXX");
	assert_non_null(mkdtemp(rig->dir));
	assert_non_null(pw);
	snprintf(rig->user, sizeof rig->user, "%s", pw->pw_name);
	snprintf(rig->home, sizeof rig->home, "%s", pw->pw_dir);
	rig->host_key = privkey_generate(PRIVKEY_ED25519, 0);
	rig->user_key = privkey_generate(PRIVKEY_ED25519, 0);
	rig->other_key = privkey_generate(PRIVKEY_ECDSA_P256, 0);
	assert_non_null(rig->other_key);
	assert_true(keyfile_format(rig->host_key, "host", text, sizeof text));
	write_file(rig, "host_key", text);
	path_in(rig, "authorized_keys", keys_path);
	rig->peer = (struct peer){ PEER_INET, "192.0.2.7", 40000,
		"198.51.100.1", 22, "", 0 };
	rig->settings = (struct settings){
		.log_level = LOG_LEVEL_DEBUG1,
		.fingerprint_hash = HASH_SHA256,
		.host_key_algorithms = "ssh-ed25519",
		.kex_algorithms = kex_default_names(),
		.login_grace_sec = 30,
		.max_auth_tries = 6,
		.pubkey_authentication = true,
		.pubkey_accepted_algorithms = sig_alg_default_names(),
		.authorized_keys_files = { files, 1 },
		.permit_root_login = ROOT_YES,
		.max_sessions = 10,
	};
}

static uint32_t
count_fds(void)
{
	uint32_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The user role: looks around, tells, waits for the end. */
static int
role(int net_fd, int monitor_fd)
{
	static uint8_t buf[RIG_FRAME_BYTES];
	struct rig_role seen = { .uid = getuid(), .gid = getgid(),
		.euid = geteuid() };
	struct user_policy policy;
	struct ipc_frame frame;
	int parent_signal = 0;
	sigset_t mask;
	mode_t bits = umask(0);

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int s = 1; s < 32; s++)
		seen.blocked += (uint32_t)sigismember(&mask, s);
	prctl(PR_GET_PDEATHSIG, &parent_signal);
	seen.parent_signal = (uint32_t)parent_signal;
	seen.dumpable = (uint32_t)prctl(PR_GET_DUMPABLE);
	seen.fd_count = count_fds();
	seen.umask_bits = bits;
	seen.policy_ok = ipc_recv(monitor_fd, buf, sizeof buf, true,
	    &frame) == IPC_OK && frame.type == SESS_ANS_POLICY &&
	    policy_get(frame.body, &policy);
	/* A test that does not want to know has closed the other end. */
	if (send(net_fd, &seen, sizeof seen, MSG_NOSIGNAL) < 0)
		return 0;
	while (ipc_recv(net_fd, buf, sizeof buf, true, &frame) == IPC_OK) {
		/* Frames that the test wants said to the monitor. */
		if (ipc_send(monitor_fd, span(buf, frame.size + 1), NULL,
		    0) != IPC_OK)
			break;
	}
	return 0;
}

/* The same for everybody: nothing of it is told to net. */
static struct mon_limits
limits_of(const struct settings *s)
{
	(void)s;
	return (struct mon_limits){ .tos_bulk = MON_TOS_KEEP };
}

/* The real one, but for hosts: their files are the machine's. */
static int
keys(struct keys_job *job)
{
	uint8_t frame[4096];
	struct sink out = sink_of(frame, sizeof frame);
	const struct keys_grant grant = { .verdict = KEYS_ALLOWED,
		.signer = job->key, .algorithm = job->algorithm,
		.options = keys_options_all() };

	if (job->kind != KEYS_HOSTBASED)
		return keys_run(job);
	keys_grant_put(&out, &grant);
	return ipc_send(job->edge, sink_span(&out), NULL, 0) == IPC_OK ? 0
								       : 1;
}

static void NORETURN
run_monitor(struct rig *rig, int monitor_end, int life)
{
	char log[128], key[128], byte;
	struct monitor_host_key host_key = { .path = key,
		.blob = privkey_public(rig->host_key) };
	struct monitor_params params = {
		.settings = &rig->settings,
		.peer = &rig->peer,
		.host_keys = &host_key,
		.host_key_count = 1,
		.server_ident = RIG_IDENT,
		.server_sig_algs = rig->settings.pubkey_accepted_algorithms,
		.net_fd = monitor_end,
		.root = geteuid() == 0,
		.user_role = role,
		.keys_role = rig->keys_role != NULL ? rig->keys_role : keys,
		.limits_of = limits_of,
	};

	close(rig->net);
	close(rig->life);
	params.net_pid = fork();
	if (params.net_pid == 0) {
		close(monitor_end);
		signal(SIGSYS, SIG_DFL);	/* cmocka's handler */
		if (read(life, &byte, 1) == 1)
			raise(SIGSYS);		/* as the sandbox does */
		_exit(0);
	}
	close(life);
	path_in(rig, "log", log);
	path_in(rig, "host_key", key);
	if (!log_open(LOG_TO_FILE, log,
		(enum log_level)rig->settings.log_level, LOG_AUTH))
		_exit(99);
	grace_start(rig->settings.login_grace_sec, params.peer);
	_exit(monitor_run(&params));
}

void
rig_start(struct rig *rig)
{
	int pair[2], life[2];
	char log[128];

	path_in(rig, "log", log);
	unlink(log);
	rig->session_id_len = 0;
	rig_settings = &rig->settings;
	assert_true(ipc_pair(pair));
	assert_int_equal(pipe2(life, O_CLOEXEC), 0);
	rig->net = pair[0];
	rig->life = life[1];
	rig->pid = fork();
	assert_true(rig->pid >= 0);
	if (rig->pid == 0)
		run_monitor(rig, pair[1], life[0]);
	close(pair[1]);
	close(life[0]);
}

int
rig_stop(struct rig *rig)
{
	int status;

	fd_close(&rig->user_edge);
	fd_close(&rig->net);
	fd_close(&rig->life);
	assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
rig_free(struct rig *rig)
{
	static const char *const names[] = { "log", "host_key",
		"authorized_keys" };
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		path_in(rig, names[i], path);
		unlink(path);
	}
	rmdir(rig->dir);
	privkey_free(rig->host_key);
	privkey_free(rig->user_key);
	privkey_free(rig->other_key);
}

int
rig_set_up(void **state)
{
	static struct rig rig;

	rig_new(&rig);
	*state = &rig;
	return 0;
}

int
rig_tear_down(void **state)
{
	rig_free(*state);
	return 0;
}

char *
rig_log(const struct rig *rig)
{
	char path[128], *text = NULL;
	size_t len;
	int fd;

	path_in(rig, "log", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !fd_read_all(fd, 1 << 20, &text, &len))
		text = strdup("");
	fd_close(&fd);
	return text;
}

bool
rig_logged(const struct rig *rig, const char *text)
{
	char *log = rig_log(rig);
	bool found = strstr(log, text) != NULL;

	if (!found)
		print_message("no \"%s\" in:\n%s\n", text, log);
	free(log);
	return found;
}

void
rig_send(struct rig *rig, struct span frame, int fd_count)
{
	const int fds[3] = { 0, 1, 2 };
	enum ipc_io io = ipc_send(rig->net, frame, fds, (size_t)fd_count);

	assert_true(io == IPC_OK || io == IPC_CLOSED);
}

bool
rig_receive(struct rig *rig, struct ipc_frame *answer)
{
	struct pollfd ready = { .fd = rig->net, .events = POLLIN };

	if (poll(&ready, 1, WAIT_MS) != 1)
		return false;
	return ipc_recv(rig->net, rig->frame, sizeof rig->frame, false,
	    answer) == IPC_OK;
}

/* A transcript that could be; round keeps two from being the same. */
static void
make_transcript(struct rig *rig, unsigned int round, struct mon_sign *m)
{
	static uint8_t client_kexinit[64], server_kexinit[64], point[32],
	    secret[32];

	memset(client_kexinit, 20, sizeof client_kexinit);
	memset(server_kexinit, 20, sizeof server_kexinit);
	memcpy(client_kexinit + 1, &round, sizeof round);
	memset(point, 7, sizeof point);
	memset(secret, 9, sizeof secret);
	*m = (struct mon_sign){
		.kex_name = S("curve25519-sha256"),
		.sig_name = S("ssh-ed25519"),
		.client_ident = S("SSH-2.0-client"),
		.server_ident = S(RIG_IDENT),
		.client_kexinit = span(client_kexinit, 64),
		.server_kexinit = span(server_kexinit, 64),
		.host_key = privkey_public(rig->host_key),
		.client_public = span(point, 32),
		.server_public = span(point, 32),
		.shared = span(secret, 32),
	};
}

static void
finish(struct rig *rig, const struct sink *out)
{
	assert_true(sink_ok(out));
	rig->frame_len = out->len;
}

void
rig_make(struct rig *rig, uint8_t type, unsigned int round)
{
	struct sink out = sink_of(rig->frame, sizeof rig->frame);
	struct mon_sign sign;

	switch (type) {
	case MON_REQ_SIGN:
		make_transcript(rig, round, &sign);
		mon_sign_put(&out, &sign);
		break;
	case MON_REQ_AUTH_NONE:
	case MON_REQ_AUTH_KEY_QUERY:
	case MON_REQ_AUTH_KEY:
	case MON_REQ_AUTH_OTHER:
	case MON_REQ_AUTH_PASSWORD:
	case MON_REQ_AUTH_KBDINT:
	case MON_REQ_AUTH_HOST:
		rig_make_auth(rig, type, rig->user, rig->other_key);
		return;
	case MON_REQ_AUTH_RESPONSE:
		mon_response_put(&out, &(struct mon_response){ true, 1,
		    S("an answer") });
		break;
	case MON_REQ_EVENT:
		mon_event_put(&out, &(struct mon_event){
		    .kind = MON_EVENT_DEBUG, .code = 1, .text = S("hello") });
		break;
	case MON_REQ_DONE:
		mon_done_put(&out, &(struct mon_done){ 1, 2, 3 });
		break;
	case MON_REQ_PROVE:
		mon_prove_put(&out, privkey_public(rig->host_key));
		break;
	default:
		sink_u8(&out, type);
		sink_u32(&out, 0);
		break;
	}
	finish(rig, &out);
}

/* RFC 4252 section 7, written a second time on purpose. */
void
rig_fill_signature(struct rig *rig, struct mon_auth *m,
    const struct privkey *key, struct sink *signature)
{
	static uint8_t bytes[16384];
	struct sink data = sink_of(bytes, sizeof bytes);

	sink_string(&data, span(rig->session_id, rig->session_id_len));
	sink_u8(&data, 50);
	sink_string(&data, m->user);
	sink_string(&data, m->service);
	if (m->client_host.len > 0) {
		/* Section 9. */
		sink_cstring(&data, "hostbased");
		sink_string(&data, m->algorithm);
		sink_string(&data, m->key);
		sink_string(&data, m->client_host);
		sink_string(&data, m->client_user);
	} else {
		sink_cstring(&data, m->hostbound
			? "publickey-hostbound-v00@openssh.com"
			: "publickey");
		sink_bool(&data, true);
		sink_string(&data, m->algorithm);
		sink_string(&data, m->key);
		if (m->hostbound)
			sink_string(&data, m->host_key);
	}
	assert_true(privkey_sign(key, m->algorithm, sink_span(&data),
	    signature));
	m->signature = sink_span(signature);
}

void
rig_make_auth(struct rig *rig, uint8_t type, const char *user,
    const struct privkey *key)
{
	static uint8_t bytes[4096];
	struct sink signature = sink_of(bytes, sizeof bytes);
	struct sink out = sink_of(rig->frame, sizeof rig->frame);
	struct mon_auth m = {
		.user = S(user),
		.service = S("ssh-connection"),
	};

	if (type == MON_REQ_AUTH_OTHER)
		m.method = S("gssapi-with-mic");
	if (type == MON_REQ_AUTH_PASSWORD)
		m.password = S("a wrong one");
	if (type == MON_REQ_AUTH_KEY || type == MON_REQ_AUTH_KEY_QUERY) {
		m.key = privkey_public(key);
		m.algorithm = key == rig->other_key
		    ? S("ecdsa-sha2-nistp256") : S("ssh-ed25519");
	}
	if (type == MON_REQ_AUTH_KEY)
		rig_fill_signature(rig, &m, key, &signature);
	mon_auth_put(&out, (enum mon_req)type, &m);
	finish(rig, &out);
}

bool
rig_kex(struct rig *rig, unsigned int round)
{
	const struct kex_alg *kex = kex_find(S("curve25519-sha256"));
	struct kex_transcript t;
	struct ipc_frame answer;
	struct mon_sign m;

	make_transcript(rig, round, &m);
	t = (struct kex_transcript){
		.client_ident = m.client_ident,
		.server_ident = m.server_ident,
		.client_kexinit = m.client_kexinit,
		.server_kexinit = m.server_kexinit,
		.host_key = m.host_key,
		.client_public = m.client_public,
		.server_public = m.server_public,
		.shared = m.shared,
	};
	if (rig->session_id_len == 0) {
		assert_true(kex_exchange_hash(kex, &t, rig->session_id));
		rig->session_id_len = hash_bytes(kex->hash);
	}
	rig_make(rig, MON_REQ_SIGN, round);
	rig_send(rig, span(rig->frame, rig->frame_len), 0);
	return rig_receive(rig, &answer) && answer.type == MON_ANS_SIGN;
}

uint32_t
rig_auth(struct rig *rig, uint8_t type, const char *user,
    const struct privkey *key)
{
	struct mon_verdict verdict;
	struct ipc_frame answer;

	rig_make_auth(rig, type, user, key);
	rig_send(rig, span(rig->frame, rig->frame_len), 0);
	if (!rig_receive(rig, &answer) ||
	    !mon_verdict_get(answer.body, &verdict)) {
		ipc_drop(&answer);
		return 0;
	}
	if (answer.type == MON_ANS_AUTH_SUCCESS)
		rig->user_edge = ipc_take_fd(&answer, 0);
	ipc_drop(&answer);
	assert_int_equal(answer.type == MON_ANS_AUTH_SUCCESS,
	    verdict.result == MON_AUTH_SUCCESS);
	return verdict.result;
}
