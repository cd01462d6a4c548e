/*
 * info: the methods that a login has passed, as ExposeAuthInfo and PAM's
 * SSH_AUTH_INFO_0 tell them.  Monitor.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/cursor.h"
#include "monitor/internal.h"

/*
 * login_add_info - one more line: the method, and the key as authorized_keys
 * would have it; key is empty for methods that have none
 *
 * False without memory, and what was there stays.
 */
bool
login_add_info(struct login *login, const char *method, struct span key)
{
	struct cursor in = cursor_of(key);
	struct span type = cursor_string(&in);
	size_t room = key.len / 3 * 4 + 8;
	char *text = malloc(room), *more = NULL;
	const char *before = login->info != NULL ? login->info : "";
	int n = -1;

	if (text != NULL && key.len == 0)
		n = asprintf(&more, "%s%s\n", before, method);
	else if (text != NULL && base64_encode(key, text, room))
		n = asprintf(&more, "%s%s %.*s %s\n", before, method,
		    (int)type.len, (const char *)type.p, text);
	free(text);
	if (n < 0)
		return false;
	free(login->info);
	login->info = more;
	return true;
}
