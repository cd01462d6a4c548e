/*
 * access: may this account log in from there?  Monitor.
 */
#ifndef SSHD_CONN_AUTH_ACCESS_H
#define SSHD_CONN_AUTH_ACCESS_H

#include "auth/account.h"
#include "config/settings.h"
#include "run/peer.h"

/*
 * access_admit - sets account->valid if nothing forbids this user
 *
 * In order: locked and expired (shadow; only root can look, and only without
 * PAM, which judges that itself), the shell, DenyUsers, AllowUsers,
 * DenyGroups, AllowGroups.  The first reason is logged in the words of the
 * log contract; a stand-in takes the same steps and stays invalid.
 */
void access_admit(struct account *account, const struct settings *settings,
    const struct peer *peer, bool root);

#endif
