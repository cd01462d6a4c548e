/*
 * Tests of crypto/moduli.h: what of moduli(5)'s text is taken, which group a
 * peer gets, and the exchange over it.
 */
#include <stdlib.h>

#include "test_crypto_hex.h"

#include "crypto/init.h"
#include "crypto/kex_impl.h"
#include "crypto/moduli.h"

/* An odd number of so many bits, as text; it need not be prime to be packed. */
static const char *
number(uint32_t bits, char last)
{
	static char text[GEX_MAX_BITS / 4 + 3];
	size_t digits = (bits + 3) / 4;

	memset(text, '5', digits);
	text[0] = "8124"[bits % 4];
	text[digits - 1] = last;
	text[digits] = '\0';
	return text;
}

struct list {
	uint8_t bytes[MODULI_PACKED_MAX_BYTES];
	struct span span;
};

static void
pack(struct list *list, const char *text)
{
	struct sink out = sink_of(list->bytes, sizeof(list->bytes));

	moduli_pack(S(text), &out);
	assert_true(sink_ok(&out));
	list->span = sink_span(&out);
}

/* How many groups the list has. */
static int
count(const struct list *list)
{
	struct cursor in = cursor_of(list->span);
	int n = 0;

	while (in.left > 0) {
		(void)cursor_u32(&in);
		(void)cursor_string(&in);
		(void)cursor_string(&in);
		n++;
	}
	assert_int_equal(in.err, WIRE_OK);
	return n;
}

static int
count_of_line(const char *head, const char *tail, const char *modulus)
{
	static struct list list;
	char text[GEX_MAX_BITS];

	snprintf(text, sizeof(text), "%s%s%s", head, modulus, tail);
	pack(&list, text);
	return count(&list);
}

static void
lines(void **state)
{
	static const struct {
		const char *head, *tail;
	} bad[] = {
		{ "", "" }, { "#", "" },
		{ "20220714 2 6 100 2047 ", "" },		/* a field less */
		{ "20220714 2 6 100 2047 2 ", " 1" },		/* and more */
		{ "20220714 1 6 100 2047 2 ", "" },	/* not a safe one */
		{ "20220714 2 7 100 2047 2 ", "" },	/* composite */
		{ "20220714 2 0 100 2047 2 ", "" },	/* not tested */
		{ "20220714 2 6 0 2047 2 ", "" },	/* not once */
		{ "20220714 2 6 100 2048 2 ", "" },	/* another size */
		{ "20220714 2 6 100 -1 2 ", "" },
		{ "20220714 2 6 100 99999999999999999999 2 ", "" },
		{ "20220714 2 6 100 2047 1 ", "" },	/* no generator */
		{ "20220714 2 6 100 2047 0 ", "" },
		{ "20220714 2 6 100 2047 x ", "" },
		{ "20220714 2 6 100 2047 123456789a ", "" },
		{ "20220714 2 6 100 2047 2 ", "g" },
		{ "20220714 2 6 100 2047 2 g", "" },
	};

	(void)state;
	assert_int_equal(count_of_line("20220714 2 6 100 2047 2 ", "",
	    number(2048, 'b')), 1);
	assert_int_equal(count_of_line("# x\n\n \t20220714  2 6 100 2047\t5 ",
	    " \r\n# y\n", number(2048, 'B')), 1);
	assert_int_equal(count_of_line("1 2 6 100 2050 2 000", "",
	    number(2051, 'B')), 1);
	assert_int_equal(count_of_line("1 2 6 100 8191 2 ", "",
	    number(8192, 'F')), 1);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (count_of_line(bad[i].head, bad[i].tail,
		    number(2048, 'b')) != 0)
			fail_msg("case %zu was taken", i);
	}
	/* Even; too small; too large. */
	assert_int_equal(count_of_line("1 2 6 100 2047 2 ", "",
	    number(2048, 'c')), 0);
	assert_int_equal(count_of_line("1 2 6 100 2046 2 ", "",
	    number(2047, 'b')), 0);
	assert_int_equal(count_of_line("1 2 6 100 8192 2 ", "",
	    number(8193, 'b')), 0);
}

static void
add_line(char **at, uint32_t bits, char last, unsigned int generator)
{
	*at += sprintf(*at, "1 2 6 100 %u %x %s\n", bits - 1, generator,
	    number(bits, last));
}

static void
not_more_than_enough(void **state)
{
	static struct list list;
	static char text[100 * GEX_MAX_BITS];
	struct sink tiny = sink_of(list.bytes, 300);
	char *at = text;

	(void)state;
	for (unsigned int i = 0; i < 40; i++) {
		add_line(&at, 2048, "13579bdf"[i % 8], 2 + i / 8);
		add_line(&at, 4096, "13579bdf"[i % 8], 2 + i / 8);
	}
	pack(&list, text);
	assert_int_equal(count(&list), 2 * MODULI_OF_A_SIZE_COUNT);
	/* What has no room is left out, whole. */
	moduli_pack(S(text), &tiny);
	assert_int_equal(tiny.len, 4 + 5 + 4 + 256);
	assert_true(sink_ok(&tiny));
}

static uint32_t
picked(struct span list, uint32_t min, uint32_t n, uint32_t max)
{
	const struct gex_want want = { min, n, max };
	struct gex_group group = { { NULL, 1 }, { NULL, 1 }, 1 };

	if (!moduli_pick(list, &want, &group)) {
		assert_int_equal(group.bits, 0);
		assert_int_equal(group.prime.len, 0);
		return 0;
	}
	assert_int_equal((group.prime.len - 1) * 8 / 64 * 64 + 64,
	    (group.bits + 63) / 64 * 64);
	return group.bits;
}

static void
sizes(void **state)
{
	static struct list list;
	static char text[8 * GEX_MAX_BITS];
	char *at = text;

	(void)state;
	add_line(&at, 3072, 'b', 2);
	add_line(&at, 2048, 'b', 2);
	add_line(&at, 7680, 'b', 2);
	add_line(&at, 3072, 'f', 5);
	pack(&list, text);
	assert_int_equal(picked(list.span, 2048, 2048, 8192), 2048);
	assert_int_equal(picked(list.span, 1024, 1024, 8192), 2048);
	assert_int_equal(picked(list.span, 2048, 2049, 8192), 3072);
	assert_int_equal(picked(list.span, 2048, 4096, 8192), 7680);
	/* None as large: the largest there is. */
	assert_int_equal(picked(list.span, 2048, 8192, 8192), 7680);
	assert_int_equal(picked(list.span, 2048, 4096, 7000), 3072);
	assert_int_equal(picked(list.span, 3000, 4096, 4096), 3072);
	/* Out of range is cut to it. */
	assert_int_equal(picked(list.span, 0, 0, UINT32_MAX), 2048);
	assert_int_equal(picked(list.span, 2048, 9000, 16384), 7680);
	/* None that fits: one of the built-in ones that does. */
	assert_int_equal(picked(list.span, 3500, 4096, 5000), 4096);
	assert_int_equal(picked(list.span, 3500, 3500, 4000), 0);
	/* Nonsense. */
	assert_int_equal(picked(list.span, 4096, 2048, 8192), 0);
	assert_int_equal(picked(list.span, 2048, 8192, 4096), 0);
	assert_int_equal(picked(list.span, 512, 1024, 1024), 0);
	assert_int_equal(picked(list.span, 9000, 9000, 16384), 0);
	/* Without a list. */
	assert_int_equal(picked(span(NULL, 0), 2048, 2048, 8192), 2048);
	assert_int_equal(picked(span(NULL, 0), 2048, 3072, 8192), 4096);
	assert_int_equal(picked(span(NULL, 0), 2048, 7680, 8192), 8192);
	assert_int_equal(picked(span(NULL, 0), 2048, 7680, 8000), 4096);
	assert_int_equal(picked(span(NULL, 0), 3072, 3072, 3072), 0);
}

/* All of a size are given out; a list that breaks off does no harm. */
static void
one_at_random(void **state)
{
	static struct list list;
	static char text[8 * GEX_MAX_BITS];
	const struct gex_want want = { 2048, 2048, 8192 };
	unsigned int seen = 0;
	char *at = text;

	(void)state;
	for (unsigned int g = 2; g < 6; g++)
		add_line(&at, 2048, 'b', g);
	pack(&list, text);
	for (int i = 0; i < 500; i++) {
		struct gex_group group;

		assert_true(moduli_pick(list.span, &want, &group));
		assert_int_equal(group.generator.len, 1);
		assert_true(group.generator.p[0] < 6);
		seen |= 1u << group.generator.p[0];
	}
	assert_int_equal(seen, 0x3c);
	for (size_t n = 0; n < list.span.len; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy, list.bytes, n);
		assert_int_equal(picked(span(copy, n), 2048, 2048, 2048),
		    2048);
		free(copy);
	}
	list.bytes[2] = 0x0c;	/* says 3072, and is not */
	assert_int_equal(picked(list.span, 3072, 3072, 3072), 0);
}

static void
two_agree(const struct gex_group *group)
{
	const struct kex_alg *alg =
	    kex_find(S("diffie-hellman-group-exchange-sha256"));
	struct kex_key *a = kex_key_new(alg, group), *b = kex_key_new(alg,
	    group);
	uint8_t k1[KEX_SHARED_MAX_BYTES], k2[KEX_SHARED_MAX_BYTES];
	struct sink s1 = sink_of(k1, sizeof(k1)), s2 = sink_of(k2,
	    sizeof(k2));

	assert_true(kex_key_agree(a, kex_key_public(b), &s1));
	assert_true(kex_key_agree(b, kex_key_public(a), &s2));
	assert_true(span_equal(sink_span(&s1), sink_span(&s2)));
	assert_true(s1.len > 200);
	/* The ends of the range, as with the fixed groups. */
	assert_false(kex_key_agree(a, S("\1"), &s1));
	assert_false(kex_key_agree(a, group->prime, &s1));
	kex_key_free(a);
	kex_key_free(b);
}

static void
exchanges(void **state)
{
	static const uint32_t bits[] = { 2048, 4096, 8192 };
	struct gex_group group;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
		const struct gex_want want = { 2048, bits[i], 8192 };

		assert_true(moduli_pick(span(NULL, 0), &want, &group));
		assert_int_equal(group.bits, bits[i]);
		two_agree(&group);
	}
	/* Another generator is another exchange over the same prime. */
	group.generator = S("\5");
	two_agree(&group);
	assert_null(kex_key_new(
	    kex_find(S("diffie-hellman-group-exchange-sha1")), NULL));
}

/* The file of the machine, where it has one: all its sizes are there. */
static void
system_file(void **state)
{
	static char text[2 << 20];
	static struct list list;
	FILE *f = fopen("/etc/ssh/moduli", "r");

	(void)state;
	if (f == NULL)
		skip();
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	pack(&list, text);
	assert_true(count(&list) >= 5 * MODULI_OF_A_SIZE_COUNT);
	assert_int_equal(picked(list.span, 2048, 3072, 8192), 3072);
	assert_int_equal(picked(list.span, 2048, 8192, 8192), 8192);
}

static int
start(void **state)
{
	(void)state;
	return crypto_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(not_more_than_enough),
		cmocka_unit_test(sizes),
		cmocka_unit_test(one_at_random),
		cmocka_unit_test(exchanges),
		cmocka_unit_test(system_file),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
