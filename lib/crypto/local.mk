noinst_LIBRARIES += lib/crypto/libcrypto.a
lib_crypto_libcrypto_a_SOURCES =
