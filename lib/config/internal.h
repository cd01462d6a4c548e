/*
 * internal: what the files of lib/config share and nobody else sees.
 *
 * Pure layer.  A parsed file is a list of blocks (the global part and each
 * Match) and, per keyword, the list of its lines in file order, each with
 * its block.  Which block applies is decided per connection, in resolve.c.
 */
#ifndef SSHD_CONN_CONFIG_INTERNAL_H
#define SSHD_CONN_CONFIG_INTERNAL_H

#include "config/algorithms.h"
#include "config/arena.h"
#include "config/config.h"
#include "config/source.h"
#include "config/keywords.h"
#include "config/lex.h"

/* The value of one line, checked.  Which members count, the keyword says. */
struct value {
	int64_t number;
	int64_t more[2];
	const char *string;
	struct strlist list;
};

struct directive {
	struct directive *next;		/* of the same keyword */
	struct block *block;
	const char *file;
	unsigned int line, column;
	struct value value;
};

enum criterion_kind {
	BY_ALL,
	BY_INVALID_USER,
	BY_USER,
	BY_GROUP,
	BY_HOST,
	BY_ADDRESS,
	BY_LOCAL_ADDRESS,
	BY_LOCAL_PORT,
	BY_RDOMAIN,
	BY_VERSION,
};

struct criterion {
	struct criterion *next;
	enum criterion_kind kind;
	const char *pattern;
	unsigned int port;
};

/* The global part, or what follows a Match up to the next or the file's end. */
struct block {
	struct block *next;		/* in file order */
	struct block *parent;		/* around the Include; NULL: global */
	struct criterion *criteria;
	const char *file;
	unsigned int line;
	bool always;			/* nothing but "all", parents too */
	bool broken;			/* an error: never applies */
	bool active;			/* of the last config_resolve() */
};

struct message_node {
	struct message_node *next;
	struct config_message message;
};

struct config {
	struct arena arena;
	struct block global;
	struct block *last_block;
	struct directive *first[KW_COUNT], *last[KW_COUNT];
	const struct directive *winner[KW_COUNT]; /* of the last resolve */
	bool told[KEYWORD_NAMES_MAX_COUNT]; /* what its state means */
	struct message_node *messages, **messages_end;
	size_t message_count;
	struct config_message *message_array;
	bool invalid;
	unsigned int include_count;
	bool include_stop;		/* a loop: no further file is read */
	const char *cwd;		/* where relative paths start */
	struct strlist default_host_keys;	/* those that exist */
	const struct config_fixed *fixed;	/* or NULL */
	const struct packed *packed;	/* unpack.c's; NULL: was parsed */
};

struct parser {
	struct config *config;
	const struct config_files *files;
	struct block *block;		/* that lines belong to now */
	struct block *outer;		/* that this file's Include stood in */
	const char *file;		/* "command-line" for -o */
	unsigned int line_number;
	unsigned int depth;		/* of Includes */
	bool command_line;
};

/* --- read.c: messages, lines ------------------------------------------- */

void parse_message(struct parser *p, enum config_severity severity,
    unsigned int column, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Returns false, for "return parse_error(...)". */
bool parse_error(struct parser *p, unsigned int column, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * parse_next - the next word of the line, or NULL with an error reported
 *
 * An empty word ("") is an error too.
 */
const struct word *parse_next(struct parser *p, struct line *line) MUST_USE;

/* The next word without an error: NULL at the end of the line. */
const struct word *parse_peek(const struct line *line);
void parse_skip(struct line *line);
void parse_skip_all(struct line *line);

void parse_text(struct parser *p, const char *file, const char *text,
    size_t n);
bool parse_include(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out);

/* --- block.c -------------------------------------------------------------- */

bool parse_match(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out);

/* Sets active in each block. */
void blocks_evaluate(struct config *config, const struct config_spec *spec);

/* Why a block does not apply; NULL if all its criteria hold. */
const struct criterion *block_first_failing(const struct block *b,
    const struct config_spec *spec);
const char *criterion_name(enum criterion_kind kind);

/* --- fixed.c -------------------------------------------------------------- */

/* Has the command line decided that keyword, alone or with others? */
bool fixed_has(const struct config *config, enum keyword_id id);
bool fixed_apply(struct config *config, struct settings *out) MUST_USE;

/* --- resolve.c ------------------------------------------------------------ */

extern const struct strlist config_default_host_keys;	/* defaults.c */

void settings_default(const struct config *config, struct settings *out);

/* What holds before any Match is asked; "Match all" is global text then. */
bool resolve_global(struct config *config, struct settings *out);

/*
 * Of two lines of a keyword that adds lines up, are both in Match blocks that
 * apply, or both outside?
 */
bool directive_shares(enum keyword_id id, const struct directive *winner,
    const struct directive *d);

/* --- dump.c --------------------------------------------------------------- */

struct text;

/* The i-th keyword of the dump; false after the last. */
bool dump_keyword_at(size_t i, enum keyword_id *id);
void dump_keyword(struct text *t, size_t i, const struct config *config,
    const struct settings *settings);

/* --- unpack.c -------------------------------------------------------------- */

/* The directives of blocks that are active or always are; false: damaged. */
bool unpack_select(struct config *config) MUST_USE;

/* --- algs.c --------------------------------------------------------------- */

enum algs_kind {
	ALGS_KEX,
	ALGS_CIPHERS,
	ALGS_MACS,
	ALGS_HOSTKEYS,
	ALGS_PUBKEYS,
	ALGS_CA,
	ALGS_COUNT
};

const char *algs_default(enum algs_kind kind);
const char *algs_version(void);

/*
 * algs_assemble - turn what the file says into a plain name-list
 *
 * Returns NULL with an error reported.
 */
const char *algs_assemble(struct parser *p, enum algs_kind kind,
    const struct word *w);

/* --- value_*.c: a function for each kind of argument ---------------------- */

parse_fn parse_flag, parse_named, parse_tunnel, parse_int, parse_time;
parse_fn parse_path, parse_string, parse_tilde, parse_rest, parse_command;
parse_fn parse_forced;
parse_fn parse_addendum, parse_agent, parse_provider, parse_time_or_none;
parse_fn parse_mask, parse_hash, parse_auth_options, parse_user_environment;
parse_fn parse_port, parse_listen, parse_startups, parse_per_source;
parse_fn parse_net_block, parse_penalties, parse_exempt, parse_ip_qos;
parse_fn parse_rekey;
parse_fn parse_kex, parse_ciphers, parse_macs, parse_host_key_algorithms;
parse_fn parse_pubkey_algorithms, parse_ca_algorithms;
parse_fn parse_host_key, parse_env, parse_setenv, parse_users, parse_groups;
parse_fn parse_key_files, parse_paths, parse_log_verbose, parse_methods;
parse_fn parse_permit_open, parse_permit_listen, parse_channel_timeout;
parse_fn parse_subsystem;
parse_fn parse_anything;

/* Relative paths start at the working directory; "none" stays. */
const char *path_absolute(struct parser *p, const char *path);
const char *path_expand_tilde(struct parser *p, const char *path);

/* A warning if the command is the file server that is not there yet. */
void tell_internal_sftp(struct parser *p, const char *command,
    unsigned int column);

/* A list that grows while it is parsed; the array doubles in the arena. */
struct list_builder {
	const char **v;
	size_t n, room;
};
bool list_add(struct parser *p, struct list_builder *b, const char *s)
    MUST_USE;
struct strlist list_done(const struct list_builder *b);

/* What is wrong with a word, or NULL; *keep may replace the word. */
typedef const char *check_fn(struct parser *p, const char *word,
    const char **keep);

/* All the words of the line, at least one. */
bool parse_words(struct parser *p, const struct keyword *k,
    struct line *line, struct value *out, check_fn *check);

#endif
