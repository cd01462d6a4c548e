/*
 * resolve: from lines to the settings of one connection.  Pure layer.
 *
 * What Match blocks that apply say beats what the global part says; within
 * either, the first line wins, or all lines count.  So a global line never
 * hides a Match, wherever it stands.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/internal.h"
#include "config/origin.h"
#include "config/scan.h"

/* --- which lines count ---------------------------------------------------- */

/*
 * The lines of a keyword that are in force: those in Match blocks that
 * apply, or else the global ones.  next() walks on in the same kind.
 */
static bool
counts(const struct directive *d, bool in_match)
{
	return in_match ? d->block->parent != NULL && d->block->active :
	    d->block->always;
}

static const struct directive *
next_of_kind(const struct directive *d, bool in_match)
{
	while (d != NULL && !counts(d, in_match))
		d = d->next;
	return d;
}

bool
directive_shares(enum keyword_id id, const struct directive *winner,
    const struct directive *d)
{
	return counts(d, !keyword_table[id].global &&
	    winner->block->parent != NULL);
}

/* The line that decides, or the first of those that do. */
static const struct directive *
find_winner(const struct config *config, enum keyword_id id, bool *in_match)
{
	const struct directive *d, *later;

	*in_match = !keyword_table[id].global;
	d = next_of_kind(config->first[id], *in_match);
	if (d == NULL && *in_match) {
		*in_match = false;
		d = next_of_kind(config->first[id], false);
	}
	if (d == NULL || keyword_table[id].merge != MERGE_LAST)
		return d;
	while ((later = next_of_kind(d->next, *in_match)) != NULL)
		d = later;
	return d;
}

static bool
is_none(const struct strlist *list)
{
	return list->n == 1 && strcasecmp(list->v[0], "none") == 0;
}

/* All lines in force, one list. */
static bool
append_lines(struct config *config, const struct directive *d, bool in_match,
    struct strlist *out)
{
	const struct directive *one;
	const char **v;
	size_t n = 0;

	for (one = d; one != NULL; one = next_of_kind(one->next, in_match))
		n += one->value.list.n;
	v = arena_alloc(&config->arena, (n + 1) * sizeof(*v));
	*out = (struct strlist){ 0 };
	if (v == NULL)
		return false;
	n = 0;
	for (one = d; one != NULL; one = next_of_kind(one->next, in_match)) {
		memcpy(v + n, one->value.list.v,
		    one->value.list.n * sizeof(*v));
		n += one->value.list.n;
	}
	*out = (struct strlist){ v, n };
	return true;
}

/* --- keywords that fill more than one member ------------------------------ */

struct subsystem_lists {
	const char **names, **commands;
	size_t n;
};

static void
add_subsystems(struct subsystem_lists *lists, const struct directive *d,
    bool in_match)
{
	for (d = next_of_kind(d, in_match); d != NULL;
	    d = next_of_kind(d->next, in_match)) {
		size_t i;

		for (i = 0; i < lists->n; i++) {
			if (strcmp(lists->names[i], d->value.list.v[0]) == 0)
				break;
		}
		if (i < lists->n)
			continue;
		lists->names[i] = d->value.list.v[0];
		lists->commands[i] = d->value.list.v[1];
		lists->n++;
	}
}

/* A Match changes the subsystems that it names and leaves the others. */
static bool
apply_subsystems(struct config *config, struct settings *out)
{
	const struct directive *d, *first = config->first[KW_SUBSYSTEM];
	struct subsystem_lists lists = { 0 };
	size_t n = 1;

	for (d = first; d != NULL; d = d->next)
		n++;
	lists.names = arena_alloc(&config->arena, n * sizeof(char *));
	lists.commands = arena_alloc(&config->arena, n * sizeof(char *));
	if (lists.names == NULL || lists.commands == NULL)
		return false;
	add_subsystems(&lists, first, true);
	add_subsystems(&lists, first, false);
	out->subsystem_names = (struct strlist){ lists.names, lists.n };
	out->subsystem_commands = (struct strlist){ lists.commands, lists.n };
	return true;
}

static uint32_t *
penalty_member(struct penalties *p, const char *s, const char **value)
{
	const struct {
		const char *key;
		uint32_t *member;
	} rows[] = {
		{ "crash:", &p->crash },
		{ "authfail:", &p->authfail },
		{ "noauth:", &p->noauth },
		{ "invaliduser:", &p->invaliduser },
		{ "grace-exceeded:", &p->grace_exceeded },
		{ "refuseconnection:", &p->refuseconnection },
		{ "max:", &p->max },
		{ "min:", &p->min },
		{ "max-sources4:", &p->max_sources4 },
		{ "max-sources6:", &p->max_sources6 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].key);

		if (strncmp(s, rows[i].key, n) == 0) {
			*value = s + n;
			return rows[i].member;
		}
	}
	return NULL;
}

static void
apply_penalty(struct penalties *p, const char *s)
{
	const char *value;
	uint32_t *member = penalty_member(p, s, &value);
	int64_t n;

	if (strcmp(s, "no") == 0)
		p->enabled = false;
	else if (strcmp(s, "yes") == 0)
		p->enabled = true;
	else if (strncmp(s, "overflow:", 9) == 0)
		p->deny_all4 = strcmp(s + 9, "deny-all") == 0;
	else if (strncmp(s, "overflow6:", 10) == 0)
		p->deny_all6 = strcmp(s + 10, "deny-all") == 0;
	else if (member != NULL && scan_time(value, &n))
		*member = (uint32_t)n;
}

/* The last word for a key would win, and the first must: go backwards. */
static void
apply_penalties(const struct strlist *all, struct penalties *out)
{
	size_t i;

	for (i = all->n; i > 0; i--)
		apply_penalty(out, all->v[i - 1]);
}

/*
 * The two halves of RekeyLimit are settings of their own: a line without a
 * time, or with "none", leaves the time to a later line.
 */
static uint32_t
rekey_seconds(const struct config *config, const struct directive *d,
    bool in_match)
{
	while (d != NULL && d->value.more[0] == 0)
		d = next_of_kind(d->next, in_match);
	if (d != NULL)
		return (uint32_t)d->value.more[0];
	return !in_match ? 0 : rekey_seconds(config,
	    next_of_kind(config->first[KW_REKEY_LIMIT], false), false);
}

/* A line without a rate keeps the one that an earlier line gave. */
static void
apply_startups(const struct config *config, const struct directive *d,
    struct settings *out)
{
	const struct directive *one = config->first[KW_MAX_STARTUPS];

	out->max_startups_begin = (uint32_t)d->value.number;
	out->max_startups = (uint32_t)d->value.more[1];
	for (; one != NULL; one = next_of_kind(one->next, false)) {
		if (one->value.more[0] != -1)
			out->max_startups_rate = (uint32_t)one->value.more[0];
	}
}

static bool
apply_special(struct config *config, enum keyword_id id,
    const struct directive *d, bool in_match, struct settings *out)
{
	const struct value *v = &d->value;
	struct strlist all;

	switch (id) {
	case KW_MAX_STARTUPS:
		apply_startups(config, d, out);
		return true;
	case KW_PER_SOURCE_NET_BLOCK_SIZE:
		out->per_source_prefix4 = (uint32_t)v->number;
		out->per_source_prefix6 = (uint32_t)v->more[0];
		return true;
	case KW_PER_SOURCE_PENALTIES:
		if (!append_lines(config, d, in_match, &all))
			return false;
		apply_penalties(&all, &out->penalties);
		return true;
	case KW_IP_QOS:
		out->ip_qos_interactive = (int)v->number;
		out->ip_qos_bulk = (int)v->more[0];
		return true;
	case KW_REKEY_LIMIT:
		out->rekey_bytes = (uint64_t)v->number;
		out->rekey_sec = rekey_seconds(config, d, in_match);
		return true;
	case KW_HOST_KEY:
		if (!append_lines(config, d, in_match, &out->host_keys))
			return false;
		if (is_none(&out->host_keys))
			out->host_keys = (struct strlist){ 0 };
		return true;
	case KW_SUBSYSTEM:
		return apply_subsystems(config, out);
	default:
		return true;
	}
}

/* --- all the others ------------------------------------------------------- */

static bool
apply(struct config *config, enum keyword_id id, const struct directive *d,
    bool in_match, struct settings *out)
{
	const struct keyword *k = &keyword_table[id];
	const struct value *v = &d->value;
	char *member = (char *)out + k->offset;
	struct strlist list = v->list;

	switch ((enum keyword_store)k->store) {
	case STORE_NOTHING:
		return true;
	case STORE_BOOL:
		memcpy(member, &(bool){ v->number != 0 }, sizeof(bool));
		return true;
	case STORE_WORD:
		memcpy(member, &(uint32_t){ (uint32_t)v->number }, 4);
		return true;
	case STORE_U64:
		memcpy(member, &v->number, sizeof(v->number));
		return true;
	case STORE_STRING:
	case STORE_STRING_OR_NONE: {
		const char *s = k->store == STORE_STRING_OR_NONE &&
		    strcasecmp(v->string, "none") == 0 ? NULL : v->string;

		memcpy(member, &s, sizeof(s));
		return true;
	}
	case STORE_LIST:
	case STORE_LIST_OR_NONE:
		if (k->merge == MERGE_APPEND &&
		    !append_lines(config, d, in_match, &list))
			return false;
		if (k->store == STORE_LIST_OR_NONE && is_none(&list))
			list = (struct strlist){ 0 };
		memcpy(member, &list, sizeof(list));
		return true;
	case STORE_SPECIAL:
		return apply_special(config, id, d, in_match, out);
	}
	return false;
}

static bool
fill(struct config *config, struct settings *out)
{
	enum keyword_id id;

	settings_default(config, out);
	for (id = 0; id < KW_COUNT; id++) {
		bool in_match;
		const struct directive *d = find_winner(config, id,
		    &in_match);

		config->winner[id] = d;
		if (d != NULL && !apply(config, id, d, in_match, out))
			return false;
	}
	return fixed_apply(config, out);
}

bool
config_resolve(struct config *config, const struct config_spec *spec,
    struct settings *out)
{
	blocks_evaluate(config, spec);
	if (config->packed != NULL && !unpack_select(config))
		return false;
	return fill(config, out);
}

bool
resolve_global(struct config *config, struct settings *out)
{
	struct block *b;

	for (b = config->global.next; b != NULL; b = b->next)
		b->active = false;
	return fill(config, out);
}

/* --- origin.h ------------------------------------------------------------- */

bool
config_origin(const struct config *config, const char *keyword,
    const char **file, unsigned int *line)
{
	const struct keyword_name *name = keyword_find(keyword);
	const struct directive *d = name == NULL ? NULL :
	    config->winner[name->id];

	*file = d == NULL ? NULL : d->file;
	*line = d == NULL ? 0 : d->line;
	return d != NULL;
}

void
config_each_string(const struct config *config, const char *keyword,
    void (*each)(void *ctx, const char *value), void *ctx)
{
	const struct keyword_name *name = keyword_find(keyword);
	const struct directive *d = name == NULL ? NULL :
	    config->first[name->id];

	for (; d != NULL; d = d->next) {
		if (d->value.string != NULL)
			each(ctx, d->value.string);
	}
}

void
config_each_match(const struct config *config,
    void (*each)(void *ctx, const char *file, unsigned int line, bool applies),
    void *ctx)
{
	const struct block *b;

	for (b = config->global.next; b != NULL; b = b->next)
		each(ctx, b->file, b->line, b->active);
}
