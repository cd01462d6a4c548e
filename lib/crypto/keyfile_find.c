/*
 * keyfile_find: the key files of a directory.  Main only; opens none.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sign.h"

/* A .pub is no private key. */
static bool
is_key_name(const char *name, const char *prefix)
{
	size_t len = strlen(name);

	return strncmp(name, prefix, strlen(prefix)) == 0 &&
	    (len < 4 || strcmp(name + len - 4, ".pub") != 0);
}

size_t
keyfile_find(const char *dir, const char *prefix, char **paths, size_t max)
{
	struct dirent **found;
	int n = dir == NULL ? -1 : scandir(dir, &found, NULL, alphasort);
	size_t count = 0;

	if (n < 0)
		return 0;
	for (int i = 0; i < n; i++) {
		if (count < max && is_key_name(found[i]->d_name, prefix) &&
		    asprintf(&paths[count], "%s/%s", dir,
		    found[i]->d_name) >= 0)
			count++;
		free(found[i]);
	}
	free(found);
	return count;
}
