/*
 * offer: what net is to offer and to hold to, out of a configuration.  Main,
 * and the monitor by a pointer: net itself never sees a configuration.
 *
 * Pure: reads no file, logs nothing.
 */
#ifndef SSHD_CONN_OFFER_OFFER_H
#define SSHD_CONN_OFFER_OFFER_H

#include "config/config.h"
#include "image/hostkeys.h"
#include "image/image.h"
#include "ipc/mon.h"
#include "net/net.h"

#define OFFER_IDENT_BYTES 256

/* RFC 4253 section 4.2, without the administrator's words and CR LF. */
extern const char offer_ident[];

/*
 * offer_limits - the settings that net keeps
 *
 * Before the user is known, and again when they may be others.
 */
struct mon_limits offer_limits(const struct settings *settings);

/*
 * offer_params - all that the configuration says of the protocol
 *
 * ident receives our identification.  image is a fresh one, or NULL.  *out
 * borrows from all of them; its descriptors are the caller's to fill in.
 */
void offer_params(struct net_params *out, char ident[OFFER_IDENT_BYTES],
    const struct config *config, const struct settings *settings,
    const struct hostkeys *keys, const struct image *image);

#endif
