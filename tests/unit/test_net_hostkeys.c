/*
 * Tests of net with a peer that wants to know which host keys are ours, and
 * with a monitor that answers it.
 */
#include "mini_client.h"
#include "net/net.h"
#include "run/exits.h"
#include "unit.h"
#include "wire/channel.h"
#include "wire/numbers.h"

static struct mini mini, *const m = &mini;
static uint8_t buf[8192];

static void
prove(const struct span *blobs, size_t count, bool want_reply)
{
	struct sink out = sink_of(buf, sizeof buf);

	wire_put_global_request_head(&out, "hostkeys-prove-00@openssh.com",
	    want_reply);
	for (size_t i = 0; i < count; i++)
		sink_string(&out, blobs[i]);
	mini_send(m, sink_span(&out));
}

/* As the monitor: the key that is asked for, answered with this text. */
static void
answer_prove(const char *text)
{
	struct sink out = sink_of(buf, sizeof buf);
	struct ipc_frame frame;
	struct span blob;

	assert_true(mini_asked(m, &frame));
	assert_int_equal(frame.type, MON_REQ_PROVE);
	assert_true(mon_prove_get(frame.body, &blob));
	assert_true(span_equal(blob, m->params.host_keys[0]));
	mon_proof_put(&out, S(text));
	mini_answer(m, sink_span(&out), NULL, 0);
}

static void
test_proved_once(void **state)
{
	struct span p;

	(void)state;
	mini_start(m, NULL);
	mini_login(m);
	prove(m->params.host_keys, 1, true);
	answer_prove("proof");
	p = mini_expect(m, SSH_MSG_REQUEST_SUCCESS);
	assert_true(span_equal(span(p.p + 1, p.len - 1),
	    BYTES("\0\0\0\5proof")));
	/* The monitor is not asked a second time. */
	prove(m->params.host_keys, 1, true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	(void)mini_open(m, 1, 1);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_refused(void **state)
{
	struct span blobs[NET_HOST_KEYS_MAX_COUNT + 1];

	(void)state;
	mini_start(m, NULL);
	mini_login(m);
	for (size_t i = 0; i < ARRAY_LEN(blobs); i++)
		blobs[i] = S("not a key");
	prove(blobs, 1, true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	prove(blobs, ARRAY_LEN(blobs), true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	prove(blobs, 0, true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	/* Who wants no answer gets none, and nothing is signed for it. */
	prove(m->params.host_keys, 1, false);
	/* The monitor has no proof: all the same no reason to end. */
	prove(m->params.host_keys, 1, true);
	answer_prove("");
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_one_key_twice(void **state)
{
	struct span blobs[2];

	(void)state;
	mini_start(m, NULL);
	mini_login(m);
	blobs[0] = blobs[1] = m->params.host_keys[0];
	prove(blobs, 2, true);
	(void)mini_expect(m, SSH_MSG_REQUEST_FAILURE);
	assert_int_equal(mini_end(m), EXIT_PEER);
}

static void
test_monitor_lies(void **state)
{
	(void)state;
	for (uint8_t type = 0; type < MON_ANS_COUNT + 2; type++) {
		struct sink out = sink_of(buf, sizeof buf);
		struct ipc_frame frame;

		if (type == MON_ANS_PROVE)
			continue;
		mini_start(m, NULL);
		mini_login(m);
		prove(m->params.host_keys, 1, true);
		assert_true(mini_asked(m, &frame));
		mon_proof_put(&out, S("proof"));
		buf[0] = type;
		mini_answer(m, sink_span(&out), NULL, 0);
		assert_int_equal(mini_wait(m), EXIT_BUG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proved_once),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_one_key_twice),
		cmocka_unit_test(test_monitor_lies),
	};

	if (!mini_init())
		return 1;
	return cmocka_run_group_tests_name("net_hostkeys", tests, NULL, NULL);
}
