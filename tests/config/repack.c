/*
 * repack: does a packed configuration mean what the text means?
 *
 * Test program.
 *
 *	repack [-n ROUNDS] FILE [SPEC]...
 *
 * Resolves FILE for each connection SPEC (as -C has it), from the text and
 * from what config_unpack() makes of its packed form, and compares all
 * settings, the line that each comes from and the verdict of each Match.
 * Exit status 0: the same; 1: not; 2: the file itself is wrong.  -n prints
 * the size, and the least that unpacking and resolving took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/dump.h"
#include "config/keywords.h"
#include "config/origin.h"
#include "config/pack.h"

#define ROOM_BYTES ((size_t)16 << 20)

static struct span
pack(const struct config *config)
{
	uint8_t *p = malloc(ROOM_BYTES), *exact;
	struct sink sink = sink_of(p, ROOM_BYTES);

	if (p == NULL || !config_pack(config, &sink) || !sink_ok(&sink))
		exit(2);
	/* No byte more than there is, for AddressSanitizer. */
	exact = realloc(p, sink.len);
	return span(exact == NULL ? p : exact, sink.len);
}

/* Groups by their first letter: what matters is that both are asked. */
static bool
in_group(void *ctx, const char *patterns)
{
	const struct config_spec *spec = ctx;

	return spec->user != NULL && patterns[0] < 'r';
}

struct verdicts {
	char text[1 << 16];
	size_t n;
};

static void
note_verdict(void *ctx, const char *file, unsigned int line, bool applies)
{
	struct verdicts *v = ctx;

	if (v->n < sizeof(v->text))
		v->n += (size_t)snprintf(v->text + v->n,
		    sizeof(v->text) - v->n, "%s:%u %d\n", file, line, applies);
}

static bool
same_origins(const struct config *a, const struct config *b)
{
	static struct verdicts va, vb;
	const char *file_a, *file_b;
	unsigned int line_a, line_b;
	size_t i;

	va.n = vb.n = 0;
	config_each_match(a, note_verdict, &va);
	config_each_match(b, note_verdict, &vb);
	if (va.n != vb.n || memcmp(va.text, vb.text, MIN(va.n,
	    sizeof(va.text))) != 0)
		return false;
	for (i = 0; i < KW_COUNT; i++) {
		const char *name = keyword_table[i].name;

		if (name == NULL)
			continue;
		if (config_origin(a, name, &file_a, &line_a) !=
		    config_origin(b, name, &file_b, &line_b) ||
		    line_a != line_b || (file_a != NULL &&
		    strcmp(file_a, file_b) != 0))
			return false;
	}
	return true;
}

static bool
same(struct config *a, struct config *b, struct config_spec *spec)
{
	char *text_a, *text_b;
	bool equal;

	if (spec != NULL) {
		spec->in_group = in_group;
		spec->ctx = spec;
	}
	text_a = config_dump(a, spec);
	text_b = config_dump(b, spec);
	equal = text_a != NULL && text_b != NULL &&
	    strcmp(text_a, text_b) == 0 && same_origins(a, b);
	if (!equal)
		fprintf(stderr, "--- text\n%s--- packed\n%s", text_a, text_b);
	free(text_a);
	free(text_b);
	return equal;
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
measure(struct span packed, int rounds)
{
	struct config_spec spec = { .addr = "192.0.2.7", .user = "alice" };
	double unpacking = 1e9, resolving = 1e9;
	struct settings settings;
	int i;

	for (i = 0; i < rounds; i++) {
		double start = now_us(), middle;
		struct config *config = config_unpack(packed);

		middle = now_us();
		if (config == NULL ||
		    !config_resolve(config, &spec, &settings))
			exit(2);
		unpacking = MIN(unpacking, middle - start);
		resolving = MIN(resolving, now_us() - middle);
		config_free(config);
	}
	printf("%zu bytes, unpacking %.1f us, resolving %.1f us\n",
	    packed.len, unpacking, resolving);
}

int
main(int argc, char **argv)
{
	int c, i, rounds = 0, status = 0;
	struct config *config, *unpacked;
	struct span packed;

	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c != 'n')
			return 2;
		rounds = atoi(optarg);
	}
	if (optind == argc)
		return 2;
	config = config_read(argv[optind], NULL, 0);
	if (config == NULL || !config_valid(config)) {
		config_free(config);
		return 2;
	}
	packed = pack(config);
	if (rounds > 0)
		measure(packed, rounds);
	unpacked = config_unpack(packed);
	if (unpacked == NULL || !same(config, unpacked, NULL))
		status = 1;
	for (i = optind + 1; status == 0 && i < argc; i++) {
		struct config_spec spec = { .user = NULL };
		char *wrong = config_parse_spec(argv[i], &spec);

		if (wrong != NULL) {
			free(wrong);
			return 2;
		}
		if (!same(config, unpacked, &spec))
			status = 1;
	}
	config_free(config);
	config_free(unpacked);
	free((void *)(uintptr_t)packed.p);
	return status;
}
