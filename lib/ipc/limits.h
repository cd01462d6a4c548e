/*
 * limits: the settings that net itself has to keep.  Main gives net those of
 * the connection; when Match has others for the user who logged in, the
 * monitor sends these once, behind MON_ANS_AUTH_SUCCESS.
 *
 * Trust: made from the configuration; net still parses it strictly.
 */
#ifndef SSHD_CONN_IPC_LIMITS_H
#define SSHD_CONN_IPC_LIMITS_H

#include "ipc/frame.h"

#define MON_CHANNEL_TIMEOUTS_MAX_BYTES 2048

struct mon_limits {
	uint64_t rekey_bytes;		/* 0: what the cipher says */
	uint32_t rekey_sec;		/* 0: never by time */
	uint32_t client_alive_interval_sec;	/* 0: never ask */
	uint32_t client_alive_count_max;	/* 0: never give up */
	uint32_t unused_sec;		/* without a channel; 0: no limit */
	/* IPQoS: the TOS byte, or anything larger to leave it alone. */
	uint32_t tos_interactive;
	uint32_t tos_bulk;
	/*
	 * ChannelTimeout: uint32 seconds, string pattern of a channel type,
	 * and again.  The first that fits a channel counts.
	 */
	uint32_t channel_timeouts_len;
	uint8_t channel_timeouts[MON_CHANNEL_TIMEOUTS_MAX_BYTES];
};

#define MON_TOS_KEEP	0xffffffff

/* MON_ORDER_LIMITS. */
void mon_limits_put(struct sink *out, const struct mon_limits *m);
bool mon_limits_get(struct cursor in, struct mon_limits *m) MUST_USE;

#endif
