/*
 * unpack: offsets to pointers.  Pure layer; every connection, so it walks
 * each record once and copies no string.
 *
 * Trust: none in the bytes.  They may be damaged, cut or made to harm.
 */
#include <stdlib.h>
#include <string.h>

#include "config/internal.h"
#include "config/pack.h"
#include "config/pack_layout.h"

struct sections {
	struct pack_header head;
	const uint8_t *blocks, *criteria, *items, *directives, *numbers;
	const char *strings;
};

/* What is being built, all of it in one allocation behind the config. */
struct unpacker {
	struct sections s;
	struct config *config;
	struct block *blocks;
	struct criterion *criteria;
	struct directive *directives;
	const char **items;
	size_t next_item;	/* lists come in the order of their owners */
};

static const uint8_t *
take(struct span *in, size_t count, size_t width)
{
	const uint8_t *p = in->p;

	/* Counts are 32 bits wide and rows are short: no overflow. */
	if (p == NULL || count * width > in->len) {
		*in = (struct span){ 0 };
		return NULL;
	}
	in->p += count * width;
	in->len -= count * width;
	return p;
}

static bool
find_sections(struct span in, struct sections *s)
{
	const uint8_t *head = take(&in, 1, sizeof(s->head));
	const struct pack_header *h = &s->head;

	if (head == NULL)
		return false;
	memcpy(&s->head, head, sizeof(s->head));
	s->blocks = take(&in, h->blocks, sizeof(struct pack_block));
	s->criteria = take(&in, h->criteria, sizeof(struct pack_criterion));
	s->items = take(&in, h->items, sizeof(uint32_t));
	s->directives = take(&in, h->directives,
	    sizeof(struct pack_directive));
	s->numbers = take(&in, h->numbers_bytes, 1);
	s->strings = (const char *)take(&in, h->strings_bytes, 1);
	/* With a NUL at the end each string has one. */
	return s->strings != NULL && in.len == 0 && (h->strings_bytes == 0 ||
	    s->strings[h->strings_bytes - 1] == '\0');
}

static bool
get_string(const struct sections *s, uint32_t at, const char **out)
{
	*out = at < s->head.strings_bytes ? s->strings + at : NULL;
	return at < s->head.strings_bytes || at == PACK_NONE;
}

static bool
get_items(struct unpacker *u)
{
	uint32_t at;
	size_t i;

	for (i = 0; i < u->s.head.items; i++) {
		memcpy(&at, u->s.items + i * sizeof(at), sizeof(at));
		if (!get_string(&u->s, at, &u->items[i]))
			return false;
	}
	return true;
}

/* The next list: code - 1 strings and the NULL after them. */
static bool
get_list(struct unpacker *u, uint32_t code, struct strlist *out)
{
	size_t i, left = u->s.head.items - u->next_item;

	*out = (struct strlist){ 0 };
	if (code == 0)
		return true;
	if (code > left || u->items[u->next_item + code - 1] != NULL)
		return false;
	out->v = u->items + u->next_item;
	out->n = code - 1;
	for (i = 0; i < out->n; i++) {
		if (out->v[i] == NULL)
			return false;
	}
	u->next_item += code;
	return true;
}

/* --- blocks -------------------------------------------------------------- */

static bool
get_criterion(const struct sections *s, const uint8_t *p,
    struct criterion *out)
{
	struct pack_criterion row;

	memcpy(&row, p, sizeof(row));
	out->kind = (enum criterion_kind)row.kind;
	out->port = row.port;
	return row.kind <= BY_VERSION &&
	    get_string(s, row.pattern, &out->pattern) &&
	    (out->pattern != NULL || row.kind == BY_ALL ||
	    row.kind == BY_INVALID_USER);
}

static bool
get_block(struct unpacker *u, size_t i, size_t *criteria)
{
	struct block *b = &u->blocks[i];
	struct criterion **end = &b->criteria;
	struct pack_block row;

	memcpy(&row, u->s.blocks + i * sizeof(row), sizeof(row));
	if (row.parent > i || row.criteria > u->s.head.criteria - *criteria)
		return false;
	*b = (struct block){
		.parent = row.parent == 0 ? &u->config->global :
		    &u->blocks[row.parent - 1],
		.line = row.line,
		.always = (row.flags & PACK_ALWAYS) != 0,
		.broken = (row.flags & PACK_BROKEN) != 0,
	};
	if (!get_string(&u->s, row.file, &b->file) || b->file == NULL)
		return false;
	for (; row.criteria > 0; row.criteria--, (*criteria)++) {
		struct criterion *c = &u->criteria[*criteria];

		if (!get_criterion(&u->s, u->s.criteria +
		    *criteria * sizeof(struct pack_criterion), c))
			return false;
		*end = c;
		end = &c->next;
		c->next = NULL;
	}
	u->config->last_block->next = b;
	u->config->last_block = b;
	return true;
}

static bool
get_blocks(struct unpacker *u)
{
	size_t i, criteria = 0;

	for (i = 0; i < u->s.head.blocks; i++) {
		if (!get_block(u, i, &criteria))
			return false;
	}
	return criteria == u->s.head.criteria;
}

/* --- directives ---------------------------------------------------------- */

/* What resolve.c takes for granted of a value of this keyword. */
static bool
value_fits(enum keyword_id id, const struct value *v)
{
	switch ((enum keyword_store)keyword_table[id].store) {
	case STORE_STRING:
	case STORE_STRING_OR_NONE:
		return v->string != NULL;
	case STORE_LIST:
	case STORE_LIST_OR_NONE:
		return v->list.v != NULL;
	case STORE_SPECIAL:
		return id == KW_SUBSYSTEM ? v->list.n >= 2 :
		    v->list.v != NULL || (id != KW_HOST_KEY &&
		    id != KW_PER_SOURCE_PENALTIES);
	default:
		return true;
	}
}

static bool
get_value(struct unpacker *u, const struct pack_directive *row,
    struct value *out)
{
	int64_t numbers[PACK_NUMBERS_COUNT];

	if (u->s.head.numbers_bytes < sizeof(numbers) ||
	    row->numbers > u->s.head.numbers_bytes - sizeof(numbers))
		return false;
	memcpy(numbers, u->s.numbers + row->numbers, sizeof(numbers));
	out->number = numbers[0];
	out->more[0] = numbers[1];
	out->more[1] = numbers[2];
	return get_string(&u->s, row->string, &out->string) &&
	    get_list(u, row->list, &out->list);
}

static bool
get_directive(struct unpacker *u, enum keyword_id id, size_t i)
{
	struct directive *d = &u->directives[i];
	struct pack_directive row;

	memcpy(&row, u->s.directives + i * sizeof(row), sizeof(row));
	if (row.block > u->s.head.blocks)
		return false;
	d->next = i + 1 < u->s.head.ends[id] ? d + 1 : NULL;
	d->block = row.block == 0 ? &u->config->global :
	    &u->blocks[row.block - 1];
	d->line = row.line;
	d->column = row.column;
	return get_string(&u->s, row.file, &d->file) && d->file != NULL &&
	    get_value(u, &row, &d->value) && value_fits(id, &d->value);
}

static bool
get_directives(struct unpacker *u)
{
	const struct pack_header *h = &u->s.head;
	size_t i = 0;
	enum keyword_id id;

	for (id = 0; id < KW_COUNT; id++) {
		if (h->ends[id] < i || h->ends[id] > h->directives)
			return false;
		if (h->ends[id] == i)
			continue;
		u->config->first[id] = &u->directives[i];
		u->config->last[id] = &u->directives[h->ends[id] - 1];
		for (; i < h->ends[id]; i++) {
			if (!get_directive(u, id, i))
				return false;
		}
	}
	return i == h->directives;
}

/* --- all ----------------------------------------------------------------- */

static bool
allocate(struct unpacker *u)
{
	const struct pack_header *h = &u->s.head;
	struct config *config = malloc(sizeof(*config) +
	    h->blocks * sizeof(*u->blocks) +
	    h->criteria * sizeof(*u->criteria) +
	    h->directives * sizeof(*u->directives) +
	    h->items * sizeof(*u->items));

	if (config == NULL)
		return false;
	*config = (struct config){ .global = { .always = true } };
	config->last_block = &config->global;
	config->messages_end = &config->messages;
	u->config = config;
	u->blocks = (struct block *)(config + 1);
	u->criteria = (struct criterion *)(u->blocks + h->blocks);
	u->directives = (struct directive *)(u->criteria + h->criteria);
	u->items = (const char **)(u->directives + h->directives);
	return true;
}

struct config *
config_unpack(struct span bytes)
{
	struct unpacker u = { .next_item = 0 };

	if (bytes.len > PACK_MAX_BYTES || !find_sections(bytes, &u.s) ||
	    !allocate(&u))
		return NULL;
	if (get_items(&u) && get_blocks(&u) &&
	    get_list(&u, u.s.head.host_keys, &u.config->default_host_keys) &&
	    get_directives(&u) && u.next_item == u.s.head.items)
		return u.config;
	config_free(u.config);
	return NULL;
}
