/*
 * Tests of monitor_run() with a keys role that lies, dies or says too much:
 * whatever is not exactly an answer lets nobody in.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "monitor_rig.h"
#include "run/exits.h"
#include "run/log.h"
#include "unit.h"

static void
say(const struct keys_job *job, struct span frame, int *fd)
{
	(void)!ipc_send(job->edge, frame, fd, fd == NULL ? 0 : 1);
}

static struct keys_grant
yes(const struct keys_job *job)
{
	return (struct keys_grant){ .verdict = KEYS_ALLOWED,
		.signer = job->key, .algorithm = job->algorithm,
		.options = keys_options_all() };
}

static void
say_grant(const struct keys_job *job, const struct keys_grant *grant)
{
	uint8_t frame[4096];
	struct sink out = sink_of(frame, sizeof frame);

	keys_grant_put(&out, grant);
	say(job, sink_span(&out), NULL);
}

static void
say_log(const struct keys_job *job, uint32_t level, const char *text)
{
	uint8_t frame[4096];
	struct sink out = sink_of(frame, sizeof frame);

	keys_log_put(&out, &(struct keys_log){ level, span_str(text) });
	say(job, sink_span(&out), NULL);
}

/* The control: this is how an answer looks. */
static int
honest(struct keys_job *job)
{
	const struct keys_grant grant = yes(job);

	say_log(job, LOG_LEVEL_INFO, "a line\nof two\x1b[m");
	say_grant(job, &grant);
	return 0;
}

static int
says_no(struct keys_job *job)
{
	say_grant(job, &(struct keys_grant){ .verdict = KEYS_DENIED });
	return 0;
}

/* A no, and then a yes that nobody waits for. */
static int
says_no_then_yes(struct keys_job *job)
{
	const struct keys_grant grant = yes(job);

	says_no(job);
	say_grant(job, &grant);
	return 0;
}

/* Stages of commands that are not configured. */
static int
wants_more(struct keys_job *job)
{
	say_grant(job, &(struct keys_grant){ .verdict = KEYS_DENIED,
	    .more = UINT32_MAX });
	return 0;
}

static int
says_nothing(struct keys_job *job)
{
	(void)job;
	return 0;
}

static int
crashes(struct keys_job *job)
{
	say_log(job, LOG_LEVEL_INFO, "before");
	kill(getpid(), SIGKILL);
	return 0;
}

static int
says_an_empty_frame(struct keys_job *job)
{
	say(job, span("\2", 1), NULL);
	return 0;
}

static int
says_garbage(struct keys_job *job)
{
	say(job, span("\2\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10), NULL);
	return 0;
}

static int
says_another_type(struct keys_job *job)
{
	const struct keys_grant grant = yes(job);

	say(job, span("\3", 1), NULL);
	say_grant(job, &grant);
	return 0;
}

static int
sends_a_descriptor(struct keys_job *job)
{
	uint8_t frame[4096];
	struct sink out = sink_of(frame, sizeof frame);
	const struct keys_grant grant = yes(job);
	int fd = STDIN_FILENO;

	keys_grant_put(&out, &grant);
	say(job, sink_span(&out), &fd);
	return 0;
}

static int
logs_at_no_level(struct keys_job *job)
{
	const struct keys_grant grant = yes(job);

	say_log(job, LOG_LEVEL_FATAL, "x");
	say_grant(job, &grant);
	return 0;
}

static int
logs_for_ever(struct keys_job *job)
{
	const struct keys_grant grant = yes(job);

	for (int i = 0; i < 2 * KEYS_LOG_MAX_COUNT; i++)
		say_log(job, LOG_LEVEL_INFO, "again");
	say_grant(job, &grant);
	return 0;
}

/* A key that did not sign, in the name of the one that did. */
static int
names_no_key(struct keys_job *job)
{
	struct keys_grant grant = yes(job);

	grant.signer = span_str("no key at all");
	say_grant(job, &grant);
	return 0;
}

static int
has_expired(struct keys_job *job)
{
	struct keys_grant grant = yes(job);

	grant.options.expires = 1;
	say_grant(job, &grant);
	return 0;
}

/* What a name server said, which may be a peer's own. */
static int
names_a_host(struct keys_job *job)
{
	struct keys_grant no = { .verdict = KEYS_DENIED,
		.more = UINT32_MAX, .text = span_str("a\nb.example") };

	if (job->kind != KEYS_PEER_NAME)
		return honest(job);
	say_grant(job, &no);
	return 0;
}

/* Who is asked for a name only has a name to give. */
static int
lets_in_for_a_name(struct keys_job *job)
{
	return job->kind == KEYS_PEER_NAME ? honest(job) : says_no(job);
}

static int
dies_of_a_name(struct keys_job *job)
{
	return job->kind == KEYS_PEER_NAME ? crashes(job) : honest(job);
}

static void
an_answer(void **state)
{
	struct rig *rig = *state;

	rig->keys_role = honest;
	rig_start(rig);
	assert_true(rig_kex(rig, 1));
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_SUCCESS);
	rig_stop(rig);
	/* One line, and nothing that a terminal obeys. */
	assert_true(rig_logged(rig, "a line\\nof two\\033[m\n"));
}

/* The name that nobody has is asked about too, and gets no for a yes. */
static void
no_account(void **state)
{
	struct rig *rig = *state;

	rig->keys_role = honest;
	rig_start(rig);
	assert_true(rig_kex(rig, 1));
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY_QUERY, "nobody-here",
	    rig->user_key), MON_AUTH_FAILURE);
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, "nobody-here",
	    rig->user_key), MON_AUTH_FAILURE);
	rig_stop(rig);
	assert_true(rig_logged(rig, "a line"));
}

static void
no_answers(void **state)
{
	static const struct {
		int (*role)(struct keys_job *);
		const char *logged;
	} cases[] = {
		{ says_no, "" },
		{ says_no_then_yes, "" },
		{ wants_more, "not found" },
		{ says_nothing, "error: keys role: no answer\n" },
		{ crashes, "error: keys role: no answer\n" },
		{ says_an_empty_frame, "error: keys role: not a grant\n" },
		{ says_garbage, "error: keys role: not a grant\n" },
		{ says_another_type, "error: keys role: not an answer\n" },
		{ sends_a_descriptor, "error: keys role: descriptors\n" },
		{ logs_at_no_level, "error: keys role: not an answer\n" },
		{ logs_for_ever, "error: keys role: too many log lines\n" },
		{ names_no_key, "" },
		{ has_expired, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rig *rig = *state;

		rig->keys_role = cases[i].role;
		rig_start(rig);
		assert_true(rig_kex(rig, 1));
		/* Twice: a no that is remembered stays one. */
		for (int n = 0; n < 2; n++)
			assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY,
			    rig->user, rig->user_key), MON_AUTH_FAILURE);
		assert_int_equal(rig_stop(rig), EXIT_PEER);
		if (!rig_logged(rig, cases[i].logged))
			fail_msg("case %zu: not logged: %s", i,
			    cases[i].logged);
		rig_tear_down(state);
		rig_set_up(state);
	}
}

/* UseDNS; the list says in the log which name it is. */
static void
names_of_peers(void **state)
{
	static const char *const deny[] = { "*@*" };
	static const struct {
		int (*role)(struct keys_job *);
		bool use_dns;
		const char *from;
	} cases[] = {
		{ names_a_host, false, "from 192.0.2.7 not allowed" },
		{ names_a_host, true, "from a\\nb.example not allowed" },
		{ dies_of_a_name, true, "from 192.0.2.7 not allowed" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rig *rig = *state;

		rig->keys_role = cases[i].role;
		rig->settings.use_dns = cases[i].use_dns;
		rig->settings.deny_users = (struct strlist){
			deny, 1 };
		rig_start(rig);
		assert_true(rig_kex(rig, 1));
		assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
		    rig->user_key), MON_AUTH_FAILURE);
		assert_int_equal(rig_stop(rig), EXIT_PEER);
		assert_true(rig_logged(rig, cases[i].from));
		rig_tear_down(state);
		rig_set_up(state);
	}
}

static void
no_way_in_by_name(void **state)
{
	struct rig *rig = *state;

	rig->keys_role = lets_in_for_a_name;
	rig->settings.use_dns = true;
	rig_start(rig);
	assert_true(rig_kex(rig, 1));
	assert_int_equal(rig_auth(rig, MON_REQ_AUTH_KEY, rig->user,
	    rig->user_key), MON_AUTH_FAILURE);
	rig_stop(rig);
}

#define WITH_RIG(f) \
	cmocka_unit_test_setup_teardown(f, rig_set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(an_answer),
		WITH_RIG(no_account),
		WITH_RIG(names_of_peers),
		WITH_RIG(no_way_in_by_name),
		WITH_RIG(no_answers),
	};

	return cmocka_run_group_tests_name("monitor_keys", tests, NULL, NULL);
}
