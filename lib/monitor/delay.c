/*
 * delay: make every refusal take its time, so that none says by its time
 * whether there is such a user.  Monitor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/secret.h"
#include "monitor/internal.h"

#define DELAY_MIN_NS		(5 * 1000000LL)
#define DELAY_PER_USER_NS	(4200000LL)	/* 0 to this, added */
#define DELAY_MAX_NS		(5000 * 1000000LL) /* then it is no use */
#define NS_A_SEC		1000000000LL
#define KEY_FILE_MAX_BYTES	(64 * 1024)

/*
 * A secret that is the same in all processes of this server, and that no
 * peer has: the host key file.  It is read on this path only, so that a good
 * login never touches it.
 */
static char *
read_secret(const struct monitor *m, size_t *len)
{
	char *text = NULL;
	int fd = -1;

	*len = 0;
	if (m->params->host_key_count > 0)
		fd = open(m->params->host_keys[0].path,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && !fd_read_all(fd, KEY_FILE_MAX_BYTES, &text, len))
		text = NULL;
	fd_close(&fd);
	return text;
}

static int64_t
user_delay_ns(const struct monitor *m, struct span user)
{
	static const char label[] = "sshd-conn failure delay";
	uint8_t hash[HASH_MAX_BYTES] = { 0 };
	size_t len;
	char *secret = read_secret(m, &len);
	const struct span pieces[] = { span_str(label), span(secret, len),
		user };
	uint32_t part = 0;

	if (hash_spans(HASH_SHA512, pieces, ARRAY_LEN(pieces), hash))
		memcpy(&part, hash, sizeof part);
	if (secret != NULL)
		secret_wipe(secret, len);
	free(secret);
	return DELAY_MIN_NS + DELAY_PER_USER_NS * part / UINT32_MAX;
}

/*
 * delay_failure - wait until a whole number of steps, doubling, has passed
 * since the request came in
 */
void
delay_failure(const struct monitor *m, struct span user)
{
	int64_t delay = user_delay_ns(m, user), end, took;
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
