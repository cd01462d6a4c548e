/*
 * words: a command line taken apart as OpenSSH does, without any shell.
 * Keys role.  Pure.
 */
#ifndef SSHD_CONN_KEYS_WORDS_H
#define SSHD_CONN_KEYS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sysdef.h"

/*
 * keys_next_word - the next word of *in, out of its quotes
 *
 * Quotes may begin anywhere in a word.  A backslash before a quote, a
 * backslash or, outside of quotes, a blank is none; before anything else it
 * stands for itself.  *end is set when there is no word left.  False: quotes
 * that do not end, or a word that does not fit.
 */
bool keys_next_word(const char **in, char *word, size_t size, bool *end)
    MUST_USE;

#endif
