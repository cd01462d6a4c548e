noinst_LIBRARIES += lib/auth/libauth.a
lib_auth_libauth_a_SOURCES = \
	lib/auth/access.c lib/auth/access.h \
	lib/auth/account.c lib/auth/account.h \
	lib/auth/pam.c lib/auth/pam.h \
	lib/auth/shadow.c lib/auth/shadow.h

if HAVE_CMOCKA
auth_tests = tests/unit/test_auth_access
check_PROGRAMS += $(auth_tests)
TESTS += $(auth_tests)
auth_test_libs = lib/auth/libauth.a lib/config/libconfig.a \
	lib/rules/librules.a lib/sandbox/libsandbox.a \
	lib/run/librun.a lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_auth_access_SOURCES = tests/unit/test_auth_access.c
tests_unit_test_auth_access_LDADD = $(auth_test_libs)
endif
