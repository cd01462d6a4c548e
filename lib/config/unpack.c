/*
 * unpack: offsets to pointers.  Pure layer; every connection, so it makes
 * what is needed only, and copies no string.
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

/*
 * What is kept for config_resolve(), which asks the blocks first and then has
 * the directives of those that apply made: of many Match blocks few do, and
 * memory that is not touched costs nothing.
 */
struct packed {
	struct sections s;
	struct block *blocks;
	struct criterion *criteria;
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

/* code - 1 strings from item at on, in the arena. */
static bool
get_list(struct config *config, const struct sections *s, uint32_t at,
    uint32_t code, struct strlist *out)
{
	size_t i, n = code - 1;
	uint32_t item;
	const char **v;

	*out = (struct strlist){ 0 };
	if (code == 0)
		return true;
	if (at > s->head.items || n > s->head.items - at)
		return false;
	v = arena_alloc(&config->arena, (n + 1) * sizeof(*v));
	for (i = 0; v != NULL && i < n; i++) {
		memcpy(&item, s->items + (at + i) * sizeof(item),
		    sizeof(item));
		if (!get_string(s, item, &v[i]) || v[i] == NULL)
			return false;
	}
	*out = (struct strlist){ v, v == NULL ? 0 : n };
	return v != NULL;
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
get_block(struct config *config, const struct packed *k, size_t i,
    size_t *criteria)
{
	struct block *b = &k->blocks[i];
	struct criterion **end = &b->criteria;
	struct pack_block row;

	memcpy(&row, k->s.blocks + i * sizeof(row), sizeof(row));
	if (row.parent > i || row.criteria > k->s.head.criteria - *criteria)
		return false;
	*b = (struct block){
		.parent = row.parent == 0 ? &config->global :
		    &k->blocks[row.parent - 1],
		.line = row.line,
		.always = (row.flags & PACK_ALWAYS) != 0,
		.broken = (row.flags & PACK_BROKEN) != 0,
	};
	if (!get_string(&k->s, row.file, &b->file) || b->file == NULL)
		return false;
	for (; row.criteria > 0; row.criteria--, (*criteria)++) {
		struct criterion *c = &k->criteria[*criteria];

		if (!get_criterion(&k->s, k->s.criteria +
		    *criteria * sizeof(struct pack_criterion), c))
			return false;
		*end = c;
		end = &c->next;
		c->next = NULL;
	}
	config->last_block->next = b;
	config->last_block = b;
	return true;
}

static bool
get_blocks(struct config *config, const struct packed *k)
{
	size_t i, criteria = 0;

	for (i = 0; i < k->s.head.blocks; i++) {
		if (!get_block(config, k, i, &criteria))
			return false;
	}
	return criteria == k->s.head.criteria;
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
get_value(struct config *config, const struct sections *s,
    const struct pack_directive *row, struct value *out)
{
	int64_t numbers[PACK_NUMBERS_COUNT];

	if (s->head.numbers_bytes < sizeof(numbers) ||
	    row->numbers > s->head.numbers_bytes - sizeof(numbers))
		return false;
	memcpy(numbers, s->numbers + row->numbers, sizeof(numbers));
	out->number = numbers[0];
	out->more[0] = numbers[1];
	out->more[1] = numbers[2];
	return get_string(s, row->string, &out->string) &&
	    get_list(config, s, row->items, row->list, &out->list);
}

/* A row of a block that does not apply is passed over. */
static bool
get_directive(struct config *config, enum keyword_id id, size_t i)
{
	const struct packed *k = config->packed;
	struct pack_directive row;
	struct directive *d;
	struct block *block;

	memcpy(&row, k->s.directives + i * sizeof(row), sizeof(row));
	if (row.block > k->s.head.blocks)
		return false;
	block = row.block == 0 ? &config->global : &k->blocks[row.block - 1];
	if (!block->active && !block->always)
		return true;
	d = arena_alloc(&config->arena, sizeof(*d));
	if (d == NULL || !get_string(&k->s, row.file, &d->file) ||
	    d->file == NULL || !get_value(config, &k->s, &row, &d->value) ||
	    !value_fits(id, &d->value))
		return false;
	d->block = block;
	d->line = row.line;
	d->column = row.column;
	if (config->last[id] == NULL)
		config->first[id] = d;
	else
		config->last[id]->next = d;
	config->last[id] = d;
	return true;
}

/* What an earlier resolve had made stays in the arena: settings point to it. */
bool
unpack_select(struct config *config)
{
	const struct pack_header *h = &config->packed->s.head;
	enum keyword_id id;
	size_t i = 0;

	for (id = 0; id < KW_COUNT; id++) {
		config->first[id] = config->last[id] = NULL;
		if (h->ends[id] < i || h->ends[id] > h->directives)
			return false;
		for (; i < h->ends[id]; i++) {
			if (!get_directive(config, id, i))
				return false;
		}
	}
	return i == h->directives;
}

/* --- all ----------------------------------------------------------------- */

/* One piece for all that has a fixed size. */
static struct config *
allocate(const struct sections *s)
{
	struct config *config = malloc(sizeof(*config) +
	    sizeof(struct packed) +
	    s->head.blocks * sizeof(struct block) +
	    s->head.criteria * sizeof(struct criterion));
	struct packed *k;

	if (config == NULL)
		return NULL;
	*config = (struct config){ .global = { .always = true } };
	config->last_block = &config->global;
	config->messages_end = &config->messages;
	k = (struct packed *)(config + 1);
	k->s = *s;
	k->blocks = (struct block *)(k + 1);
	k->criteria = (struct criterion *)(k->blocks + s->head.blocks);
	config->packed = k;
	return config;
}

struct config *
config_unpack(struct span bytes)
{
	struct sections s;
	struct config *config;

	if (bytes.len > PACK_MAX_BYTES || !find_sections(bytes, &s))
		return NULL;
	config = allocate(&s);
	if (config == NULL)
		return NULL;
	if (get_blocks(config, config->packed) && get_list(config, &s, 0,
	    s.head.host_keys, &config->default_host_keys))
		return config;
	config_free(config);
	return NULL;
}
