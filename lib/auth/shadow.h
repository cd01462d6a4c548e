/*
 * shadow: a password against the shadow file, where there is no PAM.
 * Monitor, root only.
 */
#ifndef SSHD_CONN_AUTH_SHADOW_H
#define SSHD_CONN_AUTH_SHADOW_H

#include <stdbool.h>

#include "auth/account.h"

/*
 * shadow_password_ok - is that the account's password?
 *
 * An account without a hash that crypt(3) can make ("*", "!", locked, cut
 * short) has no password; one with an empty field has the empty one.  A
 * stand-in costs one hash like everybody else, and never has a password.
 *
 * Trust: password is the peer's, without a NUL.
 */
bool shadow_password_ok(const struct account *account, const char *password)
    MUST_USE;

/*
 * shadow_has_aged - must the password be changed before anything else?
 *
 * Asked once: says why in the log, or warns the user (account->warning).
 */
bool shadow_has_aged(struct account *account);

#endif
