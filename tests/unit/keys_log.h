/*
 * keys_log: what the code of lib/keys says to the monitor, as lines of text.
 * Tests of lib/keys only.
 */
#ifndef SSHD_CONN_TESTS_UNIT_KEYS_LOG_H
#define SSHD_CONN_TESTS_UNIT_KEYS_LOG_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/frame.h"
#include "ipc/keys.h"
#include "unit.h"

/* Reads what edge[0] has, a line each, and closes both. */
static inline void
keys_log_collect(int edge[static 2], char *log, size_t size)
{
	uint8_t buf[KEYS_LOG_TEXT_MAX_BYTES + 16];
	struct keys_log line;
	struct ipc_frame frame;
	size_t at = 0;

	log[0] = '\0';
	while (ipc_recv(edge[0], buf, sizeof buf, false, &frame) == IPC_OK) {
		assert_true(keys_log_get(frame.body, &line));
		snprintf(log + at, size - at, "%.*s\n", (int)line.text.len,
		    (const char *)line.text.p);
		at = strlen(log);
	}
	close(edge[0]);
	close(edge[1]);
}

#endif
