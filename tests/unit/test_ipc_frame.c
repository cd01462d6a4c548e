/*
 * Tests of ipc/frame.h: what comes over the socket pair, and how a table
 * judges it.  The other side of each pair is hostile here: it uses
 * sendmsg(2) itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/frame.h"
#include "unit.h"

struct pair {
	int a, b;
	int open_fds;		/* to find a descriptor that leaked */
};

static int
count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int
make_pair(void **state)
{
	static struct pair pair;
	int fds[2];

	if (!ipc_pair(fds))
		return -1;
	pair = (struct pair){ fds[0], fds[1], count_fds() };
	*state = &pair;
	return 0;
}

static int
drop_pair(void **state)
{
	struct pair *pair = *state;

	if (count_fds() > pair->open_fds)
		return -1;
	close(pair->a);
	close(pair->b);
	return 0;
}

/* count copies of one descriptor beside len bytes, as sendmsg(2) takes it. */
static void
send_raw(int fd, const void *p, size_t len, size_t count)
{
	char bytes[CMSG_SPACE(sizeof(int) * 16)] = { 0 };
	struct iovec iov = { (void *)(uintptr_t)p, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm;

	if (count > 0) {
		msg.msg_control = bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		cm = CMSG_FIRSTHDR(&msg);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * count);
		for (size_t i = 0; i < count; i++)
			memcpy(CMSG_DATA(cm) + i * sizeof fd, &fd, sizeof fd);
	}
	assert_int_equal(sendmsg(fd, &msg, MSG_NOSIGNAL), len);
}

static void
pairs_close_on_exec(void **state)
{
	struct pair *pair = *state;

	assert_true(fcntl(pair->a, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(pair->b, F_GETFD) & FD_CLOEXEC);
}

static void
frames_arrive(void **state)
{
	struct pair *pair = *state;
	uint8_t buf[64];
	struct ipc_frame frame;

	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, false, &frame),
	    IPC_AGAIN);
	assert_int_equal(ipc_send(pair->a, BYTES("\7abc"), NULL, 0), IPC_OK);
	assert_int_equal(ipc_send(pair->a, BYTES("\x08"), NULL, 0), IPC_OK);
	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true, &frame),
	    IPC_OK);
	assert_int_equal(frame.type, 7);
	assert_int_equal(frame.size, 3);
	assert_int_equal(frame.fd_count, 0);
	assert_span(cursor_rest(&frame.body), "abc");
	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true, &frame),
	    IPC_OK);
	assert_int_equal(frame.type, 8);
	assert_int_equal(frame.size, 0);
	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, false, &frame),
	    IPC_AGAIN);
}

static void
descriptors_arrive(void **state)
{
	struct pair *pair = *state;
	uint8_t buf[64];
	struct ipc_frame frame;
	int three[] = { 0, 0, 0 }, fd;

	for (size_t n = 1; n <= IPC_FDS_MAX; n++) {
		for (size_t i = 0; i < n; i++)
			three[i] = pair->a;
		assert_int_equal(ipc_send(pair->a, BYTES("\1"), three, n),
		    IPC_OK);
		assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true,
		    &frame), IPC_OK);
		assert_int_equal(frame.fd_count, n);
		for (size_t i = 0; i < IPC_FDS_MAX; i++)
			assert_int_equal(frame.fds[i] >= 0, i < n);
		assert_true(fcntl(frame.fds[0], F_GETFD) & FD_CLOEXEC);
		fd = ipc_take_fd(&frame, 0);
		assert_true(fd >= 0);
		assert_int_equal(ipc_take_fd(&frame, 0), -1);
		assert_int_equal(ipc_take_fd(&frame, IPC_FDS_MAX), -1);
		ipc_drop(&frame);
		assert_true(fcntl(fd, F_GETFD) >= 0);
		close(fd);
		assert_int_equal(count_fds(), pair->open_fds);
	}
}

static void
sender_refuses(void **state)
{
	static uint8_t big[IPC_FRAME_MAX_BYTES + 1];
	struct pair *pair = *state;
	int four[] = { 0, 0, 0, 0 };
	uint8_t small[2];
	struct sink s = sink_of(small, sizeof small);

	sink_u32(&s, 1);		/* does not fit */
	assert_int_equal(ipc_send(pair->a, sink_span(&s), NULL, 0),
	    IPC_ERROR);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(ipc_send(pair->a, span(big, sizeof big), NULL, 0),
	    IPC_ERROR);
	assert_int_equal(ipc_send(pair->a, BYTES("\1"), four, 4), IPC_ERROR);
	assert_int_equal(ipc_send(pair->a, span(big, sizeof big - 1), NULL,
	    0), IPC_OK);
}

static void
too_long_for_the_buffer(void **state)
{
	struct pair *pair = *state;
	uint8_t buf[8];
	struct ipc_frame frame;

	send_raw(pair->a, "123456789", 9, 2);
	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true, &frame),
	    IPC_BAD);
	assert_int_equal(count_fds(), pair->open_fds);
	send_raw(pair->a, "12345678", 8, 0);
	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true, &frame),
	    IPC_OK);
}

static void
too_many_descriptors(void **state)
{
	struct pair *pair = *state;
	uint8_t buf[8];
	struct ipc_frame frame;

	/* One more than is legal fits the control buffer, two do not. */
	for (size_t n = IPC_FDS_MAX + 1; n <= 16; n++) {
		send_raw(pair->a, "1", 1, n);
		assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true,
		    &frame), IPC_BAD);
		for (size_t i = 0; i < IPC_FDS_MAX; i++)
			assert_int_equal(frame.fds[i], -1);
		assert_int_equal(count_fds(), pair->open_fds);
	}
}

/* The receiver is out of descriptors: the kernel sets MSG_CTRUNC. */
static void
no_room_for_descriptors(void **state)
{
	struct pair *pair = *state;
	struct rlimit was, now;
	uint8_t buf[8];
	struct ipc_frame frame;
	enum ipc_io io;

	send_raw(pair->a, "1", 1, 2);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	now = was;
	now.rlim_cur = (rlim_t)pair->b + 2;	/* one more, not two */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	io = ipc_recv(pair->b, buf, sizeof buf, true, &frame);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(io, IPC_BAD);
	assert_int_equal(count_fds(), pair->open_fds);
}

static void
nothing_is_the_end(void **state)
{
	struct pair *pair = *state;
	uint8_t buf[8];
	struct ipc_frame frame;

	/* An empty frame, even with descriptors, says no more than an end. */
	send_raw(pair->a, "", 0, 2);
	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true, &frame),
	    IPC_CLOSED);
	assert_int_equal(count_fds(), pair->open_fds);
	close(pair->a);
	pair->a = -1;
	assert_int_equal(ipc_recv(pair->b, buf, sizeof buf, true, &frame),
	    IPC_CLOSED);
	assert_int_equal(ipc_send(pair->b, BYTES("\1"), NULL, 0),
	    IPC_CLOSED);
	assert_int_equal(ipc_recv(-1, buf, sizeof buf, true, &frame),
	    IPC_ERROR);
}

enum { PHASE_A = 1, PHASE_B = 2 };
enum { T_NONE, T_ANY, T_ONCE, T_LATE, T_FDS, T_UNUSED, T_LAST, T_COUNT };

struct told {
	int calls;
	bool answer;
	bool take;
	int taken;
};

static bool
handle(void *ctx, struct ipc_frame *frame)
{
	struct told *told = ctx;

	told->calls++;
	told->taken = told->take ? ipc_take_fd(frame, 0) : -1;
	return told->answer;
}

static const struct ipc_rule rules[T_COUNT] = {
	[T_ANY] = { "any", PHASE_A | PHASE_B, 4, 0, false, handle },
	[T_ONCE] = { "once", PHASE_A | PHASE_B, 4, 0, true, handle },
	[T_LATE] = { "late", PHASE_B, 4, 0, false, handle },
	[T_FDS] = { "fds", PHASE_A, 4, 2, false, handle },
	[T_LAST] = { "last", PHASE_A, 0, 0, false, handle },
};
static const struct ipc_table table = { rules, T_COUNT };

static struct ipc_frame
frame_of(uint8_t type, size_t size, size_t fd_count)
{
	struct ipc_frame frame = { .type = type, .size = size,
		.fds = { -1, -1, -1 }, .fd_count = fd_count };

	for (size_t i = 0; i < fd_count; i++)
		frame.fds[i] = dup(0);
	return frame;
}

static void
tables_judge(void **state)
{
	static const struct {
		uint8_t type;
		size_t size, fd_count;
		uint32_t phase;
		enum ipc_fault fault;
	} row[] = {
		{ T_ANY, 4, 0, PHASE_A, IPC_FAULT_NONE },
		{ T_ANY, 5, 0, PHASE_A, IPC_FAULT_SIZE },
		{ T_ANY, 0, 1, PHASE_B, IPC_FAULT_FDS },
		{ T_ANY, 0, 0, 0, IPC_FAULT_PHASE },
		{ T_LATE, 0, 0, PHASE_A, IPC_FAULT_PHASE },
		{ T_LATE, 0, 0, PHASE_B, IPC_FAULT_NONE },
		{ T_FDS, 0, 0, PHASE_A, IPC_FAULT_FDS },
		{ T_FDS, 0, 1, PHASE_A, IPC_FAULT_FDS },
		{ T_FDS, 0, 2, PHASE_A, IPC_FAULT_NONE },
		{ T_FDS, 0, 3, PHASE_A, IPC_FAULT_FDS },
		{ T_LAST, 0, 0, PHASE_A, IPC_FAULT_NONE },
		{ T_NONE, 0, 0, PHASE_A, IPC_FAULT_UNKNOWN },
		{ T_UNUSED, 0, 0, PHASE_A, IPC_FAULT_UNKNOWN },
		{ T_COUNT, 0, 0, PHASE_A, IPC_FAULT_UNKNOWN },
		{ 255, 0, 3, PHASE_A, IPC_FAULT_UNKNOWN },
	};
	struct pair *pair = *state;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct told told = { .answer = true };
		uint64_t seen = 0;
		struct ipc_frame frame = frame_of(row[i].type, row[i].size,
		    row[i].fd_count);

		assert_int_equal(ipc_dispatch(&table, row[i].phase, &seen,
		    &told, &frame), row[i].fault);
		assert_int_equal(told.calls,
		    row[i].fault == IPC_FAULT_NONE);
		assert_int_equal(count_fds(), pair->open_fds);
	}
}

static void
once_is_once(void **state)
{
	struct told told = { .answer = true };
	struct ipc_frame frame = frame_of(T_ONCE, 0, 0);
	uint64_t seen = 0;

	(void)state;
	assert_int_equal(ipc_dispatch(&table, PHASE_A, &seen, &told, &frame),
	    IPC_FAULT_NONE);
	assert_int_equal(ipc_dispatch(&table, PHASE_B, &seen, &told, &frame),
	    IPC_FAULT_REPEATED);
	assert_int_equal(told.calls, 1);
	frame = frame_of(T_ANY, 0, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ipc_dispatch(&table, PHASE_A, &seen, &told,
		    &frame), IPC_FAULT_NONE);
	assert_int_equal(told.calls, 4);
}

static void
handlers_may_fail_and_take(void **state)
{
	struct pair *pair = *state;
	struct told told = { .answer = false };
	struct ipc_frame frame = frame_of(T_FDS, 0, 2);
	uint64_t seen = 0;

	assert_int_equal(ipc_dispatch(&table, PHASE_A, &seen, &told, &frame),
	    IPC_FAULT_BODY);
	assert_int_equal(count_fds(), pair->open_fds);
	told = (struct told){ .answer = true, .take = true };
	frame = frame_of(T_FDS, 0, 2);
	assert_int_equal(ipc_dispatch(&table, PHASE_A, &seen, &told, &frame),
	    IPC_FAULT_NONE);
	assert_int_equal(count_fds(), pair->open_fds + 1);
	close(told.taken);
}

static void
faults_have_words(void **state)
{
	(void)state;
	for (int f = 0; f <= IPC_FAULT_BODY + 1; f++)
		assert_true(strlen(ipc_fault_text((enum ipc_fault)f)) > 3);
	assert_string_equal(ipc_type_name(&table, T_ONCE), "once");
	assert_string_equal(ipc_type_name(&table, T_UNUSED), "?");
	assert_string_equal(ipc_type_name(&table, 200), "?");
}

#define WITH_PAIR(f) cmocka_unit_test_setup_teardown(f, make_pair, drop_pair)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PAIR(pairs_close_on_exec),
		WITH_PAIR(frames_arrive),
		WITH_PAIR(descriptors_arrive),
		WITH_PAIR(sender_refuses),
		WITH_PAIR(too_long_for_the_buffer),
		WITH_PAIR(too_many_descriptors),
		WITH_PAIR(no_room_for_descriptors),
		WITH_PAIR(nothing_is_the_end),
		WITH_PAIR(tables_judge),
		WITH_PAIR(once_is_once),
		WITH_PAIR(handlers_may_fail_and_take),
		cmocka_unit_test(faults_have_words),
	};

	return cmocka_run_group_tests_name("ipc_frame", tests, NULL, NULL);
}
