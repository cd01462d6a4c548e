/*
 * systemd: sd_notify(3) through a library that is opened late.  Runs in the
 * monitor, as root.
 */
#include "config.h"

#include <stddef.h>

#include "launch/systemd.h"

#ifdef HAVE_LIBSYSTEMD
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "run/dlopen_note.h"

#define LIBSYSTEMD "libsystemd.so.0"

DLOPEN_NOTE([{"feature":"systemd","priority":"suggested",
    "soname":["libsystemd.so.0"],
    "description":"status of a connection for the service manager"}]);

void
systemd_status(const char *notify_socket, const char *text)
{
	__typeof__(&sd_notify) notify;
	char message[256];
	void *library;

	if (notify_socket == NULL)
		return;
	library = dlopen(LIBSYSTEMD, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return;
	notify = (__typeof__(&sd_notify))(uintptr_t)dlsym(library,
	    "sd_notify");
	snprintf(message, sizeof message, "STATUS=%s", text);
	if (notify != NULL && setenv("NOTIFY_SOCKET", notify_socket, 1) == 0)
		(void)notify(1, message);
	dlclose(library);
}

#else

void
systemd_status(const char *notify_socket, const char *text)
{
	(void)notify_socket, (void)text;
}

#endif
