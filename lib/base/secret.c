/*
 * secret: compare and wipe.  Pure layer, every process.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/secret.h"

void
secret_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

bool
secret_equal(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= (uint8_t)(x[i] ^ y[i]);
	return differ == 0;
}

bool
random_bytes(void *p, size_t n)
{
	uint8_t *at = p;
	size_t left = n;

	while (left > 0) {
		ssize_t got = getrandom(at, left, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			memset(p, 0, n);
			return false;
		}
		at += got;
		left -= (size_t)got;
	}
	return true;
}
