/*
 * pack: write a struct config as position-independent records.  Pure layer;
 * the compiler of the image, and a connection that had to read the text.
 */
#include <stdlib.h>
#include <string.h>

#include "config/internal.h"
#include "config/pack.h"
#include "config/pack_layout.h"

#define POOL_FIRST_BYTES	4096
#define POOL_FIRST_SLOTS	256	/* a power of two, as all after it */

/* Pieces of bytes, each kept once; an open hash table finds them again. */
struct pool {
	uint8_t *p;
	size_t len, size;
	uint32_t *slot;		/* offset + 1; 0: free */
	size_t slots, used;
};

struct packer {
	struct sink *out;
	struct pool strings, numbers;
	struct pack_header head;
	bool failed;		/* sticky: no memory */
};

/* --- pools --------------------------------------------------------------- */

static size_t
pool_hash(const uint8_t *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);	/* FNV-1a */
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return (size_t)(h ^ h >> 32);
}

/* The slot of this piece, or the free one where it belongs. */
static uint32_t *
pool_slot(const struct pool *pool, const uint8_t *p, size_t n)
{
	size_t i = pool_hash(p, n) & (pool->slots - 1);

	for (; pool->slot[i] != 0; i = (i + 1) & (pool->slots - 1)) {
		size_t at = pool->slot[i] - 1;

		if (n <= pool->len - at && memcmp(pool->p + at, p, n) == 0)
			break;
	}
	return &pool->slot[i];
}

static bool
pool_init(struct pool *pool)
{
	*pool = (struct pool){
		.p = malloc(POOL_FIRST_BYTES),
		.size = POOL_FIRST_BYTES,
		.slot = calloc(POOL_FIRST_SLOTS, sizeof(*pool->slot)),
		.slots = POOL_FIRST_SLOTS,
	};
	return pool->p != NULL && pool->slot != NULL;
}

static void
pool_free(struct pool *pool)
{
	free(pool->p);
	free(pool->slot);
}

/*
 * Twice the slots.  Where a piece ends is not known any more, but every
 * piece is a string or a row of numbers, and width tells which.
 */
static bool
pool_rehash(struct pool *pool, size_t width)
{
	struct pool wider = *pool;
	size_t i;

	wider.slots = pool->slots * 2;
	wider.slot = calloc(wider.slots, sizeof(*wider.slot));
	if (wider.slot == NULL)
		return false;
	for (i = 0; i < pool->slots; i++) {
		const uint8_t *p;

		if (pool->slot[i] == 0)
			continue;
		p = pool->p + pool->slot[i] - 1;
		*pool_slot(&wider, p, width != 0 ? width :
		    strlen((const char *)p) + 1) = pool->slot[i];
	}
	free(pool->slot);
	*pool = wider;
	return true;
}

static bool
pool_reserve(struct pool *pool, size_t n)
{
	size_t size = pool->size;
	uint8_t *p;

	if (n > PACK_MAX_BYTES - pool->len)
		return false;
	while (size - pool->len < n)
		size *= 2;
	if (size == pool->size)
		return true;
	p = realloc(pool->p, size);
	if (p == NULL)
		return false;
	pool->p = p;
	pool->size = size;
	return true;
}

/* The offset of these bytes; width is 0 for strings. */
static uint32_t
pool_add(struct packer *k, struct pool *pool, const void *p, size_t n,
    size_t width)
{
	uint32_t *slot;

	if (k->failed || (pool->used >= pool->slots / 2 &&
	    !pool_rehash(pool, width)))
		goto fail;
	slot = pool_slot(pool, p, n);
	if (*slot == 0) {
		if (!pool_reserve(pool, n))
			goto fail;
		memcpy(pool->p + pool->len, p, n);
		*slot = (uint32_t)pool->len + 1;
		pool->len += n;
		pool->used++;
	}
	return *slot - 1;
fail:
	k->failed = true;
	return 0;
}

static uint32_t
add_string(struct packer *k, const char *s)
{
	return s == NULL ? PACK_NONE :
	    pool_add(k, &k->strings, s, strlen(s) + 1, 0);
}

static uint32_t
add_numbers(struct packer *k, const struct value *v)
{
	const int64_t row[PACK_NUMBERS_COUNT] = {
		v->number, v->more[0], v->more[1]
	};

	return pool_add(k, &k->numbers, row, sizeof(row), sizeof(row));
}

/* --- records ------------------------------------------------------------- */

/* Blocks have no number of their own: they are found by walking the list. */
static uint32_t
block_number(const struct config *config, const struct block *block,
    const struct block **cached, uint32_t *cached_number)
{
	const struct block *b;
	uint32_t n = 0;

	if (block == &config->global)
		return 0;
	if (block == *cached)
		return *cached_number;
	for (b = &config->global; b != NULL && b != block; b = b->next)
		n++;
	*cached = block;
	*cached_number = n;
	return n;
}

static void
put_blocks(struct packer *k, const struct config *config)
{
	const struct block *b, *cached = NULL;
	uint32_t number = 0;

	for (b = config->global.next; b != NULL; b = b->next) {
		const struct criterion *c;
		struct pack_block row = {
			.parent = block_number(config, b->parent, &cached,
			    &number),
			.file = add_string(k, b->file),
			.line = b->line,
			.flags = (b->always ? PACK_ALWAYS : 0) |
			    (b->broken ? PACK_BROKEN : 0),
		};

		for (c = b->criteria; c != NULL; c = c->next)
			row.criteria++;
		sink_bytes(k->out, span(&row, sizeof(row)));
		k->head.blocks++;
	}
}

static void
put_criteria(struct packer *k, const struct config *config)
{
	const struct block *b;
	const struct criterion *c;

	for (b = config->global.next; b != NULL; b = b->next) {
		for (c = b->criteria; c != NULL; c = c->next) {
			struct pack_criterion row = {
				.kind = c->kind,
				.pattern = add_string(k, c->pattern),
				.port = c->port,
			};

			sink_bytes(k->out, span(&row, sizeof(row)));
			k->head.criteria++;
		}
	}
}

static void
put_item(struct packer *k, const char *s)
{
	uint32_t item = add_string(k, s);

	sink_bytes(k->out, span(&item, sizeof(item)));
	k->head.items++;
}

static void
put_list(struct packer *k, const struct strlist *list)
{
	size_t i;

	if (list->v == NULL)
		return;
	for (i = 0; i < list->n; i++)
		put_item(k, list->v[i]);
	put_item(k, NULL);
}

static uint32_t
list_code(const struct strlist *list)
{
	return list->v == NULL ? 0 : (uint32_t)list->n + 1;
}

static void
put_lists(struct packer *k, const struct config *config)
{
	const struct directive *d;
	enum keyword_id id;

	k->head.host_keys = list_code(&config->default_host_keys);
	put_list(k, &config->default_host_keys);
	for (id = 0; id < KW_COUNT; id++) {
		for (d = config->first[id]; d != NULL; d = d->next)
			put_list(k, &d->value.list);
	}
}

static void
put_directives(struct packer *k, const struct config *config)
{
	const struct block *cached = NULL;
	const struct directive *d;
	/* Where put_lists() has put them: behind the default host keys. */
	uint32_t number = 0, items = k->head.host_keys;
	enum keyword_id id;

	for (id = 0; id < KW_COUNT; id++) {
		for (d = config->first[id]; d != NULL; d = d->next) {
			struct pack_directive row = {
				.block = block_number(config, d->block,
				    &cached, &number),
				.file = add_string(k, d->file),
				.line = d->line,
				.column = d->column,
				.numbers = add_numbers(k, &d->value),
				.string = add_string(k, d->value.string),
				.items = items,
				.list = list_code(&d->value.list),
			};

			sink_bytes(k->out, span(&row, sizeof(row)));
			items += row.list;
			k->head.directives++;
		}
		k->head.ends[id] = k->head.directives;
	}
}

bool
config_pack(const struct config *config, struct sink *out)
{
	struct packer k = { .out = out };
	size_t at = out->len;
	bool good = pool_init(&k.strings);

	good = pool_init(&k.numbers) && good;
	k.failed = !good;
	/* The counts are known at the end: the header's place is kept. */
	sink_bytes(out, span(&k.head, sizeof(k.head)));
	put_blocks(&k, config);
	put_criteria(&k, config);
	put_lists(&k, config);
	put_directives(&k, config);
	k.head.numbers_bytes = (uint32_t)k.numbers.len;
	k.head.strings_bytes = (uint32_t)k.strings.len;
	sink_bytes(out, span(k.numbers.p, k.numbers.len));
	sink_bytes(out, span(k.strings.p, k.strings.len));
	if (sink_ok(out))
		memcpy(out->p + at, &k.head, sizeof(k.head));
	pool_free(&k.strings);
	pool_free(&k.numbers);
	return !k.failed;
}

const char *
config_working_directory(const struct config *config)
{
	return config->cwd;
}

#define TAG_FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* Every connection asks: eight bytes a step. */
static uint64_t
fold(uint64_t h, const char *p, size_t n)
{
	uint64_t word;

	for (h += n; n > 0; ) {
		size_t some = MIN(n, sizeof(word));

		word = 0;
		memcpy(&word, p, some);
		h = (h ^ word) * TAG_FACTOR;
		h ^= h >> 29;
		p += some;
		n -= some;
	}
	return h;
}

uint64_t
config_pack_tag(void)
{
	uint64_t h = sizeof(struct settings) + sizeof(struct pack_header);
	enum algs_kind kind;
	size_t i;

	for (i = 0; i < KW_COUNT; i++) {
		const struct keyword *k = &keyword_table[i];

		h = (h ^ ((uint64_t)k->offset << 24 |
		    (uint64_t)k->store << 16 | (uint64_t)k->merge << 8 |
		    k->state)) * TAG_FACTOR;
		h ^= h >> 29;
	}
	for (kind = 0; kind < ALGS_COUNT; kind++) {
		const char *list = algs_default(kind);

		h = fold(h, list, strlen(list));
	}
	return h;
}
