noinst_LIBRARIES += lib/keys/libkeys.a
lib_keys_libkeys_a_SOURCES = \
	lib/keys/cert.c lib/keys/cert.h \
	lib/keys/command.c \
	lib/keys/dns.c \
	lib/keys/files.c \
	lib/keys/form.c \
	lib/keys/hostbased.c lib/keys/hostbased.h \
	lib/keys/internal.h \
	lib/keys/judge.c \
	lib/keys/keys.h \
	lib/keys/knownhosts.c lib/keys/knownhosts.h \
	lib/keys/line.c lib/keys/line.h \
	lib/keys/list.c lib/keys/list.h \
	lib/keys/options.c lib/keys/options.h \
	lib/keys/principals.c \
	lib/keys/revoked.c \
	lib/keys/rhosts.c lib/keys/rhosts.h \
	lib/keys/role.c \
	lib/keys/start.c \
	lib/keys/sk.c \
	lib/keys/strictmodes.c lib/keys/strictmodes.h \
	lib/keys/time.c \
	lib/keys/words.c lib/keys/words.h

if HAVE_CMOCKA
keys_tests = tests/unit/test_keys_algorithms tests/unit/test_keys_files \
	tests/unit/test_keys_hosts tests/unit/test_keys_list \
	tests/unit/test_keys_options tests/unit/test_keys_words
check_PROGRAMS += $(keys_tests)
TESTS += $(keys_tests)
keys_test_libs = lib/keys/libkeys.a lib/sandbox/libsandbox.a lib/config/libconfig.a lib/ipc/libipc.a \
	lib/run/librun.a lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_keys_algorithms_SOURCES = \
	tests/unit/test_keys_algorithms.c \
	tests/unit/test_keyfile_keys.h tests/unit/unit.h
tests_unit_test_keys_algorithms_LDADD = $(keys_test_libs)
tests_unit_test_keys_files_SOURCES = tests/unit/test_keys_files.c \
	tests/unit/keys_log.h tests/unit/unit.h
tests_unit_test_keys_files_LDADD = $(keys_test_libs)
tests_unit_test_keys_hosts_SOURCES = tests/unit/test_keys_hosts.c \
	tests/unit/keys_log.h tests/unit/unit.h
tests_unit_test_keys_hosts_LDADD = $(keys_test_libs)
tests_unit_test_keys_list_SOURCES = tests/unit/test_keys_list.c \
	tests/unit/test_cert_made.h tests/unit/unit.h
tests_unit_test_keys_list_LDADD = $(keys_test_libs)
tests_unit_test_keys_options_SOURCES = tests/unit/test_keys_options.c \
	tests/unit/unit.h
tests_unit_test_keys_options_LDADD = $(keys_test_libs)
tests_unit_test_keys_words_SOURCES = tests/unit/test_keys_words.c \
	tests/unit/unit.h
tests_unit_test_keys_words_LDADD = lib/keys/libkeys.a $(CMOCKA_LIBS)
endif

if FUZZER
noinst_PROGRAMS += tests/fuzz/fuzz_authkeys tests/fuzz/fuzz_hosts \
	tests/fuzz/fuzz_keys_list
else
check_PROGRAMS += tests/fuzz/fuzz_authkeys tests/fuzz/fuzz_hosts \
	tests/fuzz/fuzz_keys_list
TESTS += tests/fuzz/fuzz_authkeys tests/fuzz/fuzz_hosts \
	tests/fuzz/fuzz_keys_list
endif
tests_fuzz_fuzz_authkeys_SOURCES = tests/fuzz/fuzz_authkeys.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_authkeys_LDADD = lib/keys/libkeys.a lib/ipc/libipc.a \
	lib/base/libbase.a
tests_fuzz_fuzz_authkeys_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_hosts_SOURCES = tests/fuzz/fuzz_hosts.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_hosts_LDADD = lib/keys/libkeys.a lib/crypto/libcrypto.a \
	lib/base/libbase.a $(GCRYPT_LIBS)
tests_fuzz_fuzz_hosts_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_keys_list_SOURCES = tests/fuzz/fuzz_keys_list.c \
	$(FUZZ_DRIVER)
tests_fuzz_fuzz_keys_list_LDADD = lib/keys/libkeys.a \
	lib/crypto/libcrypto.a lib/base/libbase.a $(GCRYPT_LIBS)
tests_fuzz_fuzz_keys_list_LDFLAGS = $(FUZZ_LDFLAGS)
