/*
 * pack_layout: the records of a packed configuration.
 *
 * Pure layer, internal to pack.c and unpack.c.  All members are 32 bits wide,
 * so there is no padding.  A string is its offset in the strings, a block its
 * number (0: the global part), both as the members' comments say.
 */
#ifndef SSHD_CONN_CONFIG_PACK_LAYOUT_H
#define SSHD_CONN_CONFIG_PACK_LAYOUT_H

#include <stdint.h>

#include "config/keywords.h"

#define PACK_NONE	UINT32_MAX	/* no string: NULL */
#define PACK_MAX_BYTES	((size_t)1 << 31)

struct pack_header {
	uint32_t blocks;		/* without the global part */
	uint32_t criteria;
	uint32_t items;			/* a PACK_NONE after each list too */
	uint32_t directives;
	uint32_t numbers_bytes;
	uint32_t strings_bytes;
	uint32_t host_keys;		/* default ones: the first list */
	uint32_t ends[KW_COUNT];	/* of each keyword's directives */
};

struct pack_block {
	uint32_t parent;		/* a block before this one */
	uint32_t criteria;		/* how many */
	uint32_t file;			/* string */
	uint32_t line;
	uint32_t flags;
};

#define PACK_ALWAYS	1u
#define PACK_BROKEN	2u

struct pack_criterion {
	uint32_t kind;
	uint32_t pattern;		/* string */
	uint32_t port;
};

struct pack_directive {
	uint32_t block;
	uint32_t file;			/* string */
	uint32_t line, column;
	uint32_t numbers;		/* offset of three int64_t */
	uint32_t string;
	uint32_t items;			/* number of the list's first */
	uint32_t list;			/* 1 + items; 0: no list at all */
};

#define PACK_NUMBERS_COUNT 3

#endif
