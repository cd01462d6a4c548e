/*
 * kex_hash: the exchange hash and key derivation.  Pure layer; net derives
 * with it, and the monitor hashes what it signs with it.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/kex.h"

/* A length, and the zero byte that keeps an mpint positive. */
#define PREFIX_MAX_BYTES 5
#define TRANSCRIPT_FIELDS_COUNT 11
#define GEX_WANT_BYTES 12

/* Pieces to hash, each RFC 4251 field two of them: its prefix, its bytes. */
struct field_list {
	struct span pieces[2 * TRANSCRIPT_FIELDS_COUNT];
	uint8_t prefixes[TRANSCRIPT_FIELDS_COUNT][PREFIX_MAX_BYTES];
	size_t count;
	bool bad;
};

static void
add_field(struct field_list *list, struct span v, bool positive)
{
	size_t field = list->count / 2;
	struct sink prefix;

	if (field == TRANSCRIPT_FIELDS_COUNT || v.len >= UINT32_MAX) {
		list->bad = true;
		return;
	}
	prefix = sink_of(list->prefixes[field], PREFIX_MAX_BYTES);
	sink_u32(&prefix, (uint32_t)v.len + (positive ? 1 : 0));
	if (positive)
		sink_u8(&prefix, 0);
	list->pieces[list->count++] = sink_span(&prefix);
	list->pieces[list->count++] = v;
}

static void
add_string(struct field_list *list, struct span v)
{
	add_field(list, v, false);
}

static void
add_mpint(struct field_list *list, struct span v)
{
	while (v.len > 0 && v.p[0] == 0) {
		v.p++;
		v.len--;
	}
	add_field(list, v, v.len > 0 && (v.p[0] & 0x80));
}

/* Three uint32s, which have no prefix. */
static void
add_gex(struct field_list *list, const struct kex_transcript *t,
    uint8_t want[static GEX_WANT_BYTES])
{
	struct sink numbers = sink_of(want, GEX_WANT_BYTES);

	sink_u32(&numbers, t->gex_want.min);
	sink_u32(&numbers, t->gex_want.n);
	sink_u32(&numbers, t->gex_want.max);
	list->pieces[list->count++] = span(NULL, 0);
	list->pieces[list->count++] = sink_span(&numbers);
	add_mpint(list, t->gex_prime);
	add_mpint(list, t->gex_generator);
}

bool
kex_exchange_hash(const struct kex_alg *alg, const struct kex_transcript *t,
    uint8_t out[static HASH_MAX_BYTES])
{
	/* RFC 4253 section 8 against RFC 5656 section 4, RFC 8731 3.1. */
	void (*add_public)(struct field_list *list, struct span v) =
	    alg->kind == KEX_DH || alg->kind == KEX_GEX ? add_mpint
							: add_string;
	uint8_t want[GEX_WANT_BYTES];
	struct field_list list = { .count = 0 };

	memset(out, 0, HASH_MAX_BYTES);
	add_string(&list, t->client_ident);
	add_string(&list, t->server_ident);
	add_string(&list, t->client_kexinit);
	add_string(&list, t->server_kexinit);
	add_string(&list, t->host_key);
	if (alg->kind == KEX_GEX)
		add_gex(&list, t, want);
	add_public(&list, t->client_public);
	add_public(&list, t->server_public);
	add_mpint(&list, t->shared);
	return !list.bad &&
	    hash_spans(alg->hash, list.pieces, list.count, out);
}

/*
 * The first block hashes letter and session_id behind K and H; the following
 * ones hash all that was made so far.
 */
static bool
derive_block(const struct kex_alg *alg, const struct span k_h[3],
    struct span more, struct span last, uint8_t out[static HASH_MAX_BYTES])
{
	struct span pieces[] = { k_h[0], k_h[1], k_h[2], more, last };

	return hash_spans(alg->hash, pieces, ARRAY_LEN(pieces), out);
}

bool
kex_derive(const struct kex_alg *alg, struct span shared,
    struct span exchange_hash, struct span session_id, char letter,
    uint8_t *out, size_t n)
{
	struct field_list k = { .count = 0 };
	struct span none = { NULL, 0 }, k_h[3];
	uint8_t block[HASH_MAX_BYTES];
	size_t at = 0, take, size = hash_bytes(alg->hash);
	bool good = false;

	add_mpint(&k, shared);
	if (k.bad)
		goto out;
	k_h[0] = k.pieces[0];
	k_h[1] = k.pieces[1];
	k_h[2] = exchange_hash;
	good = derive_block(alg, k_h, span(&letter, 1), session_id, block);
	while (good) {
		take = MIN(size, n - at);
		memcpy(out + at, block, take);
		at += take;
		if (at == n)
			break;
		good = derive_block(alg, k_h, span(out, at), none, block);
	}
out:
	if (!good)
		secret_wipe(out, n);
	secret_wipe(block, sizeof(block));
	return good;
}
