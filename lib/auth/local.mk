noinst_LIBRARIES += lib/auth/libauth.a
lib_auth_libauth_a_SOURCES = \
	lib/auth/access.c lib/auth/access.h \
	lib/auth/account.c lib/auth/account.h \
	lib/auth/authkeys.c lib/auth/authkeys.h \
	lib/auth/authkeys_line.c \
	lib/auth/pam.c lib/auth/pam.h \
	lib/auth/strictmodes.c lib/auth/strictmodes.h

if HAVE_CMOCKA
auth_tests = tests/unit/test_auth_access tests/unit/test_auth_keys
check_PROGRAMS += $(auth_tests)
TESTS += $(auth_tests)
auth_test_libs = lib/auth/libauth.a lib/config/libconfig.a \
	lib/sandbox/libsandbox.a \
	lib/run/librun.a lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_auth_access_SOURCES = tests/unit/test_auth_access.c
tests_unit_test_auth_access_LDADD = $(auth_test_libs)
tests_unit_test_auth_keys_SOURCES = tests/unit/test_auth_keys.c
tests_unit_test_auth_keys_LDADD = $(auth_test_libs)
endif

if FUZZER
noinst_PROGRAMS += tests/fuzz/fuzz_authkeys
else
check_PROGRAMS += tests/fuzz/fuzz_authkeys
TESTS += tests/fuzz/fuzz_authkeys
endif
tests_fuzz_fuzz_authkeys_SOURCES = tests/fuzz/fuzz_authkeys.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_authkeys_LDADD = lib/auth/libauth.a lib/base/libbase.a
tests_fuzz_fuzz_authkeys_LDFLAGS = $(FUZZ_LDFLAGS)
