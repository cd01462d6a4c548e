/*
 * password: what can be said of passwords without looking into any file.
 * Pure layer.
 */
#ifndef SSHD_CONN_RULES_PASSWORD_H
#define SSHD_CONN_RULES_PASSWORD_H

#include <shadow.h>
#include <stdbool.h>

/*
 * What a user who cannot get in with a password is taken to have typed: the
 * same work is done for it, and no account has it.
 */
void password_make_wrong(char *password);

/* Is that what crypt(3) makes, and not a word for "no password"? */
bool password_is_hash(const char *field);

/*
 * password_matches - field is the shadow file's, made what crypt() made
 *
 * made may be NULL, or start with '*': then it could not be made.  An empty
 * field has the empty password (passwd -d); whether that will do is the
 * caller's to say.  In time that depends on lengths only.
 */
bool password_matches(const char *field, const char *made,
    const char *password);

/*
 * password_must_change - why the password has to be changed now, or NULL
 *
 * today is in days since 1970, as all in the shadow file.
 */
const char *password_must_change(const struct spwd *sp, long today);

/*
 * password_warn, account_warn - adds to *text what the user is to be told
 * ahead of the day when the one or the other ends
 *
 * The shadow file says how many days ahead.  *text: NULL or the caller's to
 * free, as text_add() has it; without memory nobody is warned.
 */
void password_warn(const struct spwd *sp, long today, char **text);
void account_warn(const struct spwd *sp, long today, char **text);

#endif
