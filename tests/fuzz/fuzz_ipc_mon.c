/*
 * fuzz_ipc_mon: frames between net and the monitor, both ways.  The monitor
 * is root: its side of this parser is what stands between a taken net and
 * everything.
 */
#include "ipc/limits.h"
#include "ipc/mon.h"
#include "ipc_again.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(span(data, size));
	uint8_t type = cursor_u8(&in);

	/* A bit above the types tells requests from answers. */
	switch (type) {
	case MON_REQ_SIGN:
		AGAIN(in, struct mon_sign, mon_sign_get, mon_sign_put, &m);
		break;
	case MON_REQ_AUTH_NONE:
	case MON_REQ_AUTH_KEY_QUERY:
	case MON_REQ_AUTH_KEY:
	case MON_REQ_AUTH_OTHER:
	case MON_REQ_AUTH_PASSWORD:
	case MON_REQ_AUTH_KBDINT:
	case MON_REQ_AUTH_HOST:
		AGAIN(in, struct mon_auth, mon_auth_get, mon_auth_put,
		    (enum mon_req)type, &m);
		break;
	case MON_REQ_AUTH_RESPONSE:
		AGAIN(in, struct mon_response, mon_response_get,
		    mon_response_put, &m);
		break;
	case 0x80 | MON_ANS_PROMPT:
		AGAIN(in, struct mon_prompt, mon_prompt_get, mon_prompt_put,
		    &m);
		break;
	case MON_REQ_EVENT:
		AGAIN(in, struct mon_event, mon_event_get, mon_event_put,
		    &m);
		break;
	case MON_REQ_DONE:
		AGAIN(in, struct mon_done, mon_done_get, mon_done_put, &m);
		break;
	case MON_REQ_PROVE:
		AGAIN(in, struct span, mon_prove_get, mon_prove_put, m);
		break;
	case 0x80 | MON_ANS_PROVE:
		AGAIN(in, struct span, mon_proof_get, mon_proof_put, m);
		break;
	case 0x80 | MON_ORDER_LIMITS:
		AGAIN(in, struct mon_limits, mon_limits_get, mon_limits_put,
		    &m);
		break;
	case 0x80 | MON_ORDER_SIG_ALGS:
		AGAIN(in, struct span, mon_sig_algs_get, mon_sig_algs_put, m);
		break;
	case 0x80 | MON_ORDER_BANNER:
		AGAIN(in, struct span, mon_banner_get, mon_banner_put, m);
		break;
	case 0x80 | MON_ANS_SIGN:
		AGAIN(in, struct span, mon_signature_get, mon_signature_put,
		    m);
		break;
	case 0x80 | MON_ANS_AUTH:
	case 0x80 | MON_ANS_AUTH_SUCCESS:
		AGAIN(in, struct mon_verdict, mon_verdict_get,
		    mon_verdict_put, (enum mon_ans)(type & 0x7f), &m);
		break;
	case 0x80 | MON_ORDER_STOP:
		AGAIN(in, struct mon_stop, mon_stop_get, mon_stop_put, &m);
		break;
	}
	return 0;
}
