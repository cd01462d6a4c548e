/*
 * password: see password.h.  Pure.
 */
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "rules/password.h"

#define DES_HASH_BYTES 13

void
password_make_wrong(char *password)
{
	static const char junk[] = "\b\n\r\177INCORRECT";

	for (size_t i = 0; password[i] != '\0'; i++)
		password[i] = junk[i % (sizeof junk - 1)];
}

bool
password_is_hash(const char *field)
{
	return field[0] == '$' || (strlen(field) == DES_HASH_BYTES &&
	    field[0] != '!' && field[0] != '*');
}

bool
password_matches(const char *field, const char *made, const char *password)
{
	if (field[0] == '\0')
		return password[0] == '\0';
	return made != NULL && made[0] != '*' && password_is_hash(field) &&
	    strlen(made) == strlen(field) &&
	    secret_equal(made, field, strlen(field));
}

const char *
password_must_change(const struct spwd *sp, long today)
{
	if (sp->sp_lstchg == 0)
		return "root forced";
	if (sp->sp_max >= 0 && sp->sp_lstchg > 0 &&
	    today - sp->sp_max > sp->sp_lstchg)
		return "password aged";
	return NULL;
}

/* Behind the last day nothing is left to warn of. */
static void
warn(char **text, const char *what, long days, long warn_days)
{
	if (days >= 0 && days <= warn_days)
		(void)!text_add(text, "Your %s will expire in %ld day%s.\n",
		    what, days, days == 1 ? "" : "s");
}

void
password_warn(const struct spwd *sp, long today, char **text)
{
	if (sp->sp_lstchg > 0 && sp->sp_max >= 0)
		warn(text, "password", sp->sp_lstchg + sp->sp_max - today,
		    sp->sp_warn);
}

void
account_warn(const struct spwd *sp, long today, char **text)
{
	if (sp->sp_expire >= 0)
		warn(text, "account", sp->sp_expire - today, sp->sp_warn);
}
