/*
 * place: where images are, and under what names.  Keygen and main.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/checksum.h"
#include "image/image.h"

#define STATE_DIRECTORY		"/var/lib/sshd-conn"
#define RUNTIME_DIRECTORY	"/run/sshd-conn"
#define BASENAME_MAX_BYTES	40

static void
add(struct image_places *places, const char *dir, const char *below)
{
	char *path;

	if (dir == NULL || dir[0] != '/' || places->count ==
	    IMAGE_PLACES_MAX_COUNT || asprintf(&path, "%s%s", dir, below) < 0)
		return;
	places->dir[places->count++] = path;
}

/* systemd may name several: "/a:/b"; the first is ours. */
static bool
add_variable(struct image_places *places, const char *name)
{
	const char *value = getenv(name);
	char *first;

	if (value == NULL || value[0] != '/')
		return false;
	first = strndup(value, strcspn(value, ":"));
	add(places, first, "");
	free(first);
	return true;
}

void
image_places_find(struct image_places *places)
{
	bool root = geteuid() == 0;

	*places = (struct image_places){ .count = 0 };
	if (!add_variable(places, "STATE_DIRECTORY")) {
		if (root)
			add(places, STATE_DIRECTORY, "");
		else
			add(places, getenv("HOME"),
			    "/.local/state/sshd-conn");
	}
	if (!root)
		add(places, getenv("XDG_RUNTIME_DIR"), "/sshd-conn");
	else if (!add_variable(places, "RUNTIME_DIRECTORY"))
		add(places, RUNTIME_DIRECTORY, "");
}

void
image_places_free(struct image_places *places)
{
	while (places->count > 0)
		free(places->dir[--places->count]);
}

char *
image_path(const char *path)
{
	char cwd[PATH_MAX], *out;

	if (path[0] == '/')
		return strdup(path);
	if (getcwd(cwd, sizeof(cwd)) == NULL || asprintf(&out, "%s/%s",
	    strcmp(cwd, "/") == 0 ? "" : cwd, path) < 0)
		return NULL;
	return out;
}

/* A person knows it by the file's name, the sum keeps paths apart. */
void
image_name(const char *config_path, const char *suffix,
    char out[static IMAGE_NAME_MAX_BYTES])
{
	const char *base = strrchr(config_path, '/');
	char name[BASENAME_MAX_BYTES + 1];
	size_t n;

	base = base == NULL ? config_path : base + 1;
	for (n = 0; n < BASENAME_MAX_BYTES && base[n] != '\0'; n++)
		name[n] = isalnum((unsigned char)base[n]) || (n > 0 &&
		    strchr("._-", base[n]) != NULL) ? base[n] : '_';
	name[n] = '\0';
	snprintf(out, IMAGE_NAME_MAX_BYTES, "%s-%016llx%s", name,
	    (unsigned long long)image_checksum(span_str(config_path)),
	    suffix);
}
