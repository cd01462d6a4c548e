/*
 * origin: which line decided a setting?  Pure layer; for people who ask why.
 */
#ifndef SSHD_CONN_CONFIG_ORIGIN_H
#define SSHD_CONN_CONFIG_ORIGIN_H

#include <stdbool.h>

#include "config/config.h"

/*
 * config_origin - the line that the last config_resolve() took it from
 *
 * keyword in any letter case, also an alias.  False: the default is in force,
 * or there is no such keyword.  Of a list that appends it is the first line.
 */
bool config_origin(const struct config *config, const char *keyword,
    const char **file, unsigned int *line);

/*
 * config_each_string - every value that a keyword of one string has anywhere
 * in a text that was read, whatever block it stands in
 */
void config_each_string(const struct config *config, const char *keyword,
    void (*each)(void *ctx, const char *value), void *ctx);

/*
 * config_each_match - the Match lines, in file order, with the verdict of the
 * last config_resolve()
 */
void config_each_match(const struct config *config,
    void (*each)(void *ctx, const char *file, unsigned int line, bool applies),
    void *ctx);

#endif
