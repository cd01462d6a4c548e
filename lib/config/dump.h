/*
 * dump: the settings as text, as `sshd -T` prints them; and the connection
 * to print them for, as `-C` names it.  Pure layer.
 */
#ifndef SSHD_CONN_CONFIG_DUMP_H
#define SSHD_CONN_CONFIG_DUMP_H

#include <stdbool.h>

#include "base/sysdef.h"
#include "config/config.h"

/*
 * config_dump - one "keyword value" a line, in the order that sshd has
 *
 * Resolves for spec (NULL: nothing is known of the connection).  Returns
 * text from malloc(3), or NULL without memory.
 */
char *config_dump(struct config *config, const struct config_spec *spec)
    MUST_USE;

/*
 * config_explain - the same text, with comments that say why
 *
 * First a comment for each Match line: whether it applies, and if not, the
 * first of its criteria that fails.  Before each keyword the lines that made
 * its value, or "default".
 */
char *config_explain(struct config *config, const struct config_spec *spec)
    MUST_USE;

/*
 * config_socket_text - what Port, ListenAddress and AddressFamily ask for, as
 * a drop-in for the socket unit
 *
 * From malloc(3); NULL if the file has none of them, or without memory.
 */
char *config_socket_text(struct config *config) MUST_USE;

/*
 * config_parse_spec - add what one -C argument says to *spec
 *
 * "user=alice,addr=192.0.2.1,invalid-user": user, host, addr, laddr, lport,
 * rdomain.  text is cut up in place and *spec borrows from it.  Returns NULL,
 * or what is wrong with it, as OpenSSH says it, from malloc(3); *spec may
 * have changed.
 */
char *config_parse_spec(char *text, struct config_spec *spec) MUST_USE;

#endif
