noinst_LIBRARIES += lib/crypto/libcrypto.a
lib_crypto_libcrypto_a_SOURCES = \
	lib/crypto/cipher.c lib/crypto/cipher.h lib/crypto/cipher_impl.h \
	lib/crypto/cipher_chacha.c lib/crypto/cipher_ctr.c \
	lib/crypto/cipher_gcm.c lib/crypto/mac.c \
	lib/crypto/hash.c lib/crypto/hash.h \
	lib/crypto/init.c lib/crypto/init.h \
	lib/crypto/kex.c lib/crypto/kex.h lib/crypto/kex_impl.h \
	lib/crypto/kex_dh.c lib/crypto/kex_ecdh.c lib/crypto/kex_groups.c \
	lib/crypto/kex_hash.c lib/crypto/kex_x25519.c \
	lib/crypto/number.c lib/crypto/number.h \
	lib/crypto/pubkey.c lib/crypto/pubkey.h lib/crypto/pubkey_impl.h \
	lib/crypto/verify.c \
	lib/crypto/sign.c lib/crypto/sign.h \
	lib/crypto/privkey.c lib/crypto/privkey_impl.h \
	lib/crypto/keyfile_read.c lib/crypto/keyfile_write.c
