/*
 * libssh-client - log in with libssh and run one command (a test program).
 *
 * usage: libssh-client PORT USER KEYFILE COMMAND
 * Copies the command's output and error output to its own, its standard
 * input to the command, and ends with the command's exit status.
 * It trusts any host key: it must never be used outside the tests.
 */
#include <libssh/libssh.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
fail(ssh_session s, const char *what)
{
	fprintf(stderr, "libssh-client: %s: %s\n", what, ssh_get_error(s));
	return 254;
}

/* Send all of standard input, then the end of it. */
static int
feed(ssh_channel ch)
{
	char buf[8192];
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0)
		if (ssh_channel_write(ch, buf, (uint32_t)n) != (int)n)
			return -1;
	return ssh_channel_send_eof(ch) == SSH_OK ? 0 : -1;
}

static int
drain(ssh_channel ch, int is_stderr)
{
	char buf[8192];
	int n;

	while ((n = ssh_channel_read(ch, buf, sizeof(buf), is_stderr)) > 0)
		if (write(is_stderr ? 2 : 1, buf, (size_t)n) != n)
			return -1;
	return n;
}

static int
run(ssh_session s, const char *command)
{
	ssh_channel ch = ssh_channel_new(s);
	int status;

	if (ch == NULL || ssh_channel_open_session(ch) != SSH_OK)
		return fail(s, "session");
	if (ssh_channel_request_exec(ch, command) != SSH_OK)
		return fail(s, "exec");
	if (feed(ch) != 0 || drain(ch, 0) != 0 || drain(ch, 1) != 0)
		return fail(s, "data");
	status = ssh_channel_get_exit_status(ch);
	ssh_channel_close(ch);
	ssh_channel_free(ch);
	return status;
}

int
main(int argc, char **argv)
{
	ssh_session s = ssh_new();
	ssh_key key;
	int status;

	if (argc != 5 || s == NULL)
		return 253;
	ssh_options_set(s, SSH_OPTIONS_HOST, "127.0.0.1");
	ssh_options_set(s, SSH_OPTIONS_PORT_STR, argv[1]);
	ssh_options_set(s, SSH_OPTIONS_USER, argv[2]);
	ssh_options_set(s, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	if (ssh_connect(s) != SSH_OK)
		return fail(s, "connect");
	if (ssh_pki_import_privkey_file(argv[3], NULL, NULL, NULL, &key) !=
	    SSH_OK)
		return fail(s, "key");
	if (ssh_userauth_publickey(s, NULL, key) != SSH_AUTH_SUCCESS)
		return fail(s, "publickey");
	status = run(s, argv[4]);
	ssh_key_free(key);
	ssh_disconnect(s);
	ssh_free(s);
	return status;
}
