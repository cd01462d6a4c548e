/*
 * delay: make every refusal take its time, so that none says by its time
 * whether there is such a user.  Monitor.
 */
#include <errno.h>
#include <time.h>

#include "monitor/internal.h"

#define DELAY_MIN_NS		(5 * 1000000LL)
#define DELAY_PER_USER_NS	(4200000LL)	/* 0 to this, added */
#define DELAY_NONE_NS		(2 * 1000000LL)
#define DELAY_MAX_NS		(5000 * 1000000LL) /* then it is no use */
#define NS_A_SEC		1000000000LL

/* The secret is read on this path only: a good login never touches it. */
static int64_t
user_delay_ns(const struct monitor *m, struct span user)
{
	return DELAY_MIN_NS + DELAY_PER_USER_NS * image_user_number(
	    m->params->timing_image, &m->params->settings->host_keys, user) /
	    UINT32_MAX;
}

/*
 * Waits until step, or that doubled and doubled again, has passed since the
 * request came in.
 */
static void
wait_steps(const struct monitor *m, int64_t step)
{
	int64_t delay = step, end, took;
	struct timespec now, until;

	clock_gettime(CLOCK_MONOTONIC, &now);
	took = (now.tv_sec - m->waited_for.tv_sec) * NS_A_SEC +
	    now.tv_nsec - m->waited_for.tv_nsec;
	while (delay < took && delay < DELAY_MAX_NS)
		delay *= 2;
	end = m->waited_for.tv_nsec + delay;
	until = (struct timespec){
		.tv_sec = m->waited_for.tv_sec + end / NS_A_SEC,
		.tv_nsec = end % NS_A_SEC,
	};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
		   NULL) == EINTR)
		;
}

/* delay_failure - before the answer to a failed attempt */
void
delay_failure(const struct monitor *m, struct span user)
{
	wait_steps(m, user_delay_ns(m, user));
}

/*
 * delay_none - before the answer to the question for the methods
 *
 * Every login begins with it, so it takes no longer than it must to hide
 * that nobody's name is looked for in more places than somebody's.
 */
void
delay_none(const struct monitor *m)
{
	wait_steps(m, DELAY_NONE_NS);
}
