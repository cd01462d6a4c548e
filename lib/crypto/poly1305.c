/*
 * poly1305: four blocks at once with AVX2.  Pure layer, net only.
 *
 * The tag is h + pad mod 2^128, where h = sum of block_i * r^(count - i) mod
 * p = 2^130 - 5.  Lane j of a vector sums the blocks j, j + 4, j + 8...,
 * each step multiplying by r^4 (two steps at a time: by r^8 and r^4); at the
 * end lane j is multiplied by what it lacks, r^(4 - j), and the lanes are
 * added up.  What is left over, under 64 bytes, goes block by block.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/poly1305.h"

#if defined(__x86_64__) && defined(__SIZEOF_INT128__)

#include <immintrin.h>

typedef unsigned __int128 wide_t;

#define BLOCK_BYTES 16
#define GROUP_BYTES (4 * BLOCK_BYTES)
#define MASK26 UINT64_C(0x3ffffff)
#define MASK42 UINT64_C(0x3ffffffffff)
#define MASK44 UINT64_C(0xfffffffffff)

#define WITH_AVX2 __attribute__((target("avx2")))
#define INLINE_AVX2 __attribute__((target("avx2"), always_inline)) inline

/* A number below 2^130 and a bit, in limbs of 44, 44 and 42 bits. */
struct scalar {
	uint64_t v[3];
};

/*
 * A power of r for each lane: limbs of 26 bits, and, as those that pass 2^130
 * come back times 5, limbs 1 to 4 times 5.
 */
struct power {
	__m256i r[5], r5[5];
};

struct powers {
	struct power four, eight, last;
};

static uint64_t
load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* h *= r; the limbs of the result may be a bit over their size. */
static void
scalar_mul(struct scalar *h, const struct scalar *r)
{
	/* 2^132 is 20 mod p. */
	uint64_t s1 = r->v[1] * 20, s2 = r->v[2] * 20, carry;
	wide_t d0, d1, d2;

	d0 = (wide_t)h->v[0] * r->v[0] + (wide_t)h->v[1] * s2 +
	    (wide_t)h->v[2] * s1;
	d1 = (wide_t)h->v[0] * r->v[1] + (wide_t)h->v[1] * r->v[0] +
	    (wide_t)h->v[2] * s2;
	d2 = (wide_t)h->v[0] * r->v[2] + (wide_t)h->v[1] * r->v[1] +
	    (wide_t)h->v[2] * r->v[0];
	d1 += (uint64_t)(d0 >> 44);
	d2 += (uint64_t)(d1 >> 44);
	carry = (uint64_t)(d2 >> 42);
	h->v[2] = (uint64_t)d2 & MASK42;
	h->v[0] = ((uint64_t)d0 & MASK44) + carry * 5;
	h->v[1] = ((uint64_t)d1 & MASK44) + (h->v[0] >> 44);
	h->v[0] &= MASK44;
}

/* Carries until every limb has its size; below 2^130, maybe not below p. */
static void
scalar_carry(struct scalar *h)
{
	for (int i = 0; i < 2; i++) {
		h->v[1] += h->v[0] >> 44;
		h->v[0] &= MASK44;
		h->v[2] += h->v[1] >> 44;
		h->v[1] &= MASK44;
		h->v[0] += (h->v[2] >> 42) * 5;
		h->v[2] &= MASK42;
	}
	h->v[1] += h->v[0] >> 44;
	h->v[0] &= MASK44;
}

/* Blocks one by one; high is the bit that ends each, 2^128. */
static void
scalar_blocks(struct scalar *h, const struct scalar *r, const uint8_t *p,
    size_t n, uint64_t high)
{
	for (; n >= BLOCK_BYTES; p += BLOCK_BYTES, n -= BLOCK_BYTES) {
		uint64_t lo = load64(p), hi = load64(p + 8);

		h->v[0] += lo & MASK44;
		h->v[1] += (lo >> 44 | hi << 20) & MASK44;
		h->v[2] += hi >> 24 | high;
		scalar_mul(h, r);
	}
}

/* h mod p, plus the pad, mod 2^128. */
static void
scalar_finish(struct scalar *h, const uint8_t *pad,
    uint8_t tag[static POLY1305_TAG_BYTES])
{
	uint64_t g0, g1, g2, keep, lo, hi;
	wide_t sum;

	scalar_carry(h);
	/* g = h - p, in 64 bits: negative exactly if h was below p. */
	g0 = h->v[0] + 5;
	g1 = h->v[1] + (g0 >> 44);
	g2 = h->v[2] + (g1 >> 44) - (MASK42 + 1);
	keep = 0 - (g2 >> 63);
	h->v[0] = (h->v[0] & keep) | (g0 & MASK44 & ~keep);
	h->v[1] = (h->v[1] & keep) | (g1 & MASK44 & ~keep);
	h->v[2] = (h->v[2] & keep) | (g2 & ~keep);
	sum = (wide_t)(h->v[0] | h->v[1] << 44) + load64(pad);
	lo = (uint64_t)sum;
	hi = (h->v[1] >> 20 | h->v[2] << 24) + load64(pad + 8) +
	    (uint64_t)(sum >> 64);
	memcpy(tag, &lo, sizeof(lo));
	memcpy(tag + sizeof(lo), &hi, sizeof(hi));
}

/* One lane of a power. */
static void
power_set(struct power *to, int lane, struct scalar r)
{
	uint64_t limb[5];

	scalar_carry(&r);
	limb[0] = r.v[0] & MASK26;
	limb[1] = (r.v[0] >> 26 | r.v[1] << 18) & MASK26;
	limb[2] = r.v[1] >> 8 & MASK26;
	limb[3] = (r.v[1] >> 34 | r.v[2] << 10) & MASK26;
	limb[4] = r.v[2] >> 16;
	for (int i = 0; i < 5; i++) {
		uint64_t limb5 = 5 * limb[i];
		size_t at = (size_t)lane * sizeof(uint64_t);

		memcpy((uint8_t *)&to->r[i] + at, &limb[i], sizeof(uint64_t));
		memcpy((uint8_t *)&to->r5[i] + at, &limb5, sizeof(uint64_t));
	}
}

static void
powers_set(struct powers *to, const struct scalar *r)
{
	/* unpacklo and unpackhi leave the blocks in the order 0 2 1 3. */
	static const int lane_of[] = { 3, 1, 2, 0 };
	struct scalar power = *r, eight;

	power_set(&to->last, lane_of[0], power);
	for (size_t i = 1; i < ARRAY_LEN(lane_of); i++) {
		scalar_mul(&power, r);
		power_set(&to->last, lane_of[i], power);
	}
	eight = power;
	scalar_mul(&eight, &power);
	for (int lane = 0; lane < 4; lane++) {
		power_set(&to->four, lane, power);
		power_set(&to->eight, lane, eight);
	}
	secret_wipe(&power, sizeof(power));
	secret_wipe(&eight, sizeof(eight));
}

/*
 * d += v times a row of limbs.  The empty asm keeps the compiler from working
 * out all 25 products before it adds any, for which there are not registers
 * enough: a quarter of the speed.
 */
#define ROW(d, v, a0, a1, a2, a3, a4) do {				\
	__m256i v_ = (v);						\
	(d)[0] = _mm256_add_epi64((d)[0], _mm256_mul_epu32(v_, a0));	\
	(d)[1] = _mm256_add_epi64((d)[1], _mm256_mul_epu32(v_, a1));	\
	(d)[2] = _mm256_add_epi64((d)[2], _mm256_mul_epu32(v_, a2));	\
	(d)[3] = _mm256_add_epi64((d)[3], _mm256_mul_epu32(v_, a3));	\
	(d)[4] = _mm256_add_epi64((d)[4], _mm256_mul_epu32(v_, a4));	\
	__asm__("" : "+x"((d)[0]), "+x"((d)[1]), "+x"((d)[2]),		\
	    "+x"((d)[3]), "+x"((d)[4]));				\
} while (0)

/*
 * d += h * w.  h's limbs have at most 28 bits, w's 26 and w's times 5 not 29,
 * so that ten such products are far from 2^64.
 */
static INLINE_AVX2 void
lanes_mul(__m256i d[5], const __m256i h[5], const struct power *w)
{
	const __m256i *r = w->r, *s = w->r5;

	ROW(d, h[0], r[0], r[1], r[2], r[3], r[4]);
	ROW(d, h[1], s[4], r[0], r[1], r[2], r[3]);
	ROW(d, h[2], s[3], s[4], r[0], r[1], r[2]);
	ROW(d, h[3], s[2], s[3], s[4], r[0], r[1]);
	ROW(d, h[4], s[1], s[2], s[3], s[4], r[0]);
}

/* Four blocks in limbs, one a lane, each with its 2^128. */
static INLINE_AVX2 void
lanes_load(__m256i m[5], const uint8_t *p)
{
	const __m256i mask = _mm256_set1_epi64x((long long)MASK26);
	__m256i a = _mm256_loadu_si256((const __m256i_u *)p);
	__m256i b = _mm256_loadu_si256((const __m256i_u *)(p + 32));
	__m256i lo = _mm256_unpacklo_epi64(a, b);
	__m256i hi = _mm256_unpackhi_epi64(a, b);

	m[0] = _mm256_and_si256(lo, mask);
	m[1] = _mm256_and_si256(_mm256_srli_epi64(lo, 26), mask);
	m[2] = _mm256_and_si256(_mm256_or_si256(_mm256_srli_epi64(lo, 52),
	    _mm256_slli_epi64(hi, 12)), mask);
	m[3] = _mm256_and_si256(_mm256_srli_epi64(hi, 14), mask);
	m[4] = _mm256_or_si256(_mm256_srli_epi64(hi, 40),
	    _mm256_set1_epi64x(1 << 24));
}

/* Limbs of 26 bits again; the second and the last may be a bit over it. */
static INLINE_AVX2 void
lanes_carry(__m256i d[5])
{
	const __m256i mask = _mm256_set1_epi64x((long long)MASK26);
	__m256i a, b;

	a = _mm256_srli_epi64(d[0], 26);
	b = _mm256_srli_epi64(d[3], 26);
	d[0] = _mm256_and_si256(d[0], mask);
	d[3] = _mm256_and_si256(d[3], mask);
	d[1] = _mm256_add_epi64(d[1], a);
	d[4] = _mm256_add_epi64(d[4], b);
	a = _mm256_srli_epi64(d[1], 26);
	b = _mm256_srli_epi64(d[4], 26);
	d[1] = _mm256_and_si256(d[1], mask);
	d[4] = _mm256_and_si256(d[4], mask);
	d[2] = _mm256_add_epi64(d[2], a);
	/* times 5 */
	d[0] = _mm256_add_epi64(d[0],
	    _mm256_add_epi64(b, _mm256_slli_epi64(b, 2)));
	a = _mm256_srli_epi64(d[2], 26);
	b = _mm256_srli_epi64(d[0], 26);
	d[2] = _mm256_and_si256(d[2], mask);
	d[0] = _mm256_and_si256(d[0], mask);
	d[3] = _mm256_add_epi64(d[3], a);
	d[1] = _mm256_add_epi64(d[1], b);
	a = _mm256_srli_epi64(d[3], 26);
	d[3] = _mm256_and_si256(d[3], mask);
	d[4] = _mm256_add_epi64(d[4], a);
}

/* h = d + m; the parts by name, for loops keep them out of registers. */
static INLINE_AVX2 void
lanes_add(__m256i h[5], const __m256i d[5], const __m256i m[5])
{
	h[0] = _mm256_add_epi64(d[0], m[0]);
	h[1] = _mm256_add_epi64(d[1], m[1]);
	h[2] = _mm256_add_epi64(d[2], m[2]);
	h[3] = _mm256_add_epi64(d[3], m[3]);
	h[4] = _mm256_add_epi64(d[4], m[4]);
}

static INLINE_AVX2 void
lanes_zero(__m256i d[5])
{
	d[0] = d[1] = d[2] = d[3] = d[4] = _mm256_setzero_si256();
}

/* The sum of the lanes. */
static WITH_AVX2 struct scalar
lanes_sum(const __m256i d[5])
{
	uint64_t limb[5], lane[4];
	struct scalar h;

	for (int i = 0; i < 5; i++) {
		memcpy(lane, &d[i], sizeof(lane));
		limb[i] = lane[0] + lane[1] + lane[2] + lane[3];
	}
	/* Each has at most 29 bits. */
	limb[0] += limb[1] << 26;
	limb[2] += limb[3] << 26;
	h.v[0] = limb[0] & MASK44;
	limb[2] = (limb[2] << 8) + (limb[0] >> 44);
	h.v[1] = limb[2] & MASK44;
	h.v[2] = (limb[4] << 16) + (limb[2] >> 44);
	return h;
}

/* All whole groups of n bytes, of which there is at least one. */
static WITH_AVX2 struct scalar
lanes_groups(const struct powers *w, const uint8_t *p, size_t n)
{
	__m256i h[5], d[5], m[5];

	lanes_load(h, p);
	for (p += GROUP_BYTES, n -= GROUP_BYTES; n >= 2 * GROUP_BYTES;
	    p += 2 * GROUP_BYTES, n -= 2 * GROUP_BYTES) {
		lanes_zero(d);
		lanes_mul(d, h, &w->eight);
		lanes_load(m, p);
		lanes_mul(d, m, &w->four);
		lanes_carry(d);
		lanes_load(m, p + GROUP_BYTES);
		lanes_add(h, d, m);
	}
	if (n >= GROUP_BYTES) {
		lanes_zero(d);
		lanes_mul(d, h, &w->four);
		lanes_carry(d);
		lanes_load(m, p);
		lanes_add(h, d, m);
	}
	lanes_zero(d);
	lanes_mul(d, h, &w->last);
	lanes_carry(d);
	return lanes_sum(d);
}

bool
poly1305_wide_works(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}

void
poly1305_wide(const uint8_t key[static POLY1305_KEY_BYTES], const uint8_t *p,
    size_t n, uint8_t tag[static POLY1305_TAG_BYTES])
{
	/* RFC 8439 section 2.5: some bits of r are always 0. */
	uint64_t lo = load64(key) & UINT64_C(0x0ffffffc0fffffff);
	uint64_t hi = load64(key + 8) & UINT64_C(0x0ffffffc0ffffffc);
	struct scalar h = { { 0 } }, r = { { lo & MASK44,
		(lo >> 44 | hi << 20) & MASK44, hi >> 24 } };
	uint8_t end[BLOCK_BYTES] = { 0 };
	struct powers w;
	size_t whole = n - n % GROUP_BYTES;

	if (whole > 0) {
		powers_set(&w, &r);
		h = lanes_groups(&w, p, whole);
		secret_wipe(&w, sizeof(w));
	}
	p += whole;
	n -= whole;
	scalar_blocks(&h, &r, p, n, UINT64_C(1) << 40);
	p += n - n % BLOCK_BYTES;
	n %= BLOCK_BYTES;
	if (n > 0) {
		memcpy(end, p, n);
		end[n] = 1;
		scalar_blocks(&h, &r, end, sizeof(end), 0);
	}
	scalar_finish(&h, key + 16, tag);
	secret_wipe(&h, sizeof(h));
	secret_wipe(&r, sizeof(r));
}

#else

bool
poly1305_wide_works(void)
{
	return false;
}

void
poly1305_wide(const uint8_t key[static POLY1305_KEY_BYTES], const uint8_t *p,
    size_t n, uint8_t tag[static POLY1305_TAG_BYTES])
{
	/* Never called: see poly1305_wide_works(). */
	(void)key;
	(void)p;
	(void)n;
	memset(tag, 0, POLY1305_TAG_BYTES);
}

#endif
