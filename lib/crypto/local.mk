noinst_LIBRARIES += lib/crypto/libcrypto.a
lib_crypto_libcrypto_a_SOURCES = \
	lib/crypto/agent.c lib/crypto/agent.h \
	lib/crypto/cert.c lib/crypto/cert.h \
	lib/crypto/cipher.c lib/crypto/cipher.h lib/crypto/cipher_impl.h \
	lib/crypto/cipher_chacha.c lib/crypto/cipher_gcm.c \
	lib/crypto/cipher_mac.c lib/crypto/mac.c \
	lib/crypto/umac.c lib/crypto/umac.h \
	lib/crypto/hash.c lib/crypto/hash.h \
	lib/crypto/hostcert.c lib/crypto/hostcert.h \
	lib/crypto/init.c lib/crypto/init.h \
	lib/crypto/kex.c lib/crypto/kex.h lib/crypto/kex_impl.h \
	lib/crypto/kex_dh.c lib/crypto/kex_ecdh.c lib/crypto/kex_groups.c \
	lib/crypto/kex_hash.c lib/crypto/kex_x25519.c \
	lib/crypto/moduli.c lib/crypto/moduli.h \
	lib/crypto/krl.c lib/crypto/krl.h \
	lib/crypto/number.c lib/crypto/number.h \
	lib/crypto/pubkey.c lib/crypto/pubkey.h lib/crypto/pubkey_impl.h \
	lib/crypto/verify.c lib/crypto/verify_sk.c \
	lib/crypto/sign.c lib/crypto/sign.h \
	lib/crypto/privkey.c lib/crypto/privkey_impl.h \
	lib/crypto/der.c lib/crypto/der.h lib/crypto/keyfile_derive.c \
	lib/crypto/keyfile_find.c \
	lib/crypto/keyfile_pem.c lib/crypto/keyfile_pub.c \
	lib/crypto/keyfile_read.c lib/crypto/keyfile_write.c

if HAVE_CMOCKA
crypto_tests = tests/unit/test_crypto_cipher tests/unit/test_crypto_hash \
	tests/unit/test_crypto_kex tests/unit/test_crypto_moduli \
	tests/unit/test_crypto_pubkey \
	tests/unit/test_crypto_cert tests/unit/test_crypto_krl \
	tests/unit/test_crypto_sk \
	tests/unit/test_crypto_faults \
	tests/unit/test_hostcert \
	tests/unit/test_keyfile tests/unit/test_keyfile_pem
check_PROGRAMS += $(crypto_tests)
TESTS += $(crypto_tests)
crypto_test_libs = lib/crypto/libcrypto.a lib/base/libbase.a $(GCRYPT_LIBS) \
	$(CMOCKA_LIBS)
tests_unit_test_crypto_cipher_SOURCES = tests/unit/test_crypto_cipher.c \
	tests/unit/test_crypto_hex.h tests/unit/unit.h
tests_unit_test_crypto_cipher_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_hash_SOURCES = tests/unit/test_crypto_hash.c
tests_unit_test_crypto_hash_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_kex_SOURCES = tests/unit/test_crypto_kex.c
tests_unit_test_crypto_kex_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_moduli_SOURCES = tests/unit/test_crypto_moduli.c
tests_unit_test_crypto_moduli_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_pubkey_SOURCES = tests/unit/test_crypto_pubkey.c \
	tests/unit/test_crypto_made.h
tests_unit_test_crypto_pubkey_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_cert_SOURCES = tests/unit/test_crypto_cert.c \
	tests/unit/test_cert_made.h tests/unit/test_crypto_made.h
tests_unit_test_crypto_cert_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_krl_SOURCES = tests/unit/test_crypto_krl.c \
	tests/unit/test_crypto_made.h
tests_unit_test_crypto_krl_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_sk_SOURCES = tests/unit/test_crypto_sk.c \
	tests/unit/test_crypto_made.h
tests_unit_test_crypto_sk_LDADD = $(crypto_test_libs)
# All that this test makes fail, here and inside of libcrypto.a.
crypto_faults_wrap = \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
	-Wl,--wrap=gcry_cipher_open -Wl,--wrap=gcry_cipher_setkey \
	-Wl,--wrap=gcry_cipher_setiv -Wl,--wrap=gcry_cipher_setctr \
	-Wl,--wrap=gcry_cipher_encrypt -Wl,--wrap=gcry_cipher_decrypt \
	-Wl,--wrap=gcry_cipher_authenticate -Wl,--wrap=gcry_cipher_gettag \
	-Wl,--wrap=gcry_cipher_checktag -Wl,--wrap=gcry_mac_open \
	-Wl,--wrap=gcry_mac_setkey -Wl,--wrap=gcry_mac_write \
	-Wl,--wrap=gcry_mac_read -Wl,--wrap=gcry_md_hash_buffers \
	-Wl,--wrap=gcry_pk_verify -Wl,--wrap=gcry_pk_sign \
	-Wl,--wrap=gcry_mpi_scan -Wl,--wrap=gcry_mpi_print \
	-Wl,--wrap=gcry_mpi_ec_new -Wl,--wrap=gcry_mpi_ec_decode_point \
	-Wl,--wrap=gcry_ecc_mul_point
tests_unit_test_crypto_faults_SOURCES = tests/unit/test_crypto_faults.c \
	tests/unit/test_cert_made.h tests/unit/unit.h
tests_unit_test_crypto_faults_LDADD = $(crypto_test_libs)
tests_unit_test_crypto_faults_LDFLAGS = $(crypto_faults_wrap)
tests_unit_test_hostcert_SOURCES = tests/unit/test_hostcert.c \
	tests/unit/test_crypto_made.h tests/unit/unit.h
tests_unit_test_hostcert_LDADD = $(crypto_test_libs)
tests_unit_test_keyfile_SOURCES = tests/unit/test_keyfile.c \
	tests/unit/test_keyfile_keys.h
tests_unit_test_keyfile_LDADD = $(crypto_test_libs)
tests_unit_test_keyfile_pem_SOURCES = tests/unit/test_keyfile_pem.c \
	tests/unit/test_keyfile_pem.h
tests_unit_test_keyfile_pem_LDADD = $(crypto_test_libs)
endif
