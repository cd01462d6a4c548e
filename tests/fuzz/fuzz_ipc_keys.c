/*
 * fuzz_ipc_keys: what the keys role says to the monitor.
 */
#include "ipc/keys.h"
#include "ipc/policy.h"
#include "ipc_again.h"

static void
walk(struct span list)
{
	struct span whole = list, item;

	while (policy_next(&list, &item))
		fuzz_inside(item, whole.p, whole.len);
	FUZZ_CHECK(list.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[AGAIN_MAX_BYTES];
	struct cursor in = cursor_of(span(data, size));
	uint8_t type = cursor_u8(&in);
	struct keys_options all = keys_options_all(), both;
	struct keys_grant grant;

	if (type == KEYS_ANS_LOG)
		AGAIN(in, struct keys_log, keys_log_get, keys_log_put, &m);
	if (type != KEYS_ANS_GRANT)
		return 0;
	if (!keys_grant_get(in, &grant)) {
		FUZZ_CHECK(grant.verdict == 0 && grant.signer.len == 0);
		return 0;
	}
	walk(grant.options.environment);
	walk(grant.options.permitopen);
	walk(grant.options.permitlisten);
	FUZZ_CHECK(grant.verdict == KEYS_ALLOWED ||
	    !grant.options.permit_pty);
	if (keys_options_adopt(&grant.options, &all,
		sink_of(room, sizeof room), &both))
		FUZZ_CHECK(both.permit_pty == grant.options.permit_pty &&
		    span_equal(both.command, grant.options.command));
	AGAIN(in, struct keys_grant, keys_grant_get, keys_grant_put, &m);
	return 0;
}
