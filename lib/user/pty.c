/*
 * pty: terminals by devpts.  User process; must never run as root for a user
 * who is not root.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "user/modes.h"
#include "user/pty.h"

#define PTY_MODE	0620	/* u=rw, g=w for write(1): group is tty */

static unsigned short
to_ushort(uint32_t v)
{
	return (unsigned short)MIN(v, (uint32_t)USHRT_MAX);
}

void
pty_resize(const struct pty *pty, const struct usr_resize *size)
{
	struct winsize ws = {
		.ws_row = to_ushort(size->rows),
		.ws_col = to_ushort(size->cols),
		.ws_xpixel = to_ushort(size->width),
		.ws_ypixel = to_ushort(size->height),
	};

	(void)ioctl(pty->master, TIOCSWINSZ, &ws);
}

/*
 * Opens the other end from the master itself, so that no /dev/pts has to be
 * visible (chroot, another mount namespace); the path is for old kernels.
 */
static int
open_slave(int master)
{
	char path[PTY_NAME_MAX_BYTES];
	unsigned number;
	int fd;

	fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 || errno == EMFILE || errno == ENFILE ||
	    ioctl(master, TIOCGPTN, &number) != 0)
		return fd;
	snprintf(path, sizeof path, "/dev/pts/%u", number);
	return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/*
 * devpts gives owner, group and mode as its mount options say; a mount that
 * lets strangers in (CVE-2015-6565) is corrected, or there is no terminal.
 */
static bool
guard_slave(int slave)
{
	struct stat st;

	if (fstat(slave, &st) != 0)
		return false;
	return (st.st_mode & S_IRWXO) == 0 || fchmod(slave, PTY_MODE) == 0;
}

static void
apply_modes(int fd, const struct usr_pty *want)
{
	struct termios tio;

	if (tcgetattr(fd, &tio) != 0)
		return;
	modes_apply(&tio, want->modes, want->mode_count);
	(void)tcsetattr(fd, TCSANOW, &tio);
}

bool
pty_open(struct pty *pty, const struct usr_pty *want)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int unlocked = 0;

	*pty = (struct pty){ .master = -1, .slave = -1 };
	if (master < 0)
		return false;
	if (ioctl(master, TIOCSPTLCK, &unlocked) != 0) {
		fd_close(&master);
		return false;
	}
	return pty_adopt(pty, master, open_slave(master), want);
}

bool
pty_adopt(struct pty *pty, int master, int slave, const struct usr_pty *want)
{
	struct usr_resize size = { want->chan, want->cols, want->rows,
		want->width, want->height };
	unsigned number = 0;

	*pty = (struct pty){ .master = master, .slave = slave };
	if (ioctl(master, TIOCGPTN, &number) != 0 || slave < 0 ||
	    !guard_slave(slave)) {
		pty_close(pty);
		return false;
	}
	snprintf(pty->name, sizeof pty->name, "pts/%u", number);
	if (want->mode_count > 0)
		apply_modes(slave, want);
	pty_resize(pty, &size);
	return true;
}

void
pty_close(struct pty *pty)
{
	fd_close(&pty->slave);
	fd_close(&pty->master);
}

bool
pty_break(const struct pty *pty)
{
	return tcsendbreak(pty->master, 0) == 0;
}
