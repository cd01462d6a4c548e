/*
 * monitor_rig: a monitor in a process of its own, with the test in the place
 * of net.  Test programs only.
 *
 * The test links no config library: config_resolve() is the rig's and gives
 * every user the settings of the rig.
 */
#ifndef SSHD_CONN_TESTS_UNIT_MONITOR_RIG_H
#define SSHD_CONN_TESTS_UNIT_MONITOR_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "ipc/mon.h"
#include "ipc/policy.h"
#include "ipc/sess.h"
#include "monitor/monitor.h"

#define RIG_IDENT	"SSH-2.0-rig"
#define RIG_FRAME_BYTES	IPC_FRAME_MAX_BYTES

struct rig {
	struct settings settings;	/* change them before rig_start() */
	struct peer peer;
	char dir[64];
	char home[256];
	char user[64];			/* the invoking user's name */
	struct privkey *host_key;
	struct privkey *user_key;	/* listed in authorized_keys */
	struct privkey *other_key;	/* not listed */

	int (*keys_role)(struct keys_job *); /* NULL: the real one */

	int net;			/* net's end of the edge */
	int user_edge;			/* after success: net/user, net's end */
	int life;			/* closed: the child net exits */
	pid_t pid;			/* of the monitor */
	uint8_t session_id[HASH_MAX_BYTES];
	size_t session_id_len;
	uint8_t frame[RIG_FRAME_BYTES];	/* sent or received last */
	size_t frame_len;
};

/* What the rig's user role says over the net/user edge, once it runs. */
struct rig_role {
	uint32_t uid, gid, euid;
	uint32_t dumpable, parent_signal, fd_count, umask_bits, blocked;
	uint8_t policy_ok;
};

void rig_new(struct rig *rig);
/* Writes "TYPE BASE64 comment" of key, with text before it. */
void rig_authorize(struct rig *rig, const char *before,
    const struct privkey *key);
void rig_start(struct rig *rig);
/* Closes net, waits for the monitor; its exit status, -1 if killed. */
int rig_stop(struct rig *rig);
void rig_free(struct rig *rig);
/* The same for cmocka, with a rig of their own. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* The log so far; free() it. */
char *rig_log(const struct rig *rig);
bool rig_logged(const struct rig *rig, const char *text);

/* Raw frames.  rig_receive: false at the end of file or after 5 s. */
void rig_send(struct rig *rig, struct span frame, int fd_count);
bool rig_receive(struct rig *rig, struct ipc_frame *answer);

/* A valid request of the type in rig->frame; round makes hashes differ. */
void rig_make(struct rig *rig, uint8_t type, unsigned int round);
void rig_make_auth(struct rig *rig, uint8_t type, const char *user,
    const struct privkey *key);
void rig_fill_signature(struct rig *rig, struct mon_auth *m,
    const struct privkey *key, struct sink *signature);

/* Takes the monitor to PHASE_AUTH, or logs the user in. */
bool rig_kex(struct rig *rig, unsigned int round);
uint32_t rig_auth(struct rig *rig, uint8_t type, const char *user,
    const struct privkey *key);

#endif
