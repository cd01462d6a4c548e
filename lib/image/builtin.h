/*
 * builtin: what this build can negotiate, as the parser wants it.
 */
#ifndef SSHD_CONN_IMAGE_BUILTIN_H
#define SSHD_CONN_IMAGE_BUILTIN_H

#include "config/algorithms.h"

/*
 * image_builtin_algorithms - for config_set_algorithms()
 *
 * Whoever compiles an image and whoever serves from it must say the same:
 * "+aes*" means something else with other lists, and so config_pack_tag()
 * differs.  ident is what Match Version is compared with; strings are
 * constants or borrowed.
 */
struct config_algorithms image_builtin_algorithms(const char *ident);

#endif
