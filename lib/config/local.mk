noinst_LIBRARIES += lib/config/libconfig.a
lib_config_libconfig_a_SOURCES = \
	lib/config/access.c lib/config/access.h \
	lib/config/algorithms.h \
	lib/config/algs.c \
	lib/config/arena.c lib/config/arena.h \
	lib/config/block.c \
	lib/config/config.h \
	lib/config/defaults.c \
	lib/config/dump.c lib/config/dump.h \
	lib/config/explain.c \
	lib/config/fixed.c \
	lib/config/internal.h \
	lib/config/keywords.c lib/config/keywords.h \
	lib/config/lex.c lib/config/lex.h \
	lib/config/listen.c \
	lib/config/match.c lib/config/match.h \
	lib/config/options.c lib/config/options.h \
	lib/config/origin.h \
	lib/config/pack.c lib/config/pack.h lib/config/pack_layout.h \
	lib/config/read.c \
	lib/config/resolve.c \
	lib/config/scan.c lib/config/scan.h \
	lib/config/settings.h \
	lib/config/source.c lib/config/source.h \
	lib/config/spec.c \
	lib/config/unpack.c \
	lib/config/text.c lib/config/text.h \
	lib/config/timeouts.c lib/config/timeouts.h \
	lib/config/value_limit.c \
	lib/config/value_list.c \
	lib/config/value_scalar.c

dist_man_MANS += man/sshd-conn_config.5

# The language against Debian's sshd; the program is also for people:
# tests/config/dump -f FILE -C user=NAME.
EXTRA_DIST += tests/config/conftest.py tests/config/generate.py \
	tests/config/test_command_line.py \
	tests/config/test_compare.py tests/config/test_lines.py \
	tests/config/test_manual.py
dist_check_SCRIPTS += tests/config/run
TESTS += tests/config/run
check_PROGRAMS += tests/config/dump
tests_config_dump_SOURCES = tests/config/dump.c
tests_config_dump_LDADD = lib/config/libconfig.a lib/base/libbase.a

if HAVE_CMOCKA
config_tests = tests/unit/test_config_lex tests/unit/test_config_read \
	tests/unit/test_config_values
check_PROGRAMS += $(config_tests)
TESTS += $(config_tests)
config_test_libs = lib/config/libconfig.a lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_config_lex_SOURCES = tests/unit/test_config_lex.c
tests_unit_test_config_lex_LDADD = $(config_test_libs)
tests_unit_test_config_read_SOURCES = tests/unit/test_config_read.c
tests_unit_test_config_read_LDADD = $(config_test_libs)
tests_unit_test_config_values_SOURCES = tests/unit/test_config_values.c
tests_unit_test_config_values_LDADD = $(config_test_libs)
endif

if FUZZER
noinst_PROGRAMS += tests/fuzz/fuzz_config
else
check_PROGRAMS += tests/fuzz/fuzz_config
TESTS += tests/fuzz/fuzz_config
endif
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_config_LDADD = lib/config/libconfig.a lib/base/libbase.a
tests_fuzz_fuzz_config_LDFLAGS = $(FUZZ_LDFLAGS)
