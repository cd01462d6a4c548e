/*
 * init: libgcrypt, brought up once.  Pure layer, every process that computes.
 *
 * Must stay cheap, for it runs before the first byte of every connection,
 * and must leave nothing to be opened later: net has no files.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <gcrypt.h>

#include "base/secret.h"
#include "crypto/init.h"

/* Montgomery curves by gcry_ecc_mul_point(), constant time: 1.10. */
#define GCRYPT_NEEDED "1.10.0"

/*
 * libgcrypt wipes numbers and contexts by itself, but S-expressions and
 * opaque numbers only when they lie in its secure pool, and we have none.
 * So whatever it frees is wiped here, all of it.
 */
static void
wiping_free(void *p)
{
	if (p == NULL)
		return;
	secret_wipe(p, malloc_usable_size(p));
	free(p);
}

/* realloc(3) may move, and would leave the old bytes behind. */
static void *
wiping_realloc(void *p, size_t n)
{
	size_t had = p == NULL ? 0 : malloc_usable_size(p);
	void *to;

	to = malloc(n);
	if (to == NULL)
		return NULL;
	if (p != NULL) {
		memcpy(to, p, had < n ? had : n);
		wiping_free(p);
	}
	return to;
}

bool
crypto_init(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return true;
	/* Before everything else, or the library has chosen already. */
	gcry_control(GCRYCTL_SET_PREFERRED_RNG_TYPE, GCRY_RNG_TYPE_SYSTEM);
	gcry_set_allocation_handler(malloc, malloc, NULL, wiping_realloc,
	    wiping_free);
	if (gcry_check_version(GCRYPT_NEEDED) == NULL)
		return false;
	if (gcry_control(GCRYCTL_DISABLE_SECMEM, 0) != 0)
		return false;
	return gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0;
}
