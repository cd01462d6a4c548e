/*
 * sk: must a security key have been touched, and its owner be known to it?
 * Keys role.
 *
 * The answer goes to the monitor with the grant: only the signature's flags
 * say whether it was, and those come later.
 */
#include "keys/cert.h"

void
keys_sk_policy(struct keys *k)
{
	unsigned int asked = k->job->settings->pubkey_auth_options;

	if (!k->info.sk) {
		k->options.need_touch = k->options.need_verify = false;
		return;
	}
	if ((asked & PUBKEY_TOUCH_REQUIRED) != 0)
		k->options.need_touch = true;
	if ((asked & PUBKEY_VERIFY_REQUIRED) != 0)
		k->options.need_verify = true;
}
