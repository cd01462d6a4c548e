/*
 * fuzz_ipc_sess: frames between user and the monitor, both ways, but the
 * policy, which is fuzz_ipc_policy's.
 */
#include "ipc/sess.h"
#include "ipc_again.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(span(data, size));
	uint8_t type = cursor_u8(&in);

	/* A bit above the types tells requests from answers. */
	switch (type) {
	case SESS_REQ_PTY_OPEN:
	case SESS_REQ_PTY_CLOSE:
		AGAIN(in, struct sess_pty, sess_pty_get, sess_pty_put,
		    (enum sess_req)type, &m);
		break;
	case SESS_REQ_EVENT:
		AGAIN(in, struct sess_event, sess_event_get, sess_event_put,
		    &m);
		break;
	case 0x80 | SESS_ANS_PTY:
		AGAIN(in, struct sess_last, sess_last_get, sess_last_put,
		    &m);
		break;
	}
	return 0;
}
