/*
 * mini_roles: the monitor and the user role that mini_client plays, and a
 * peer that logs in and opens sessions.  Test programs only.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "mini_client.h"
#include "transport/compress.h"
#include "unit.h"
#include "wire/channel.h"
#include "wire/numbers.h"

/* --- the monitor ---------------------------------------------------------- */

void
mini_answer(struct mini *m, struct span frame, const int *fds,
    size_t fd_count)
{
	assert_int_equal(ipc_send(m->monitor, frame, fds, fd_count), IPC_OK);
}

void
mini_answer_sign(struct mini *m)
{
	struct sink out = sink_of(m->frame, sizeof m->frame);
	struct ipc_frame frame;
	struct mon_sign sign;

	assert_true(mini_asked(m, &frame));
	assert_int_equal(frame.type, MON_REQ_SIGN);
	assert_true(mon_sign_get(frame.body, &sign));
	assert_true(span_is(sign.client_ident, MINI_IDENT));
	assert_true(span_equal(sign.client_kexinit, span(m->client_kexinit,
	    m->client_kexinit_len)));
	assert_true(span_equal(sign.server_kexinit, span(m->server_kexinit,
	    m->server_kexinit_len)));
	mon_signature_put(&out, S("signature"));
	mini_answer(m, sink_span(&out), NULL, 0);
}

void
mini_answer_auth(struct mini *m, enum mon_ans type, uint32_t result,
    const int *fds, size_t fd_count)
{
	uint8_t buf[256];
	struct sink out = sink_of(buf, sizeof buf);
	const struct mon_verdict v = { .result = result,
		.methods = S(result == MON_AUTH_FAILURE ? "publickey" : ""),
		.reason = 2,
		.text = S(result == MON_AUTH_DISCONNECT ? "bye" : "") };

	mon_verdict_put(&out, type, &v);
	mini_answer(m, sink_span(&out), fds, fd_count);
}

void
mini_answer_success(struct mini *m)
{
	int pair[2];

	assert_true(ipc_pair(pair));
	m->user = pair[0];
	mini_answer_auth(m, MON_ANS_AUTH_SUCCESS, MON_AUTH_SUCCESS, &pair[1],
	    1);
	close(pair[1]);
}

/* --- the peer ------------------------------------------------------------- */

void
mini_service(struct mini *m)
{
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);

	sink_u8(&out, SSH_MSG_SERVICE_REQUEST);
	sink_cstring(&out, "ssh-userauth");
	mini_send(m, sink_span(&out));
	(void)mini_expect(m, SSH_MSG_SERVICE_ACCEPT);
}

void
mini_send_none(struct mini *m)
{
	uint8_t buf[128];
	struct sink out = sink_of(buf, sizeof buf);

	sink_u8(&out, SSH_MSG_USERAUTH_REQUEST);
	sink_cstring(&out, "somebody");
	sink_cstring(&out, "ssh-connection");
	sink_cstring(&out, "none");
	mini_send(m, sink_span(&out));
}

void
mini_login(struct mini *m)
{
	struct ipc_frame frame;

	mini_kex(m);
	mini_service(m);
	mini_send_none(m);
	assert_true(mini_asked(m, &frame));
	assert_int_equal(frame.type, MON_REQ_AUTH_NONE);
	mini_answer_success(m);
	(void)mini_expect(m, SSH_MSG_USERAUTH_SUCCESS);
	m->compressed = m->options.compress;
	if (m->compressed) {
		m->in.inflate = compress_new_inflate();
		m->out.deflate = compress_new_deflate();
	}
	mini_expect_host_keys(m);
}

/* What every client is told as soon as it is in. */
void
mini_expect_host_keys(struct mini *m)
{
	struct span p = mini_expect(m, SSH_MSG_GLOBAL_REQUEST);
	struct cursor in = cursor_of(span(p.p + 1, p.len - 1));

	assert_true(span_is(cursor_string(&in), "hostkeys-00@openssh.com"));
	assert_false(cursor_bool(&in));
	for (size_t i = 0; i < m->params.host_key_count; i++)
		assert_true(span_equal(cursor_string(&in),
		    m->params.host_keys[i]));
	assert_int_equal(cursor_end(&in), WIRE_OK);
}

uint32_t
mini_open(struct mini *m, uint32_t peer_id, uint32_t window)
{
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);
	struct wire_channel_open_confirmation c;
	struct span payload;
	uint32_t id;

	wire_put_channel_open(&out, "session", peer_id, window, 32768);
	mini_send(m, sink_span(&out));
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_OPEN);
	mini_user_done(m, id, true);
	payload = mini_expect(m, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	assert_int_equal(wire_parse_channel_open_confirmation(cursor_of(span(
	    payload.p + 1, payload.len - 1)), &c), WIRE_OK);
	assert_int_equal(c.chan, peer_id);
	assert_int_equal(c.peer_id, id);
	return id;
}

void
mini_request(struct mini *m, uint32_t id, const char *type, bool want_reply,
    struct span rest)
{
	uint8_t buf[1024];
	struct sink out = sink_of(buf, sizeof buf);

	wire_put_channel_request_head(&out, id, type, want_reply);
	sink_bytes(&out, rest);
	mini_send(m, sink_span(&out));
}

/* Ends of the command's pipes: ours blocking, those that net gets not. */
static void
make_pipes(struct mini_command *c, int fds[3])
{
	int in[2], out[2], err[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	c->in = in[0];
	c->out = out[1];
	c->err = err[1];
	fds[0] = in[1];
	fds[1] = out[0];
	fds[2] = err[0];
}

static void
make_pty(struct mini_command *c, int fds[3])
{
	struct termios raw;

	assert_int_equal(openpty(&fds[0], &c->in, NULL, NULL, NULL), 0);
	assert_int_equal(tcgetattr(c->in, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(c->in, TCSANOW, &raw), 0);
	c->out = c->in;
	c->err = -1;
}

void
mini_command(struct mini *m, struct mini_command *c, uint32_t window,
    bool pty)
{
	uint8_t buf[16];
	struct sink out = sink_of(buf, sizeof buf);
	const size_t count = pty ? 1 : 3;
	int fds[3];
	uint32_t id;

	c->id = mini_open(m, c->peer_id, window);
	mini_request(m, c->id, "shell", true, span(NULL, 0));
	assert_int_equal(mini_user_asked(m, &id), USER_REQ_START);
	assert_int_equal(id, c->id);
	if (pty)
		make_pty(c, fds);
	else
		make_pipes(c, fds);
	for (size_t i = 0; i < count; i++)
		assert_true(fd_set_nonblock(fds[i], true));
	usr_ans_put(&out, pty ? USER_ANS_STARTED_PTY : USER_ANS_STARTED_PIPES,
	    &(struct usr_ans){ id, true });
	mini_user_says(m, sink_span(&out), fds, count);
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	(void)mini_expect(m, SSH_MSG_CHANNEL_SUCCESS);
}

void
mini_command_close(struct mini_command *c)
{
	if (c->out == c->in)
		c->out = -1;
	fd_close(&c->in);
	fd_close(&c->out);
	fd_close(&c->err);
}

void
mini_send_data(struct mini *m, uint32_t id, const void *p, size_t n)
{
	uint8_t *buf = malloc(n + 16);
	struct sink out = sink_of(buf, n + 16);

	assert_non_null(buf);
	wire_put_channel_data_head(&out, id, (uint32_t)n);
	sink_bytes(&out, span(p, n));
	mini_send(m, sink_span(&out));
	free(buf);
}

void
mini_send_chan(struct mini *m, uint8_t type, uint32_t id)
{
	uint8_t buf[8];
	struct sink out = sink_of(buf, sizeof buf);

	sink_u8(&out, type);
	sink_u32(&out, id);
	mini_send(m, sink_span(&out));
}

void
mini_send_adjust(struct mini *m, uint32_t id, uint32_t bytes)
{
	uint8_t buf[16];
	struct sink out = sink_of(buf, sizeof buf);

	wire_put_channel_window_adjust(&out, id, bytes);
	mini_send(m, sink_span(&out));
}

/* --- the user role -------------------------------------------------------- */

uint8_t
mini_user_asked(struct mini *m, uint32_t *chan)
{
	struct pollfd fd = { m->user, POLLIN, 0 };
	struct ipc_frame frame;

	if (poll(&fd, 1, MINI_WAIT_MS) != 1)
		fail_msg("net says nothing to the user role");
	assert_int_equal(ipc_recv(m->user, m->frame, sizeof m->frame, true,
	    &frame), IPC_OK);
	assert_int_equal(frame.fd_count, 0);
	/* Each of them starts with the channel. */
	*chan = cursor_u32(&frame.body);
	return frame.type;
}

void
mini_user_says(struct mini *m, struct span frame, const int *fds,
    size_t fd_count)
{
	assert_int_equal(ipc_send(m->user, frame, fds, fd_count), IPC_OK);
}

void
mini_user_done(struct mini *m, uint32_t chan, bool ok)
{
	uint8_t buf[16];
	struct sink out = sink_of(buf, sizeof buf);

	usr_ans_put(&out, USER_ANS_DONE, &(struct usr_ans){ chan, ok });
	mini_user_says(m, sink_span(&out), NULL, 0);
}

void
mini_user_exit(struct mini *m, uint32_t chan, uint32_t status)
{
	uint8_t buf[64];
	struct sink out = sink_of(buf, sizeof buf);

	usr_exit_put(&out, &(struct usr_exit){ .chan = chan,
	    .status = status });
	mini_user_says(m, sink_span(&out), NULL, 0);
}
