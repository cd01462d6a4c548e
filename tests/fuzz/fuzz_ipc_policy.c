/*
 * fuzz_ipc_policy: the policy that the monitor sends to user, and its lists.
 */
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
	struct cursor in = cursor_of(span(data, size));
	struct user_policy policy;

	(void)cursor_u8(&in);
	if (!policy_get(in, &policy)) {
		FUZZ_CHECK(policy.user.len == 0 && policy.uid == 0);
		return 0;
	}
	walk(policy.session_env);
	walk(policy.set_env);
	walk(policy.accept_env);
	walk(policy.subsystems);
	AGAIN(in, struct user_policy, policy_get, policy_put, &m);
	return 0;
}
