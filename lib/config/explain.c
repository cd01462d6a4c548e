/*
 * explain: which line decided each setting, and which Match lines counted.
 * Pure layer; for people.
 */
#include "config/dump.h"
#include "config/internal.h"
#include "config/text.h"

static void
explain_block(struct text *t, const struct block *b,
    const struct config_spec *spec)
{
	const struct criterion *c;
	const char *name;

	text_put(t, "# %s:%u: Match ", b->file, b->line);
	if (b->active) {
		text_put(t, "applies\n");
		return;
	}
	text_put(t, "does not apply: ");
	if (b->broken) {
		text_put(t, "it has an error\n");
		return;
	}
	if (!b->parent->active) {
		text_put(t, "nor does the one around the Include\n");
		return;
	}
	c = block_first_failing(b, spec);
	name = c == NULL ? "?" : criterion_name(c->kind);
	text_put(t, "%s%s%s\n", name, c == NULL || c->pattern == NULL ? "" :
	    " ", c == NULL || c->pattern == NULL ? "" : c->pattern);
}

/* The lines that made the value, in the order in which they count. */
static void
explain_keyword(struct text *t, const struct config *config,
    enum keyword_id id)
{
	const struct directive *winner = config->winner[id], *d;
	enum keyword_merge merge = keyword_table[id].merge;
	bool many = merge == MERGE_APPEND || merge == MERGE_BY_NAME;
	bool fixed = fixed_has(config, id);
	const char *between = fixed ? ", " : "# ";

	if (winner == NULL && !fixed) {
		text_put(t, "# default\n");
		return;
	}
	if (fixed)
		text_put(t, "# an option");
	/* Keys and certificates of the text come after; nothing else does. */
	if (fixed && id != KW_HOST_KEY && id != KW_HOST_CERTIFICATE)
		winner = NULL;
	for (d = winner; d != NULL; d = many ? d->next : NULL) {
		if (d != winner && !directive_shares(id, winner, d))
			continue;
		text_put(t, "%s%s:%u", between, d->file, d->line);
		between = ", ";
	}
	text_put(t, "\n");
}

char *
config_explain(struct config *config, const struct config_spec *spec)
{
	static const struct config_spec nobody;
	struct settings settings;
	struct text t = { 0 };
	const struct block *b;
	enum keyword_id id;
	size_t i;

	if (!config_resolve(config, spec, &settings))
		return NULL;
	for (b = config->global.next; b != NULL; b = b->next)
		explain_block(&t, b, spec == NULL ? &nobody : spec);
	for (i = 0; dump_keyword_at(i, &id); i++) {
		explain_keyword(&t, config, id);
		dump_keyword(&t, i, config, &settings);
	}
	return text_done(&t);
}
