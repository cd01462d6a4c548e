/*
 * umac: a universal hash under AES, RFC 4418.  Pure layer, net.
 *
 * The names are the RFC's.  Every step is arithmetic on fixed sizes: nothing
 * is looked up or branched on by secret data, but for the reduction of
 * numbers that are all but never in its range.
 */
#include <stdlib.h>
#include <string.h>

#include <gcrypt.h>

#include "base/secret.h"
#include "crypto/umac.h"

#define AES_BLOCK	16
#define STREAMS_MAX	4	/* a tag's 4 bytes each */
#define L1_CHUNK	1024	/* bytes of text under one NH */
#define L1_KEY		(L1_CHUNK + (STREAMS_MAX - 1) * 16)
#define NH_BLOCK	32
#define L3_WORDS	8

/* Section 5.2 and 5.3: the primes, as what they fall short of 2^n by. */
#define P36		UINT64_C(0x0000000ffffffffb)
#define P64		UINT64_C(0xffffffffffffffc5)
#define P64_OFFSET	59u
#define L2_MASK		UINT64_C(0x01ffffff01ffffff)
#define L2_MAX_WORD	UINT64_C(0xffffffff00000000)

__extension__ typedef unsigned __int128 uint128;

struct umac {
	gcry_cipher_hd_t pad;		/* section 3.3: AES under K' */
	size_t streams;
	uint32_t l1[L1_KEY / 4];
	uint64_t l2[STREAMS_MAX];
	uint64_t l3[STREAMS_MAX][L3_WORDS];
	uint32_t l3_mask[STREAMS_MAX];
};

/* --- numbers -------------------------------------------------------------- */

static uint32_t
get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static uint32_t
get_le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

static uint64_t
get_be64(const uint8_t *p)
{
	return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

static void
put_be64(uint8_t *p, uint64_t v)
{
	for (size_t i = 8; i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

static void
put_be32(uint8_t *p, uint32_t v)
{
	for (size_t i = 4; i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

/* --- keys, section 3.2 ---------------------------------------------------- */

/* KDF(K, index, n): n bytes, n not over L1_KEY. */
static bool
derive(gcry_cipher_hd_t k, uint8_t index, uint8_t *out, size_t n)
{
	uint8_t blocks[(L1_KEY / AES_BLOCK + 1) * AES_BLOCK] = { 0 };
	size_t count = (n + AES_BLOCK - 1) / AES_BLOCK;
	bool good;

	for (size_t i = 0; i < count; i++) {
		blocks[i * AES_BLOCK + 7] = index;
		put_be64(blocks + i * AES_BLOCK + 8, i + 1);
	}
	good = gcry_cipher_encrypt(k, blocks, count * AES_BLOCK, NULL, 0) == 0;
	if (good)
		memcpy(out, blocks, n);
	secret_wipe(blocks, sizeof(blocks));
	return good;
}

static bool
aes_open(gcry_cipher_hd_t *out, const uint8_t *key)
{
	if (gcry_cipher_open(out, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_ECB,
	    0) == 0)
		return gcry_cipher_setkey(*out, key, UMAC_KEY_BYTES) == 0;
	*out = NULL;
	return false;
}

static bool
set_keys(struct umac *u, gcry_cipher_hd_t k)
{
	uint8_t raw[L1_KEY];
	size_t l1_bytes = L1_CHUNK + (u->streams - 1) * 16;
	bool good = derive(k, 0, raw, UMAC_KEY_BYTES) &&
	    aes_open(&u->pad, raw) && derive(k, 1, raw, l1_bytes);

	for (size_t i = 0; good && i < l1_bytes / 4; i++)
		u->l1[i] = get_be32(raw + 4 * i);
	good = good && derive(k, 2, raw, u->streams * 24);
	for (size_t s = 0; good && s < u->streams; s++)
		u->l2[s] = get_be64(raw + 24 * s) & L2_MASK;
	good = good && derive(k, 3, raw, u->streams * 64);
	for (size_t s = 0; good && s < u->streams; s++) {
		for (size_t i = 0; i < L3_WORDS; i++)
			u->l3[s][i] = get_be64(raw + 64 * s + 8 * i) % P36;
	}
	good = good && derive(k, 4, raw, u->streams * 4);
	for (size_t s = 0; good && s < u->streams; s++)
		u->l3_mask[s] = get_be32(raw + 4 * s);
	secret_wipe(raw, sizeof(raw));
	return good;
}

struct umac *
umac_new(const uint8_t key[static UMAC_KEY_BYTES], size_t tag_bytes)
{
	struct umac *u = calloc(1, sizeof(*u));
	gcry_cipher_hd_t k = NULL;
	bool good;

	if (u == NULL)
		return NULL;
	u->streams = tag_bytes / 4;
	good = (tag_bytes == 8 || tag_bytes == 16) && aes_open(&k, key) &&
	    set_keys(u, k);
	gcry_cipher_close(k);
	if (good)
		return u;
	umac_free(u);
	return NULL;
}

void
umac_free(struct umac *u)
{
	if (u == NULL)
		return;
	gcry_cipher_close(u->pad);
	secret_wipe(u, sizeof(*u));
	free(u);
}

/* --- the three layers, section 5 ------------------------------------------ */

/* NH of whole blocks, for every stream: its key starts 16 bytes on. */
static void
nh(const struct umac *u, const uint8_t *p, size_t n, size_t key_at,
    uint64_t sum[static STREAMS_MAX])
{
	uint32_t m[NH_BLOCK / 4];

	for (; n > 0; n -= NH_BLOCK, p += NH_BLOCK, key_at += NH_BLOCK / 4) {
		for (size_t i = 0; i < ARRAY_LEN(m); i++)
			m[i] = get_le32(p + 4 * i);
		for (size_t s = 0; s < u->streams; s++) {
			const uint32_t *k = u->l1 + key_at + 4 * s;

			for (size_t i = 0; i < 4; i++)
				sum[s] += (uint64_t)(m[i] + k[i]) *
				    (uint32_t)(m[i + 4] + k[i + 4]);
		}
	}
}

/* L1 of one chunk: NH of what is padded with zeros, and its length in bits. */
static void
l1_hash(const struct umac *u, const uint8_t *p, size_t n,
    uint64_t sum[static STREAMS_MAX])
{
	size_t whole = n / NH_BLOCK * NH_BLOCK;
	uint8_t last[NH_BLOCK] = { 0 };

	for (size_t s = 0; s < u->streams; s++)
		sum[s] = 8 * n;
	nh(u, p, whole, 0, sum);
	if (whole == n && n > 0)
		return;
	if (n > whole)
		memcpy(last, p + whole, n - whole);
	nh(u, last, sizeof(last), whole / 4, sum);
	secret_wipe(last, sizeof(last));
}

static uint64_t
poly64(uint64_t k, uint64_t y, uint64_t m)
{
	uint64_t marker = 0;

	if (m >= L2_MAX_WORD) {
		marker = P64 - 1;
		m -= P64_OFFSET;
		y = (uint64_t)(((uint128)k * y + marker) % P64);
	}
	return (uint64_t)(((uint128)k * y + m) % P64);
}

/* To 32 bits; the upper half of L2's 16 bytes is always zero here. */
static uint32_t
l3_hash(const struct umac *u, size_t stream, uint64_t b)
{
	const uint64_t *k = u->l3[stream];
	uint64_t y = 0;

	for (size_t i = 0; i < 4; i++)
		y += ((b >> (48 - 16 * i)) & 0xffff) * k[4 + i];
	return (uint32_t)(y % P36) ^ u->l3_mask[stream];
}

static void
uhash(const struct umac *u, struct span text, uint8_t *out)
{
	uint64_t sum[STREAMS_MAX], y[STREAMS_MAX] = { 1, 1, 1, 1 };
	bool one = text.len <= L1_CHUNK;

	do {
		size_t n = MIN(text.len, L1_CHUNK);

		l1_hash(u, text.p, n, sum);
		for (size_t s = 0; s < u->streams; s++)
			y[s] = one ? sum[s] : poly64(u->l2[s], y[s], sum[s]);
		text.p += n;
		text.len -= n;
	} while (text.len > 0);
	for (size_t s = 0; s < u->streams; s++)
		put_be32(out + 4 * s, l3_hash(u, s, y[s]));
}

/* Section 3.3: the pad that makes a tag of the hash. */
static bool
make_pad(const struct umac *u, uint64_t nonce, uint8_t out[static AES_BLOCK])
{
	bool short_tag = u->streams == 2;
	size_t half = short_tag && (nonce & 1) != 0 ? AES_BLOCK / 2 : 0;

	memset(out, 0, AES_BLOCK);
	put_be64(out, short_tag ? nonce & ~UINT64_C(1) : nonce);
	if (gcry_cipher_encrypt(u->pad, out, AES_BLOCK, NULL, 0) != 0)
		return false;
	memmove(out, out + half, AES_BLOCK - half);
	return true;
}

bool
umac_compute(const struct umac *u, uint64_t nonce, struct span text,
    uint8_t *tag)
{
	uint8_t pad[AES_BLOCK], hash[STREAMS_MAX * 4] = { 0 };

	if (text.len > UMAC_TEXT_MAX_BYTES || !make_pad(u, nonce, pad))
		return false;
	uhash(u, text, hash);
	for (size_t i = 0; i < u->streams * 4; i++)
		tag[i] = hash[i] ^ pad[i];
	secret_wipe(pad, sizeof(pad));
	return true;
}
