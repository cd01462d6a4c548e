/*
 * replay: runs a fuzz target without a fuzzer, so that "make check" does.
 *
 *	fuzz_NAME [FILE...]
 *
 * Runs every file of tests/fuzz/corpus/NAME (below $srcdir), or those named,
 * then mutations of each: FUZZ_MUTATIONS (environment) of them, or what the
 * target wants, or 2000.  The seed is fixed: the same program makes the same
 * inputs everywhere.  With FUZZ_VERBOSE set each attempt is announced before
 * it is made, and FUZZ_SAVE=FILE keeps a copy of the last one there, to find
 * what crashed.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX_BYTES		((size_t)1 << 17)
#define FILES_MAX_COUNT		256
#define FOLDER_MAX_BYTES	4096
#define MUTATIONS_COUNT		2000

struct file {
	char *name;
	uint8_t *p;
	size_t len;
};

struct replay {
	struct file files[FILES_MAX_COUNT];
	size_t count;
	unsigned long mutations;
	uint64_t random;
	uint8_t input[INPUT_MAX_BYTES];
	size_t len;
	const char *save;
	bool verbose;
};

/* xorshift64*: any sequence that is the same everywhere will do. */
static uint32_t
roll(struct replay *r, size_t below)
{
	r->random ^= r->random >> 12;
	r->random ^= r->random << 25;
	r->random ^= r->random >> 27;
	return (uint32_t)((r->random * UINT64_C(0x2545f4914f6cdd1d) >> 32) %
	    (below > 0 ? below : 1));
}

static void
die(const char *what, const char *name)
{
	fprintf(stderr, "replay: %s: %s\n", what, name);
	exit(2);
}

static void
load(struct replay *r, const char *name)
{
	struct file *file = &r->files[r->count];
	FILE *f = fopen(name, "rb");

	if (f == NULL || r->count == FILES_MAX_COUNT)
		die("cannot read", name);
	file->p = malloc(INPUT_MAX_BYTES);
	file->name = strdup(name);
	if (file->p == NULL || file->name == NULL)
		die("no memory", name);
	file->len = fread(file->p, 1, INPUT_MAX_BYTES, f);
	fclose(f);
	r->count++;
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
load_folder(struct replay *r, const char *folder)
{
	struct dirent **entry;
	int n = scandir(folder, &entry, visible, alphasort);
	char path[FOLDER_MAX_BYTES + 1 + sizeof entry[0]->d_name];

	if (n <= 0)
		die("no corpus", folder);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", folder,
		    entry[i]->d_name);
		load(r, path);
		free(entry[i]);
	}
	free(entry);
}

/* In a buffer of exactly its size, where AddressSanitizer sees its end. */
static void
run(struct replay *r)
{
	uint8_t *copy = malloc(r->len > 0 ? r->len : 1);
	FILE *f;

	if (copy == NULL)
		die("no memory", "input");
	memcpy(copy, r->input, r->len);
	if (r->save != NULL && (f = fopen(r->save, "wb")) != NULL) {
		fwrite(copy, 1, r->len, f);
		fclose(f);
	}
	(void)LLVMFuzzerTestOneInput(copy, r->len);
	free(copy);
}

/* Removes or repeats some bytes, or puts in a run of another file. */
static void
reshape(struct replay *r)
{
	const struct file *other = &r->files[roll(r, r->count)];
	size_t at = roll(r, r->len + 1), n = roll(r, 16) + 1u, from;

	switch (roll(r, 4)) {
	case 0:
		r->len = at;
		break;
	case 1:
		n = n < r->len - at ? n : r->len - at;
		memmove(r->input + at, r->input + at + n, r->len - at - n);
		r->len -= n;
		break;
	case 2:
		if (r->len + n > INPUT_MAX_BYTES)
			break;
		memmove(r->input + at + n, r->input + at, r->len - at);
		r->len += n;
		break;
	default:
		from = roll(r, other->len + 1);
		n = other->len - from < INPUT_MAX_BYTES - at ?
		    other->len - from : INPUT_MAX_BYTES - at;
		memcpy(r->input + at, other->p + from, n);
		r->len = at + n;
	}
}

/* Lengths and counts are where parsers go wrong: sink one of these in. */
static void
overwrite_number(struct replay *r)
{
	static const uint32_t number[] = { 0, 1, 4, 0x7f, 0x80, 0xff, 0x100,
		0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
		0xfffffff0, 0xfffffffe, 0xffffffff };
	size_t at = roll(r, r->len);
	struct sink s = sink_of(r->input + at, r->len - at);

	sink_u32(&s, number[roll(r, sizeof number / sizeof number[0])]);
}

static void
mutate(struct replay *r)
{
	size_t steps = roll(r, 4) + 1u;

	while (steps-- > 0) {
		if (r->len == 0 || roll(r, 4) == 0) {
			reshape(r);
			continue;
		}
		switch (roll(r, 4)) {
		case 0:
			overwrite_number(r);
			break;
		case 1:
			r->input[roll(r, r->len)] = (uint8_t)roll(r, 256);
			break;
		case 2:
			/* A small step turns one length into the next. */
			r->input[roll(r, r->len)]++;
			break;
		default:
			r->input[roll(r, r->len)] ^=
			    (uint8_t)(1u << roll(r, 8));
		}
	}
}

static void
replay_file(struct replay *r, size_t i)
{
	const struct file *file = &r->files[i];

	for (unsigned long m = 0; m <= r->mutations; m++) {
		memcpy(r->input, file->p, file->len);
		r->len = file->len;
		r->random = UINT64_C(0x9e3779b97f4a7c15) * (m + 1) + i;
		if (m > 0)
			mutate(r);
		if (r->verbose)
			fprintf(stderr, "%s: mutation %lu\n", file->name, m);
		run(r);
	}
	/* A test of its own for a program that counts. */
	printf("ok %zu - %s and %lu mutations\n", i + 1, file->name,
	    r->mutations);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	static struct replay r = { .mutations = MUTATIONS_COUNT };
	const char *top = getenv("srcdir"), *count = getenv("FUZZ_MUTATIONS");
	const char *name = strrchr(argv[0], '/');
	char folder[FOLDER_MAX_BYTES];

	r.save = getenv("FUZZ_SAVE");
	r.verbose = getenv("FUZZ_VERBOSE") != NULL;
	if (&fuzz_mutations != NULL)
		r.mutations = fuzz_mutations;
	if (count != NULL)
		r.mutations = strtoul(count, NULL, 10);
	for (int i = 1; i < argc; i++)
		load(&r, argv[i]);
	name = name == NULL ? argv[0] : name + 1;
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
	    top == NULL ? "." : top, name);
	if (r.count == 0)
		load_folder(&r, folder);
	printf("1..%zu\n", r.count);
	for (size_t i = 0; i < r.count; i++)
		replay_file(&r, i);
	for (size_t i = 0; i < r.count; i++) {
		free(r.files[i].name);
		free(r.files[i].p);
	}
	return 0;
}
