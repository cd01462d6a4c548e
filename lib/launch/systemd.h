/*
 * systemd: a word to the service manager.  The one owner of libsystemd.
 *
 * Runs in the monitor.  Without a manager that listens it does nothing, and
 * then the library is not even opened.
 */
#ifndef SSHD_CONN_LAUNCH_SYSTEMD_H
#define SSHD_CONN_LAUNCH_SYSTEMD_H

/*
 * systemd_status - one line for "systemctl status sshd-conn@..."
 *
 * notify_socket is NOTIFY_SOCKET as it was before the environment was
 * scrubbed, NULL if it was not set.  Best effort: libsystemd is opened for
 * this call and closed again, so that neither it nor what it brings along
 * stays in a process that lives as long as a login does.
 */
void systemd_status(const char *notify_socket, const char *text);

#endif
