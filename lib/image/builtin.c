/*
 * builtin: the algorithms of this build.  Pure layer; keygen and main.
 */
#include "crypto/cipher.h"
#include "crypto/kex.h"
#include "crypto/pubkey.h"
#include "image/builtin.h"

struct config_algorithms
image_builtin_algorithms(const char *ident)
{
	return (struct config_algorithms){
		.kex_all = kex_all_names(),
		.kex_default = kex_default_names(),
		.ciphers_all = cipher_all_names(),
		.ciphers_default = cipher_default_names(),
		.macs_all = mac_all_names(),
		.macs_default = mac_default_names(),
		.hostkeys_all = sig_alg_host_all_names(),
		.hostkeys_default = sig_alg_host_names(),
		.pubkeys_all = sig_alg_user_all_names(),
		.pubkeys_default = sig_alg_user_names(),
		.ca_all = sig_alg_ca_all_names(),
		.ca_default = sig_alg_ca_names(),
		.version = ident,
	};
}
