/*
 * fuzz_ipc_usr: frames between net and user, both ways.  Under a forced
 * command or a chroot this parser is the wall.
 */
#include "ipc/fwd.h"
#include "ipc/usr.h"
#include "ipc_again.h"

static void
request(uint8_t type, struct cursor in)
{
	switch (type) {
	case USER_REQ_OPEN:
	case USER_REQ_CLOSE:
	case USER_REQ_AGENT:
		AGAIN(in, uint32_t, usr_chan_get, usr_chan_put,
		    (enum user_req)type, m);
		break;
	case USER_REQ_ENV:
		AGAIN(in, struct usr_env, usr_env_get, usr_env_put, &m);
		break;
	case USER_REQ_PTY:
		AGAIN(in, struct usr_pty, usr_pty_get, usr_pty_put, &m);
		break;
	case USER_REQ_START:
		AGAIN(in, struct usr_start, usr_start_get, usr_start_put,
		    &m);
		break;
	case USER_REQ_SIGNAL:
		AGAIN(in, struct usr_signal, usr_signal_get, usr_signal_put,
		    &m);
		break;
	case USER_REQ_BREAK:
		AGAIN(in, struct usr_break, usr_break_get, usr_break_put,
		    &m);
		break;
	case USER_REQ_DIAL:
		AGAIN(in, struct usr_dial, usr_dial_get, usr_dial_put, &m);
		break;
	case USER_REQ_LISTEN:
	case USER_REQ_UNLISTEN:
		AGAIN(in, struct usr_listen, usr_listen_get, usr_listen_put,
		    (enum user_req)type, &m);
		break;
	case USER_REQ_RESIZE:
		AGAIN(in, struct usr_resize, usr_resize_get, usr_resize_put,
		    &m);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(span(data, size));
	uint8_t type = cursor_u8(&in);

	/* A bit above the types tells requests from answers. */
	switch (type) {
	case 0x80 | USER_ANS_DONE:
	case 0x80 | USER_ANS_STARTED_PTY:
	case 0x80 | USER_ANS_STARTED_PIPES:
	case 0x80 | USER_EVT_DIALED:
		AGAIN(in, struct usr_ans, usr_ans_get, usr_ans_put,
		    (enum user_ans)(type & 0x7f), &m);
		break;
	case 0x80 | USER_EVT_EXIT:
		AGAIN(in, struct usr_exit, usr_exit_get, usr_exit_put, &m);
		break;
	case 0x80 | USER_EVT_DIAL_FAILED:
		AGAIN(in, struct usr_refusal, usr_refusal_get,
		    usr_refusal_put, &m);
		break;
	case 0x80 | USER_ANS_LISTENING:
		AGAIN(in, struct usr_listening, usr_listening_get,
		    usr_listening_put, &m);
		break;
	case 0x80 | USER_EVT_ACCEPTED:
		AGAIN(in, struct usr_accepted, usr_accepted_get,
		    usr_accepted_put, &m);
		break;
	default:
		request(type, in);
	}
	return 0;
}
