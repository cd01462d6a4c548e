/*
 * shadow: the one file with crypt(3) in it.  Monitor, root only.
 *
 * It must never take a hash that could not be made for one that differs only
 * by chance: what crypt() returns for a malformed one starts with '*'.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <dlfcn.h>
#include <shadow.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/shadow.h"
#include "base/secret.h"
#include "rules/password.h"
#include "run/dlopen_note.h"
#include "run/log.h"

#define HASH_TEXT_BYTES	512
#define SECONDS_A_DAY	86400
/* For an account without a hash: the work is to be done all the same. */
#define NOBODYS_HASH	"$6$0123456789abcdef$"

#ifdef LIBCRYPT_SONAME
DLOPEN_NOTE([{"feature":"crypt","description":"passwords without PAM",
    "priority":"suggested","soname":["libcrypt.so.1"]}]);
#else
#define LIBCRYPT_SONAME NULL	/* it is in libc */
#endif

/*
 * The account's field, and a hash to spend the time on: its own, or the kind
 * that this machine's accounts have.
 */
static void
read_hashes(const struct account *account, char field[static HASH_TEXT_BYTES],
    char work[static HASH_TEXT_BYTES])
{
	const struct spwd *sp = getspnam(account->name);

	snprintf(field, HASH_TEXT_BYTES, "%s",
	    sp == NULL || sp->sp_pwdp == NULL ? "*" : sp->sp_pwdp);
	snprintf(work, HASH_TEXT_BYTES, "%s",
	    password_is_hash(field) ? field : NOBODYS_HASH);
	setspent();
	while (!password_is_hash(field) && (sp = getspent()) != NULL) {
		if (sp->sp_pwdp == NULL || sp->sp_pwdp[0] != '$')
			continue;
		snprintf(work, HASH_TEXT_BYTES, "%s", sp->sp_pwdp);
		break;
	}
	endspent();
}

bool
shadow_password_ok(const struct account *account, const char *password)
{
	char field[HASH_TEXT_BYTES], work[HASH_TEXT_BYTES];
	char *(*hash)(const char *, const char *) = NULL;
	void *lib = dlopen(LIBCRYPT_SONAME, RTLD_NOW);
	void *symbol = lib == NULL ? NULL : dlsym(lib, "crypt");
	const char *made = NULL;
	bool ok;

	read_hashes(account, field, work);
	memcpy(&hash, &symbol, sizeof hash);
	if (hash != NULL)
		made = hash(password, work);
	else
		log_line(LOG_LEVEL_ERROR, false, "cannot load libcrypt");
	ok = password_matches(field, made, password);
	secret_wipe(field, sizeof field);
	secret_wipe(work, sizeof work);
	return ok && account->known;
}

bool
shadow_has_aged(struct account *account)
{
	long today = (long)(time(NULL) / SECONDS_A_DAY);
	const struct spwd *sp;
	const char *why = NULL;

	if (account->aging_asked)
		return account->aged;
	account->aging_asked = true;
	sp = getspnam(account->name);
	if (sp != NULL && account->known) {
		why = password_must_change(sp, today);
		password_warn(sp, today, &account->warning);
	}
	if (why != NULL)
		log_line(LOG_LEVEL_INFO, false,
		    "User %.100s password has expired (%s)", account->name,
		    why);
	endspent();
	return account->aged = why != NULL;
}
