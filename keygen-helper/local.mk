sbin_PROGRAMS += sshd-conn-keygen
sshd_conn_keygen_SOURCES = \
	keygen-helper/keygen.c \
	keygen-helper/compile.c keygen-helper/compile.h \
	keygen-helper/hostkey.c keygen-helper/hostkey.h \
	keygen-helper/place.c keygen-helper/place.h
sshd_conn_keygen_LDADD = lib/image/libimage.a lib/config/libconfig.a \
	lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS)
dist_man_MANS += man/sshd-conn-keygen.8

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_keyfile_place
TESTS += tests/unit/test_keyfile_place
tests_unit_test_keyfile_place_SOURCES = tests/unit/test_keyfile_place.c \
	tests/unit/unit.h keygen-helper/place.c keygen-helper/place.h
tests_unit_test_keyfile_place_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_test_keyfile_place_LDADD = lib/base/libbase.a $(CMOCKA_LIBS)
endif
