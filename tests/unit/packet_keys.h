/*
 * packet_keys: every cipher with every MAC that it takes, and a pair of
 * states with the same keys.  Test programs only.
 */
#ifndef SSHD_CONN_TESTS_UNIT_PACKET_KEYS_H
#define SSHD_CONN_TESTS_UNIT_PACKET_KEYS_H

#include <stdint.h>
#include <string.h>

#include "base/names.h"
#include "base/sysdef.h"
#include "crypto/cipher.h"
#include "transport/packet.h"

#define KEYS_MAX_COUNT 64

struct packet_keys {
	const struct cipher_alg *cipher;	/* NULL: plain */
	const struct mac_alg *mac;		/* NULL: AEAD */
};

/* Takes the next name off a comma separated list; false at its end. */
static inline bool
next_name(const char **list, struct span *name)
{
	size_t len = strcspn(*list, ",");

	*name = span(*list, len);
	*list += len + ((*list)[len] == ',' ? 1 : 0);
	return len > 0;
}

static inline size_t
packet_keys_all(struct packet_keys keys[static KEYS_MAX_COUNT])
{
	const char *ciphers = cipher_all_names();
	struct span cipher, mac;
	size_t n = 0;

	keys[n++] = (struct packet_keys){ 0 };
	while (next_name(&ciphers, &cipher)) {
		const struct cipher_alg *c = cipher_find(cipher);
		const char *macs = mac_all_names();

		if (c->tag_bytes > 0) {
			keys[n++] = (struct packet_keys){ c, NULL };
			continue;
		}
		while (next_name(&macs, &mac) && n < KEYS_MAX_COUNT) {
			/* All MACs with one cipher, two with the others. */
			if (span_is(cipher, "aes128-ctr") ||
			    span_is(mac, "hmac-sha2-256") ||
			    span_is(mac, "hmac-sha2-256-etm@openssh.com"))
				keys[n++] = (struct packet_keys){ c,
					mac_find(mac) };
		}
	}
	return n;
}

static inline struct packet_cipher *
packet_keys_new(const struct packet_keys *k, enum packet_direction d)
{
	uint8_t key[64], iv[64], mac[64];

	if (k->cipher == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof key; i++) {
		key[i] = (uint8_t)(i * 7 + 1);
		iv[i] = (uint8_t)(i * 11 + 2);
		mac[i] = (uint8_t)(i * 13 + 3);
	}
	return packet_cipher_new(k->cipher, k->mac, d, key, iv, mac);
}

#endif
