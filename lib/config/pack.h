/*
 * pack: a checked configuration as bytes that a connection maps.
 *
 * Pure layer.  Packed by whoever has parsed the text, unpacked by every
 * connection: the Match blocks at once, their lines when it is known which
 * of them apply.
 * The bytes are in the machine's order and of this build's tables: they never
 * leave the machine, and config_pack_tag() says whose they are.
 */
#ifndef SSHD_CONN_CONFIG_PACK_H
#define SSHD_CONN_CONFIG_PACK_H

#include <stdint.h>

#include "base/sink.h"
#include "base/span.h"
#include "base/sysdef.h"
#include "config/config.h"

/*
 * config_pack - append what config_resolve() needs of config
 *
 *	header		counts of all that follows (unpack.c checks them)
 *	blocks		Match blocks in file order, each with its parent
 *	criteria	of the blocks, one block after the other
 *	items		offsets of the strings of all lists
 *	directives	by keyword, in file order within one
 *	numbers		triples that directives point to
 *	strings		each once, each ends in a NUL
 *
 * Messages are left out: they are for whoever wrote the text.  False without
 * memory (or when the configuration is over 2 GiB); whether it all fit, the
 * sink says.
 */
bool config_pack(const struct config *config, struct sink *out) MUST_USE;

/*
 * config_unpack - the struct config that was packed
 *
 * Every string borrows from bytes, which must stay mapped as long.  NULL if
 * bytes are not a packed configuration or there is no memory.
 *
 * Trust: nothing is.  Each offset and count is checked before it is used,
 * and each value has what its keyword's use asks for: of what is damaged
 * without the sections showing it, config_resolve() returns false.
 */
struct config *config_unpack(struct span bytes) MUST_USE;

/*
 * config_pack_tag - another number for a build that means something else by
 * the same bytes: another table of keywords, or other algorithms
 *
 * Call it after config_set_algorithms().
 */
uint64_t config_pack_tag(void);

/*
 * config_working_directory - where relative paths of the text started, or
 * NULL when it had none: then the text means the same everywhere
 */
const char *config_working_directory(const struct config *config);

#endif
